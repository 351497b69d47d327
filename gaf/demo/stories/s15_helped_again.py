"""S15: a young woman who was helped fourteen months ago is trafficked again; one donor's money ends with the year."""

from __future__ import annotations

from finance.actions.payees import PayeeDetails
from finance.actions.periods import close as close_month
from finance.actions.periods import soft_close
from finance.actions.year_end import approve_review, propose_review
from finance.models import Commitment, CommitmentReview
from finance.queries import commitments_of
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.closing_parts import accept, close, end_delivery, report_as_paid
from gaf.demo.protecting_parts import assessed, protect
from gaf.demo.stage import Stage, Story
from gaf.demo.stories.told import Told
from gaf.money import Money
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from workflow.actions.approval import LineDecision, allow_repeated_help, approve_budget
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText
from workflow.actions.likenesses import fingerprint_person, join_persons, weigh_likeness
from workflow.models import Likeness
from workflow.protection.fingerprints import Details

TOLD = Told(
    "S15",
    "Helped again, and money that ends with the year",
    path="DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED",
    approved="3989.51",
    paid="3947.55",
    reconciled="3947.55",
    checks={
        "first answer to the approver": "REPEAT-01",
        "streams": "A F",
        "cancelled at the year's end": "41.96",
        "the month it ended in": "CLOSED",
    },
)

# What is spent before the year ends is paid by F, what comes after it by A.
UNTIL_DECEMBER = ("L1", "L3", "L4")
LINES = [
    LineWritten("SHEL", "CI", "Hébergement jusqu’au 31 décembre", "person-night", "38", "8000", "XOF"),
    LineWritten("SHEL", "CI", "Hébergement à partir de janvier", "person-night", "22", "8000", "XOF"),
    LineWritten("HLTH", "CI", "Soins", "treatment", "1", "160000", "XOF"),
    LineWritten("MHPSS", "CI", "Accompagnement jusqu’au 31 décembre", "session", "8", "12000", "XOF"),
    LineWritten("MHPSS", "CI", "Accompagnement à partir de janvier", "session", "8", "12000", "XOF"),
    LineWritten("SKILL", "CI", "Formation de coiffure", "course", "1", "420000", "XOF"),
    LineWritten("LIVE", "CI", "Matériel de coiffure, en nature", "grant", "1", "650000", "XOF"),
    LineWritten("CHILDC", "CI", "Garde d’enfant", "month", "6", "40000", "XOF"),
    LineWritten("MONIT", "CI", "Visites", "visit", "4", "35000", "XOF"),
]
FIRST_TIME = [LineWritten("SHEL", "CI", "Hébergement", "person-night", "30", "8000", "XOF")]
# Six of the eight sessions took place before the year ended.
SIX_SESSIONS = Money.of("72000", "XOF")
# Invented names, as two case workers heard them.
FIRST_HEARD, HEARD_AGAIN = Details("Aya", "Koffi", 2006), Details("Aïa", "Kofi", 2006)
LESSONS = (
    "The first time she went home after a month without an income. Now a trade, the tools for it, care for the child, "
    "and four visits."
)


def asking(stage: Stage, day: str) -> Asking:
    """What Affoué writes, the first time and again."""
    return Asking(
        mission="CI",
        language="fr",
        priority="P3",
        primary="VOT",
        persons=[PersonText("F", "18-24", "CI")],
        situation="Sortie d’une maison où elle travaillait enfermée ; elle ne peut pas rentrer chez elle.",
        alternatives=[AlternativeText("NO_FUNDS", "Programme national", stage.day(day), "Plus de places cette année.")],
        consent=ConsentText("WRITTEN", "fr", False, stage.day(day), ("ASSISTANCE", "SHARING")),
        help_asked=[("SHEL", "480000", "XOF"), ("LIVE", "650000", "XOF")],
    )


