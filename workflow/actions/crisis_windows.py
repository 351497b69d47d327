"""Crisis windows: recorded by one person at headquarters, opened by a second; the end moves in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import people_with, people_with_any
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.notices import tell
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.thresholds import threshold
from workflow import policy
from workflow.crisis_windows import counting_in, missions_of_window
from workflow.models import CrisisPlace, CrisisWindow
from workflow.states import WINDOW_COUNTS

PATH = "/crisis-windows/"
_MISSION_PEOPLE = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)


@dataclass(frozen=True)
class WindowText:
    """A window as written: which crisis, what counts, by which source, where, and from when until when."""

    crisis: str
    counts: str
    source: str
    first_day: date
    last_day: date
    missions: Sequence[Mission] = ()  # none means everywhere


@in_one_piece
def record_crisis_window(*, window: WindowText, actor: User, at: datetime) -> CrisisWindow:
    """Record a window, to be opened by somebody else. Raises Refusal CRISIS-03 for days that are over or upside down.

    Raises Refusal CRISIS-04 where another one counts in one of its countries on some of its days.
    """
    made = CrisisWindow(
        crisis=window.crisis,
        counts=window.counts,
        source=window.source,
        everywhere=not window.missions,
        first_day=window.first_day,
        last_day=window.last_day,
        opened_until=window.last_day,
        recorded_by=actor,
        recorded_at=at,
    )
    role = policy.MAY_RECORD_CRISIS_WINDOW.require(Question(made, "record_crisis_window", actor))
    if not clock.today() <= made.first_day <= made.last_day:
        raise _refused(
            "CRISIS-03",
            _("Its days are over, or the last one is before the first one."),
            _("Write a first day from today on, and a last day after it."),
        )
    _require_free_days(made, {mission.pk for mission in window.missions}, made.last_day)
    made.key = issue("CRISIS")
    facts = {**_facts(made), "missions": sorted(mission.code for mission in window.missions)}
    first_decision(subject=made, act="record_crisis_window", actor=actor, role=role, at=at, facts=facts)
    made.save(force_insert=True)
    for mission in window.missions:
        CrisisPlace.objects.create(window=made, mission=mission)
    _tell_second_people(made, actor)
    return made


def open_crisis_window(*, window_id: int, actor: User, at: datetime) -> CrisisWindow:
    """Let the category be chosen from the first day on, and tell the missions. Raises Refusal CRISIS-03, CRISIS-04."""
    with acting(CrisisWindow, window_id, act="open_crisis_window", actor=actor, at=at) as doing:
        window: CrisisWindow = doing.subject
        _require_ahead(window.last_day)
        _require_free_days(window, _named(window), window.last_day)
        window.open_crisis_window(by=actor)
        doing.facts = _facts(window)
        _tell_missions("crisis_window_opened", window)
    return window


def discard_crisis_window(*, window_id: int, reason: str, actor: User, at: datetime) -> CrisisWindow:
    """Put a window aside; it never counted."""
    with acting(CrisisWindow, window_id, act="discard_crisis_window", actor=actor, at=at, reason=reason) as doing:
        doing.subject.discard_crisis_window()
    return doing.subject


def ask_window_end(*, window_id: int, last_day: date, reason: str, actor: User, at: datetime) -> CrisisWindow:
    """Ask for another last day. Raises Refusal CRISIS-03 for one that is over, CRISIS-05 where it has ended."""
    with acting(CrisisWindow, window_id, act="ask_window_end", actor=actor, at=at, reason=reason) as doing:
        window: CrisisWindow = doing.subject
        _require_running(window)
        if last_day < clock.today() or last_day < window.first_day or last_day == window.last_day:
            raise _refused(
                "CRISIS-03",
                _("The new last day is over, before the first day, or the one it has."),
                _("Write another day, today at the earliest."),
            )
        _require_free_days(window, _named(window), last_day)
        window.ask_window_end(last_day=last_day, by=actor, at=at)
        doing.facts = {"from": window.last_day.isoformat(), "to": last_day.isoformat()}
        _tell_second_people(window, actor)
    return window


def confirm_window_end(*, window_id: int, actor: User, at: datetime) -> CrisisWindow:
    """Let the new last day count. Raises Refusal CRISIS-03 when it has passed meanwhile, CRISIS-04, CRISIS-05."""
    with acting(CrisisWindow, window_id, act="confirm_window_end", actor=actor, at=at) as doing:
        window: CrisisWindow = doing.subject
        wanted: date = window.asked_last_day  # type: ignore[assignment] # a constraint says so in this state
        _require_running(window)
        _require_ahead(wanted)
        _require_free_days(window, _named(window), wanted)
        doing.facts = {"from": window.last_day.isoformat(), "to": wanted.isoformat()}
        window.confirm_window_end(last_day=wanted, by=actor)
        _tell_missions("crisis_window_moved", window)
    return window


def refuse_window_end(*, window_id: int, reason: str, actor: User, at: datetime) -> CrisisWindow:
    """Leave the last day as it is."""
    with acting(CrisisWindow, window_id, act="refuse_window_end", actor=actor, at=at, reason=reason) as doing:
        doing.subject.refuse_window_end()
    return doing.subject


@transaction.atomic
def tell_of_windows_that_end() -> None:
    """The missions hear some days before a window ends, once for each last day."""
    today = clock.today()
    soon = today + timedelta(days=threshold("crisis_window_ends_days"))
    rows = CrisisWindow.objects.filter(state__in=WINDOW_COUNTS, first_day__lte=today)
    for window in rows.filter(last_day__range=(today, soon)).order_by("pk"):
        _tell_missions("crisis_window_ends", window)


def _named(window: CrisisWindow) -> set[int]:
    return set(window.places.values_list("mission", flat=True))


def _require_ahead(last_day: date) -> None:
    if last_day < clock.today():
        raise _refused("CRISIS-03", _("Its last day has passed."), _("Have another window recorded."))


def _require_running(window: CrisisWindow) -> None:
    if window.last_day < clock.today():
        raise _refused("CRISIS-05", _("The window has ended."), _("Have another window recorded."))


def _require_free_days(window: CrisisWindow, missions: set[int], last_day: date) -> None:
    others = CrisisWindow.objects.filter(state__in=WINDOW_COUNTS) if window.everywhere else counting_in(missions)
    other = others.filter(first_day__lte=last_day, last_day__gte=window.first_day).exclude(pk=window.pk).first()
    if other is not None:
        raise _refused(
            "CRISIS-04",
            _("%(key)s counts in one of these countries on some of these days.") % {"key": other.key},
            _("Choose other days or countries, or move the last day of %(key)s.") % {"key": other.key},
        )


def _refused(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was changed about the crisis window."), why, next_step)


def _facts(window: CrisisWindow) -> dict[str, object]:
    return {
        "everywhere": window.everywhere,
        "first_day": window.first_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "source": window.source,
    }


def _tell_missions(notice: str, window: CrisisWindow) -> None:
    missions = missions_of_window(window)
    people = {person.pk: person for person in people_with_any(_MISSION_PEOPLE, missions)}
    key = f"{window.key}:{window.last_day.isoformat()}"
    tell(people.values(), notice, reference=window.key, path=PATH, key=key)


def _tell_second_people(window: CrisisWindow, actor: User) -> None:
    people = [person for person in people_with(Role.FUND_MANAGER) if person != actor]
    people = people or list(people_with(Role.BUDGET_APPROVER))
    key = f"{window.key}:{window.version}"
    tell(people, "crisis_window_to_confirm", reference=window.key, path=PATH, key=key)
