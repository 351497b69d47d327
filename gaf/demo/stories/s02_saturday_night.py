"""S02: a domestic worker escapes on a Saturday night."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.models import Commitment, Disbursement, RefundDue
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, payee_pays_back, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money
from workflow.actions import allowance
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

TOLD = Told(
    "S02",
    "A domestic worker escapes on a Saturday night",
    path="DRAFT ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING REPORTING "
    "RECONCILING CLOSED",
    approved="4293.00",
    paid="4293.00",
    reconciled="4293.00",
    checks={"allowed at night": "424.00", "came back for the waived fine": "450.00", "through Stripe": "2893.00"},
)

LINES_LB = [
    LineWritten("SHEL", "LB", "Safe shelter", "person-night", "21", "28.00", "USD"),
    LineWritten("HLTH", "LB", "Examination and treatment", "treatment", "1", "340.00", "USD"),
    LineWritten("MHPSS", "LB", "Counselling", "session", "6", "45.00", "USD"),
    LineWritten("LEGAL", "LB", "Lawyer, wage claim", "service", "1", "400.00", "USD"),
    LineWritten("FEES", "LB", "Overstay fine, exit permit", "item", "1", "450.00", "USD"),
    LineWritten("NFI", "LB", "Clothes and hygiene", "kit", "1", "85.00", "USD"),
    LineWritten("TRVL", "LB", "Flight home", "ticket", "1", "720.00", "USD"),
    LineWritten("INTRAN", "LB", "Onward transport", "trip", "1", "40.00", "USD"),
]
LINES_SL = [LineWritten("LIVE", "SL", "Small trade, in kind", "grant", "1", "34650.00", "SLE")]


def asking(stage: Stage) -> Asking:
    """What Rana writes from her telephone."""
    return Asking(
        mission="LB",
        language="en",
        priority="P1",
        primary="VOT",
        persons=[PersonText("F", "18-24", "SL")],
        situation="She left the house an hour ago. No papers, no money, nowhere to sleep; "
        "the employer is looking for her.",
        alternatives=[AlternativeText("NO_FUNDS", "City shelter", stage.day("2026-10-24"), "Full tonight.")],
        consent=ConsentText("VERBAL", "kri", True, stage.day("2026-10-24"), ("ASSISTANCE", "SHARING")),
        help_asked=[("SHEL", "84.00", "USD"), ("HLTH", "340.00", "USD")],
        other_missions=("SL",),
    )


def play(stage: Stage) -> Story:
    """From a telephone in Beirut to a closed file, with the first night paid for within half an hour."""
    yield stage.at("2026-10-24 22:40", "Asia/Beirut")
    TOLD.reference = reference = do.write_request(stage, "rana", asking(stage))
    do.send_urgent(stage, "rana", reference)
    yield stage.at("2026-10-24 23:10", "Asia/Beirut")
    allowance.allow_urgent_spending(
        request_id=do.of(reference).pk,
        limit=Money.of("424.00", "USD"),
        assistance_types=["SHEL", "HLTH"],
        reason="Three nights and the examination; the file follows within 72 hours.",
        actor=stage.who("gloria"),
        at=clock.now(),
    )
    yield stage.at("2026-10-25 18:00", "Asia/Beirut")
    do.endorsed(stage, "karim", reference)
    yield stage.at("2026-10-26 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-26 15:00", "Asia/Beirut")
    allowance.report_urgent_costs(
        request_id=do.of(reference).pk, costs=Money.of("424.00", "USD"), actor=stage.who("rana"), at=clock.now()
    )
    do.write_plan(stage, "rana", reference, "Shelter, care, wage claim; then home with a start in trade.", LINES_LB)
    partner = do.payee(stage, "layla", "LB", _partner(stage), "PARTNER")
    yield stage.at("2026-10-27 10:00", "Africa/Freetown")
    do.write_plan(stage, "fatu", reference, "", LINES_SL)
    trade = do.payee(
        stage,
        "isatu",
        "SL",
        PayeeDetails(
            "Market women's cooperative",
            with_luhn_digit("6940033010225"),
            "SLE",
            "SL",
            bic="DEMOSLSLXXX",
            bank="Demonstration bank",
            town="Freetown",
        ),
    )
    yield stage.at("2026-10-27 12:30", "Asia/Beirut")
    do.send_budget(stage, "rana", reference)
    yield stage.at("2026-10-27 14:00", "Europe/Zurich")
    partner, trade = do.called_back(stage, partner), do.called_back(stage, trade)
    do.approve(stage, "chen", reference, defer={7: "RISK_ASSESSMENT"})
    yield stage.at("2026-10-27 16:30", "Asia/Beirut")
    protect(stage, reference, "rana", "karim", "fatu")
    yield stage.at("2026-10-27 15:45", "Europe/Zurich")
    do.approve_deferred(stage, "chen", reference, 7)
    yield stage.at("2026-10-27 16:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, partner, "STRIPE", [f"L{number}" for number in range(1, 9)])
    do.prepare(stage, reference, trade, "GVA-USD", ["L9"])
    yield stage.at("2026-10-29 15:00", "Europe/Zurich")
    do.release(stage, reference)
    do.send_file(stage, "GVA-USD")
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-12-08 09:00", "Asia/Beirut")
    end_delivery(stage, "rana", reference)
    yield stage.at("2026-12-10 09:00", "Asia/Beirut")
    report_as_paid(
        stage,
        "layla",
        "LB",
        reference,
        "She is home. The authority waived the fine.",
        spent={"L5": Money.of("0.00", "USD")},
    )
    yield stage.at("2026-12-11 09:00", "Africa/Freetown")
    report_as_paid(stage, "isatu", "SL", reference, "The goods were handed over.")
    yield stage.at("2026-12-14 09:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-12-16 08:00", "Asia/Beirut")
    payee_pays_back(reference, clock.now())
    yield from stage.until(lambda: not RefundDue.objects.filter(reference=reference, received_at=None).exists())
    yield stage.moment + do.ONE_DAY * 3
    close(stage, reference, "REINTEGRATED")
    TOLD.found = _figures(reference, partner.pk)


def _partner(stage: Stage) -> PayeeDetails:
    """The partner's connected account at Stripe; opened by Stripe's own page in life, by the stand-in here."""
    account = stage.stripe.connect_account("LB00009912", currency="USD", country="LB", ref="acct_partner_lb")
    return PayeeDetails("Shelter partner", account, "USD", "LB", rail="STRIPE", town="Beirut")


def _figures(reference: str, partner: int) -> dict[str, str]:
    """The night's allowance, the refund and the Stripe part, read from the books."""
    urgent = Commitment.objects.get(reference=reference, line_key="URGENT")
    refunds = RefundDue.objects.filter(reference=reference, received_at__isnull=False)
    by_stripe = Disbursement.objects.filter(reference=reference, payee_version=partner, state="CONFIRMED")
    return {
        "allowed at night": str(urgent.committed.decimal),
        "came back for the waived fine": str(Money(sum(refunds.values_list("usd_minor", flat=True)), "USD").decimal),
        "through Stripe": str(Money(sum(by_stripe.values_list("minor", flat=True)), "USD").decimal),
    }