def play_first_time(stage: Stage) -> Story:
    """Fourteen months before: a month in a shelter, and home."""
    yield stage.at("2025-09-22 09:00", "Africa/Abidjan")
    reference = do.write_request(stage, "affoue", asking(stage, "2025-09-19"))
    do.submit(stage, "affoue", reference)
    do.endorsed(stage, "kouadio", reference)
    shelter = do.payee(stage, "yao", "CI", _shelter(), "PARTNER")
    yield stage.at("2025-09-23 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    shelter = do.called_back(stage, shelter)
    yield stage.at("2025-09-24 09:00", "Africa/Abidjan")
    do.write_plan(stage, "affoue", reference, "Un mois d’hébergement, puis le retour chez sa tante.", FIRST_TIME)
    protect(stage, reference, "affoue", "kouadio")
    _fingerprint(stage, reference, FIRST_HEARD)
    do.send_budget(stage, "affoue", reference)
    yield stage.at("2025-09-25 09:00", "Europe/Zurich")
    do.approve(stage, "chen", reference)
    yield stage.at("2025-09-26 11:00", "Europe/Zurich")
    do.certify(stage, reference)
    do.prepare(stage, reference, shelter, "GVA-USD", ["L1"])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2025-11-03 09:00", "Africa/Abidjan")
    end_delivery(stage, "affoue", reference)
    report_as_paid(stage, "yao", "CI", reference, "Rentrée chez sa tante.")
    yield stage.at("2025-11-04 09:00", "Europe/Zurich")
    accept(stage, reference)
    close(stage, reference, "REINTEGRATED")


def play(stage: Stage) -> Story:
    """Found to be the same person, allowed by the manager, and paid by two donors over two years."""
    yield stage.at("2026-11-23 09:00", "Africa/Abidjan")
    TOLD.reference = reference = do.write_request(stage, "affoue", asking(stage, "2026-11-20"))
    assessed(stage, "affoue", reference, "HIGH", {"H-VIOL": 3})
    do.submit(stage, "affoue", reference)
    _fingerprint(stage, reference, HEARD_AGAIN)
    yield stage.at("2026-11-23 15:00", "Africa/Abidjan")
    do.endorsed(stage, "kouadio", reference)
    shelter = do.payee(stage, "yao", "CI", _shelter("Maison partenaire, Abidjan", "0150099015"), "PARTNER")
    yield stage.at("2026-11-24 09:00", "Europe/Zurich")
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    shelter = do.called_back(stage, shelter)
    _found_to_be_the_same(stage, reference)
    yield stage.at("2026-11-25 09:00", "Africa/Abidjan")
    do.write_plan(stage, "affoue", reference, "Un abri, un métier et ses outils, la garde de l’enfant.", LINES, 6)
    protect(stage, reference, "affoue", "kouadio")
    do.send_budget(stage, "affoue", reference)
    yield stage.at("2026-11-26 09:00", "Europe/Zurich")
    refused = _approved_or_refused(stage, reference)
    allow_repeated_help(request_id=do.of(reference).pk, reason=LESSONS, actor=stage.who("helena"), at=clock.now())
    _approved_or_refused(stage, reference)
    yield stage.at("2026-11-30 11:00", "Europe/Zurich")
    do.certify(stage, reference)
    amounts = {commitment.line_key: commitment.local_open for commitment in _on(reference, "F")}
    do.prepare(stage, reference, shelter, "GVA-USD", {**amounts, "L4": SIX_SESSIONS})
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield stage.at("2027-01-04 10:00", "Europe/Zurich")
    cancelled = _end_the_year(stage, reference)
    do.prepare(stage, reference, shelter, "GVA-USD", [one.line_key for one in _on(reference, "A")])
    do.send_file(stage, "GVA-USD", do.release(stage, reference))
    yield from stage.until(lambda: do.of(reference).state == "IMPLEMENTING")
    yield stage.at("2027-02-15 10:00", "Africa/Abidjan")
    end_delivery(stage, "affoue", reference)
    yield stage.at("2027-02-16 10:00", "Africa/Abidjan")
    report_as_paid(stage, "yao", "CI", reference, "Le salon est ouvert ; l’enfant est gardé chez une voisine.")
    yield stage.at("2027-02-18 10:00", "Europe/Zurich")
    accept(stage, reference)
    yield stage.at("2027-02-22 10:00", "Europe/Zurich")
    close(stage, reference, "REINTEGRATED")
    month = _close_the_month(stage)
    TOLD.found = {
        "first answer to the approver": refused,
        "streams": " ".join(sorted({one.stream.code for one in commitments_of(reference)})),
        "cancelled at the year's end": str(cancelled.decimal),
        "the month it ended in": month,
    }


def _fingerprint(stage: Stage, reference: str, details: Details) -> None:
    assistance = do.of(reference)
    key = assistance.persons.get().key
    fingerprint_person(
        request_id=assistance.pk, person_key=key, details=details, actor=stage.who("affoue"), at=clock.now()
    )


def _found_to_be_the_same(stage: Stage, reference: str) -> None:
    """The steward asks the mission; a third person joins the two."""
    likeness = Likeness.objects.get(second__assistance__reference=reference)
    said = "The case worker of the first case knows her; she said so herself."
    weigh_likeness(likeness_id=likeness.pk, proposed="SAME", reason=said, actor=stage.who("nadia"), at=clock.now())
    join_persons(likeness_id=likeness.pk, reason=said, actor=stage.who("ngozi"), at=clock.now())
    drain()


def _approved_or_refused(stage: Stage, reference: str) -> str:
    """Chen approves each line on the stream whose money is there when it is spent; or the code of the refusal."""
    assistance = do.of(reference)
    decisions = [
        LineDecision(line.pk, "approve", stream_code="F" if line.key in UNTIL_DECEMBER else "A")
        for line in assistance.lines.order_by("number")
    ]
    try:
        approve_budget(request_id=assistance.pk, decisions=decisions, actor=stage.who("chen"), at=clock.now())
    except Refusal as refusal:
        return refusal.code
    return "approved"


def _on(reference: str, stream: str) -> list[Commitment]:
    return [one for one in commitments_of(reference) if one.stream.code == stream and one.open]


def _end_the_year(stage: Stage, reference: str) -> Money:
    """What is left on the stream that ended is cancelled by two people; returns how much that was."""
    year = stage.day("2026-12-31").year
    (left,) = _on(reference, "F")
    review = propose_review(
        commitment_id=left.pk,
        year=year,
        outcome=CommitmentReview.Outcome.CANCEL,
        reason_code=CommitmentReview.Reason.STREAM_ENDS,
        reason="Two sessions did not take place before the money ended.",
        actor=stage.who("marie"),
        at=clock.now(),
    )
    approve_review(review_id=review.pk, actor=stage.who("helena"), at=clock.now())
    return Money(review.usd_minor, "USD")


def _close_the_month(stage: Stage) -> str:
    """Marie closes the month in which the stream ended for all but a few, Helena for good; returns its state."""
    month = stage.day("2026-12-31")
    soft_close(month=month, actor=stage.who("marie"), at=clock.now())
    return close_month(month=month, actor=stage.who("helena"), at=clock.now()).state


def _shelter(holder: str = "Maison d’accueil, Abidjan", digits: str = "0150099007") -> PayeeDetails:
    return PayeeDetails(
        holder,
        with_luhn_digit(digits),
        "XOF",
        "CI",
        bic="DEMOCIABXXX",
        bank="Banque de démonstration",
        town="Abidjan",
    )
