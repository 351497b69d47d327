"""Lists of sanctions as they were loaded, each screening of a payee against one, and each hit until two people cleared
it. Payees' names are not copied here; the names of the list are public."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition
from simple_history.models import HistoricalRecords

from finance import policy
from finance.states import HitState
from gaf.records import Record
from gaf.state_field import StateField


class SanctionsList(models.Model):
    """One file of the consolidated list of the United Nations. Its entries are kept once for all files that say the
    same (`content_sha256`)."""

    generated_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, unique=True)
    content_sha256 = models.CharField(max_length=64, db_index=True)
    entry_count = models.PositiveIntegerField()
    name_count = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-generated_at", "-id"]

    def __str__(self) -> str:
        return f"{self.generated_at:%Y-%m-%d} {self.sha256[:12]}"


class SanctionsEntry(models.Model):
    """A person or entity of a list, with every name it is known by."""

    content_sha256 = models.CharField(max_length=64)
    number = models.CharField(max_length=20)
    reference = models.CharField(max_length=30)
    kind = models.CharField(max_length=10)
    names = models.JSONField()  # [[text, quality], …]
    born = models.JSONField(default=list)  # [[first year, last year], …]
    listed_on = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ["content_sha256", "number"]
        constraints = [models.UniqueConstraint(fields=["content_sha256", "number"], name="one_entry_a_list")]

    def __str__(self) -> str:
        return self.reference


class Screening(models.Model):
    """A payee's details were compared with a list, at a moment and for a reason."""

    class Occasion(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("when the details were confirmed")
        PREPARED = "PREPARED", _("when a disbursement was prepared")
        RELEASED = "RELEASED", _("right before a release")
        SENT = "SENT", _("right before it was sent")
        NEW_LIST = "NEW_LIST", _("when a newer list was loaded")

    payee_version = models.ForeignKey("finance.PayeeVersion", on_delete=models.PROTECT, related_name="screenings")
    sanctions_list = models.ForeignKey(SanctionsList, on_delete=models.PROTECT, related_name="screenings")
    occasion = models.CharField(max_length=9, choices=Occasion.choices)
    hit_count = models.PositiveSmallIntegerField()
    screened_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.payee_version_id}/{self.sanctions_list_id}"


class ScreeningHit(Record):
    """A payee, or its bank, has a name like one on the list. It stops every payment until two people cleared it."""

    class Party(models.TextChoices):
        HOLDER = "HOLDER", _("account holder")
        BANK = "BANK", _("payee's bank")

    key = models.CharField(max_length=20, unique=True)
    payee_version = models.ForeignKey("finance.PayeeVersion", on_delete=models.PROTECT, related_name="hits")
    entry = models.ForeignKey(SanctionsEntry, on_delete=models.PROTECT, related_name="hits")
    party = models.CharField(max_length=6, choices=Party.choices)
    listed_name = models.CharField(max_length=300)
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField()
    found_at = models.DateTimeField()
    state = StateField(default=HitState.OPEN, choices=HitState.choices, protected=True, max_length=12)
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["payee_version", "entry", "party"], name="one_hit_an_entry_and_party")
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`HIT-2026-00004`."""
        return self.key

    def decision_reference(self) -> str:
        """The payee's details it is about, so that who recorded them may not clear it."""
        return self.payee_version.decision_subject()

    def seal_owner(self) -> str:
        """Reasons are sealed under the payee's key."""
        return self.payee_version.payee.key

    @transition(
        state,
        source=HitState.OPEN,
        target=HitState.CLEARED_ONCE,
        permission=policy.MAY_CLEAR_HIT,
        custom={"label": _("Not the same: clear first")},
    )
    def clear_hit_first(self) -> None:
        """One person compared and says why it is somebody else."""

    @transition(
        state,
        source=HitState.CLEARED_ONCE,
        target=HitState.CLEARED,
        permission=policy.MAY_CLEAR_HIT,
        custom={"label": _("Not the same: clear second")},
    )
    def clear_hit_second(self) -> None:
        """A second person compared by themselves and says why."""

    @transition(
        state,
        source=[HitState.OPEN, HitState.CLEARED_ONCE],
        target=HitState.CONFIRMED,
        permission=policy.MAY_CLEAR_HIT,
        custom={"label": _("It is the same")},
    )
    def confirm_hit(self) -> None:
        """It is the one on the list, or nobody can say that it is not: these details are never paid."""
