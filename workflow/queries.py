"""What a person may see. `visible_to` is the only way to a request."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from gaf.accounts.models import User
from gaf.accounts.queries import assignments_of, roles_of
from gaf.accounts.roles import COVERED_FOR, MISSION_ROLES, READS_ALL_REQUESTS, READS_SEALED_TEXT, Role
from gaf.decisions.models import Decision
from gaf.privacy.reads import has_uncovered
from gaf.privacy.sight import is_open_to
from gaf.written import written
from workflow.models import Amendment, AssistanceRequest, BudgetLine, CriteriaSet, RequestMission
from workflow.reports_due import reports_missing, spending_missions
from workflow.sections import open_sections
from workflow.states import GRANTED, OPEN_AMENDMENTS, RequestState

__all__ = [
    "open_sections",
    "reports_missing",
    "spending_missions",
]

Requests = QuerySet[AssistanceRequest]


def mission_ids_of(person: User, *roles: str) -> set[int]:
    """Missions where a person holds one of these roles today; any mission role when none is named."""
    wanted = roles or MISSION_ROLES
    held = assignments_of(person) if person.is_active else []
    return {a.mission_id for a in held if a.role in wanted and a.mission_id is not None}


def visible_to(person: User) -> Requests:
    """The requests a person may see: a mission its own, headquarters what was sent, the auditor all, others none.

    A strict one is there for the people named to it only.
    """
    return rows_visible_to(person).select_related("author", "criteria_set")


def rows_visible_to(person: User) -> Requests:
    """The same as rows of a list, without what only a request's own page says of it."""
    missions = sorted(mission_ids_of(person))
    return listed(AssistanceRequest.objects.filter(is_seen(sight_of(person), person.pk, missions)))


class Sight(StrEnum):
    """How far a person's roles see: all there is, what was sent to headquarters and their missions', or these alone."""

    ALL = "all"
    SENT = "sent"
    MISSIONS = "missions"


def sight_of(person: User) -> Sight:
    """How far this person's roles see today."""
    roles = roles_of(person)
    if Role.AUDITOR in roles:
        return Sight.ALL
    return Sight.MISSIONS if roles.isdisjoint(READS_ALL_REQUESTS) else Sight.SENT


def is_seen(sight: Sight, person: Any, missions: Any, of: str = "") -> Q:
    """Whether a person of this sight and these missions sees a request, as a condition on rows that reach it through
    `of`."""
    is_open = Q(is_open_to(person, f"{of}reference"))
    if sight == Sight.ALL:
        return is_open
    seen = Q(takes_part(missions, f"{of}pk"))
    if sight == Sight.SENT:
        seen |= Q(**{f"{of}submitted_at__isnull": False}) & ~Q(**{f"{of}state": RequestState.DRAFT})
    return is_open & seen


def may_read_text(person: User) -> bool:
    """Whether a person's roles let them read the sealed text of the requests they see; finance sees amounts."""
    return bool(roles_of(person) & set(READS_SEALED_TEXT))


def reads_text(person: User, reference: str) -> bool:
    """Whether the sealed text of this request is open to a person now."""
    return may_read_text(person) and not is_covered(person, reference)


def is_covered(person: User, reference: str) -> bool:
    """Whether the text of this request is covered for a person who may read it, until they say what for."""
    return is_coverable(person) and not has_uncovered(person, reference)


def stays_covered(assistance: AssistanceRequest, person: User) -> bool:
    """The same of a request that was read together with whether this person uncovered it (`is_uncovered`)."""
    return is_coverable(person) and not assistance.is_uncovered  # type: ignore[attr-defined]


def is_coverable(person: User) -> bool:
    """Whether text is covered for a person at all: they read it by no other role than those it is covered for."""
    openly = set(READS_SEALED_TEXT) - set(COVERED_FOR)
    return may_read_text(person) and not roles_of(person) & openly


@written(BooleanField())
def takes_part(missions: Any, assistance: Any) -> Any:
    """Whether one of these missions takes part in a request. Missions besides the first see it while the persons agree
    to it; one that has money to account for goes on seeing."""
    rows = RequestMission.objects.filter(assistance=assistance, mission__pk__in=missions)
    here = {"assistance": OuterRef("assistance"), "mission": OuterRef("mission")}
    has_money, leads = Exists(BudgetLine.objects.filter(**here, state__in=GRANTED)), Q(mission=F("assistance__mission"))
    return Exists(rows.filter(leads | Q(assistance__consent__for_sharing=True) | Q(has_money)))


def listed(requests: Requests) -> Requests:
    """Ready for a list: its mission, who has taken it, and what is asked and granted in US cents."""
    return requests.select_related("mission", "taken_by").annotate(
        asked_usd_minor=_asked("pk"), granted_usd_minor=_granted("pk")
    )


@written(BigIntegerField())
def _asked(assistance: Any) -> Any:
    return _sum_of_lines(assistance, Sum("usd_minor"))


@written(BigIntegerField())
def _granted(assistance: Any) -> Any:
    return _sum_of_lines(assistance, Sum(F("approved_usd_minor") - F("cancelled_usd_minor")))


def _sum_of_lines(assistance: Any, sum_of: Sum) -> Subquery:
    lines = BudgetLine.objects.filter(assistance=assistance).order_by().values("assistance")
    return Subquery(lines.annotate(sum=sum_of).values("sum"))


def open_amendments(references: Collection[str]) -> dict[str, Amendment]:
    """The open amendment of each of these requests, by reference, with what its new total is made of."""
    rows = Amendment.objects.filter(assistance__reference__in=references, state__in=OPEN_AMENDMENTS)
    rows = rows.select_related("assistance").prefetch_related("lines", "assistance__lines")
    return {row.assistance.reference: row for row in rows}


def all_decisions(assistance: AssistanceRequest) -> QuerySet[Decision]:
    """What was decided on a request, its money included, and what was decided elsewhere in relation to it; newest
    first."""
    rows = Decision.objects.filter(Q(reference=assistance.reference) | Q(related=assistance.reference))
    return rows.select_related("actor", "delegation", "on_behalf_of").order_by("-number")


def current_criteria() -> CriteriaSet | None:
    """The criteria that bind a request which arrives now."""
    return CriteriaSet.objects.order_by("-number").first()
