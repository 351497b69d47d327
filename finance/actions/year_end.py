"""The year's end: what is still committed is cancelled or carried on with a reason, each by two people."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from finance import policy
from finance.actions.commitments import free_open
from finance.agreements import pays_until
from finance.models import Commitment, CommitmentReview, FundingStream
from finance.states import ReviewState
from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import seal

Outcome = CommitmentReview.Outcome


def unliquidated(year: int) -> QuerySet[Commitment]:
    """Commitments of this year or before with something neither disbursed nor freed, oldest first."""
    open_now = Q(usd_minor__gt=F("freed_usd_minor") + F("disbursed_usd_minor"))
    rows = Commitment.objects.filter(open_now, committed_at__year__lte=year)
    return rows.select_related("stream").order_by("committed_at", "id")


def ending_streams(year: int) -> list[FundingStream]:
    """Streams that end in a year, soonest first; after that day they take no new commitments."""
    rows = FundingStream.objects.filter(ends_on__year=year).prefetch_related("agreements")
    return list(rows.order_by("ends_on", "code"))


def last_payment_day(stream: FundingStream) -> date | None:
    """The last day on which an older commitment of a stream is paid; None when nothing sets one."""
    return pays_until(stream)


@in_one_piece
def propose_review(
    *, commitment_id: int, year: int, outcome: str, reason_code: str, reason: str, actor: User, at: datetime
) -> CommitmentReview:
    """Propose to cancel what is open of a commitment, or to carry it on. Raises Refusal YEAR-02, YEAR-04, YEAR-05."""
    commitment = Commitment.objects.select_for_update().get(pk=commitment_id)
    if not commitment.open:
        raise _not_proposed("YEAR-02", _("Nothing of it is open any more."), _("Look at the list as it is now."))
    if reason_code not in CommitmentReview.Reason or outcome not in Outcome or not reason.strip():
        raise _not_proposed("YEAR-04", _("The reason is missing."), _("Choose a reason and say why."))
    rows = CommitmentReview.objects.filter(commitment=commitment, year=year)
    if rows.exclude(state=ReviewState.REFUSED).exists():
        raise _not_proposed("YEAR-05", _("Something was proposed for it already."), _("Look at that proposal."))
    made = CommitmentReview(
        commitment=commitment,
        year=year,
        number=rows.count() + 1,
        outcome=outcome,
        reason_code=reason_code,
        usd_minor=commitment.open.minor,
        proposed_by=actor,
    )
    role = policy.MAY_PROPOSE_REVIEW.require(Question(made, "propose_review", actor))
    facts = {"outcome": outcome, "reason": reason_code, "usd_minor": made.usd_minor, "line": commitment.line_key}
    first_decision(
        subject=made,
        act="propose_review",
        actor=actor,
        role=role,
        at=at,
        facts=facts,
        sealed_reason=seal(made.seal_owner(), reason),
    )
    made.save(force_insert=True)
    return made


def _not_proposed(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was proposed."), why, next_step)


@in_one_piece
def approve_review(*, review_id: int, actor: User, at: datetime) -> CommitmentReview:
    """A second person agrees. A cancellation frees what is open now; what a disbursement holds stays committed.

    Raises Refusal YEAR-06 when more is open than was proposed to cancel.
    """
    rows = CommitmentReview.objects.select_for_update(of=("self",)).select_related("commitment")
    review: CommitmentReview = rows.get(pk=review_id)
    with acting(CommitmentReview, review_id, act="approve_review", actor=actor, at=at, locked=review) as doing:
        held = Commitment.objects.select_for_update(of=("self",)).select_related("stream")
        commitment = held.get(pk=review.commitment_id)
        if commitment.open.minor > review.usd_minor:
            raise Refusal(
                "YEAR-06",
                _("The proposal was not approved."),
                _("%(open)s is open now, more than was proposed.") % {"open": commitment.open},
                _("Refuse it, and let it be proposed again."),
            )
        doing.facts = {"outcome": review.outcome, "usd_minor": commitment.open.minor}
        if review.outcome == Outcome.CANCEL and commitment.open:
            free_open(commitment, at, "year_end")
        review.approve_review(by=actor)
    return review


def refuse_review(*, review_id: int, reason: str, actor: User, at: datetime) -> CommitmentReview:
    """A second person does not agree; another proposal may follow."""
    with acting(CommitmentReview, review_id, act="refuse_review", actor=actor, at=at, reason=reason) as doing:
        doing.subject.refuse_review(by=actor)
    return doing.subject
