"""A refund that never came and is given up: asked by one person with a reason, approved by another, posted in full."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import WriteOffState
from gaf.accounts.models import User
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField

W = WriteOffState


class WriteOff(Record):
    """What of a refund was still to come when somebody asked to give it up, in its currency and in US dollars."""

    class Reason(models.TextChoices):
        GONE = "gone", _("the payee cannot be found")
        INSOLVENT = "insolvent", _("the payee cannot pay")
        COSTS_MORE = "costs_more", _("to collect it would cost more")
        REFUSED = "refused", _("the payee refuses, and no court would help")

    key = models.CharField(max_length=20, unique=True)
    refund = models.ForeignKey("finance.RefundDue", on_delete=models.PROTECT, related_name="write_offs")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # at the committed rate
    reason_code = models.CharField(max_length=12, choices=Reason.choices)
    state = StateField(default=W.ASKED, choices=W.choices, protected=True, max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    journal = models.OneToOneField("finance.Journal", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["refund"], condition=Q(state__in=["ASKED", "POSTED"]), name="one_write_off_of_a_refund"
            ),
            models.CheckConstraint(condition=Q(minor__gt=0, usd_minor__gte=0), name="write_off_is_positive"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="write_off_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["POSTED", "TAKEN_BACK"], journal__isnull=False, decided_by__isnull=False)
                | Q(state__in=["ASKED", "REFUSED"], journal=None),
                name="write_off_is_posted_with_a_journal",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`WO-2026-00001`."""
        return self.key

    def decision_reference(self) -> str:
        """The request to whose line the refund belongs."""
        return str(self.refund.reference)

    @property
    def money(self) -> Money:
        """What is given up, in the refund's currency."""
        return Money(self.minor, self.currency)

    @property
    def usd(self) -> Money:
        """What is given up, in US dollars at the committed rate."""
        return Money(self.usd_minor, "USD")

    @transition(
        state,
        source=W.ASKED,
        target=W.POSTED,
        permission=policy.MAY_APPROVE_WRITE_OFF,
        custom={"label": _("Approve the write-off")},
    )
    def approve_write_off(self, *, by: User, journal: models.Model) -> None:
        """A second person whose delegation covers it agrees; the ledger follows in the same transaction."""
        self.decided_by = by
        self.journal = journal  # type: ignore[assignment]

    @transition(
        state,
        source=W.ASKED,
        target=W.REFUSED,
        permission=policy.MAY_REFUSE_WRITE_OFF,
        custom={"label": _("Refuse the write-off")},
    )
    def refuse_write_off(self, *, by: User) -> None:
        """A second person does not agree; the refund stays due."""
        self.decided_by = by

    @transition(
        state,
        source=W.POSTED,
        target=W.TAKEN_BACK,
        permission=policy.MAY_TAKE_BACK_WRITE_OFF,
        custom={"label": _("Take the write-off back")},
    )
    def take_back_write_off(self) -> None:
        """The money came after all, or may come: the refund is due again."""
