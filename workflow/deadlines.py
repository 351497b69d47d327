"""What is due on a request, when, and who has it; read from the request as it stands, in the time of who must act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from gaf.accounts.roles import Role
from gaf.thresholds import thresholds
from gaf.working_days import WorkingTime, headquarters_calendar, mission_calendar
from workflow.codelists import Priority
from workflow.decision_clock import DAY_AND_NIGHT, Clocks
from workflow.ladders import BY_HOURS, BY_WORKING_DAYS, FOR_REPORTS, Step
from workflow.models import AssistanceRequest, UrgentAllowance
from workflow.states import UNDER_REVIEW, RequestState

S = RequestState
_DAY = timedelta(days=1)
_AGES = {
    S.SUBMITTED: "age_endorse_days",
    S.CLARIFICATION: "age_answer_days",
    S.PLAN_AND_BUDGET: "age_plan_days",
    S.APPROVED: "age_certify_days",
    S.FUNDED: "age_pay_days",
    S.RECONCILING: "age_close_days",
}
_OF_A_MISSION = frozenset({S.SUBMITTED, S.CLARIFICATION, S.PLAN_AND_BUDGET})
_DECIDED_HERE = frozenset({S.ELIGIBILITY_REVIEW, S.BUDGET_REVIEW})
REMINDED = (*_AGES, *_DECIDED_HERE, S.REPORTING)


@dataclass(frozen=True)
class Owners:
    """Whose a task is, by role: who has it, who may do it for them, whose it is to see that it is done."""

    owner: tuple[Role, ...]
    deputy: tuple[Role, ...]
    head: tuple[Role, ...]


_MANAGER = (Role.FUND_MANAGER,)
_WRITERS = (Role.CASE_WORKER,)
_HEADS = (Role.HEAD_OF_UNIT,)
OWNERS: dict[str, Owners] = {
    S.SUBMITTED: Owners(_HEADS, (), _MANAGER),
    S.CLARIFICATION: Owners(_WRITERS, _HEADS, _MANAGER),
    S.PLAN_AND_BUDGET: Owners(_WRITERS, _HEADS, _MANAGER),
    S.ELIGIBILITY_REVIEW: Owners((Role.ELIGIBILITY_REVIEWER,), (Role.ELIGIBILITY_REVIEWER,), _MANAGER),
    S.BUDGET_REVIEW: Owners((Role.BUDGET_APPROVER,), (), _MANAGER),
    S.APPROVED: Owners((Role.CERTIFYING_OFFICER,), (), _MANAGER),
    S.FUNDED: Owners((Role.CERTIFYING_OFFICER,), (Role.PAYER,), _MANAGER),
    S.REPORTING: Owners((Role.MISSION_FINANCE, Role.CASE_WORKER), _HEADS, _MANAGER),
    S.RECONCILING: Owners(_MANAGER, (Role.RECONCILER,), (Role.AUDITOR,)),
    "finish": Owners(_WRITERS, _HEADS, _MANAGER),
}


@dataclass(frozen=True)
class Task:
    """One thing that is due on a request. `since` is when it began, `calendar` the time in which it is counted."""

    assistance: AssistanceRequest
    name: str
    since: datetime
    due_at: datetime
    calendar: WorkingTime
    steps: tuple[Step, ...]
    works: WorkingTime

    @property
    def owners(self) -> Owners:
        """Whose it is."""
        return OWNERS[self.name]

    def may_be_told(self, now: datetime) -> bool:
        """Whether this is a day of work for who must act; life or safety in danger is told on every day."""
        return self.works.works_at(now)


class Deadlines:
    """Reads what is due on several requests in a fixed number of queries."""

    def __init__(self, requests: Iterable[AssistanceRequest]) -> None:
        """Requests with their `mission` at hand."""
        self._requests = list(requests)
        self._clocks = Clocks([one for one in self._requests if one.state in _DECIDED_HERE])
        self._headquarters = headquarters_calendar()
        self._days = thresholds(_AGES.values())
        unfinished = [one for one in self._requests if one.is_urgent and one.endorsed_at is None]
        self._allowances = {row.assistance_id: row for row in UrgentAllowance.objects.filter(assistance__in=unfinished)}

    def tasks(self, now: datetime) -> list[Task]:
        """Everything that is due on these requests; most have one task, an urgent one perhaps two."""
        found = []
        for one in self._requests:
            found += [task for task in (self._task(one, now), self._to_finish(one)) if task is not None]
        return found

    def _task(self, one: AssistanceRequest, now: datetime) -> Task | None:
        if one.state in _DECIDED_HERE:
            clock = self._clocks.of(one, now)
            return self._made(one, one.state, one.moved_at, clock.due_at if clock else None)
        if one.state == S.REPORTING:
            return self._report(one)
        days = self._days.get(_AGES.get(S(one.state), ""))
        if days is None:
            return None
        return self._made(one, one.state, one.moved_at, self._time_of(one, one.state).after(one.moved_at, days * _DAY))

    def _report(self, one: AssistanceRequest) -> Task | None:
        if one.reports_due_on is None:
            return None
        end_of_day = datetime.combine(one.reports_due_on + _DAY, time(), ZoneInfo(one.mission.time_zone))
        return Task(one, one.state, one.moved_at, end_of_day, DAY_AND_NIGHT, FOR_REPORTS, self._days_of(one, one.state))

    def _to_finish(self, one: AssistanceRequest) -> Task | None:
        allowed = self._allowances.get(one.pk)
        if allowed is None or one.state not in UNDER_REVIEW:
            return None
        return self._made(one, "finish", allowed.allowed_at, allowed.regularise_by)

    def _made(self, one: AssistanceRequest, name: str, since: datetime, due_at: datetime | None) -> Task | None:
        if due_at is None:
            return None
        steps = BY_HOURS if _never_rests(one) else BY_WORKING_DAYS
        return Task(one, name, since, due_at, self._time_of(one, name), steps, self._days_of(one, name))

    def _time_of(self, one: AssistanceRequest, name: str) -> WorkingTime:
        """The time in which a task is counted."""
        return DAY_AND_NIGHT if _never_rests(one) else self._days_of(one, name)

    def _days_of(self, one: AssistanceRequest, name: str) -> WorkingTime:
        """The days on which who must act is told."""
        if one.priority == Priority.P1:
            return DAY_AND_NIGHT
        if name in _OF_A_MISSION or name in (S.REPORTING, "finish"):
            return mission_calendar(one.mission.time_zone, one.mission.weekend)
        return DAY_AND_NIGHT if _never_rests(one) else self._headquarters


def _never_rests(one: AssistanceRequest) -> bool:
    return one.priority in (Priority.P1, Priority.P2)
