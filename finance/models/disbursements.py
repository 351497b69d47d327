"""A disbursement: one amount to one confirmed payee, from one of the fund's accounts, for parts of commitments."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition
from simple_history.models import HistoricalRecords

from finance import policy
from finance.states import AttemptState, DisbursementState
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField

S = DisbursementState
_SYSTEM = policy.BY_THE_SYSTEM


class Disbursement(Record):
    """Where an amount is on its way. A re-payment is a new disbursement linked to the one that came back."""

    number = models.CharField(max_length=20, unique=True)
    reference = models.CharField(max_length=40, db_index=True)
    payee_version = models.ForeignKey("finance.PayeeVersion", on_delete=models.PROTECT, related_name="disbursements")
    bank_account = models.ForeignKey("finance.BankAccount", on_delete=models.PROTECT, related_name="disbursements")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    committed_usd_minor = models.BigIntegerField()  # at the rates of the approval
    paid_usd_minor = models.BigIntegerField(null=True)  # at the rate of the day it was sent
    account_minor = models.BigIntegerField(null=True)  # what the fund's account is expected to be charged, its currency
    state = StateField(default=S.PREPARED, choices=S.choices, protected=True, max_length=10)
    end_to_end = models.CharField(max_length=25, unique=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    payment_file = models.ForeignKey(
        "finance.PaymentFile", null=True, on_delete=models.PROTECT, related_name="disbursements"
    )
    payee_seal = models.CharField(max_length=64, blank=True)  # what the payee's details said when it was prepared
    duplicate_note = models.TextField(blank=True)  # sealed; why the same amount goes to the same account again
    return_code = models.CharField(max_length=40, blank=True)
    prepared_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["state", "number"], name="disbursement_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minor__gt=0) & Q(committed_usd_minor__gt=0), name="disbursement_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def decision_subject(self) -> str:
        """`P-2026-00031`."""
        return self.number

    def decision_reference(self) -> str:
        """The request it pays for."""
        return self.reference

    def decision_related(self) -> str:
        """The payee's details it goes to, whose recorder and confirmer may not release it."""
        return self.payee_version.decision_subject()

    def seal_owner(self) -> str:
        """Reasons about a disbursement are sealed under the payee's key; finance knows no case."""
        return self.payee_version.payee.key

    @property
    def money(self) -> Money:
        """What the payee is to receive."""
        return Money(self.minor, self.currency)

    @property
    def committed(self) -> Money:
        """What it takes out of its commitments, in US dollars."""
        return Money(self.committed_usd_minor, "USD")

    @property
    def payee_key(self) -> str:
        """The payee's key, for people who must not see names."""
        return str(self.payee_version.payee.key)

    @transition(
        state,
        source=S.PREPARED,
        target=S.RELEASED,
        permission=policy.MAY_RELEASE,
        custom={"label": _("Release")},
    )
    def release_disbursement(self) -> None:
        """The payer lets the money go."""

    @transition(
        state,
        source=[S.PREPARED, S.RELEASED],
        target=S.STOPPED,
        permission=policy.MAY_STOP,
        custom={"label": _("Stop")},
    )
    def stop_disbursement(self) -> None:
        """It will not be sent; the commitment is open again."""

    @transition(state, source=S.RELEASED, target=S.SENDING, permission=_SYSTEM, custom={"label": _("Begin to send")})
    def begin_sending(self) -> None:
        """The attempt and its key are stored; from here on nobody may assume that nothing left."""

    @transition(
        state, source=[S.SENDING, S.UNKNOWN], target=S.SENT, permission=_SYSTEM, custom={"label": _("Accepted")}
    )
    def mark_sent(self, *, at: datetime) -> None:
        """The bank or provider has it."""
        self.sent_at = at

    @transition(state, source=S.SENDING, target=S.UNKNOWN, permission=_SYSTEM, custom={"label": _("No answer")})
    def mark_unknown(self) -> None:
        """Asked, and no answer came. It is not sent again until somebody has looked."""

    @transition(
        state,
        source=[S.SENDING, S.UNKNOWN, S.SENT, S.CONFIRMED],
        target=S.FAILED,
        permission=_SYSTEM,
        custom={"label": _("Failed")},
    )
    def mark_failed(self, *, code: str) -> None:
        """The provider refused it, for certain."""
        self.return_code = code

    @transition(
        state,
        source=S.UNKNOWN,
        target=S.FAILED,
        permission=policy.MAY_DECLARE_UNSENT,
        custom={"label": _("Say that it never left")},
    )
    def declare_unsent(self, *, code: str) -> None:
        """The provider's books were read after its key had aged, and hold nothing of it: nothing left."""
        self.return_code = code

    @transition(
        state, source=S.UNKNOWN, target=None, permission=policy.MAY_LOOK_AGAIN, custom={"label": _("Look again")}
    )
    def look_again(self) -> None:
        """A person looked into what stopped it; the worker asks the provider once more. Nothing moves here."""

    @transition(state, source=S.SENT, target=S.CONFIRMED, permission=_SYSTEM, custom={"label": _("Confirmed")})
    def mark_confirmed(self, *, at: datetime) -> None:
        """The bank's statement or the provider says that it was paid."""
        self.confirmed_at = at

    @transition(
        state,
        source=S.CONFIRMED,
        target=S.SENT,
        permission=_SYSTEM,
        custom={"label": _("Confirmation taken back")},
    )
    def take_back_confirmation(self) -> None:
        """The match that confirmed it was undone; the bank has still said nothing about it."""
        self.confirmed_at = None

    @transition(
        state, source=[S.SENT, S.CONFIRMED], target=S.RETURNED, permission=_SYSTEM, custom={"label": _("Returned")}
    )
    def mark_returned(self, *, code: str) -> None:
        """The money came back; its commitment is whole again."""
        self.return_code = code


class DisbursementPart(models.Model):
    """What a disbursement takes out of one commitment, in the line's currency and in US dollars at its rate."""

    disbursement = models.ForeignKey(Disbursement, on_delete=models.PROTECT, related_name="parts")
    commitment = models.ForeignKey("finance.Commitment", on_delete=models.PROTECT, related_name="parts")
    local_minor = models.BigIntegerField()
    usd_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["disbursement", "commitment"], name="one_part_a_commitment"),
            models.CheckConstraint(condition=Q(local_minor__gt=0) & Q(usd_minor__gt=0), name="part_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.disbursement_id}/{self.commitment_id}"


class Attempt(models.Model):
    """One try to send, under a random key stored before the call. Never two open tries for one disbursement."""

    disbursement = models.ForeignKey(Disbursement, on_delete=models.PROTECT, related_name="attempts")
    key = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=8, choices=AttemptState.choices, default=AttemptState.INTENT)
    provider_reference = models.CharField(max_length=80, blank=True, db_index=True)
    steps = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    first_called_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=60, blank=True)
    # Why the worker leaves it alone until a person has looked: never sent again by itself.
    held_code = models.CharField(max_length=60, blank=True)
    tries = models.PositiveSmallIntegerField(default=1)  # grows only after a definite no to one of its later steps
    return_tries = models.PositiveSmallIntegerField(default=1)  # the same for bringing the money back
    looked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disbursement"],
                condition=Q(state__in=["INTENT", "SENT", "UNKNOWN"]),
                name="one_open_attempt_a_disbursement",
            )
        ]

    def __str__(self) -> str:
        return self.key
