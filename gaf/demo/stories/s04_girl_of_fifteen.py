"""S04: a pregnant girl of 15, and no best-interests determination yet."""

from __future__ import annotations

from decimal import Decimal

from finance.actions.payees import PayeeDetails
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import assessed, open_gates, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.demo.telling import approved_amount
from gaf.money import Money, total
from workflow.actions.amending import MoreOfLine, ask_amendment
from workflow.actions.amendment_decisions import approve_amendment, endorse_amendment, review_amendment
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.models import GateEvidence
from workflow.protection.gates import Outcome
from workflow.states import GRANTED

TOLD = Told(
    "S04",
    "A pregnant girl of 15, no best-interests decision yet",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="3668.83",
    paid="3668.83",
    reconciled="3668.83",
    checks={
        "six lines approved at once": "2660.70",
        "three lines that never left the gate": "1084.01",
        "the determination": "STAY",
    },
)

LINES_MX = [
    LineWritten("SHEL", "MX", "Specialised shelter", "person-night", "30", "620.00", "MXN"),
    LineWritten("HLTH", "MX", "Prenatal and delivery care", "treatment", "1", "14500.00", "MXN"),
    LineWritten("MHPSS", "MX", "Counselling", "session", "8", "550.00", "MXN"),
    LineWritten("GUARD", "MX", "Legal representation", "procedure", "1", "6000.00", "MXN"),
    LineWritten("EDUC", "MX", "Learning materials", "kit", "1", "1900.00", "MXN"),
    LineWritten("TRVL", "MX", "Child ticket", "ticket", "1", "6400.00", "MXN"),
    LineWritten("ESCORT", "MX", "Escort, return ticket", "trip", "1", "9800.00", "MXN"),
    LineWritten("ESCORT", "MX", "Escort allowance", "person-day", "2", "1900.00", "MXN"),
]
LINES_HN = [LineWritten("FAMTR", "HN", "Family assessment visit", "family", "1", "5230.00", "HNL")]
_HELD = {6: "BEST_INTERESTS", 7: "BEST_INTERESTS", 8: "BEST_INTERESTS"}


def asking(stage: Stage) -> Asking:
    """What Sofía writes."""
    day = stage.day("2026-10-07")
    return Asking(
        mission="MX",
        language="es",
        priority="P2",
        primary="UAC",
        others=("VEA_EXP",),
        tags=("PREGNANT",),
        persons=[PersonText("F", "15-17", "HN")],
        situation="Llegó sola al albergue, embarazada de siete meses. Dice que en casa la golpean.",
        alternatives=[AlternativeText("COVERS_PART", "Oficina de protección de la infancia", day, "Solo diez noches.")],
        consent=ConsentText("WRITTEN", "es", False, day, ("ASSISTANCE", "SHARING", "REFERRAL"), given_by="GUARDIAN"),
        help_asked=[("SHEL", "18600", "MXN"), ("HLTH", "14500", "MXN"), ("TRVL", "20000", "MXN")],
        other_missions=("HN",),
    )


