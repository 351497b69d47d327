"""Who asks for help, how they agreed, what was tried elsewhere and what is wanted. No names anywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from simple_history.models import HistoricalRecords

from gaf import ids
from gaf.money import Money
from gaf.sealing import unseal
from workflow.codelists import (
    CHILD_BANDS,
    AgeBand,
    AlternativeAnswer,
    AssistanceType,
    ConsentGiver,
    ConsentMode,
    ConsentPurpose,
    Disability,
    Sex,
)
from workflow.models.assistance_request import AssistanceRequest
from workflow.reasons import EndReason


def new_person_key() -> str:
    """A key without order, such as `PER-7KQ2MXHA`."""
    return ids.spoken_key("PER")


class Person(models.Model):
    """One person of a request: a key, sex, age band, nationality, and whether much is difficult for them.

    The mission alone knows who it is.
    """

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="persons")
    key = models.CharField(max_length=40, unique=True, default=new_person_key)
    sex = models.CharField(max_length=1, choices=Sex.choices)
    age_band = models.CharField(max_length=5, choices=AgeBand.choices)
    nationality = models.CharField(max_length=3)
    disability = models.CharField(max_length=9, choices=Disability.choices, default=Disability.NOT_ASKED)
    left_code = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_code="", left_at__isnull=True) | (~Q(left_code="") & Q(left_at__isnull=False)),
                name="person_leaves_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(nationality=""), name="person_has_a_nationality"),
            models.CheckConstraint(condition=Q(disability__in=Disability.values), name="person_says_of_disability"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_child(self) -> bool:
        """Whether the person is under 18."""
        return self.age_band in CHILD_BANDS

    @property
    def has_left(self) -> bool:
        """Whether the person no longer takes part."""
        return bool(self.left_code)


class Consent(models.Model):
    """How the persons of a request agreed, or the documented reason why they could not yet."""

    assistance = models.OneToOneField(AssistanceRequest, on_delete=models.PROTECT, related_name="consent")
    mode = models.CharField(max_length=10, choices=ConsentMode.choices)
    consent_language = models.CharField(max_length=3, blank=True)  # ISO 639
    with_interpreter = models.BooleanField(default=False)
    given_on = models.DateField(null=True, blank=True)
    given_by = models.CharField(max_length=14, choices=ConsentGiver.choices, default=ConsentGiver.SELF)
    purposes = models.JSONField(default=list, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)  # the newest time something was taken back
    # What the purposes come to, kept by save(): a list and the database ask these.
    for_help = models.BooleanField(default=False)
    for_sharing = models.BooleanField(default=False)
    for_referral = models.BooleanField(default=False)
    exception_reason = models.TextField(blank=True)  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="EXCEPTION", given_on__isnull=True) & ~Q(exception_reason="")
                | ~Q(mode="EXCEPTION") & Q(given_on__isnull=False, exception_reason="") & ~Q(consent_language=""),
                name="consent_or_documented_exception",
            ),
            models.CheckConstraint(
                condition=~Q(mode="EXCEPTION") | Q(for_help=False, for_sharing=False, for_referral=False),
                name="exception_agrees_to_nothing",
            ),
            models.CheckConstraint(
                condition=Q(for_help=True) | Q(for_sharing=False, for_referral=False),
                name="nothing_is_shared_without_consent_to_help",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.mode}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with what the purposes come to; without consent to help there is none to anything else."""
        agreed = set() if self.mode == ConsentMode.EXCEPTION else set(self.purposes)
        self.for_help = ConsentPurpose.ASSISTANCE in agreed
        self.for_sharing = self.for_help and ConsentPurpose.SHARING in agreed
        self.for_referral = self.for_help and ConsentPurpose.REFERRAL in agreed
        super().save(*args, **kwargs)

    @property
    def exception_text(self) -> str:
        """Why consent was not possible, unsealed."""
        return unseal(self.exception_reason)


class AlternativeCheck(models.Model):
    """One programme that was asked before the fund, and what it said; or the reason why none exists."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="alternatives")
    programme = models.TextField(blank=True)  # sealed
    asked_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=12, choices=AlternativeAnswer.choices)
    note = models.TextField(blank=True)  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="NONE_EXISTS", programme="", asked_on__isnull=True) & ~Q(note="")
                | ~Q(answer="NONE_EXISTS") & ~Q(programme="") & Q(asked_on__isnull=False),
                name="programme_asked_or_reason_why_none",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=AlternativeAnswer.values), name="programme_answer_is_on_the_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.answer}"

    @property
    def programme_text(self) -> str:
        """The programme, unsealed."""
        return unseal(self.programme)

    @property
    def note_text(self) -> str:
        """The note, unsealed."""
        return unseal(self.note)


class HelpAsked(models.Model):
    """A kind of help that is wanted, with a rough cost; the plan and its lines come after eligibility."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="help_asked")
    assistance_type = models.CharField(max_length=6, choices=AssistanceType.choices)
    rough_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "assistance_type"], name="help_asked_once_a_type"),
            models.CheckConstraint(condition=Q(rough_minor__gte=0), name="rough_cost_not_negative"),
            models.CheckConstraint(condition=Exact(Length("currency"), 3), name="help_has_a_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.assistance_type}"

    @property
    def rough_cost(self) -> Money:
        """About what it costs."""
        return Money(self.rough_minor, self.currency)
