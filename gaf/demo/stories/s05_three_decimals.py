"""S05: a three-decimal currency and an exchange difference."""

from __future__ import annotations

from finance import postings
from finance.actions.payees import PayeeDetails
from finance.models import Commitment, Disbursement, JournalLine
from finance.stand_ins.bank import with_luhn_digit
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

TOLD = Told(
    "S05",
    "Three decimals, and a ticket paid at November's rate",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="3560.78",
    paid="3544.88",
    reconciled="3544.88",
    checks={"ticket committed": "575.98", "ticket paid": "555.54", "gain on the ticket": "4.54", "freed": "15.90"},
)

LINES_KW = [
    LineWritten("SHEL", "KW", "Shelter", "person-night", "25", "12.500", "KWD"),
    LineWritten("HLTH", "KW", "Medical", "treatment", "1", "48.750", "KWD"),
    LineWritten("LEGAL", "KW", "Lawyer", "service", "1", "150.000", "KWD"),
    LineWritten("DOCS", "KW", "Laissez-passer", "document", "1", "20.000", "KWD"),
    LineWritten("TRVL", "KW", "Flight home", "ticket", "1", "176.250", "KWD"),
    LineWritten("INTRAN", "KW", "Excess baggage", "item", "1", "15.500", "KWD"),
    LineWritten("POCK", "KW", "Pocket money", "person", "1", "30.000", "KWD"),
]
LINES_MG = [LineWritten("LIVE", "MG", "Livestock, in kind", "grant", "1", "4928000.00", "MGA")]


def asking(stage: Stage) -> Asking:
    """What Noura writes."""
    return Asking(
        mission="KW",
        language="en",
        priority="P3",
        primary="VEA_EXP",
        tags=("LABOUR_MIGRANT",),
        persons=[PersonText("F", "25-39", "MG")],
        situation="Left her employer after months without pay. Her passport is held back. She sleeps at the shelter.",
        alternatives=[
            AlternativeText("NO_FUNDS", "Embassy welfare fund", stage.day("2026-10-15"), "Exhausted for this year.")
        ],
        consent=ConsentText("WRITTEN", "fr", True, stage.day("2026-10-16"), ("ASSISTANCE", "SHARING")),
        help_asked=[("SHEL", "312.500", "KWD"), ("TRVL", "176.250", "KWD"), ("LIVE", "4928000.00", "MGA")],
        other_missions=("MG",),
    )


def play(stage: Stage) -> Story:
    """From Kuwait on a Sunday to a closed file; the ticket is bought in November."""
    yield stage.at("2026-10-18 10:30", "Asia/Kuwait")
    TOLD.reference = reference = do.write_request(stage, "noura", asking(stage))
    do.submit(stage, "noura", reference)
    yield stage.at("2026-10-18 12:00", "Asia/Kuwait")
    do.endorsed(stage, "bader", reference)
    partner = do.payee(
        stage,
        "huda",
        "KW",
        PayeeDetails(
            "Shelter partner",
            with_luhn_digit("5330012290046"),
            "KWD",
            "KW",
            bic="DEMOKWKWXXX",
            bank="Demonstration bank",
            town="Kuwait",
        ),
        "PARTNER",
    )
    agent = do.payee(
        stage,
        "huda",
        "KW",
        PayeeDetails(
            "Travel agency",
            with_luhn_digit("5330012290103"),
            "KWD",
            "KW",
            bic="DEMOKWKWXXX",
            bank="Demonstration bank",
            town="Kuwait",
        ),
    )
    market = do.payee(
        stage,
        "tiana",
        "MG",
        PayeeDetails(
            "Coopérative d'élevage",
            with_luhn_digit("4610099120078"),
            "MGA",
            "MG",
            bic="DEMOMGMGXXX",
            bank="Banque de démonstration",
            town="Antananarivo",
        ),
    )
    yield stage.at("2026-10-19 09:30", "Europe/Zurich")
    partner, agent, market = (do.called_back(stage, version) for version in (partner, agent, market))
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-20 09:00", "Asia/Kuwait")
    do.write_plan(stage, "noura", reference, "Shelter, lawyer, papers, flight home, livestock after arrival.", LINES_KW)
    yield stage.at("2026-10-20 11:00", "Indian/Antananarivo")
    do.write_plan(stage, "voahangy", reference, "", LINES_MG)
    yield stage.at("2026-10-20 13:00", "Asia/Kuwait")
    do.send_budget(stage, "noura", reference)
    protect(stage, reference, "noura", "bader", "voahangy")
    yield stage.at("2026-10-21 10:00", "Europe/Zurich")
    do.approve(stage, "chen", reference)
    yield stage.at("2026-10-22 10:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, partner, "GVA-KWD", ["L1", "L2", "L3", "L4", "L6", "L7"])
    yield stage.at("2026-10-22 14:00", "Europe/Zurich")
    do.send_file(stage, "GVA-KWD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-11-05 10:00", "Europe/Zurich")
    ticket = do.prepare(stage, reference, agent, "GVA-KWD", {"L5": Money.of("171.385", "KWD")})
    do.prepare(stage, reference, market, "GVA-USD", ["L8"])
    yield stage.at("2026-11-05 14:00", "Europe/Zurich")
    do.release(stage, reference)
    do.send_file(stage, "GVA-KWD", [ticket.number])
    do.send_file(stage, "GVA-USD")
    yield stage.at("2026-12-01 09:00", "Asia/Kuwait")
    end_delivery(stage, "noura", reference)
    yield stage.at("2026-12-03 09:00", "Asia/Kuwait")
    report_as_paid(stage, "huda", "KW", reference, "She flew home on 9 November.")
    yield stage.at("2026-12-07 09:00", "Indian/Antananarivo")
    report_as_paid(stage, "tiana", "MG", reference, "Le bétail a été remis.")
    yield stage.at("2026-12-10 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-12-14 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")
    TOLD.found = _figures(reference, ticket.number)


def _figures(reference: str, ticket: str) -> dict[str, str]:
    """The ticket's money, read from the books."""
    commitment = Commitment.objects.get(reference=reference, line_key="L5")
    paid = Disbursement.objects.get(number=ticket)
    sending = JournalLine.objects.filter(
        journal__key__startswith=f"send:{ticket}:", account__code=postings.EXCHANGE_DIFFERENCES
    )
    gain = Money(-sum(sending.values_list("minor", flat=True)), "USD")
    return {
        "ticket committed": str(commitment.committed.decimal),
        "ticket paid": str(Money(paid.paid_usd_minor or 0, "USD").decimal),
        "gain on the ticket": str(gain.decimal),
        "freed": str(commitment.freed.decimal),
    }
