"""What becomes of money still committed when its stream or its year ends: cancelled or carried on, by two people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import ReviewState
from gaf.accounts.models import User
from gaf.records import Record
from gaf.state_field import StateField

V = ReviewState


class CommitmentReview(Record):
    """One commitment that was still open at a year's end: whether it is cancelled or carried, and why."""

    class Outcome(models.TextChoices):
        CANCEL = "CANCEL", _("cancel what is open")
        CARRY = "CARRY", _("carry it on")

    class Reason(models.TextChoices):
        NOT_NEEDED = "not_needed", _("the help was given for less")
        PAYMENT_COMING = "payment_coming", _("an invoice or payment is still to come")
        IN_DISPUTE = "in_dispute", _("the amount is in dispute")
        STREAM_ENDS = "stream_ends", _("the donor's money ends")

    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="reviews")
    year = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason_code = models.CharField(max_length=20, choices=Reason.choices)
    usd_minor = models.BigIntegerField()  # what was open when it was proposed
    state = StateField(default=V.PROPOSED, choices=V.choices, protected=True, max_length=10)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["year", "commitment_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "year", "number"], name="commitment_review_once"),
            models.UniqueConstraint(
                fields=["commitment", "year"], condition=~Q(state="REFUSED"), name="one_review_a_commitment_and_year"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="commitment_review_takes_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`REVIEW-2026-17/1`: the year, the commitment's number, and which proposal it is."""
        return f"REVIEW-{self.year}-{self.commitment_id}/{self.number}"

    def decision_reference(self) -> str:
        """The request the commitment belongs to."""
        return self.commitment.reference

    def seal_owner(self) -> str:
        """The year's own key; the reasons are about the fund and not about a case."""
        return f"REVIEW-{self.year}"

    @transition(
        state,
        source=V.PROPOSED,
        target=V.APPROVED,
        permission=policy.MAY_DECIDE_REVIEW,
        custom={"label": _("Approve the proposal")},
    )
    def approve_review(self, *, by: User) -> None:
        """A second person agrees; a cancellation frees the money in the same transaction."""
        self.decided_by = by

    @transition(
        state,
        source=V.PROPOSED,
        target=V.REFUSED,
        permission=policy.MAY_DECIDE_REVIEW,
        custom={"label": _("Refuse the proposal")},
    )
    def refuse_review(self, *, by: User) -> None:
        """A second person does not agree; another proposal may follow."""
        self.decided_by = by
