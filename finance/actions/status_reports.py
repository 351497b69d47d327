"""Taking in the bank's status reports about our payment files. Only orders the bank rejects fail; the rest is noted.

A report about a file or an order we do not know moves nothing: it is quarantined with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from finance import policy
from finance.actions import settlement
from finance.actions.statement_sheets import refuse
from finance.gateways.statements.pain002 import REJECTED, PaymentStatus, StatusReportRead, TransactionStatus
from finance.models import Disbursement, PaymentFile, StatementFile, StatusItem, StatusReport
from finance.states import DisbursementState, PaymentFileState
from gaf.accounts.models import User
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.policy import Question

S = DisbursementState
I = StatusItem.Outcome  # noqa: E741 # the three things that can follow
_CAN_FAIL = (S.SENDING, S.SENT, S.UNKNOWN)


@dataclass(frozen=True)
class PlannedItem:
    """What one order's status leads to; `reason_code` says why where it leads to nothing."""

    end_to_end: str
    instruction_id: str
    status: str
    reason: str
    outcome: str
    reason_code: str = ""
    disbursement: Disbursement | None = None


@dataclass(frozen=True)
class ReportPlan:
    """What a report leads to, worked out before anything is written."""

    read: StatusReportRead
    payment_file: PaymentFile | None
    reason_code: str
    items: list[PlannedItem]

    @property
    def failing(self) -> list[PlannedItem]:
        """The orders that fail by it."""
        return [item for item in self.items if item.outcome == I.FAILED]


def plan_report(read: StatusReportRead) -> ReportPlan:
    """Work out what the report leads to."""
    file = PaymentFile.objects.filter(message_id=read.original_message_id).first() if read.original_message_id else None
    reason = "" if file is not None else "unknown_message"
    if file is not None and file.state not in (PaymentFileState.SIGNED, PaymentFileState.SENT):
        reason = "never_sent"
    if file is None or reason:
        items = [_quarantined(one, reason) for one in read.transactions]
        return ReportPlan(read, file, reason, items)
    return ReportPlan(read, file, "", _items(read, file))


def _quarantined(one: TransactionStatus, reason: str, disbursement: Disbursement | None = None) -> PlannedItem:
    return PlannedItem(
        one.end_to_end, one.instruction_id, one.status, " ".join(one.reasons)[:40], I.QUARANTINED, reason, disbursement
    )


def _items(read: StatusReportRead, file: PaymentFile) -> list[PlannedItem]:
    """Each order by its own status; an order that is not named has the status of its batch, else of the file."""
    orders = {one.end_to_end: one for one in file.disbursements.order_by("number")}
    found = [_item(one, payment, orders) for payment in read.payments for one in payment.transactions]
    named = {one.end_to_end for one in read.transactions}
    rest = [one for end_to_end, one in orders.items() if end_to_end not in named]
    for payment in read.payments:
        inside = [one for one in rest if f"{file.message_id}-{one.currency}" == payment.id]
        if payment.status and not payment.transactions:
            found += [_unnamed(one, payment.status, payment.reasons) for one in inside]
            rest = [one for one in rest if one not in inside]
    if read.group_status and not read.transactions:
        found += [_unnamed(one, read.group_status, read.group_reasons) for one in rest]
    return found


def _item(one: TransactionStatus, payment: PaymentStatus, orders: dict[str, Disbursement]) -> PlannedItem:
    disbursement = orders.get(one.end_to_end)
    if disbursement is None:
        return _quarantined(one, "unknown_order")
    if one.instruction_id and not disbursement.attempts.filter(key=one.instruction_id).exists():
        return _quarantined(one, "another_instruction", disbursement)
    return _led_to(disbursement, one.instruction_id, one.status or payment.status, one.reasons or payment.reasons)


def _unnamed(disbursement: Disbursement, status: str, reasons: tuple[str, ...]) -> PlannedItem:
    return _led_to(disbursement, "", status, reasons)


def _led_to(disbursement: Disbursement, instruction_id: str, status: str, reasons: tuple[str, ...]) -> PlannedItem:
    outcome, why = I.NOTED, ""
    if status == REJECTED and disbursement.state in _CAN_FAIL:
        outcome = I.FAILED
    elif status == REJECTED and disbursement.state != S.FAILED:
        outcome, why = I.QUARANTINED, "already_settled"
    reason = " ".join(reasons)[:40]
    return PlannedItem(disbursement.end_to_end, instruction_id, status, reason, outcome, why, disbursement)


@in_one_piece
def take_in_report(*, read: StatusReportRead, file: StatementFile, actor: User, at: datetime) -> StatusReport:
    """Keep the report and do what follows. Raises Refusal STMT-43 when this very file was taken in before."""
    if StatusReport.objects.filter(file=file).exists():
        raise refuse("STMT-43", _("This status report was taken in before."), _("Nothing needs to be done."))
    plan = plan_report(read)
    subject = f"STATUS-{file.key}"
    role = policy.MAY_IMPORT_STATEMENT.require(Question(_Key(subject), "import_status_report", actor))
    report = StatusReport(
        file=file,
        message_id=read.message_id[:40],
        about_message=read.original_message_id[:40],
        payment_file=plan.payment_file,
        status=read.group_status,
        outcome=StatusReport.Outcome.QUARANTINED if plan.reason_code else StatusReport.Outcome.APPLIED,
        reason_code=plan.reason_code,
        taken_in_by=actor,
        taken_in_at=at,
    )
    record_decision(
        act="import_status_report",
        actor=actor,
        role=role,
        at=at,
        subject=subject,
        reference=subject,
        to_state=report.outcome,
        facts={"sha256": file.sha256, "items": len(plan.items), "failed": len(plan.failing)},
    )
    report.save(force_insert=True)
    for number, item in enumerate(plan.items, start=1):
        _keep(report, number, item)
        if item.outcome == I.FAILED and item.disbursement is not None:
            _fail(item, at)
    return report


class _Key:
    """A report as separation of duties sees it."""

    def __init__(self, key: str) -> None:
        self.key = key

    def decision_reference(self) -> str:
        """The report's key."""
        return self.key


def _keep(report: StatusReport, number: int, item: PlannedItem) -> None:
    StatusItem.objects.create(
        report=report,
        number=number,
        end_to_end=item.end_to_end[:40],
        instruction_id=item.instruction_id[:40],
        status=item.status[:4],
        reason=item.reason,
        disbursement=item.disbursement,
        outcome=item.outcome,
        reason_code=item.reason_code,
    )


def _fail(item: PlannedItem, at: datetime) -> None:
    """The bank rejected this order: what was booked is reversed, and its commitment is whole again."""
    if item.disbursement is None:
        return
    attempt = item.disbursement.attempts.exclude(state="FAILED").order_by("-id").first()
    if attempt is not None:
        settlement.mark_failed(attempt=attempt, code=item.reason or REJECTED, at=at)
