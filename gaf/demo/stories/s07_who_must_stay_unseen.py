"""S07: a survivor who must stay unseen, and a landlord with a name like one on the sanctions list."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.actions.screening import clear_hit_first, clear_hit_second
from finance.models import PayeeVersion, ScreeningHit
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.decisions.models import Decision
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import assessed, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.privacy.models import NamedReader
from workflow import queries
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.actions.privacy import end_reader, name_reader, restrict

TOLD = Told(
    "S07",
    "A survivor who must stay unseen",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="5251.48",
    paid="5251.48",
    reconciled="5251.48",
    checks={
        "the landlord's name was cleared by": "Viktor, Helena",
        "named to it in the end": "Andre, Helena, Keisha",
        "seen by an auditor": "no",
    },
)

LINES = [
    LineWritten("SHEL", "TT", "Safe flat", "person-night", "60", "240.00", "TTD"),
    LineWritten("VOUCH", "TT", "Food vouchers", "week", "8", "450.00", "TTD"),
    LineWritten("HLTH", "TT", "Medical", "treatment", "1", "3800.00", "TTD"),
    LineWritten("MHPSS", "TT", "Counselling", "session", "12", "350.00", "TTD"),
    LineWritten("LEGAL", "TT", "Stay permit procedure", "service", "1", "5200.00", "TTD"),
    LineWritten("SKILL", "TT", "Course", "course", "1", "3400.00", "TTD"),
    LineWritten("SAFE", "TT", "Phone and safety kit", "kit", "1", "900.00", "TTD"),
]


def asking(stage: Stage) -> Asking:
    """What Keisha writes."""
    return Asking(
        mission="TT",
        language="en",
        priority="P2",
        primary="VOT",
        tags=("LGBTIQ",),
        persons=[PersonText("F", "18-24", "VE")],
        situation="Escaped from a flat where she was exploited. The people who held her look for her.",
        alternatives=[
            AlternativeText("NO_FUNDS", "Partner's safe house", stage.day("2026-10-22"), "Not safe for her.")
        ],
        consent=ConsentText("WRITTEN", "es", True, stage.day("2026-10-23"), ("ASSISTANCE",)),
        help_asked=[("SHEL", "14400.00", "TTD"), ("HLTH", "3800.00", "TTD"), ("LEGAL", "5200.00", "TTD")],
    )


def play(stage: Stage) -> Story:
    """From the first hour only named people see it; whoever has a part in it is named for as long as it takes."""
    yield stage.at("2026-10-23 14:10", "America/Port_of_Spain")
    TOLD.reference = reference = do.write_request(stage, "keisha", asking(stage))
    assessed(stage, "keisha", reference, "EXTREME", {"I-AGE": 1, "H-VIOL": 3, "S-PROT": 2})
    do.submit(stage, "keisha", reference)
    landlord = do.payee(stage, "marlon", "TT", _bank("Tarvek Osmarelo", "1200099015", "1988"))
    partner = do.payee(stage, "marlon", "TT", _bank("Partner for survivors", "1200099116"), "PARTNER")
    yield stage.at("2026-10-23 15:00", "America/Port_of_Spain")
    do.endorsed(stage, "andre", reference)
    restrict(request_id=do.of(reference).pk, actor=stage.who("andre"), at=clock.now())
    yield stage.at("2026-10-26 10:00", "Europe/Zurich")
    with_sight(stage, reference, "bruno")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    landlord, partner = do.called_back(stage, landlord), do.called_back(stage, partner)
    yield stage.at("2026-10-26 10:00", "America/Port_of_Spain")
    do.write_plan(stage, "keisha", reference, "A flat nobody knows, care, a stay permit, a trade.", LINES)
    protect(stage, reference, "keisha", "andre")
    do.send_budget(stage, "keisha", reference)
    yield stage.at("2026-10-27 10:00", "Europe/Zurich")
    without_sight(stage, reference, "bruno")
    with_sight(stage, reference, "chen")
    do.approve(stage, "chen", reference)
    without_sight(stage, reference, "chen")
    yield stage.at("2026-10-27 14:00", "Europe/Zurich")
    cleared_by = _somebody_else(stage, landlord)
    yield stage.at("2026-10-29 11:00", "Europe/Zurich")
    yield from _paid(stage, reference, landlord, partner)
    yield stage.at("2026-12-22 10:00", "America/Port_of_Spain")
    end_delivery(stage, "keisha", reference)
    with_sight(stage, reference, "marlon")
    yield stage.at("2026-12-28 10:00", "America/Port_of_Spain")
    report_as_paid(stage, "marlon", "TT", reference, "She has a permit, a room and work.")
    without_sight(stage, reference, "marlon")
    yield stage.at("2027-01-04 10:00", "Europe/Zurich")
    with_sight(stage, reference, "marie")
    accept(stage, reference)
    without_sight(stage, reference, "marie")
    yield stage.at("2027-01-06 10:00", "Europe/Zurich")
    with_sight(stage, reference, "helena")
    close(stage, reference, "LOCAL")
    TOLD.found = _found(stage, reference, cleared_by)


def with_sight(stage: Stage, reference: str, name: str) -> None:
    """The head of unit names somebody to the request."""
    person = stage.who(name)
    name_reader(request_id=do.of(reference).pk, person_id=person.pk, actor=stage.who("andre"), at=clock.now())


def without_sight(stage: Stage, reference: str, name: str) -> None:
    """Somebody's part is done; they do not see it any more."""
    person = stage.who(name)
    end_reader(request_id=do.of(reference).pk, person_id=person.pk, actor=stage.who("andre"), at=clock.now())


def _bank(holder: str, digits: str, birth_year: str = "") -> PayeeDetails:
    return PayeeDetails(
        holder,
        with_luhn_digit(digits),
        "TTD",
        "TT",
        bic="DEMOTTTTXXX",
        bank="Demonstration bank",
        town="Port of Spain",
        birth_year=birth_year,
    )


def _somebody_else(stage: Stage, landlord: PayeeVersion) -> str:
    """Two people compare the landlord with the entry, one after the other; returns who they were."""
    hit = ScreeningHit.objects.get(payee_version=landlord)
    at = clock.now()
    clear_hit_first(
        hit_id=hit.pk, reason="Born in 1988 by the deed; the entry is older.", actor=stage.who("viktor"), at=at
    )
    clear_hit_second(
        hit_id=hit.pk, reason="The land register has him since birth.", actor=stage.who("helena"), at=clock.now()
    )
    decided = Decision.objects.filter(subject=hit.key, act__startswith="clear_hit").order_by("number")
    return ", ".join(decision.actor.name for decision in decided.select_related("actor"))


def _paid(stage: Stage, reference: str, landlord: PayeeVersion, partner: PayeeVersion) -> Story:
    with_sight(stage, reference, "marie")
    do.certify(stage, reference)
    do.prepare(stage, reference, landlord, "GVA-USD", ["L1"])
    do.prepare(stage, reference, partner, "GVA-USD", [f"L{number}" for number in range(2, 8)])
    without_sight(stage, reference, "marie")
    with_sight(stage, reference, "divya")
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    without_sight(stage, reference, "divya")
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")


def _found(stage: Stage, reference: str, cleared_by: str) -> dict[str, str]:
    named = NamedReader.objects.filter(reference=reference, ended_at=None).values_list("person__name", flat=True)
    auditor = stage.who("omar")
    return {
        "the landlord's name was cleared by": cleared_by,
        "named to it in the end": ", ".join(sorted(named)),
        "seen by an auditor": "yes" if queries.visible_to(auditor).filter(reference=reference).exists() else "no",
    }
