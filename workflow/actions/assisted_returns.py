"""An assisted voluntary return, stage by stage: begun, departed, arrived, reintegration, concluded.

Two missions act on one return, each on what is its own: the permits know whose turn it is. Nobody departs while a gate
of the journey is closed; what stands on file for it is the same evidence that payments wait for.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with_any
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.thresholds import thresholds
from workflow import notices, policy
from workflow.calendar_days import months_after
from workflow.models import AssistanceRequest, AssistedReturn, FollowUpVisit, ReturnItem
from workflow.protection.gates import CHILDS_RETURN, JOURNEY
from workflow.protection.standing import journey_gates, why_closed
from workflow.reasons import OUTCOMES_AT_HOME, OUTCOMES_BEFORE_DEPARTURE, OUTCOMES_ON_THE_WAY, ReturnOutcome
from workflow.return_items import Item, items_of
from workflow.states import A_RETURN_BEGINS_IN, FINAL_STATES, AssistedReturnState

S = AssistedReturnState
# Lines that say that persons of the request return, or are at home already.
OF_A_RETURN = ("PREDEP", *CHILDS_RETURN)
_VISITS = ("visit_first_months", "visit_second_months", "visit_third_months")
_OUTCOMES = {
    S.PRE_DEPARTURE: OUTCOMES_BEFORE_DEPARTURE,
    S.TRAVEL: OUTCOMES_ON_THE_WAY,
    S.POST_ARRIVAL: OUTCOMES_AT_HOME,
    S.REINTEGRATION: OUTCOMES_AT_HOME,
}


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was recorded."), why, next_step)


def why_none_begins(assistance: AssistanceRequest) -> list[str]:
    """Everything that stands against beginning a return now, in words: AVRR-03 and AVRR-04. Empty when nothing."""
    found = []
    if AssistedReturn.objects.filter(assistance=assistance).exists():
        return [_("The return of this request has begun already.")]
    if assistance.state not in A_RETURN_BEGINS_IN:
        found.append(_("A return begins while the budget is reviewed, or help is given."))
    if not assistance.lines.filter(assistance_type__in=OF_A_RETURN).exists():
        found.append(_("The budget has no line for a return or for reintegration."))
    others = AssistedReturn.objects.filter(assistance__case=assistance.case).exclude(state=S.CONCLUDED)
    if others.exclude(assistance__state__in=FINAL_STATES).exists():
        found.append(_("Another return of this case is not concluded."))
    return found


@in_one_piece
def begin_return(
    *, request_id: int, origin_id: int, arrived_on: date | None = None, actor: User, at: datetime
) -> AssistedReturn:
    """Open the return of the persons of a request; with a day of arrival where they are at home already.

    Raises Refusal AVRR-03 where it cannot begin, AVRR-05 for a mission or a day that cannot be.
    """
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    role = policy.MAY_BEGIN_RETURN.require(Question(assistance, "begin_return", actor))
    against = why_none_begins(assistance)
    if against:
        raise _refuse("AVRR-03", " ".join(against), "")
    if origin_id not in assistance.mission_ids():
        raise _refuse("AVRR-05", _("This mission takes no part in the request."), _("Choose one that does."))
    made = AssistedReturn(
        key=f"{assistance.reference}/AVR",
        assistance=assistance,
        origin_id=origin_id,
        state=S.PRE_DEPARTURE if arrived_on is None else S.POST_ARRIVAL,
        arrived_on=arrived_on,
        begun_by=actor,
        begun_at=at,
        moved_at=at,
    )
    if arrived_on is not None:
        _require_past(arrived_on, at)
        if assistance.lines.filter(assistance_type__in=JOURNEY).exists():
            why = _("The budget has a line for the journey: they have not left yet.")
            raise _refuse("AVRR-05", why, _("Begin without a day of arrival."))
    facts = {"origin": made.origin.code, "arrived_on": arrived_on.isoformat() if arrived_on else ""}
    first_decision(subject=made, act="begin_return", actor=actor, role=role, at=at, facts=facts)
    made.save(force_insert=True)
    if arrived_on is not None:
        _plan_visits(made, actor, role, at)
    _tell(made.origin_id, "return_to_go_on_with", made, actor)
    return made


def _require_past(day: date, at: datetime) -> None:
    if day > at.date() + timedelta(days=1):
        raise _refuse("AVRR-05", _("This day has not come yet."), _("Write the day on which it was."))


def _tell(mission_id: int, notice: str, made: AssistedReturn, actor: User) -> None:
    """The people who write for a mission hear of it; never whoever did it."""
    people = {one.pk: one for one in people_with_any((Role.CASE_WORKER, Role.HEAD_OF_UNIT), {mission_id})}
    notices.tell_people(people.values(), notice, made.assistance, actor, about=f"{made.key}:{made.state}")


def items_owed(made: AssistedReturn) -> list[Item]:
    """What is still to be done before the stage ends."""
    done = set(made.items.values_list("code", flat=True))
    return [item for item in items_of(made.state) if item.owed and item.code not in done]


def _require_stage_done(made: AssistedReturn) -> None:
    owed = items_owed(made)
    if owed:
        names = ", ".join(item.name for item in owed)
        raise _refuse("AVRR-06", _("Not done yet in this stage: %(names)s.") % {"names": names}, _("Record it first."))


@in_one_piece
def record_return_item(
    *, return_id: int, code: str, done_on: date, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """Say on which day one item of the stage was done. Raises Refusal AVRR-07 for an item that cannot be recorded."""
    with acting(
        AssistedReturn, return_id, act="record_return_item", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        made: AssistedReturn = doing.subject
        if code not in {item.code for item in items_of(made.state)} or made.items.filter(code=code).exists():
            raise _refuse("AVRR-07", _("This is no item of the stage, or it is recorded already."), "")
        _require_past(done_on, at)
        ReturnItem.objects.create(assisted_return=made, code=code, done_on=done_on, recorded_by=actor, recorded_at=at)
        doing.facts = {"item": code, "done_on": done_on.isoformat()}
        made.record_return_item()
    return made


@in_one_piece
def record_departure(
    *, return_id: int, on: date, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """Say that the persons left. Raises Refusal GATE-03 while a gate of the journey is closed, AVRR-06 while something
    of the stage is owed."""
    with acting(
        AssistedReturn, return_id, act="record_departure", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        made: AssistedReturn = doing.subject
        _require_past(on, at)
        closed = [gate for gate in journey_gates(made.assistance, on) if not gate.is_open]
        if closed:
            raise Refusal(
                "GATE-03",
                _("The departure was not recorded."),
                why_closed(closed),
                _("The mission records what the gate asks for; nobody leaves before."),
            )
        _require_stage_done(made)
        made.record_departure(on=on, at=at)
        doing.facts = {"on": on.isoformat()}
    _tell(made.origin_id, "return_to_go_on_with", made, actor)
    return made


@in_one_piece
def record_arrival(
    *, return_id: int, on: date, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """The mission there received them; its visits are planned. Raises Refusal AVRR-05 for a day that cannot be."""
    with acting(
        AssistedReturn, return_id, act="record_arrival", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        made: AssistedReturn = doing.subject
        _require_past(on, at)
        if made.departed_on is not None and on < made.departed_on:
            raise _refuse("AVRR-05", _("They would arrive before they left."), _("Write a later day."))
        made.record_arrival(on=on, at=at)
        doing.facts = {"on": on.isoformat()}
    role = policy.MAY_RECORD_ARRIVAL.role_used(Question(made, "record_arrival", actor))
    _plan_visits(made, actor, role, at)
    _tell(made.assistance.mission_id, "return_moved", made, actor)
    return made


def _plan_visits(made: AssistedReturn, actor: User, role: str, at: datetime) -> None:
    """So many months after the arrival the mission there visits the persons."""
    if made.arrived_on is None:
        raise AssertionError(f"{made} has not arrived")
    for months in sorted(set(thresholds(_VISITS).values())):
        visit = FollowUpVisit(
            key=f"{made.assistance.reference}/V{months}",
            assistance=made.assistance,
            assisted_return=made,
            months=months,
            due_on=months_after(made.arrived_on, months),
        )
        facts = {"due_on": visit.due_on.isoformat()}
        first_decision(subject=visit, act="plan_visit", actor=actor, role=role, at=at, facts=facts)
        visit.save(force_insert=True)


@in_one_piece
def begin_reintegration(
    *, return_id: int, actor: User, at: datetime, seen_version: int | None = None
) -> AssistedReturn:
    """What was agreed is carried out. Raises Refusal AVRR-06 while something is owed, AVRR-08 without a plan."""
    with acting(
        AssistedReturn, return_id, act="begin_reintegration", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        made: AssistedReturn = doing.subject
        _require_stage_done(made)
        if not made.plans.exists():
            raise _refuse("AVRR-08", _("No reintegration plan was agreed."), _("Agree it with the persons first."))
        made.begin_reintegration(at=at)
    return made


def possible_outcomes(made: AssistedReturn) -> tuple[ReturnOutcome, ...]:
    """What can have become of a return in the stage in which it is."""
    return _OUTCOMES.get(S(made.state), ())


@in_one_piece
def conclude_return(
    *,
    return_id: int,
    outcome: str,
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistedReturn:
    """Say what became of the return; visits that are still planned are owed no more.

    Raises Refusal AVRR-09 for an outcome that cannot be so in this stage, AVRR-06 where reintegration is said while
    something is owed.
    """
    with acting(
        AssistedReturn,
        return_id,
        act="conclude_return",
        actor=actor,
        at=at,
        reason_code=outcome,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        made: AssistedReturn = doing.subject
        if outcome not in possible_outcomes(made):
            raise _refuse("AVRR-09", _("This outcome does not belong to the stage."), _("Choose one of the list."))
        if outcome == ReturnOutcome.REINTEGRATED:
            if made.state != S.REINTEGRATION:
                raise _refuse("AVRR-09", _("The reintegration has not begun."), _("Begin it first."))
            _require_stage_done(made)
        made.conclude_return(outcome=outcome, at=at)
    for mission_id in {made.assistance.mission_id, made.origin_id}:
        _tell(mission_id, "return_moved", made, actor)
    return made
