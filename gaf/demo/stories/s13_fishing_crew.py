"""S13: a fishing crew; the bank sends the money back, and two men ask for protection."""

from __future__ import annotations

from decimal import Decimal

from finance import postings
from finance.actions.payees import PayeeDetails, record_payee
from finance.models import Commitment, Disbursement, JournalLine, PayeeVersion, StatementLine
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.accounts.models import Mission
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money
from workflow.actions.delivery import Cancellation, withdraw_persons
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

TOLD = Told(
    "S13",
    "A fishing crew; the bank sends the money back",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="5807.05",
    paid="5109.96",
    reconciled="5109.96",
    checks={"freed for two men": "697.09", "fee of the return": "9.10", "fee in IDR": "150000.00", "paid again": "yes"},
)

LINES = [
    LineWritten("SHEL", "ID", "Shelter", "person-night", "150", "160000.00", "IDR"),
    LineWritten("FOOD", "ID", "Meals", "person-day", "150", "85000.00", "IDR"),
    LineWritten("HLTH", "ID", "Medical", "person", "5", "900000.00", "IDR"),
    LineWritten("DOCS", "ID", "Certificates of identity", "document", "5", "350000.00", "IDR"),
    LineWritten("INTERP", "ID", "Interpreter", "hour", "30", "250000.00", "IDR"),
    LineWritten("LEGAL", "ID", "Wage claim", "service", "1", "16480000.00", "IDR"),
    LineWritten("TRVL", "ID", "Flights home", "ticket", "5", "4944000.00", "IDR"),
    LineWritten("POCK", "ID", "Pocket money", "person", "5", "800000.00", "IDR"),
]
RIGHT = with_luhn_digit("1400056730021")
ONE_DIGIT_WRONG = RIGHT[:5] + str((int(RIGHT[5]) + 1) % 10) + RIGHT[6:]


def asking(stage: Stage) -> Asking:
    """What Dewi writes."""
    return Asking(
        mission="ID",
        language="en",
        priority="P2",
        primary="VOT",
        persons=[PersonText("M", band, "MM") for band in ("18-24", "18-24", "25-39", "25-39", "40-59")],
        situation="Brought to a fishing boat by deceit, worked for two years without wages, "
        "left in port by the captain.",
        alternatives=[
            AlternativeText("NO_FUNDS", "National victim assistance fund", stage.day("2026-10-18"), "No places.")
        ],
        consent=ConsentText("WRITTEN", "my", True, stage.day("2026-10-19"), ("ASSISTANCE", "SHARING")),
        help_asked=[("SHEL", "24000000.00", "IDR"), ("TRVL", "24720000.00", "IDR")],
    )


def _bank(account: str) -> PayeeDetails:
    return PayeeDetails(
        "Shelter foundation", account, "IDR", "ID", bic="DEMOIDIDXXX", bank="Demonstration bank", town="Jakarta"
    )


