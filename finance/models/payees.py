"""Who is paid: vendors, partners, mission accounts. Bank details are versions; each is recorded by one person and
confirmed by another who rang the payee back. Names and numbers are sealed under the payee's own key."""

from __future__ import annotations

import json
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition
from simple_history.models import HistoricalRecords

from finance import policy
from finance.states import PayeeDetailsState, Rail
from gaf.accounts.models import User
from gaf.records import Record
from gaf.sealing import Unreadable, bears_mark, mark, unseal
from gaf.state_field import StateField


class Payee(models.Model):
    """A vendor, partner or mission account, known by its key `PAY-2026-00012`."""

    class Kind(models.TextChoices):
        VENDOR = "VENDOR", _("vendor")
        PARTNER = "PARTNER", _("partner")
        MISSION = "MISSION", _("mission account")

    key = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="payees")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class PayeeVersion(Record):
    """One version of a payee's details. Only a confirmed version is ever paid."""

    key_through = ("payee",)

    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    rail = models.CharField(max_length=10, choices=Rail.choices)
    currency = models.CharField(max_length=3)
    holder = models.TextField()  # sealed
    account = models.TextField(blank=True)  # sealed
    account_hint = models.CharField(max_length=8, blank=True)
    account_fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    is_iban = models.BooleanField(default=False)
    bic = models.CharField(max_length=11, blank=True)
    bank = models.TextField(blank=True)  # sealed
    country = models.CharField(max_length=2)
    town = models.TextField(blank=True)  # sealed
    birth_year = models.TextField(blank=True)  # sealed; where the holder is a person
    state = StateField(
        default=PayeeDetailsState.RECORDED, choices=PayeeDetailsState.choices, protected=True, max_length=12
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["payee_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["payee", "number"], name="payee_version_once"),
            models.UniqueConstraint(
                fields=["payee"], condition=Q(state="CONFIRMED"), name="one_confirmed_version_a_payee"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")), name="payee_takes_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="CONFIRMED") | Q(confirmed_by__isnull=False), name="confirmed_payee_names_who"
            ),
        ]

    def __str__(self) -> str:
        return self.decision_subject()

    def decision_subject(self) -> str:
        """`PAY-2026-00012/2`."""
        return f"{self.payee.key}/{self.number}"

    def seal_owner(self) -> str:
        """The payee's own key seals its details."""
        return self.payee.key

    def mission_ids(self) -> set[int]:
        """The mission that knows the payee."""
        return {self.payee.mission_id}

    @property
    def holder_name(self) -> str:
        """The account holder, unsealed."""
        return unseal(self.holder)

    @property
    def account_number(self) -> str:
        """The account number or connected account, unsealed."""
        return unseal(self.account)

    @property
    def bank_name(self) -> str:
        """The payee's bank, unsealed."""
        return unseal(self.bank)

    @property
    def town_name(self) -> str:
        """The payee's town, unsealed."""
        return unseal(self.town)

    @property
    def born(self) -> int | None:
        """The holder's year of birth, unsealed; None for an organisation or where nobody knows."""
        return int(unseal(self.birth_year)) if self.birth_year else None

    def _sealed_together(self) -> str:
        """What a payment goes by: holder, account, BIC, rail, currency, and where the account is."""
        parts = (self.holder_name, self.account_number, self.bic, self.rail, self.currency)
        return json.dumps([*parts, self.is_iban, self.bank_name, self.country, self.town_name])

    def mark(self) -> str:
        """The seal an approval bears: a keyed hash over everything a payment goes by, read from the row as it is."""
        return mark(self._sealed_together())

    def bears(self, seal: str) -> bool:
        """Whether the row still says what it said when the seal was made; an edit in the database breaks it."""
        try:
            return bears_mark(self._sealed_together(), seal)
        except Unreadable:
            return False

    @transition(
        state,
        source=PayeeDetailsState.RECORDED,
        target=PayeeDetailsState.CONFIRMED,
        permission=policy.MAY_CONFIRM_PAYEE,
        custom={"label": _("Confirm by call-back")},
    )
    def confirm_payee(self, *, confirmed_by: User, at: datetime) -> None:
        """A second person rang the payee back on a number known before and heard the same details."""
        self.confirmed_by, self.confirmed_at = confirmed_by, at

    @transition(
        state,
        source=PayeeDetailsState.RECORDED,
        target=PayeeDetailsState.REJECTED,
        permission=policy.MAY_CONFIRM_PAYEE,
        custom={"label": _("Reject the details")},
    )
    def reject_payee(self) -> None:
        """The payee said something else, or could not be reached."""

    @transition(
        state,
        source=PayeeDetailsState.CONFIRMED,
        target=PayeeDetailsState.SUPERSEDED,
        permission=policy.BY_THE_SYSTEM,
        custom={"label": _("Superseded by a newer version")},
    )
    def supersede_payee(self) -> None:
        """A newer version was confirmed."""
