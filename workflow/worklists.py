"""What waits for whom: the worklists of each role, what they hold, and how much."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from finance.models import Commitment, Disbursement
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.privacy.sight import is_open_to
from gaf.written import Written, written
from workflow.models import (
    Activity,
    Amendment,
    AssistanceRequest,
    BudgetLine,
    Remark,
    RemarkKind,
    Report,
    UrgentAllowance,
)
from workflow.models import Question as AskedQuestion
from workflow.queries import Requests, Sight, is_seen, listed, may_read_text, mission_ids_of, sight_of, takes_part
from workflow.states import (
    ENDED_WITHOUT_APPROVAL,
    FINAL_STATES,
    UNDER_REVIEW,
    UNDER_WAY,
    AmendmentState,
    ReportState,
    RequestState,
)

S = RequestState


@dataclass(frozen=True)
class Reader:
    """Whose worklist it is: their key, their missions in the roles it is about, and the moment; or marks for these."""

    pk: Any
    missions: list[Any]
    at: Any


Rows = Callable[[Reader], Requests]
_OLDEST_FIRST = ("priority", "moved_at", "pk")


class Worklist:
    """What waits for a person among what they may see, in the order in which it is to be done.

    `roles` are those whose missions it is about; it may make its rows of nothing but its reader.
    """

    def __init__(self, rows: Rows, *roles: str, order: tuple[str, ...]) -> None:
        self.name = rows.__name__
        self.rows, self._roles, self._order = rows, roles, order
        self._size = written(IntegerField())(lambda *who: _size_of(self._open(Reader(*who))))
        self._holds = written(BooleanField())(lambda key, *who: Exists(self._open(Reader(*who)).filter(pk=key)))

    def __call__(self, person: User) -> Requests:
        """Its rows, ready for a list."""
        return listed(self._open(self.reader(person))).order_by(*self._order)

    def size(self, person: User) -> Written:
        """How many there are, as a part of a larger question."""
        return self._size(*astuple(self.reader(person)))

    def holds(self, person: User) -> Written:
        """Whether a request is on it, as a condition on requests."""
        return self._holds("pk", *astuple(self.reader(person)))

    def _open(self, who: Reader) -> Requests:
        return self.rows(who).filter(is_open_to(who.pk, "reference"))

    def reader(self, person: User) -> Reader:
        """A person as the rows are told of them."""
        return Reader(person.pk, sorted(mission_ids_of(person, *self._roles)), clock.now())


def _worklist(*roles: str, order: tuple[str, ...] = _OLDEST_FIRST) -> Callable[[Rows], Worklist]:
    return lambda rows: Worklist(rows, *roles, order=order)


def _of_missions(who: Reader, *states: str) -> Requests:
    return AssistanceRequest.objects.filter(takes_part(who.missions, "pk"), state__in=states)


_WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)


@_worklist(*_WRITERS)
def to_write(who: Reader) -> Requests:
    """Drafts of the person's missions."""
    return AssistanceRequest.objects.filter(mission__pk__in=who.missions, state=S.DRAFT)


@_worklist(Role.HEAD_OF_UNIT)
def to_endorse(who: Reader) -> Requests:
    """What waits for this head of unit, urgent requests that headquarters already has among them."""
    waiting_here = Q(state=S.SUBMITTED) | Q(state__in=UNDER_REVIEW, endorsed_at=None)
    return AssistanceRequest.objects.filter(waiting_here, mission__pk__in=who.missions)


@_worklist(*_WRITERS, order=("moved_at", "pk"))
def urgent_to_finish(who: Reader) -> Requests:
    """Urgent requests of the person's missions that headquarters has and that are not endorsed yet."""
    open_ones = AssistanceRequest.objects.filter(is_urgent=True, endorsed_at=None, state__in=UNDER_REVIEW)
    return open_ones.filter(mission__pk__in=who.missions)


@_worklist(*_WRITERS)
def to_answer(who: Reader) -> Requests:
    """Requests with questions to the person's missions."""
    return _of_missions(who, S.CLARIFICATION)


@_worklist(*_WRITERS)
def to_plan(who: Reader) -> Requests:
    """Eligible requests that wait for plan and budget."""
    return _of_missions(who, S.PLAN_AND_BUDGET)


@_worklist()
def to_report(who: Reader) -> Requests:
    """Requests of the person's missions with a mission of theirs that has not reported."""
    sent = Report.objects.filter(assistance=OuterRef("pk"), mission__pk__in=who.missions).exclude(
        state=ReportState.SUPERSEDED
    )
    return _of_missions(who, S.REPORTING).filter(~Exists(sent))


