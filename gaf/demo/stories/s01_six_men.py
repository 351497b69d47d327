"""S01: six men left in the desert, four of them already covered by another programme."""

from __future__ import annotations

from decimal import Decimal

from finance.actions.payees import PayeeDetails
from finance.queries import commitments_of
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from workflow.actions.delivery import withdraw_persons
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

TOLD = Told(
    "S01",
    "Six men left in the desert, four already covered elsewhere",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW CLARIFICATION BUDGET_REVIEW APPROVED FUNDED "
    "DISBURSING IMPLEMENTING REPORTING RECONCILING CLOSED",
    approved="1580.42",
    paid="1580.42",
    reconciled="1580.42",
    checks={"approved in XOF": "904000", "persons left": "4"},
)

LINES = [
    LineWritten("SHEL", "NE", "Transit centre", "person-night", "60", "6500", "XOF"),
    LineWritten("FOOD", "NE", "Meals", "person-day", "60", "3500", "XOF"),
    LineWritten("HLTH", "NE", "Medical screening", "person", "6", "15000", "XOF"),
    LineWritten("DOCS", "NE", "Laissez-passer", "document", "6", "20000", "XOF"),
    LineWritten("INTRAN", "NE", "Bus to the capital", "seat", "6", "22000", "XOF"),
    LineWritten("TRVL", "NE", "Flight home", "ticket", "6", "265000", "XOF"),
    LineWritten("POCK", "NE", "Pocket money", "person", "6", "30000", "XOF"),
]


def asking(stage: Stage) -> Asking:
    """What Amina writes."""
    return Asking(
        mission="NE",
        language="fr",
        priority="P2",
        primary="STRANDED",
        others=("SMUG",),
        persons=[PersonText("M", band, "GN") for band in ("18-24", "18-24", "18-24", "25-39", "25-39", "25-39")],
        situation="Six hommes laissés dans le désert par des passeurs, sans eau ni papiers, "
        "soignés au centre de transit.",
        alternatives=[
            AlternativeText("NO_FUNDS", "Programme national de retour", stage.day("2026-10-12"), "Plus de places."),
        ],
        consent=ConsentText("WRITTEN", "fr", False, stage.day("2026-10-12"), ("ASSISTANCE",)),
        help_asked=[("SHEL", "390000", "XOF"), ("TRVL", "1590000", "XOF")],
    )


def play(stage: Stage) -> Story:
    """From Agadez on a Tuesday to a closed file."""
    yield stage.at("2026-10-13 09:00", "Africa/Niamey")
    centre = do.payee(
        stage,
        "moussa",
        "NE",
        PayeeDetails(
            "Centre de transit partenaire",
            with_luhn_digit("2270010045318"),
            "XOF",
            "NE",
            bic="DEMONENIXXX",
            bank="Banque de démonstration",
            town="Agadez",
        ),
        "PARTNER",
    )
    agent = do.payee(
        stage,
        "moussa",
        "NE",
        PayeeDetails(
            "Agence de voyages de démonstration",
            with_luhn_digit("2270010077215"),
            "XOF",
            "NE",
            bic="DEMONENIXXX",
            bank="Banque de démonstration",
            town="Niamey",
        ),
    )
    yield stage.at("2026-10-13 13:00", "Europe/Zurich")
    centre, agent = do.called_back(stage, centre), do.called_back(stage, agent)
    yield stage.at("2026-10-13 15:05", "Africa/Niamey")
    TOLD.reference = reference = do.write_request(stage, "amina", asking(stage))
    yield stage.at("2026-10-13 15:20", "Africa/Niamey")
    do.submit(stage, "amina", reference)
    yield stage.at("2026-10-13 16:10", "Africa/Niamey")
    do.endorsed(stage, "idriss", reference)
    yield stage.at("2026-10-14 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    yield stage.at("2026-10-14 16:00", "Africa/Niamey")
    do.write_plan(stage, "amina", reference, "Repos et soins à Agadez, puis retour volontaire à Conakry.", LINES)
    do.send_budget(stage, "amina", reference)
    yield stage.at("2026-10-15 10:00", "Europe/Zurich")
    do.ask(stage, "chen", reference, [("ALTERNATIVES", "Did the regional return programme register any of the six?")])
    yield stage.at("2026-10-15 11:30", "Africa/Niamey")
    do.answer(stage, "amina", reference, "Oui : quatre des six y ont été inscrits hier.")
    yield stage.at("2026-10-15 15:00", "Europe/Zurich")
    do.approve(stage, "chen", reference, {number: Decimal(LINES[number - 1].quantity) / 3 for number in range(1, 8)})
    yield stage.at("2026-10-15 15:40", "Africa/Niamey")
    _four_leave(stage, reference)
    protect(stage, reference, "amina", "idriss")
    yield stage.at("2026-10-15 16:30", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, centre, "GVA-USD", ["L1", "L2", "L3", "L4", "L5", "L7"])
    do.prepare(stage, reference, agent, "GVA-USD", ["L6"])
    yield stage.at("2026-10-16 10:00", "Europe/Zurich")
    numbers = do.release(stage, reference)
    do.send_file(stage, "GVA-USD", numbers)
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-10-30 17:00", "Africa/Niamey")
    end_delivery(stage, "amina", reference)
    yield stage.at("2026-11-04 10:00", "Africa/Niamey")
    report_as_paid(stage, "moussa", "NE", reference, "Les deux hommes sont rentrés et ont été accueillis à Conakry.")
    yield stage.at("2026-11-06 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-11-09 11:00", "Europe/Zurich")
    close(stage, reference)
    TOLD.found = {
        "approved in XOF": str(sum(c.local.minor for c in commitments_of(reference))),
        "persons left": str(do.of(reference).persons.exclude(left_code="").count()),
    }


def _four_leave(stage: Stage, reference: str) -> None:
    """The four whom the other programme took are recorded as referred; their share was never approved."""
    keys = list(do.of(reference).persons.order_by("pk").values_list("key", flat=True))[:4]
    withdraw_persons(
        request_id=do.of(reference).pk,
        person_keys=keys,
        reason_code="REFERRED",
        reason="Inscrits au programme régional de retour.",
        actor=stage.who("amina"),
        at=clock.now(),
    )
