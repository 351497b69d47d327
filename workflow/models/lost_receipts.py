"""A statement in place of a receipt that was lost: declared, witnessed by a second person, accepted by the manager."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import transition
from simple_history.models import HistoricalRecords

from gaf.money import Money
from gaf.records import Record
from gaf.sealing import unseal
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.budget import BudgetLine
from workflow.states import LostReceiptState

S = LostReceiptState


class LostReceipt(Record):
    """What was spent on a line without a receipt, why there is none, and who says so."""

    key = models.CharField(max_length=40, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="lost_receipts")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="lost_receipts")
    number = models.PositiveSmallIntegerField()
    minor = models.BigIntegerField()  # in the line's currency
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # at the line's rate
    statement = models.TextField()  # sealed
    state = StateField(max_length=10, choices=S.choices, default=S.DECLARED, protected=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    witnessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    history = HistoricalRecords()

    class Meta:
        ordering = ["assistance_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="lost_receipt_number_once"),
            models.CheckConstraint(condition=Q(minor__gt=0, usd_minor__gte=0), name="lost_receipt_is_positive"),
            models.CheckConstraint(
                condition=Q(witnessed_by__isnull=True) | ~Q(witnessed_by=F("declared_by")),
                name="lost_receipt_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DECLARED", "REFUSED"]) | Q(witnessed_by__isnull=False),
                name="lost_receipt_is_witnessed_before_it_counts",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/S1`."""
        return self.key

    def decision_reference(self) -> str:
        """The request it belongs to."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The mission that spent the money."""
        return {self.line.mission_id}

    @property
    def mission_id(self) -> int:
        """The mission that spent the money."""
        return self.line.mission_id

    @property
    def money(self) -> Money:
        """What it is about, in the line's currency."""
        return Money(self.minor, self.currency)

    @property
    def usd(self) -> Money:
        """What it is about, in US dollars at the line's rate."""
        return Money(self.usd_minor, "USD")

    @property
    def statement_text(self) -> str:
        """What is declared, unsealed."""
        return unseal(self.statement)

    @transition(
        state,
        source=S.DECLARED,
        target=S.WITNESSED,
        permission=policy.MAY_WITNESS_LOST_RECEIPT,
        custom=acts_beside.LOST_RECEIPT_ACTS["witness_lost_receipt"],
    )
    def witness_lost_receipt(self) -> None:
        """A second person of the mission saw it."""

    @transition(
        state,
        source=S.WITNESSED,
        target=S.ACCEPTED,
        permission=policy.MAY_DECIDE_LOST_RECEIPT,
        custom=acts_beside.LOST_RECEIPT_ACTS["accept_lost_receipt"],
    )
    def accept_lost_receipt(self) -> None:
        """The manager accepts it in place of the receipt."""

    @transition(
        state,
        source=[S.DECLARED, S.WITNESSED],
        target=S.REFUSED,
        permission=policy.MAY_DECIDE_LOST_RECEIPT,
        custom=acts_beside.LOST_RECEIPT_ACTS["refuse_lost_receipt"],
    )
    def refuse_lost_receipt(self) -> None:
        """It does not count; what it is about cannot be accepted."""
