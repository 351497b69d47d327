"""S12: a student in a wheelchair, but a national programme exists and was not asked."""

from __future__ import annotations

from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from workflow.actions import eligibility
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

TOLD = Told(
    "S12",
    "A student who uses a wheelchair, and a national programme",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW INELIGIBLE",
    approved="0.00",
    paid="0.00",
    reconciled="0.00",
    checks={"reason": "ALTERNATIVE", "criteria not met": "last_resort"},
)


def asking(stage: Stage) -> Asking:
    """What Zofia writes."""
    return Asking(
        mission="PL",
        language="en",
        priority="P3",
        primary="STRANDED",
        tags=("DISABILITY",),
        persons=[PersonText("F", "18-24", "NG")],
        situation="Studies broken off, hostel unpaid, the wheelchair is damaged. She wants to go home.",
        alternatives=[
            AlternativeText("NO_FUNDS", "University hardship fund", stage.day("2026-10-27"), "Refused by letter.")
        ],
        consent=ConsentText("WRITTEN", "en", False, stage.day("2026-10-27"), ("ASSISTANCE",)),
        help_asked=[("SHEL", "2850.00", "PLN"), ("TRVL", "3480.00", "PLN"), ("ESCORT", "6900.00", "PLN")],
    )


def play(stage: Stage) -> Story:
    """From Warsaw on a Thursday to a reasoned no with a referral."""
    yield stage.at("2026-10-29 13:30", "Europe/Warsaw")
    TOLD.reference = reference = do.write_request(stage, "zofia", asking(stage))
    do.submit(stage, "zofia", reference)
    yield stage.at("2026-10-29 15:00", "Europe/Warsaw")
    do.endorsed(stage, "jan", reference)
    yield stage.at("2026-10-30 10:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    failing = do.criteria_of(reference).criteria.get(passage="ALTERNATIVES").code
    do.answer_criteria(stage, "bruno", reference, no=failing)
    yield stage.at("2026-10-30 11:00", "Europe/Zurich")
    eligibility.refuse_eligibility(
        request_id=do.of(reference).pk,
        reason_code="ALTERNATIVE",
        reason="The national assisted-return programme covers ticket, escort and medical help, and was not asked.",
        referral="The national assisted-return programme. Reopen this request if it says no.",
        actor=stage.who("bruno"),
        at=clock.now(),
    )
    refused = do.of(reference)
    last = stage.who("bruno").decisions.filter(subject=reference).order_by("-number").first()
    TOLD.found = {
        "reason": last.reason_code if last else "",
        "criteria not met": ",".join(
            refused.eligibility_answers.filter(answer="NO").values_list("criterion__code", flat=True)
        ),
    }
    TOLD.checks["criteria not met"] = failing
