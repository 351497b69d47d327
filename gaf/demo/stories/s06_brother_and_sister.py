"""S06: a brother and a sister go home to their family; the first reviewer used to work in the mission."""

from __future__ import annotations

from datetime import timedelta

from finance.actions.payees import PayeeDetails
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, RoleAssignment
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import assessed, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.refusals import Refusal
from workflow.actions import eligibility
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.assignment import ties

TOLD = Told(
    "S06",
    "Brother and sister; a reviewer who used to work there",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="5555.79",
    paid="5555.79",
    reconciled="5555.79",
    checks={"tie of the first reviewer": "SERVED", "reviewed by": "Beatriz", "closed before the visits": "refused"},
)

LINES_ZA = [
    LineWritten("SHEL", "ZA", "Child care centre", "person-night", "90", "420.00", "ZAR"),
    LineWritten("HLTH", "ZA", "Medical", "person", "2", "950.00", "ZAR"),
    LineWritten("EDUC", "ZA", "Bridging classes", "term", "2", "1200.00", "ZAR"),
    LineWritten("TRVL", "ZA", "Child tickets", "ticket", "2", "7900.00", "ZAR"),
    LineWritten("ESCORT", "ZA", "Escort, return ticket", "trip", "1", "12600.00", "ZAR"),
    LineWritten("ESCORT", "ZA", "Escort allowance", "person-day", "4", "1750.00", "ZAR"),
]
LINES_CD = [
    LineWritten("FAMTR", "CD", "Recherche de la famille", "family", "1", "1017000.00", "CDF"),
    LineWritten("RECEP", "CD", "Retrouvailles", "person", "2", "452000.00", "CDF"),
    LineWritten("MONIT", "CD", "Visites de suivi", "visit", "3", "180000.00", "CDF"),
]
_BEFORE_THE_JOURNEY = ("G2", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "R1", "R2", "R4")


def asking(stage: Stage) -> Asking:
    """What Thandi writes."""
    return Asking(
        mission="ZA",
        language="en",
        priority="P3",
        primary="SC",
        persons=[PersonText("M", "5-11", "CD"), PersonText("F", "5-11", "CD")],
        situation="Two children came with an older cousin, who is seventeen. Their parents are at home.",
        alternatives=[
            AlternativeText("COVERS_PART", "Child protection office", stage.day("2026-10-05"), "A bed, no journey.")
        ],
        consent=ConsentText(
            "WRITTEN", "fr", True, stage.day("2026-10-06"), ("ASSISTANCE", "SHARING"), given_by="GUARDIAN"
        ),
        help_asked=[("SHEL", "37800.00", "ZAR"), ("TRVL", "15800.00", "ZAR")],
        other_missions=("CD",),
    )


def play(stage: Stage) -> Story:
    """One reviewer hands it back for an old tie; every safeguard is met; the file closes after the last visit."""
    yield stage.at("2026-10-07 16:45", "Africa/Johannesburg")
    TOLD.reference = reference = do.write_request(stage, "thandi", asking(stage))
    _served_there(stage)
    protect(stage, reference, "thandi", only=("G1",))
    assessed(stage, "thandi", reference, "HIGH", {"I-AGE": 3, "S-PROT": -1})
    do.submit(stage, "thandi", reference)
    yield stage.at("2026-10-08 09:00", "Africa/Johannesburg")
    protect(stage, reference, "sipho", only=("G3",))
    do.endorsed(stage, "sipho", reference)
    yield stage.at("2026-10-09 10:00", "Europe/Zurich")
    tie = _handed_back(stage, reference)
    do.take(stage, "beatriz", reference)
    do.found_eligible(stage, "beatriz", reference)
    yield stage.at("2026-10-12 10:00", "Africa/Johannesburg")
    do.write_plan(stage, "thandi", reference, "Care until the family is found and ready; then home together.", LINES_ZA)
    do.write_plan(stage, "chantal", reference, "", LINES_CD)
    protect(stage, reference, "thandi", "sipho", "chantal", only=_BEFORE_THE_JOURNEY)
    do.send_budget(stage, "thandi", reference)
    centre = do.payee(stage, "naledi", "ZA", _bank("Child care centre", "6200099018", "ZAR", "ZA", "Pretoria"))
    visits = do.payee(
        stage, "odette", "CD", _bank("Partenaire de suivi", "6200099119", "CDF", "CD", "Kinshasa"), "PARTNER"
    )
    yield stage.at("2026-10-13 10:00", "Europe/Zurich")
    centre, visits = do.called_back(stage, centre), do.called_back(stage, visits)
    do.approve(stage, "chen", reference)
    yield stage.at("2026-10-15 12:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, centre, "GVA-USD", [f"L{number}" for number in range(1, 7)])
    do.prepare(stage, reference, visits, "GVA-USD", ["L7", "L8", "L9"])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2026-12-15 10:00", "Africa/Johannesburg")
    end_delivery(stage, "thandi", reference)
    yield stage.at("2026-12-18 10:00", "Africa/Johannesburg")
    report_as_paid(stage, "naledi", "ZA", reference, "Both are home with their parents.")
    report_as_paid(
        stage, "odette", "CD", reference, "La famille les a accueillis ; deux visites sur trois sont faites."
    )
    yield stage.at("2026-12-21 10:00", "Europe/Zurich")
    accept(stage, reference)
    early = _closed_too_early(stage, reference)
    yield stage.at("2027-02-08 10:00", "Africa/Kinshasa")
    protect(stage, reference, "chantal", only=("G11",))
    yield stage.at("2027-02-10 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")
    reviewed = Decision.objects.get(subject=reference, act="confirm_eligibility")
    TOLD.found = {
        "tie of the first reviewer": tie,
        "reviewed by": reviewed.actor.name,
        "closed before the visits": early,
    }


def _served_there(stage: Stage) -> None:
    """Bruno was a case worker in that mission until his first day at headquarters."""
    bruno = stage.who("bruno")
    since = RoleAssignment.objects.filter(person=bruno).earliest("starts_on").starts_on
    mission = Mission.objects.get(code="ZA")
    last_day = since - timedelta(days=1)
    assign_role(
        person=bruno, role=Role.CASE_WORKER, mission=mission, starts_on=last_day - timedelta(days=400), ends_on=last_day
    )


def _handed_back(stage: Stage, reference: str) -> str:
    """The page reminds Bruno of his time there; he does not take it."""
    bruno = stage.who("bruno")
    found = ", ".join(tie.code for tie in ties(do.of(reference), bruno))
    reason = "I worked in this mission until June."
    eligibility.recuse(request_id=do.of(reference).pk, reason=reason, actor=bruno, at=clock.now())
    return found


def _closed_too_early(stage: Stage, reference: str) -> str:
    try:
        close(stage, reference, "REINTEGRATED")
    except Refusal:
        return "refused"
    return "closed"


def _bank(holder: str, digits: str, currency: str, country: str, town: str) -> PayeeDetails:
    return PayeeDetails(
        holder,
        with_luhn_digit(digits),
        currency,
        country,
        bic=f"DEMO{country}{country}XXX",
        bank="Demonstration bank",
        town=town,
    )
