"""S14: a request sent twice over a poor line, and a woman who is not seen again."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.models import RefundDue
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock, ids
from gaf.decisions.models import Decision
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, payee_pays_back, report_as_paid
from gaf.demo.protecting_parts import assessed, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money, total
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.models import AssistanceRequest

TOLD = Told(
    "S14",
    "Sent twice; and a woman who is not seen again",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="2191.00",
    paid="2191.00",
    reconciled="2191.00",
    checks={
        "requests made of one form sent twice": "1",
        "came back unspent": "112044.80",
        "why it was closed": "LOST_CONTACT",
    },
)

LINES = [
    LineWritten("SHEL", "HT", "Maison sûre", "person-night", "45", "3280.00", "HTG"),
    LineWritten("HLTH", "HT", "Soins", "treatment", "1", "26240.00", "HTG"),
    LineWritten("FOOD", "HT", "Alimentation du nourrisson", "package", "1", "19680.00", "HTG"),
    LineWritten("CASH", "HT", "Argent mobile", "month", "3", "13120.00", "HTG"),
    LineWritten("XFEE", "HT", "Frais de transfert", "transfer", "3", "262.40", "HTG"),
    LineWritten("MHPSS", "HT", "Accompagnement", "session", "8", "2624.00", "HTG"),
    LineWritten("SAFE", "HT", "Relogement d’urgence", "service", "1", "32800.00", "HTG"),
]
# She leaves on the nineteenth day: 26 nights are not slept, two transfers and their fees not collected.
SPENT = {"L1": "62320.00", "L4": "13120.00", "L5": "262.40"}


def asking(stage: Stage) -> Asking:
    """What Mirlande writes."""
    return Asking(
        mission="HT",
        language="fr",
        priority="P1",
        primary="VEA_EXP",
        tags=("SGBV_SURVIVOR",),
        persons=[PersonText("F", "25-39", "HT"), PersonText("F", "0-4", "HT")],
        situation="Expulsée avec un nourrisson ; l’homme qui la battait la cherche.",
        alternatives=[AlternativeText("NO_ANSWER", "Ligne d’urgence", stage.day("2026-10-12"), "Personne ce soir.")],
        consent=ConsentText("WRITTEN", "ht", False, stage.day("2026-10-12"), ("ASSISTANCE",)),
        help_asked=[("SHEL", "147600.00", "HTG"), ("HLTH", "26240.00", "HTG")],
    )


def play(stage: Stage) -> Story:
    """Sent on a Monday evening; by the end of the month nobody can reach her, and what was not spent comes back."""
    yield stage.at("2026-10-12 19:55", "America/Port-au-Prince")
    key = ids.random_key()
    do.start(stage, "mirlande", asking(stage), key)  # the line breaks, and the telephone sends the form again
    TOLD.reference = reference = do.write_request(stage, "mirlande", asking(stage), key)
    assessed(stage, "mirlande", reference, "HIGH", {"H-VIOL": 3}, needs=("DANGER",))
    do.submit(stage, "mirlande", reference)
    yield stage.at("2026-10-12 20:30", "America/Port-au-Prince")
    do.endorsed(stage, "wilner", reference)
    house = do.payee(stage, "fabiola", "HT", _house(), "PARTNER")
    yield stage.at("2026-10-13 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    house = do.called_back(stage, house)
    yield stage.at("2026-10-13 09:00", "America/Port-au-Prince")
    do.write_plan(stage, "mirlande", reference, "Une maison sûre, des soins, trois mois d’argent mobile.", LINES)
    protect(stage, reference, "mirlande", "wilner")
    do.send_budget(stage, "mirlande", reference)
    yield stage.at("2026-10-13 17:00", "Europe/Zurich")
    do.approve(stage, "chen", reference)
    yield stage.at("2026-10-15 11:30", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, house, "GVA-USD", [f"L{number}" for number in range(1, 8)])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-11-12 09:00", "America/Port-au-Prince")
    end_delivery(stage, "mirlande", reference)
    yield stage.at("2026-11-16 09:00", "America/Port-au-Prince")
    spent = {key: Money.of(amount, "HTG") for key, amount in SPENT.items()}
    report_as_paid(stage, "fabiola", "HT", reference, "Partie le 19e jour avec l’enfant ; injoignable.", spent=spent)
    yield stage.at("2026-11-18 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2026-11-20 09:00", "America/Port-au-Prince")
    payee_pays_back(reference, clock.now())
    yield from stage.until(lambda: not RefundDue.objects.filter(reference=reference, received_at=None).exists())
    yield stage.moment + do.ONE_DAY * 3
    close(stage, reference, "LOST_CONTACT")
    back = total([one.money for one in RefundDue.objects.filter(reference=reference)], "HTG")
    TOLD.found = {
        "requests made of one form sent twice": str(AssistanceRequest.objects.filter(idempotency_key=key).count()),
        "came back unspent": str(back.decimal),
        "why it was closed": Decision.objects.get(subject=reference, act="close").reason_code,
    }


def _house() -> PayeeDetails:
    return PayeeDetails(
        "Maison partenaire",
        with_luhn_digit("5090099017"),
        "HTG",
        "HT",
        bic="DEMOHTHTXXX",
        bank="Banque de démonstration",
        town="Port-au-Prince",
    )
