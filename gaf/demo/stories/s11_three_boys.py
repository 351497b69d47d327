"""S11: three boys at dawn on a Friday."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.models import Commitment
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import assessed, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money
from workflow.actions import allowance
from workflow.actions.consent import record_consent
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.models import Consent

TOLD = Told(
    "S11",
    "Three boys at dawn on a Friday",
    path="DRAFT ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING REPORTING "
    "RECONCILING CLOSED",
    approved="2726.18",
    paid="2726.18",
    reconciled="2726.18",
    checks={"allowed before dawn": "1021.25", "consent in the end": "GUARDIAN"},
)

LINES = [
    LineWritten("HLTH", "DJ", "Rehydration, hospital", "treatment", "3", "38000", "DJF"),
    LineWritten("SHEL", "DJ", "Child-friendly shelter", "person-night", "36", "5200", "DJF"),
    LineWritten("FOOD", "DJ", "Meals", "person-day", "36", "2300", "DJF"),
    LineWritten("NFI", "DJ", "Kits", "kit", "3", "9500", "DJF"),
    LineWritten("SAFE", "DJ", "Caregiver and interpreter", "person-day", "12", "6000", "DJF"),
]


def asking(stage: Stage) -> Asking:
    """What Ayan writes at the hospital's door. The age of one is disputed; he counts as a child."""
    return Asking(
        mission="DJ",
        language="fr",
        priority="P1",
        primary="UAC",
        persons=[PersonText("M", "12-14", "ET"), PersonText("M", "15-17", "ET"), PersonText("M", "child", "ET")],
        situation="Trois garçons trouvés au bord de la route, déshydratés ; l’un a perdu connaissance.",
        alternatives=[AlternativeText("NO_ANSWER", "Service de l’enfance", stage.day("2026-10-16"), "Fermé la nuit.")],
        consent=ConsentText("EXCEPTION", exception_reason="Aucun tuteur joignable ; un des garçons est inconscient."),
        help_asked=[("HLTH", "114000", "DJF"), ("SHEL", "46800", "DJF"), ("FOOD", "20700", "DJF")],
    )


def play(stage: Stage) -> Story:
    """Hospital and a bed before dawn; guardian, assessment and consent within three days; no journey at all."""
    yield stage.at("2026-10-16 03:10", "Africa/Djibouti")
    TOLD.reference = reference = do.write_request(stage, "ayan", asking(stage))
    assessed(stage, "ayan", reference, "EXTREME", {"I-AGE": 3, "I-HEALTH": 3}, needs=("MEDICAL", "CHILD_ALONE"))
    do.send_urgent(stage, "ayan", reference)
    yield stage.at("2026-10-16 03:40", "Africa/Djibouti")
    allowance.allow_urgent_spending(
        request_id=do.of(reference).pk,
        limit=Money.of("1021.25", "USD"),
        assistance_types=["HLTH", "SHEL", "FOOD"],
        reason="Hospital, three nights and meals for three; the file follows within 72 hours.",
        actor=stage.who("gloria"),
        at=clock.now(),
    )
    yield stage.at("2026-10-18 09:00", "Africa/Djibouti")
    protect(stage, reference, "ayan", "abdi", only=("G1", "G3", "G4", "G5"))
    agreed = ConsentText("WRITTEN", "am", True, stage.day("2026-10-18"), ("ASSISTANCE",), given_by="GUARDIAN")
    record_consent(request_id=do.of(reference).pk, consent=agreed, actor=stage.who("ayan"), at=clock.now())
    do.endorsed(stage, "abdi", reference)
    yield stage.at("2026-10-19 09:30", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-19 14:00", "Africa/Djibouti")
    allowance.report_urgent_costs(
        request_id=do.of(reference).pk, costs=Money.of("1021.25", "USD"), actor=stage.who("ayan"), at=clock.now()
    )
    do.write_plan(stage, "ayan", reference, "Soins, hébergement adapté, recherche des familles.", LINES)
    do.send_budget(stage, "ayan", reference)
    house = do.payee(stage, "hodan", "DJ", _house(), "PARTNER")
    yield stage.at("2026-10-20 10:00", "Europe/Zurich")
    house = do.called_back(stage, house)
    do.approve(stage, "ines", reference)
    yield stage.at("2026-10-20 14:00", "Africa/Djibouti")
    protect(stage, reference, "ayan", only=("G2",))
    yield stage.at("2026-10-22 11:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, house, "GVA-USD", [f"L{number}" for number in range(1, 6)])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-11-10 09:00", "Africa/Djibouti")
    end_delivery(stage, "ayan", reference)
    yield stage.at("2026-11-12 09:00", "Africa/Djibouti")
    report_as_paid(stage, "hodan", "DJ", reference, "Les trois garçons sont remis au service de l’enfance.")
    yield stage.at("2026-11-16 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-11-18 10:00", "Europe/Zurich")
    close(stage, reference, "REFERRED")
    urgent = Commitment.objects.get(reference=reference, line_key="URGENT")
    consent = Consent.objects.get(assistance__reference=reference)
    TOLD.found = {"allowed before dawn": str(urgent.committed.decimal), "consent in the end": consent.given_by}


def _house() -> PayeeDetails:
    return PayeeDetails(
        "Maison d’accueil",
        with_luhn_digit("2620099014"),
        "DJF",
        "DJ",
        bic="DEMODJDJXXX",
        bank="Banque de démonstration",
        town="Djibouti",
    )
