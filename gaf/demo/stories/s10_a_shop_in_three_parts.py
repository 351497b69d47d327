"""S10: a shop paid in three parts; in the second one receipts are missing."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.actions.tranches import TranchePlan, account_for_tranche, open_tranche, plan_tranches
from finance.models import PayeeVersion, RefundDue, Tranche
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, payee_pays_back, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.returning_parts import agree, asked, came_home, concluded, done_in_stage, visited
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money, total
from gaf.refusals import Refusal
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.actions.lost_receipts import (
    accept_lost_receipt,
    declare_lost_receipt,
    refuse_lost_receipt,
    witness_lost_receipt,
)
from workflow.models import SurveyResult

TOLD = Told(
    "S10",
    "A shop in three parts, and missing receipts",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="2146.73",
    paid="2146.73",
    reconciled="2146.73",
    checks={
        "a statement in place of the receipts": "LOST-04",
        "not accepted and paid back": "19200.00",
        "tranches accounted for": "2",
        "how she stands": "0.411 → 0.633",
    },
)
# What she answers when she has just come home, and when the shop is open. At first she says nothing of the courts.
AT_FIRST = {
    **{"INCOME": "0.25", "FOOD": "0.25", "BORROW": "0", "WORK": "0", "TRAINING": "0.5"},
    **{"HOUSING": "0.5", "HEALTH_CARE": "0.5", "WATER": "0.75", "PAPERS": "1", "JUSTICE": "NONE"},
    **{"BELONGING": "0.25", "SUPPORT": "0.25", "SAFETY": "0.5", "DISTRESS": "0", "STAY": "1"},
}
AT_LAST = {
    **{"INCOME": "0.5", "FOOD": "0.75", "BORROW": "0", "WORK": "1", "TRAINING": "0.75"},
    **{"HOUSING": "0.5", "HEALTH_CARE": "0.75", "WATER": "0.75", "PAPERS": "1", "JUSTICE": "0.25"},
    **{"BELONGING": "0.75", "SUPPORT": "0.75", "SAFETY": "0.5", "DISTRESS": "0.25", "STAY": "1"},
}
MEASURES = [
    ("PSYCHOSOCIAL", "L1"),
    ("ECONOMIC", "L3"),
    ("ECONOMIC", "L4/T1"),
    ("ECONOMIC", "L4/T2"),
    ("ECONOMIC", "L4/T3"),
    ("SOCIAL", "L5"),
]

LINES = [
    LineWritten("MHPSS", "BD", "Counselling", "session", "10", "1500.00", "BDT"),
    LineWritten("HLTH", "BD", "Medical", "treatment", "1", "28000.00", "BDT"),
    LineWritten("SKILL", "BD", "Tailoring course", "course", "1", "32000.00", "BDT"),
    LineWritten("LIVE", "BD", "Shop, in kind, three tranches", "grant", "1", "146400.00", "BDT"),
    LineWritten("CHILDC", "BD", "Childcare", "month", "6", "4000.00", "BDT"),
    LineWritten("MONIT", "BD", "Visits", "visit", "3", "5500.00", "BDT"),
]
PART, MISSING = Money.of("48800.00", "BDT"), Money.of("19200.00", "BDT")


def asking(stage: Stage) -> Asking:
    """What Rahima writes."""
    return Asking(
        mission="BD",
        language="en",
        priority="P4",
        primary="VOT",
        persons=[PersonText("F", "25-39", "BD"), PersonText("F", "0-4", "BD")],
        situation="Came home with a small child after two years in a house she could not leave.",
        alternatives=[AlternativeText("NO_FUNDS", "Women's programme", stage.day("2026-10-01"), "Full until spring.")],
        consent=ConsentText("WRITTEN", "bn", False, stage.day("2026-10-03"), ("ASSISTANCE",)),
        help_asked=[("LIVE", "146400.00", "BDT"), ("SKILL", "32000.00", "BDT")],
    )


def play(stage: Stage) -> Story:
    """Each part of the shop waits until the one before is accounted for; the third waits three weeks longer."""
    yield stage.at("2026-10-04 12:00", "Asia/Dhaka")
    TOLD.reference = reference = do.write_request(stage, "rahima", asking(stage))
    do.submit(stage, "rahima", reference)
    yield stage.at("2026-10-05 10:00", "Asia/Dhaka")
    do.endorsed(stage, "jamal", reference)
    shop = do.payee(stage, "salma", "BD", _bank("Market partner", "1350099010"), "PARTNER")
    yield stage.at("2026-10-06 10:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    shop = do.called_back(stage, shop)
    yield stage.at("2026-10-07 10:00", "Asia/Dhaka")
    do.write_plan(stage, "rahima", reference, "A tailor's shop, a course, and care for the child meanwhile.", LINES, 6)
    protect(stage, reference, "rahima", "jamal")
    do.send_budget(stage, "rahima", reference)
    yield stage.at("2026-10-08 10:00", "Europe/Zurich")
    do.approve(stage, "ines", reference)
    yield stage.at("2026-10-09 10:00", "Europe/Zurich")
    do.certify(stage, reference)
    parts = [TranchePlan(PART, condition) for condition in ("AT_ONCE", "ACCOUNTED", "ACCOUNTED")]
    plan_tranches(reference=reference, line_key="L4", plans=parts, actor=stage.who("marie"), at=clock.now())
    do.prepare(stage, reference, shop, "GVA-USD", ["L1", "L2", "L3", "L5", "L6"])
    _pay_part(stage, reference, shop)
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-10-20 10:00", "Asia/Dhaka")
    _at_home(stage, reference)
    yield stage.at("2026-11-10 10:00", "Europe/Zurich")
    _accounted(stage, reference, 1, PART)
    _pay_part(stage, reference, shop)
    yield stage.at("2026-12-08 10:00", "Asia/Dhaka")
    refused = _no_receipts(stage, reference)
    yield stage.at("2026-12-09 10:00", "Europe/Zurich")
    _accounted(stage, reference, 2, PART - MISSING)
    yield stage.at("2026-12-11 10:00", "Asia/Dhaka")
    payee_pays_back(reference, clock.now())
    yield from stage.until(lambda: not RefundDue.objects.filter(reference=reference, received_at=None).exists())
    yield stage.at("2026-12-22 10:00", "Asia/Dhaka")
    visited(stage, "rahima", reference, 3, "The shop has customers, the child is cared for. The rent is a worry.")
    yield stage.at("2026-12-30 10:00", "Europe/Zurich")
    open_tranche(key=f"{reference}/L4/T3", actor=stage.who("marie"), at=clock.now())
    _pay_part(stage, reference, shop)
    yield stage.at("2027-02-01 10:00", "Asia/Dhaka")
    end_delivery(stage, "rahima", reference)
    yield stage.at("2027-02-03 10:00", "Asia/Dhaka")
    report_as_paid(stage, "salma", "BD", reference, "The shop is open; she has two orders a week.")
    yield stage.at("2027-02-04 10:00", "Asia/Dhaka")
    asked(stage, "rahima", reference, "ENDLINE", AT_LAST)
    concluded(stage, "rahima", reference, "REINTEGRATED")
    yield stage.at("2027-02-05 10:00", "Europe/Zurich")
    accept(stage, reference, but={"L4": PART + PART + PART - MISSING})
    yield stage.at("2027-02-09 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")
    refunds = RefundDue.objects.filter(reference=reference)
    asked_of_her = SurveyResult.objects.filter(assistance__reference=reference)
    accounted = Tranche.objects.filter(commitment__reference=reference, state="ACCOUNTED")
    TOLD.found = {
        "a statement in place of the receipts": refused,
        "not accepted and paid back": str(total([one.money for one in refunds], "BDT").decimal),
        "tranches accounted for": str(accounted.count()),
        "how she stands": " → ".join(str(row.composite) for row in asked_of_her.order_by("pk")),
    }


def _at_home(stage: Stage, reference: str) -> None:
    """Rahima opens the return of somebody who came home a month ago, agrees the plan with her, and asks how she is."""
    came_home(stage, "rahima", reference, "BD", stage.day("2026-09-20"))
    done_in_stage(stage, "rahima", reference, "RECEPTION", "HEALTH")
    agree(stage, "rahima", reference, "A tailor's shop near her sister, and somebody for the child.", MEASURES)
    done_in_stage(stage, "rahima", reference, "ASSESSMENT", "PARTNERS")
    asked(stage, "rahima", reference, "BASELINE", AT_FIRST)


def _pay_part(stage: Stage, reference: str, shop: PayeeVersion) -> None:
    do.prepare(stage, reference, shop, "GVA-USD", {"L4": PART})
    do.send_file(stage, "GVA-USD", do.release(stage, reference))


def _accounted(stage: Stage, reference: str, number: int, accepted: Money) -> None:
    """Marie accounts for a part; what has no proof is due back."""
    disallowed = PART - accepted
    account_for_tranche(
        key=f"{reference}/L4/T{number}",
        accepted=accepted,
        disallowed=disallowed,
        reason_code="NO_EVIDENCE" if disallowed else "",
        actor=stage.who("marie"),
        at=clock.now(),
    )


def _no_receipts(stage: Stage, reference: str) -> str:
    """Salma says how the vouchers were lost, Jamal saw it; the sum is above both caps, so Helena cannot accept it."""
    line = do.of(reference).lines.get(number=4)
    lost = declare_lost_receipt(
        request_id=do.of(reference).pk,
        line_id=line.pk,
        money=MISSING,
        statement="The bag with the vouchers was lost on the ferry.",
        actor=stage.who("salma"),
        at=clock.now(),
    )
    witness_lost_receipt(lost_receipt_id=lost.pk, actor=stage.who("jamal"), at=clock.now())
    helena, at = stage.who("helena"), clock.now()
    try:
        accept_lost_receipt(lost_receipt_id=lost.pk, actor=helena, at=at)
    except Refusal as refusal:
        why = "Above what a statement may stand for."
        refuse_lost_receipt(lost_receipt_id=lost.pk, reason=why, actor=helena, at=at)
        return refusal.code
    return "accepted"


def _bank(holder: str, digits: str) -> PayeeDetails:
    return PayeeDetails(
        holder,
        with_luhn_digit(digits),
        "BDT",
        "BD",
        bic="DEMOBDBDXXX",
        bank="Demonstration bank",
        town="Dhaka",
    )