def play(stage: Stage) -> Story:
    """From Jakarta on a Tuesday to a closed file; the shelter is paid twice because the first time came back."""
    yield stage.at("2026-10-20 09:40", "Asia/Jakarta")
    TOLD.reference = reference = do.write_request(stage, "dewi", asking(stage))
    do.submit(stage, "dewi", reference)
    shelter = do.payee(stage, "ratna", "ID", _bank(ONE_DIGIT_WRONG))
    services = do.payee(
        stage,
        "ratna",
        "ID",
        PayeeDetails(
            "Crew assistance partner",
            with_luhn_digit("1400056731180"),
            "IDR",
            "ID",
            bic="DEMOIDIDXXX",
            bank="Demonstration bank",
            town="Jakarta",
        ),
        "PARTNER",
    )
    yield stage.at("2026-10-20 11:00", "Asia/Jakarta")
    do.endorsed(stage, "budi", reference)
    yield stage.at("2026-10-20 14:00", "Europe/Zurich")
    shelter, services = do.called_back(stage, shelter), do.called_back(stage, services)
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-21 10:00", "Asia/Jakarta")
    do.write_plan(stage, "dewi", reference, "Shelter and care for a month, wage claim, papers, flights home.", LINES)
    do.send_budget(stage, "dewi", reference)
    protect(stage, reference, "dewi", "budi")
    yield stage.at("2026-10-21 15:00", "Europe/Zurich")
    do.approve(stage, "chen", reference)
    yield stage.at("2026-10-22 09:30", "Europe/Zurich")
    do.certify(stage, reference)
    first = do.prepare(stage, reference, shelter, "GVA-USD", ["L1", "L2"])
    do.prepare(stage, reference, services, "GVA-USD", ["L3", "L4", "L5", "L6"])
    yield stage.at("2026-10-22 15:00", "Europe/Zurich")
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-10-26 10:00", "Asia/Jakarta")
    _two_ask_for_protection(stage, reference)
    yield from stage.until(lambda: Disbursement.objects.get(pk=first.pk).state == "RETURNED")
    yield from _paid_again(stage, reference, first, services)
    yield stage.at("2026-11-27 10:00", "Asia/Jakarta")
    end_delivery(stage, "dewi", reference)
    yield stage.at("2026-12-01 10:00", "Asia/Jakarta")
    report_as_paid(stage, "ratna", "ID", reference, "Three men went home; two are with the protection agency.")
    yield stage.at("2026-12-04 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-12-07 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")
    TOLD.found = _figures(reference, first)


def _two_ask_for_protection(stage: Stage, reference: str) -> None:
    """Two men do not want to return: their tickets and pocket money are cancelled and the money is freed."""
    assistance = do.of(reference)
    keys = list(assistance.persons.order_by("pk").values_list("key", flat=True))[:2]
    travel = assistance.lines.filter(assistance_type__in=["TRVL", "POCK"])
    withdraw_persons(
        request_id=assistance.pk,
        person_keys=keys,
        reason_code="PROTECTION",
        reason="They ask for international protection and were referred.",
        cancellations=[Cancellation(line.pk, Decimal(2)) for line in travel],
        actor=stage.who("dewi"),
        at=clock.now(),
    )


def _paid_again(stage: Stage, reference: str, first: Disbursement, services: PayeeVersion) -> Story:
    """The foundation's account is corrected, confirmed by call-back by a second person, and paid again."""
    yield stage.moment + do.ONE_DAY * 3
    version = record_payee(
        mission=Mission.objects.get(code="ID"),
        kind="VENDOR",
        details=_bank(RIGHT),
        actor=stage.who("ratna"),
        at=clock.now(),
        payee=first.payee_version.payee,
    )
    yield stage.moment + do.ONE_DAY
    version = do.called_back(stage, version)
    do.prepare(stage, reference, version, "GVA-USD", ["L1", "L2"], replaces=Disbursement.objects.get(pk=first.pk))
    do.prepare(stage, reference, services, "GVA-USD", ["L7", "L8"])
    yield stage.moment + do.ONE_DAY * 2  # the details cool off before they are paid
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(
        lambda: (
            not Disbursement.objects.filter(reference=reference).exclude(state__in=["CONFIRMED", "RETURNED"]).exists()
        )
    )


def _figures(reference: str, first: Disbursement) -> dict[str, str]:
    """The return and the two men's money, read from the books."""
    freed = sum(Commitment.objects.filter(reference=reference).values_list("freed_usd_minor", flat=True))
    fees = JournalLine.objects.filter(journal__reference=reference, account__code=postings.BANK_FEES)
    charged = StatementLine.objects.filter(end_to_end=first.end_to_end, is_charge=True).first()
    again = Disbursement.objects.filter(replaces=first, state="CONFIRMED").exists()
    fee_told = Money(charged.original_minor or 0, charged.original_currency) if charged else Money.zero("IDR")
    return {
        "freed for two men": str(Money(freed, "USD").decimal),
        "fee of the return": str(Money(sum(fees.values_list("minor", flat=True)), "USD").decimal),
        "fee in IDR": str(fee_told.decimal),
        "paid again": "yes" if again else "no",
    }
