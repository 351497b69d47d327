"""What a person may see, and what waits for whom. `visible_to` is the only way to a request."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from finance.models import Commitment, Disbursement
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import assignments_of, roles_of
from gaf.accounts.roles import COVERED_FOR, MISSION_ROLES, READS_ALL_REQUESTS, READS_SEALED_TEXT, Role
from gaf.decisions.models import Decision
from gaf.privacy.reads import has_uncovered
from gaf.privacy.sight import open_to
from workflow.models import (
    Activity,
    Amendment,
    AssistanceRequest,
    BudgetLine,
    CriteriaSet,
    Remark,
    RemarkKind,
    Report,
    RequestMission,
    UrgentAllowance,
)
from workflow.models import Question as AskedQuestion
from workflow.reports_due import reports_missing, spending_missions
from workflow.sections import open_sections
from workflow.states import (
    ENDED_WITHOUT_APPROVAL,
    FINAL_STATES,
    GRANTED,
    OPEN_AMENDMENTS,
    UNDER_REVIEW,
    UNDER_WAY,
    AmendmentState,
    ReportState,
    RequestState,
)

__all__ = [
    "open_sections",
    "reports_missing",
    "spending_missions",
]

S = RequestState
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
    roles = roles_of(person)
    everything = AssistanceRequest.objects.filter(open_to(person))
    if Role.AUDITOR in roles:
        return _listed(everything)
    seen = Q(pk__in=_within_consent(_taking_part(mission_ids_of(person))))
    if roles & set(READS_ALL_REQUESTS):
        seen |= Q(submitted_at__isnull=False) & ~Q(state=S.DRAFT)
    return _listed(everything.filter(seen))


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


def _taking_part(mission_ids: set[int]) -> QuerySet[RequestMission, int]:
    return RequestMission.objects.filter(mission_id__in=mission_ids).values_list("assistance_id", flat=True)


def _within_consent(rows: QuerySet[RequestMission, int]) -> QuerySet[RequestMission, int]:
    """Other missions see a request while the persons agree to it; one that has money to account for goes on seeing."""
    here = {"assistance": OuterRef("assistance"), "mission": OuterRef("mission")}
    has_money, leads = Exists(BudgetLine.objects.filter(**here, state__in=GRANTED)), Q(mission=F("assistance__mission"))
    return rows.filter(leads | Q(assistance__consent__for_sharing=True) | Q(has_money))


def _listed(requests: Requests) -> Requests:
    """Ready for a list: its people and mission, and what is asked and granted in US cents."""
    lines = BudgetLine.objects.filter(assistance=OuterRef("pk")).order_by().values("assistance")
    return requests.select_related("mission", "taken_by", "author", "criteria_set").annotate(
        asked_usd_minor=Subquery(lines.annotate(sum=Sum("usd_minor")).values("sum")),
        granted_usd_minor=Subquery(
            lines.annotate(sum=Sum(F("approved_usd_minor") - F("cancelled_usd_minor"))).values("sum")
        ),
    )


Worklist = Callable[[User], Requests]
_ROWS: dict[str, Worklist] = {}


def _worklist(rows: Worklist) -> Worklist:
    """A worklist of what a person may see, oldest first; its bare rows are kept for whoever only counts them."""
    _ROWS[rows.__name__] = rows

    @functools.wraps(rows)
    def ready(person: User) -> Requests:
        return _listed(rows(person)).filter(open_to(person)).order_by("priority", "moved_at", "pk")

    return ready


def _of_missions(mission_ids: set[int], *states: str) -> Requests:
    return AssistanceRequest.objects.filter(pk__in=_within_consent(_taking_part(mission_ids)), state__in=states)


_WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)


@_worklist
def to_write(person: User) -> Requests:
    """Drafts of the person's missions."""
    lead = mission_ids_of(person, *_WRITERS)
    return AssistanceRequest.objects.filter(mission_id__in=lead, state=S.DRAFT)


@_worklist
def to_endorse(person: User) -> Requests:
    """What waits for this head of unit, urgent requests that headquarters already has among them."""
    lead = mission_ids_of(person, Role.HEAD_OF_UNIT)
    waiting_here = Q(state=S.SUBMITTED) | Q(state__in=UNDER_REVIEW, endorsed_at=None)
    return AssistanceRequest.objects.filter(waiting_here, mission_id__in=lead)


@_worklist
def to_answer(person: User) -> Requests:
    """Requests with questions to the person's missions."""
    return _of_missions(mission_ids_of(person, *_WRITERS), S.CLARIFICATION)


