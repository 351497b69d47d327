"""While help is given: persons may leave, and one day help ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from finance.actions.commitments import Part, free_parts
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.gate import acting, in_one_piece
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.thresholds import threshold
from gaf.versions import save_all_by
from workflow import notices
from workflow.actions.lapsing import lapse_amendments
from workflow.calendar_days import months_after
from workflow.models import AssistanceRequest, Person
from workflow.states import LineState, RequestState


@dataclass(frozen=True)
class Cancellation:
    """So many units of a line are no longer needed."""

    line_id: int
    quantity: Decimal


def _refuse(code: str, why: str) -> Refusal:
    return Refusal(code, _("Nothing was changed."), why, _("Look at the persons and lines as they are now."))


@in_one_piece
def withdraw_persons(
    *,
    request_id: int,
    person_keys: Sequence[str],
    reason_code: str,
    reason: str = "",
    cancellations: Sequence[Cancellation] = (),
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record that persons leave, cancel what was meant for them, and free its money at the approved rate.

    Raises Refusal PERSON-01 for a person who is not there any more, LINE-04 for more units than the line still has,
    and finance's COMMIT-02 when a disbursement has taken the money already.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="withdraw_persons",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        leaving = _present(assistance, person_keys)
        for person in leaving:
            person.left_code, person.left_at = reason_code, at
        save_all_by(leaving, ["left_code", "left_at"], actor)
        doing.amount = cancel_units(assistance, cancellations, actor, at, reason_code="persons_left")
        doing.facts = {
            "persons": sorted(person_keys),
            "lines": [{"line": one.line_id, "quantity": str(one.quantity)} for one in cancellations],
            "freed_usd_minor": doing.amount.minor,
        }
        assistance.withdraw_persons()
        notices.tell_role([Role.CERTIFYING_OFFICER], "persons_left", assistance, actor)
    return assistance


def _present(assistance: AssistanceRequest, person_keys: Sequence[str]) -> list[Person]:
    persons = list(assistance.persons.filter(key__in=person_keys, left_code=""))
    if not person_keys or len(persons) != len(set(person_keys)):
        raise _refuse("PERSON-01", _("One of these persons does not take part, or not any more."))
    return persons


def cancel_units(
    assistance: AssistanceRequest, cancellations: Sequence[Cancellation], actor: User, at: datetime, *, reason_code: str
) -> Money:
    """Cancel units of granted lines, and free their money; returns US dollars.

    The last units take the rest, so that nothing stays over by rounding.
    """
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for one in cancellations:
        wanted[one.line_id] += one.quantity
    if not wanted:
        return Money.zero("USD")
    known = {line.pk: line for line in assistance.lines.filter(pk__in=list(wanted))}
    cut, parts = [], []
    for line_id, quantity in wanted.items():
        line = known.get(line_id)
        if line is None or not line.is_granted or not 0 < quantity <= line.granted_quantity:
            raise _refuse("LINE-04", _("A line does not have so many units left to cancel."))
        local, usd = line.cost_of(quantity)
        if quantity == line.granted_quantity:
            local, usd = line.granted_local, line.granted_usd
            line.state = LineState.CANCELLED
        line.cancelled_quantity += quantity
        line.cancelled_local_minor += local.minor
        line.cancelled_usd_minor += usd.minor
        cut.append(line)
        parts.append(Part(line.key, usd, local))
    free_parts(reference=assistance.reference, parts=parts, at=at, reason_code=reason_code)
    save_all_by(cut, ["state", "cancelled_quantity", "cancelled_local_minor", "cancelled_usd_minor"], actor)
    return total([part.usd for part in parts], "USD")


@in_one_piece
def extend_delivery(
    *, request_id: int, ends_on: date, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Let help last longer for the same money: only its last day moves.

    Raises Refusal EXTEND-01 for a day that is not later, or later than the fund lets help last.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="extend_delivery",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        before = assistance.delivery_ends_on
        _require_later(assistance, ends_on, reason)
        assistance.delivery_ends_on = ends_on
        doing.facts = {"from": before.isoformat() if before else "", "to": ends_on.isoformat()}
        assistance.extend_delivery()
        notices.tell_missions("delivery_extended", assistance, actor, MISSION_ROLES)
    return assistance


def latest_end(assistance: AssistanceRequest) -> date:
    """The last day to which help may be extended: so many months after the approval."""
    approved = assistance.approved_at or assistance.moved_at
    return months_after(approved.date(), threshold("implementation_months_max"))


def _require_later(assistance: AssistanceRequest, ends_on: date, reason: str) -> None:
    latest, now = latest_end(assistance), assistance.delivery_ends_on
    if reason.strip() and (now is None or ends_on > now) and ends_on <= latest:
        return
    raise Refusal(
        "EXTEND-01",
        _("The time of help was not extended."),
        _("The new last day is after %(now)s and not after %(latest)s, and it needs a reason.")
        % {"now": now.isoformat() if now else "–", "latest": latest.isoformat()},
        _("Choose another day; later help is a new request of the same case."),
    )


@in_one_piece
def end_delivery(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Help has ended; reports are due. Lines that still wait for a condition are cancelled; they had no money."""
    with acting(
        AssistanceRequest, request_id, act="end_delivery", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        expect_reports(assistance, actor, at)
        assistance.end_delivery(at=at)
        notices.tell_missions("reports_due", assistance, actor, MISSION_ROLES)
    return assistance


def expect_reports(assistance: AssistanceRequest, actor: User, at: datetime) -> None:
    """Set the day the reports are due, and cancel lines that never came to be."""
    assistance.reports_due_on = (at + timedelta(days=threshold("final_narrative_due_days"))).date()
    lapse_amendments(assistance, at)
    lapsing = list(assistance.lines.filter(state=LineState.DEFERRED))
    for line in lapsing:
        line.state = LineState.CANCELLED
    save_all_by(lapsing, ["state"], actor)


def end_due_deliveries(at: datetime) -> list[str]:
    """Let the system end help whose last day has passed; returns the references. For a daily sweep."""
    due = AssistanceRequest.objects.filter(state=RequestState.IMPLEMENTING, delivery_ends_on__lt=at.date())
    ended = []
    for pk, reference in due.order_by("delivery_ends_on", "pk").values_list("pk", "reference"):
        end_delivery(request_id=pk, actor=system_actor(), at=at)
        ended.append(reference)
    return ended
