"""Being away: handing a role over to deputies for some days, and taking it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.accounts.models import HandOver, IncompatibleRoles, RoleAssignment, User
from gaf.accounts.queries import assignments_in_force, assignments_of, forget_roles
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.money import Money
from gaf.notices import tell
from gaf.policy import name_act
from gaf.references import issue
from gaf.refusals import Refusal

PAGE = "/out-of-office/"
MOST_DAYS = 60
GIVEN, TAKEN_BACK = "HANDED_OVER", "TAKEN_BACK"


def own_roles(person: User) -> list[str]:
    """The roles a person can hand over today: their own, not those they stand in for."""
    return sorted({one.role for one in assignments_of(person) if one.person_id == person.pk})


def possible_deputies(person: User, role: str) -> list[User]:
    """Who may stand in under a role: people of the same mission, or of headquarters, whose roles go with it."""
    own = [one for one in assignments_of(person) if one.person_id == person.pk and one.role == role]
    if not own:
        return []
    missions = {one.mission_id for one in own}
    pairs = IncompatibleRoles.objects.filter(Q(role=role) | Q(other=role)).values_list("role", "other")
    barred = {other for pair in pairs for other in pair if other != role}
    held: dict[User, list[RoleAssignment]] = defaultdict(list)
    for one in assignments_in_force().exclude(person=person).select_related("person"):
        held[one.person].append(one)
    free = {
        one: {row.role for row in rows}
        for one, rows in held.items()
        if any(row.mission_id in missions for row in rows) and barred.isdisjoint(row.role for row in rows)
    }
    return sorted(free, key=lambda one: (role not in free[one], one.name))


def _no(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was handed over."), why, next_step)


def _require_days(starts_on: date, ends_on: date, at: datetime) -> None:
    if starts_on < at.date():
        raise _no("DEPUTY-06", _("Its first day is over already."), _("Choose today or a later day."))
    if not 0 <= (ends_on - starts_on).days < MOST_DAYS:
        raise _no(
            "DEPUTY-07",
            _("It needs a last day, at most %(days)s days after the first.") % {"days": MOST_DAYS},
            _("Choose a last day that is nearer."),
        )


def _require_deputies(actor: User, role: str, deputies: Sequence[User], days: tuple[date, date]) -> None:
    if role not in own_roles(actor):
        raise _no("DEPUTY-04", _("You do not hold this role yourself."), _("Hand over a role of your own."))
    may = {one.pk for one in possible_deputies(actor, role)}
    for deputy in deputies:
        if deputy.pk not in may:
            raise _no(
                "DEPUTY-03",
                _("%(name)s holds a role that does not go together with it, or works elsewhere.") % {"name": deputy},
                _("Choose one of the people the page offers."),
            )
    if not deputies or len({one.pk for one in deputies}) != len(deputies):
        raise _no("DEPUTY-08", _("Each deputy is a person of their own."), _("Choose another second deputy."))
    overlapping = HandOver.objects.filter(
        person=actor, role=role, taken_back_at=None, starts_on__lte=days[1], ends_on__gte=days[0]
    )
    if overlapping.exists():
        raise _no("DEPUTY-09", _("You handed this role over for these days already."), _("Take that back first."))


@in_one_piece
def hand_over(
    *,
    role: str,
    deputies: Sequence[User],
    starts_on: date,
    ends_on: date,
    up_to: Money | None = None,
    actor: User,
    at: datetime,
) -> list[HandOver]:
    """Let deputies act under one of one's roles from a day to a day, in their order, up to an amount in US dollars.

    Nobody gets more than the person has: what that person may not decide, a deputy may not decide for them. Raises
    Refusal DEPUTY-03, -04 and -06 to -09; then nothing has happened.
    """
    User.objects.select_for_update().get(pk=actor.pk)
    _require_days(starts_on, ends_on, at)
    _require_deputies(actor, role, deputies, (starts_on, ends_on))
    found = []
    for place, deputy in enumerate(deputies, start=1):
        row = HandOver.objects.create(
            key=issue("OUT"),
            person=actor,
            role=role,
            deputy=deputy,
            place=place,
            starts_on=starts_on,
            ends_on=ends_on,
            up_to_minor=up_to.minor if up_to else None,
        )
        _decide(row, "hand_over", actor, at, "", GIVEN)
        tell([deputy], "handed_over", reference=row.key, path=PAGE, key=row.key)
        forget_roles(deputy)
        found.append(row)
    return found


@in_one_piece
def take_back(*, actor: User, at: datetime) -> int:
    """The person is back: everything they handed over ends now. Returns how many deputies that were.

    Raises Refusal DEPUTY-10 when nothing is handed over.
    """
    rows = HandOver.objects.select_for_update().filter(person=actor, taken_back_at=None, ends_on__gte=at.date())
    ended = list(rows.select_related("deputy"))
    if not ended:
        raise Refusal(
            "DEPUTY-10", _("Nothing was taken back."), _("You have handed nothing over."), _("Go on as you are.")
        )
    for row in ended:
        row.taken_back_at = at
        row.save(update_fields=["taken_back_at"])
        _decide(row, "take_back", actor, at, GIVEN, TAKEN_BACK)
        tell([row.deputy], "taken_back", reference=row.key, path=PAGE, key=row.key)
        forget_roles(row.deputy)
    return len(ended)


def _decide(row: HandOver, act: str, actor: User, at: datetime, from_state: str, to_state: str) -> None:
    record_decision(
        act=act,
        actor=actor,
        role=row.role,
        at=at,
        subject=row.key,
        reference=row.key,
        from_state=from_state,
        to_state=to_state,
        facts={
            "deputy": row.deputy_id,
            "place": row.place,
            "from": row.starts_on.isoformat(),
            "until": row.ends_on.isoformat(),
            "up_to_minor": row.up_to_minor,
        },
    )


name_act("hand_over", gettext_lazy("Hand over"))
name_act("take_back", gettext_lazy("Take back"))