def play(stage: Stage) -> Story:
    """Shelter and care go on at once; the journey waits for a panel, and the panel says that she stays."""
    yield stage.at("2026-10-08 11:00", "America/Mexico_City")
    TOLD.reference = reference = do.write_request(stage, "sofia", asking(stage))
    protect(stage, reference, "sofia", only=("G1",))
    assessed(stage, "sofia", reference, "HIGH", {"I-AGE": 2, "I-PREG": 3, "H-VIOL": 3, "C-HEALTH": -1, "S-PROT": -2})
    do.submit(stage, "sofia", reference)
    yield stage.at("2026-10-08 15:00", "America/Mexico_City")
    protect(stage, reference, "joaquin", only=("G3",))
    do.endorsed(stage, "joaquin", reference)
    yield stage.at("2026-10-09 10:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-12 10:00", "America/Mexico_City")
    do.write_plan(
        stage, "sofia", reference, "Albergue, parto y escuela; el regreso solo si el panel lo decide.", LINES_MX
    )
    do.write_plan(stage, "nelson", reference, "", LINES_HN)
    protect(stage, reference, "sofia", only=("G2", "G4", "G5"))
    do.send_budget(stage, "sofia", reference)
    shelter = do.payee(
        stage, "lucia", "MX", _account("Albergue asociado", "6460099012", "MXN", "MX", "Mexico"), "PARTNER"
    )
    visit = do.payee(stage, "delmy", "HN", _account("Oficina de la infancia", "3550099013", "HNL", "HN", "Tegucigalpa"))
    yield stage.at("2026-10-13 10:00", "Europe/Zurich")
    shelter, visit = do.called_back(stage, shelter), do.called_back(stage, visit)
    do.approve(stage, "chen", reference, defer=_HELD)
    at_once = approved_amount(reference)
    yield stage.at("2026-10-15 11:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, shelter, "GVA-USD", [f"L{number}" for number in range(1, 6)])
    do.prepare(stage, reference, visit, "GVA-USD", ["L9"])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-11-03 10:00", "America/Mexico_City")
    _the_panel_decides(stage, reference)
    yield stage.at("2026-11-05 10:00", "America/Mexico_City")
    more = _more_nights(stage, reference)
    yield stage.at("2026-11-06 10:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, shelter, "GVA-USD", [more])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield stage.at("2026-12-01 09:00", "America/Mexico_City")
    end_delivery(stage, "sofia", reference)
    yield stage.at("2026-12-03 09:00", "America/Mexico_City")
    report_as_paid(stage, "lucia", "MX", reference, "El parto fue bien; sigue en el albergue y en la escuela.")
    report_as_paid(stage, "delmy", "HN", reference, "La visita a la familia se hizo y se documentó.")
    yield stage.at("2026-12-07 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-12-09 10:00", "Europe/Zurich")
    close(stage, reference, "LOCAL")
    TOLD.found = {
        "six lines approved at once": str(at_once.decimal),
        "three lines that never left the gate": str(_never_left(reference).decimal),
        "the determination": GateEvidence.objects.filter(gate="G8", assistance__reference=reference)
        .latest("id")
        .outcome,
    }


def _account(holder: str, digits: str, currency: str, country: str, town: str) -> PayeeDetails:
    bic = f"DEMO{country}{country}XXX"
    number = with_luhn_digit(digits)
    return PayeeDetails(holder, number, currency, country, bic=bic, bank="Banco de demostración", town=town)


def _the_panel_decides(stage: Stage, reference: str) -> None:
    """The visit finds violence at home; the panel of the child protection office says that she stays in care."""
    people, at = [stage.who("sofia"), stage.who("joaquin")], clock.now()
    open_gates(reference, people, at, only=("G6",))
    open_gates(reference, people, at, only=("G7",), outcome=Outcome.UNSUITABLE)
    open_gates(reference, people, at, only=("G8",), outcome=Outcome.STAY)


def _more_nights(stage: Stage, reference: str) -> str:
    """Thirty nights more, asked for, reviewed and approved; returns the key of the new line."""
    assistance, at = do.of(reference), clock.now()
    nights = MoreOfLine(assistance.lines.get(number=1).pk, Decimal(30))
    why = "El panel decidió que se quede: hace falta el albergue hasta después del parto."
    asked = ask_amendment(request_id=assistance.pk, why=why, changes=[nights], actor=stage.who("sofia"), at=at)
    endorse_amendment(amendment_id=asked.pk, actor=stage.who("joaquin"), at=at)
    review_amendment(amendment_id=asked.pk, actor=stage.who("bruno"), at=at)
    stream = assistance.lines.get(number=1).stream_code
    approve_amendment(amendment_id=asked.pk, streams={"A1": stream}, actor=stage.who("chen"), at=at)
    return do.of(reference).lines.order_by("-number")[0].key


def _never_left(reference: str) -> Money:
    never = do.of(reference).lines.exclude(state__in=GRANTED)
    return total([line.usd for line in never], "USD")