@_worklist()
def waiting(who: Reader) -> Requests:
    """Requests of the person's missions that somebody else has."""
    states = (S.SUBMITTED, S.ELIGIBILITY_REVIEW, S.BUDGET_REVIEW, S.APPROVED, S.FUNDED, S.DISBURSING)
    return _of_missions(who, *states, S.IMPLEMENTING, S.REPORTING, S.RECONCILING, S.ON_HOLD)


@_worklist(order=("-moved_at", "-pk"))
def ended(who: Reader) -> Requests:
    """Requests of the person's missions that have ended, newest first."""
    return _of_missions(who, *FINAL_STATES)


@_worklist()
def to_review(_who: Reader) -> Requests:
    """Requests nobody has taken."""
    return AssistanceRequest.objects.filter(state=S.ELIGIBILITY_REVIEW, taken_by=None)


def proposed_first(requests: Requests, person: User) -> Requests:
    """Those proposed to this person before the others, each with the name of whoever it is proposed to."""
    mine = Case(When(proposed_for=person, then=0), default=1, output_field=IntegerField())
    return requests.annotate(proposed_to=F("proposed_for__name")).order_by(mine, *_OLDEST_FIRST)


@_worklist()
def taken_by(who: Reader) -> Requests:
    """What this reviewer has taken and has to decide."""
    return AssistanceRequest.objects.filter(state=S.ELIGIBILITY_REVIEW, taken_by=who.pk)


@_worklist()
def asked_by(who: Reader) -> Requests:
    """What this reviewer has taken and asked the missions about."""
    return AssistanceRequest.objects.filter(state=S.CLARIFICATION, taken_by=who.pk)


@_worklist()
def urgent(who: Reader) -> Requests:
    """Requests sent to the duty officer where no spending was allowed yet, but those that can wait and whose mission
    has not written since."""
    here = {"assistance": OuterRef("pk")}
    since = OuterRef("let_wait_at")
    said = Remark.objects.filter(**here, kind=RemarkKind.MESSAGE, mission__isnull=False, written_at__gt=since)
    answered = AskedQuestion.objects.filter(**here, answered_at__gt=since)
    waits = Q(waits_until__gt=who.at) & ~Exists(said) & ~Exists(answered)
    open_ones = AssistanceRequest.objects.filter(is_urgent=True, state__in=UNDER_REVIEW)
    return open_ones.exclude(waits).filter(~Exists(UrgentAllowance.objects.filter(**here)))


@_worklist()
def to_approve(_who: Reader) -> Requests:
    """Budgets that wait for approval."""
    return AssistanceRequest.objects.filter(state=S.BUDGET_REVIEW)


@_worklist()
def lines_to_decide(_who: Reader) -> Requests:
    """Requests with a deferred line whose gates all stand open now."""
    met = BudgetLine.objects.filter(assistance=OuterRef("pk"), state="DEFERRED", gate_met_on__isnull=False)
    return AssistanceRequest.objects.filter(Exists(met), state__in=UNDER_WAY)


@_worklist()
def to_certify(_who: Reader) -> Requests:
    """Approved requests, and lines committed later, whose funds are not certified yet."""
    bare = Commitment.objects.filter(
        reference=OuterRef("reference"), wbs="", usd_minor__gt=F("freed_usd_minor") + F("disbursed_usd_minor")
    )
    later = [S.FUNDED, S.DISBURSING, S.IMPLEMENTING, *ENDED_WITHOUT_APPROVAL]
    return AssistanceRequest.objects.filter(Q(state=S.APPROVED) | Q(Exists(bare), state__in=later))


@_worklist()
def to_prepare(_who: Reader) -> Requests:
    """Requests with certified money that no disbursement has taken yet."""
    certified = Commitment.objects.filter(
        reference=OuterRef("reference"), usd_minor__gt=F("freed_usd_minor") + F("disbursed_usd_minor")
    ).exclude(wbs="")
    return AssistanceRequest.objects.filter(Exists(certified)).exclude(state=S.ON_HOLD)


@_worklist()
def to_pay(_who: Reader) -> Requests:
    """Requests with a disbursement that is prepared and waits for release."""
    prepared = Disbursement.objects.filter(reference=OuterRef("reference"), state="PREPARED")
    return AssistanceRequest.objects.filter(Exists(prepared))


@_worklist()
def reports_to_accept(_who: Reader) -> Requests:
    """Requests with at least one report to accept."""
    sent = Report.objects.filter(assistance=OuterRef("pk"), state=ReportState.SENT)
    return AssistanceRequest.objects.filter(Exists(sent), state=S.REPORTING)


