"""The last chapters of the stories: end of help, reports, acceptance, refunds, closing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.models import BankAccount, RefundDue
from finance.private_files import write_whole
from finance.queries import disbursed_by_line
from gaf import clock, ids
from gaf.accounts.models import Mission
from gaf.demo.acting_parts import of
from gaf.demo.stage import Stage
from gaf.money import Money
from workflow.actions import closing, delivery, reporting
from workflow.actions.reporting import AcceptedLine, SpentLine


def end_delivery(stage: Stage, who: str, reference: str) -> None:
    """The mission says that help has ended."""
    delivery.end_delivery(request_id=of(reference).pk, actor=stage.who(who), at=clock.now())


def report_as_paid(
    stage: Stage, who: str, mission: str, reference: str, narrative: str, spent: dict[str, Money] | None = None
) -> None:
    """A mission reports what was spent on its lines: what was paid, unless `spent` says otherwise."""
    assistance, paid = of(reference), disbursed_by_line(reference)
    if assistance.approved_at is None:
        raise AssertionError(f"{reference} was not approved, so there is nothing to report")
    lines = []
    for line in assistance.lines.filter(mission__code=mission).order_by("number"):
        if line.key in paid:
            amount = (spent or {}).get(line.key, paid[line.key])
            lines.append(SpentLine(line.pk, amount, 1))
    reporting.report(
        request_id=assistance.pk,
        mission_id=Mission.objects.get(code=mission).pk,
        narrative=narrative,
        period_from=assistance.approved_at.date(),
        period_to=clock.today(),
        lines=lines,
        actor=stage.who(who),
        at=clock.now(),
    )


def accept(stage: Stage, reference: str, but: dict[str, Money] | None = None) -> None:
    """Marie accepts what each mission's latest report says, line by line, but for the lines she accepts less of."""
    assistance = of(reference)
    accepted = []
    for sent in assistance.reports.filter(state="SENT"):
        for row in sent.lines.select_related("line"):
            spent = Money(row.spent_minor, row.line.currency)
            amount = (but or {}).get(row.line.key, spent)
            accepted.append(AcceptedLine(row.line.pk, amount, "NO_EVIDENCE" if amount != spent else ""))
    reporting.accept_reports(request_id=assistance.pk, lines=accepted, actor=stage.who("marie"), at=clock.now())


def close(stage: Stage, reference: str, reason_code: str = "COMPLETED") -> None:
    """Helena closes the file; refused while a cent is unexplained."""
    closing.close(request_id=of(reference).pk, reason_code=reason_code, actor=stage.who("helena"), at=clock.now())


def payee_pays_back(reference: str, at: datetime) -> None:
    """The payee's own bank sends the refund: an order the fund's bank reads like any other file."""
    fund = BankAccount.objects.get(code="GVA-USD")
    for refund in RefundDue.objects.filter(reference=reference, received_at=None):
        content = build_credit_transfer(
            msg_id=f"PARTNER-{refund.key}",
            created_at=at,
            execution_date=at.date(),
            debtor=DebtorAccount("Partner", "998877665540", False, "DEMOLBBEXXX", refund.currency, "LB", "Beirut"),
            orders=[_refund_order(refund, fund)],
        )
        write_whole(Path(settings.GAF_BANK_FOLDER) / "in" / f"PARTNER-{refund.key}.xml", content)


def _refund_order(refund: RefundDue, fund: BankAccount) -> CreditOrder:
    key = ids.random_key()
    return CreditOrder(
        instruction_id=key,
        end_to_end=refund.end_to_end,
        uetr=ids.as_uuid(key),
        money=refund.money,
        payee_name=fund.holder,
        payee_account=fund.number,
        payee_account_is_iban=fund.is_iban,
        payee_bic=fund.bic,
        payee_bank_name=None,
        payee_country=fund.country,
        payee_town=fund.town,
        remittance=refund.end_to_end,
    )
