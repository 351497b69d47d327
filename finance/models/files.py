"""A file of credit transfers for the bank: its bytes are fixed when it is prepared, and two people sign those bytes."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import PaymentFileState
from gaf.records import Record
from gaf.state_field import StateField

F = PaymentFileState


class PaymentFile(Record):
    """One pain.001 message. `message_id` is unique for ever; a repeat would be a duplicate file at the bank."""

    message_id = models.CharField(max_length=35, unique=True)
    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="files")
    state = StateField(default=F.PREPARED, choices=F.choices, protected=True, max_length=12)
    stored_as = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    totals = models.JSONField(default=dict)  # currency -> minor units
    prepared_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-prepared_at"]

    def __str__(self) -> str:
        return self.message_id

    def decision_subject(self) -> str:
        """The message id the bank sees."""
        return self.message_id

    def seal_owner(self) -> str:
        """Reasons about a file are sealed under its own key."""
        return self.message_id

    @transition(
        state,
        source=F.PREPARED,
        target=F.SIGNED_ONCE,
        permission=policy.MAY_SIGN_FIRST,
        custom={"label": _("Sign first")},
    )
    def sign_first(self) -> None:
        """The payer signs the bytes with this SHA-256."""

    @transition(
        state,
        source=F.SIGNED_ONCE,
        target=F.SIGNED,
        permission=policy.MAY_SIGN_SECOND,
        custom={"label": _("Sign second and send")},
    )
    def sign_second(self) -> None:
        """A second person signs the same bytes; the file goes to the bank."""

    @transition(
        state,
        source=[F.PREPARED, F.SIGNED_ONCE],
        target=F.DISCARDED,
        permission=policy.MAY_DISCARD_FILE,
        custom={"label": _("Discard")},
    )
    def discard_file(self) -> None:
        """The file will not go; its disbursements can go into another one."""

    @transition(
        state,
        source=F.SIGNED,
        target=F.DISCARDED,
        permission=policy.BY_THE_SYSTEM,
        custom={"label": _("Keep from leaving")},
    )
    def recall_file(self) -> None:
        """A payee in it was listed before it left; its disbursements can go into another one, that one's not."""

    @transition(
        state, source=F.SIGNED, target=F.SENT, permission=policy.BY_THE_SYSTEM, custom={"label": _("At the bank")}
    )
    def mark_file_sent(self, *, at: datetime) -> None:
        """The bytes lie in the bank's folder."""
        self.sent_at = at
