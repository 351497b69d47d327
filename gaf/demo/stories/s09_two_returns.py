"""S09: back for clarification twice; the other mission reports late."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.refusals import Refusal
from workflow.actions import planning
from workflow.actions.consent import record_consent
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.queries import reports_missing

TOLD = Told(
    "S09",
    "Back for clarification twice; one mission reports late",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW CLARIFICATION ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW "
    "PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING REPORTING RECONCILING CLOSED",
    approved="2544.51",
    paid="2544.51",
    reconciled="2544.51",
    checks={"refused while a report was missing": "yes", "late mission": "UZ"},
)

LINES_KZ = [
    LineWritten("SHEL", "KZ", "Shelter", "person-night", "20", "7500.00", "KZT"),
    LineWritten("FOOD", "KZ", "Meals", "person-day", "20", "4000.00", "KZT"),
    LineWritten("HLTH", "KZ", "Medical and dental", "treatment", "1", "95000.00", "KZT"),
    LineWritten("DOCS", "KZ", "Return certificate", "document", "1", "18500.00", "KZT"),
    LineWritten("LEGAL", "KZ", "Back-wage claim", "service", "1", "140000.00", "KZT"),
    LineWritten("TRVL", "KZ", "Train and bus", "ticket", "1", "42000.00", "KZT"),
    LineWritten("POCK", "KZ", "Pocket money", "person", "1", "26000.00", "KZT"),
]
LINES_UZ = [
    LineWritten("HLTH", "UZ", "Follow-up care", "treatment", "1", "2430000.00", "UZS"),
    LineWritten("LIVE", "UZ", "Welding set, in kind", "grant", "1", "14580000.00", "UZS"),
    LineWritten("MONIT", "UZ", "Visits", "visit", "2", "607500.00", "UZS"),
]


def asking(stage: Stage) -> Asking:
    """What Aigul writes: the consent is an exception, the alternatives are vague."""
    return Asking(
        mission="KZ",
        language="en",
        priority="P4",
        primary="VOT",
        persons=[PersonText("M", "40-59", "UZ")],
        situation="Worked on a building site for a year without wages; his papers were taken at the start.",
        alternatives=[AlternativeText("NO_FUNDS", "Local organisations", stage.day("2026-10-02"), "They cannot.")],
        consent=ConsentText(
            "EXCEPTION", exception_reason="He cannot be reached before Friday; he asked us by telephone."
        ),
        help_asked=[("SHEL", "150000.00", "KZT"), ("LIVE", "14580000.00", "UZS")],
        other_missions=("UZ",),
    )


def play(stage: Stage) -> Story:
    """From Almaty on a Monday; closing waits for the second mission."""
    yield stage.at("2026-10-05 10:00", "Asia/Almaty")
    TOLD.reference = reference = do.write_request(stage, "aigul", asking(stage))
    do.submit(stage, "aigul", reference)
    yield stage.at("2026-10-05 15:00", "Asia/Almaty")
    do.endorsed(stage, "daniyar", reference)
    yield stage.at("2026-10-06 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.ask(
        stage,
        "bruno",
        reference,
        [
            ("CONSENT", "When can the person give consent, and in which language?"),
            ("ALTERNATIVES", "Which programmes were asked, when, and what did each say?"),
        ],
    )
    yield stage.at("2026-10-09 10:00", "Asia/Almaty")
    signed = ConsentText("WRITTEN", "uz", True, stage.day("2026-10-09"), ("ASSISTANCE", "SHARING"))
    record_consent(request_id=do.of(reference).pk, consent=signed, actor=stage.who("aigul"), at=clock.now())
    do.answer(stage, "aigul", reference, "He signed today in Uzbek. The state centre and two shelters have no places.")
    yield stage.at("2026-10-09 14:00", "Europe/Zurich")
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-12 10:00", "Asia/Almaty")
    do.write_plan(stage, "aigul", reference, "Shelter, care, wage claim; then home and back to his trade.", LINES_KZ)
    do.write_plan(stage, "dilnoza", reference, "", LINES_UZ)
    do.send_budget(stage, "aigul", reference)
    yield stage.at("2026-10-12 15:00", "Europe/Zurich")
    planning.return_budget(
        request_id=do.of(reference).pk,
        reason_code="QUOTES",
        reason="The welding set needs three quotes.",
        actor=stage.who("ines"),
        at=clock.now(),
    )
    yield stage.at("2026-10-15 10:00", "Asia/Almaty")
    do.send_budget(stage, "aigul", reference)
    protect(stage, reference, "aigul", "daniyar", "dilnoza")
    yield stage.at("2026-10-15 12:00", "Europe/Zurich")
    do.approve(stage, "ines", reference)
    host, home = _payees(stage)
    yield stage.at("2026-10-16 10:00", "Europe/Zurich")
    host, home = do.called_back(stage, host), do.called_back(stage, home)
    do.certify(stage, reference)
    do.prepare(stage, reference, host, "GVA-USD", [f"L{number}" for number in range(1, 8)])
    do.prepare(stage, reference, home, "GVA-USD", ["L8", "L9", "L10"])
    yield stage.at("2026-10-19 10:00", "Europe/Zurich")
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-11-20 10:00", "Asia/Almaty")
    end_delivery(stage, "aigul", reference)
    yield stage.at("2026-11-25 10:00", "Asia/Almaty")
    report_as_paid(stage, "saule", "KZ", reference, "He went home by train.")
    yield stage.at("2026-12-21 10:00", "Europe/Zurich")
    TOLD.found = _refused_without_the_other_report(stage, reference)
    yield stage.at("2027-02-05 10:00", "Asia/Tashkent")
    report_as_paid(stage, "rustam", "UZ", reference, "He works again. Two visits made.")
    yield stage.at("2027-02-08 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2027-02-10 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")


def _payees(stage: Stage) -> tuple[do.PayeeVersion, do.PayeeVersion]:
    host = do.payee(
        stage,
        "saule",
        "KZ",
        PayeeDetails(
            "Shelter partner",
            with_luhn_digit("3980071200551"),
            "KZT",
            "KZ",
            bic="DEMOKZKZXXX",
            bank="Demonstration bank",
            town="Almaty",
        ),
        "PARTNER",
    )
    home = do.payee(
        stage,
        "rustam",
        "UZ",
        PayeeDetails(
            "Reintegration partner",
            with_luhn_digit("8600071200442"),
            "UZS",
            "UZ",
            bic="DEMOUZUZXXX",
            bank="Demonstration bank",
            town="Tashkent",
        ),
        "PARTNER",
    )
    return host, home


def _refused_without_the_other_report(stage: Stage, reference: str) -> dict[str, str]:
    """Marie tries to accept while the second mission has not reported; the system says why not."""
    late = ",".join(mission.code for mission in reports_missing(do.of(reference)))
    try:
        accept(stage, reference)
    except Refusal:
        return {"refused while a report was missing": "yes", "late mission": late}
    return {"refused while a report was missing": "no", "late mission": late}