@_worklist
def to_plan(person: User) -> Requests:
    """Eligible requests that wait for plan and budget."""
    return _of_missions(mission_ids_of(person, *_WRITERS), S.PLAN_AND_BUDGET)


@_worklist
def to_report(person: User) -> Requests:
    """Requests of the person's missions with a mission of theirs that has not reported."""
    missions = mission_ids_of(person)
    sent = Report.objects.filter(assistance=OuterRef("pk"), mission_id__in=missions).exclude(
        state=ReportState.SUPERSEDED
    )
    return _of_missions(missions, S.REPORTING).filter(~Exists(sent))


@_worklist
def waiting(person: User) -> Requests:
    """Requests of the person's missions that somebody else has."""
    states = (S.SUBMITTED, S.ELIGIBILITY_REVIEW, S.BUDGET_REVIEW, S.APPROVED, S.FUNDED, S.DISBURSING)
    return _of_missions(mission_ids_of(person), *states, S.IMPLEMENTING, S.REPORTING, S.RECONCILING, S.ON_HOLD)


def ended(person: User) -> Requests:
    """Requests of the person's missions that have ended, newest first."""
    return (
        _listed(_of_missions(mission_ids_of(person), *FINAL_STATES))
        .filter(open_to(person))
        .order_by("-moved_at", "-pk")
    )


@_worklist
def to_review(_reader: User) -> Requests:
    """Requests nobody has taken."""
    return AssistanceRequest.objects.filter(state=S.ELIGIBILITY_REVIEW, taken_by=None)


def proposed_first(requests: Requests, person: User) -> Requests:
    """Those proposed to this person before the others."""
    mine = Case(When(proposed_for=person, then=0), default=1, output_field=IntegerField())
    return requests.order_by(mine, "priority", "moved_at", "pk")


@_worklist
def being_reviewed_by(person: User) -> Requests:
    """What this reviewer has taken and not decided."""
    states = [S.ELIGIBILITY_REVIEW, S.CLARIFICATION]
    return AssistanceRequest.objects.filter(state__in=states, taken_by=person)


@_worklist
def urgent(_reader: User) -> Requests:
    """Requests sent to the duty officer where no spending was allowed yet, but those that can wait and whose mission
    has not written since."""
    here = {"assistance": OuterRef("pk")}
    since = OuterRef("let_wait_at")
    said = Remark.objects.filter(**here, kind=RemarkKind.MESSAGE, mission__isnull=False, written_at__gt=since)
    answered = AskedQuestion.objects.filter(**here, answered_at__gt=since)
    waits = Q(waits_until__gt=clock.now()) & ~Exists(said) & ~Exists(answered)
    open_ones = AssistanceRequest.objects.filter(is_urgent=True, state__in=UNDER_REVIEW)
    return open_ones.exclude(waits).filter(~Exists(UrgentAllowance.objects.filter(**here)))


@_worklist
def to_approve(_reader: User) -> Requests:
    """Budgets that wait for approval."""
    return AssistanceRequest.objects.filter(state=S.BUDGET_REVIEW)


@_worklist
def lines_to_decide(_reader: User) -> Requests:
    """Requests with a deferred line whose gates all stand open now."""
    met = BudgetLine.objects.filter(assistance=OuterRef("pk"), state="DEFERRED", gate_met_on__isnull=False)
    return AssistanceRequest.objects.filter(Exists(met), state__in=UNDER_WAY)


@_worklist
def to_certify(_reader: User) -> Requests:
    """Approved requests, and lines committed later, whose funds are not certified yet."""
    bare = Commitment.objects.filter(
        reference=OuterRef("reference"), wbs="", usd_minor__gt=F("freed_usd_minor") + F("disbursed_usd_minor")
    )
    later = [S.FUNDED, S.DISBURSING, S.IMPLEMENTING, *ENDED_WITHOUT_APPROVAL]
    return AssistanceRequest.objects.filter(Q(state=S.APPROVED) | Q(Exists(bare), state__in=later))


@_worklist
def to_pay(_reader: User) -> Requests:
    """Requests with a disbursement that is prepared and waits for release."""
    prepared = Disbursement.objects.filter(reference=OuterRef("reference"), state="PREPARED")
    return AssistanceRequest.objects.filter(Exists(prepared))


@_worklist
def reports_to_accept(_reader: User) -> Requests:
    """Requests with at least one report to accept."""
    sent = Report.objects.filter(assistance=OuterRef("pk"), state=ReportState.SENT)
    return AssistanceRequest.objects.filter(Exists(sent), state=S.REPORTING)