@_worklist()
def to_close(_who: Reader) -> Requests:
    """Requests whose money is being reconciled."""
    return AssistanceRequest.objects.filter(state=S.RECONCILING)


@_worklist(order=("moved_at", "pk"))
def on_hold(_who: Reader) -> Requests:
    """Requests that were stopped for a time."""
    return AssistanceRequest.objects.filter(state=S.ON_HOLD)


@_worklist(order=("-moved_at", "-pk"))
def not_granted(_who: Reader) -> Requests:
    """Requests that headquarters ended without help, the newest first."""
    ended = [state for state in FINAL_STATES if state not in (S.CLOSED, S.WITHDRAWN, S.CANCELLED)]
    return AssistanceRequest.objects.filter(state__in=ended)


def _with_amendment(state: str) -> Requests:
    """Requests whose open amendment is in this state; a request has one open amendment at most."""
    waiting = Amendment.objects.filter(assistance=OuterRef("pk"), state=state)
    return AssistanceRequest.objects.filter(Exists(waiting))


@_worklist(Role.HEAD_OF_UNIT)
def amendments_to_endorse(who: Reader) -> Requests:
    """Requests whose amendment waits for this head of unit."""
    return _with_amendment(AmendmentState.ASKED).filter(mission__pk__in=who.missions)


@_worklist()
def amendments_to_review(_who: Reader) -> Requests:
    """Requests whose amendment waits for a reviewer."""
    return _with_amendment(AmendmentState.ENDORSED)


@_worklist()
def amendments_to_approve(_who: Reader) -> Requests:
    """Requests whose amendment waits for the approver of the new total."""
    return _with_amendment(AmendmentState.REVIEWED)


_FOR_ROLE: dict[str, tuple[Worklist, ...]] = {
    Role.CASE_WORKER: (to_write, urgent_to_finish, to_answer, to_plan, to_report),
    Role.HEAD_OF_UNIT: (
        to_write,
        urgent_to_finish,
        to_endorse,
        to_answer,
        to_plan,
        to_report,
        amendments_to_endorse,
    ),
    Role.MISSION_FINANCE: (to_report,),
    Role.ELIGIBILITY_REVIEWER: (to_review, taken_by, asked_by, amendments_to_review),
    Role.DUTY_OFFICER: (urgent,),
    Role.BUDGET_APPROVER: (to_approve, lines_to_decide, amendments_to_approve),
    Role.CERTIFYING_OFFICER: (to_certify, reports_to_accept),
    Role.PAYER: (to_pay,),
    Role.FUND_MANAGER: (to_approve, lines_to_decide, amendments_to_approve, to_close),
}


_WAITING = "_waiting"  # on the person, not on what a session wraps around them


def counts(person: User, *also: Worklist) -> dict[str, int]:
    """How much waits on each worklist of the person's roles, and on those that a page shows besides, by the worklist's
    name, and their own activities (open, and due by today).

    One query for all of them, asked once a page and kept on the person object.
    """
    kept: dict[str, int] = getattr(person, _WAITING, None) or {}
    if not kept or any(one.name not in kept for one in also):
        kept = _counts(person, also)
        setattr(person, _WAITING, kept)
    return kept


def _counts(person: User, also: Iterable[Worklist]) -> dict[str, int]:
    own = [one for role in roles_of(person) for one in _FOR_ROLE.get(role, ())]
    wanted = {one.name: one.size(person) for one in (*own, *also)}
    if may_read_text(person):
        wanted |= _activity_counts(person)
    found: dict[str, Any] = dict(User.objects.filter(pk=person.pk).values(**wanted).get()) if wanted else {}
    return {name: found[name] or 0 for name in wanted}


def _activity_counts(person: User) -> dict[str, Written]:
    """How many activities this person has open on requests they may see, and how many of them are due, as parts of a
    larger query."""
    activities, missions = _ACTIVITIES[sight_of(person)], sorted(mission_ids_of(person))
    return {
        "activities_open": activities(person.pk, missions, date.max),
        "activities_due": activities(person.pk, missions, clock.today()),
    }


def _activities_due(sight: Sight, person: Any, missions: Any, by: Any) -> Subquery:
    rows = Activity.objects.filter(done_at=None, cancelled_at=None, person=person, due_on__lte=by)
    return _size_of(rows.filter(is_seen(sight, person, missions, "assistance__")))


_ACTIVITIES = {sight: written(IntegerField())(functools.partial(_activities_due, sight)) for sight in Sight}


def _size_of(rows: QuerySet[Any]) -> Subquery:
    """The number of rows, as a part of a larger query."""
    return Subquery(rows.order_by().annotate(all=Value(1)).values("all").annotate(size=Count("pk")).values("size"))