@_worklist
def to_close(_reader: User) -> Requests:
    """Requests whose money is being reconciled."""
    return AssistanceRequest.objects.filter(state=S.RECONCILING)


def _with_amendment(state: str) -> Requests:
    """Requests whose open amendment is in this state; a request has one open amendment at most."""
    waiting = Amendment.objects.filter(assistance=OuterRef("pk"), state=state)
    return AssistanceRequest.objects.filter(Exists(waiting))


@_worklist
def amendments_to_endorse(person: User) -> Requests:
    """Requests whose amendment waits for this head of unit."""
    lead = mission_ids_of(person, Role.HEAD_OF_UNIT)
    return _with_amendment(AmendmentState.ASKED).filter(mission_id__in=lead)


@_worklist
def amendments_to_review(_reader: User) -> Requests:
    """Requests whose amendment waits for a reviewer."""
    return _with_amendment(AmendmentState.ENDORSED)


@_worklist
def amendments_to_approve(_reader: User) -> Requests:
    """Requests whose amendment waits for the approver of the new total."""
    return _with_amendment(AmendmentState.REVIEWED)


def open_amendments(references: Collection[str]) -> dict[str, Amendment]:
    """The open amendment of each of these requests, by reference, with what its new total is made of."""
    rows = Amendment.objects.filter(assistance__reference__in=references, state__in=OPEN_AMENDMENTS)
    rows = rows.select_related("assistance").prefetch_related("lines", "assistance__lines")
    return {row.assistance.reference: row for row in rows}


_FOR_ROLE: dict[str, tuple[str, ...]] = {
    Role.CASE_WORKER: ("to_write", "to_answer", "to_plan", "to_report"),
    Role.HEAD_OF_UNIT: ("to_write", "to_endorse", "to_answer", "to_plan", "to_report", "amendments_to_endorse"),
    Role.MISSION_FINANCE: ("to_report",),
    Role.ELIGIBILITY_REVIEWER: ("to_review", "being_reviewed_by", "amendments_to_review"),
    Role.DUTY_OFFICER: ("urgent",),
    Role.BUDGET_APPROVER: ("to_approve", "lines_to_decide", "amendments_to_approve"),
    Role.CERTIFYING_OFFICER: ("to_certify", "reports_to_accept"),
    Role.PAYER: ("to_pay",),
    Role.FUND_MANAGER: ("to_approve", "lines_to_decide", "amendments_to_approve", "to_close"),
}


def counts(person: User) -> dict[str, int]:
    """How much waits on each worklist of the person's roles, by the worklist's name, and their own activities (open,
    and due by today); one query for all of them."""
    names = sorted({name for role in roles_of(person) for name in _FOR_ROLE.get(role, ())})
    worklists = {name: _ROWS[name](person).filter(open_to(person)) for name in names}
    return sizes(person, worklists, activity_counts(person) if may_read_text(person) else {})


def sizes(person: User, worklists: dict[str, Requests], others: dict[str, Subquery] | None = None) -> dict[str, int]:
    """How many requests each worklist of a person holds, and `others`, by the names given; one query for all."""
    wanted = {name: _size(rows) for name, rows in worklists.items()} | (others or {})
    found: dict[str, Any] = dict(User.objects.filter(pk=person.pk).values(**wanted).get()) if wanted else {}
    return {name: found[name] or 0 for name in wanted}


def activity_counts(person: User) -> dict[str, Any]:
    """How many activities this person has open on requests they may see, and how many of them are due, as parts of a
    larger query."""
    seen = visible_to(person).order_by().values("pk")
    rows = Activity.objects.filter(done_at=None, cancelled_at=None, person=person, assistance_id__in=seen)
    due = rows.filter(due_on__lte=clock.today())
    return {"activities_open": _size(rows), "activities_due": _size(due)}


def _size(rows: QuerySet[Any]) -> Subquery:
    """The number of rows of a worklist, as a part of a larger query."""
    return Subquery(rows.order_by().annotate(all=Value(1)).values("all").annotate(size=Count("pk")).values("size"))


def all_decisions(assistance: AssistanceRequest) -> QuerySet[Decision]:
    """What was decided on a request, its money included, and what was decided elsewhere in relation to it; newest
    first."""
    rows = Decision.objects.filter(Q(reference=assistance.reference) | Q(related=assistance.reference))
    return rows.select_related("actor", "delegation", "on_behalf_of").order_by("-number")


def current_criteria() -> CriteriaSet | None:
    """The criteria that bind a request which arrives now."""
    return CriteriaSet.objects.order_by("-number").first()
