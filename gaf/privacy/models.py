"""Who read what, which cases are for named people only, which ring when anybody reads them, and how long each is kept.

Everything here is keyed by a request's reference, as decisions are, so that both rooms above can ask.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaf.sealing import unseal


class Purpose(models.TextChoices):
    """Why somebody uncovers the text of a case that is covered for their role."""

    DECIDE = "DECIDE", _("to decide on the request")
    CHECK = "CHECK", _("to check a report or a payment")
    SAFETY = "SAFETY", _("safety of a person")
    COPY = "COPY", _("a person asks for their own data")
    DUPLICATE = "DUPLICATE", _("to tell whether two persons are the same")
    CONCERN = "CONCERN", _("to look into a concern")


class Read(models.Model):
    """Somebody opened a page of a request, uncovered its text, took an export, or was turned away. Never changed.

    `page` is the name of the address; `refused` means that the answer was “not there”.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=40)
    reference = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=64, blank=True)  # a document's key, or the keyed hash of what was searched for
    purpose = models.CharField(max_length=10, choices=Purpose.choices, blank=True)
    reason = models.TextField(blank=True)  # sealed
    refused = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["reference", "-id"], name="read_of_a_request"),
            models.Index(fields=["person", "at"], condition=Q(refused=True), name="turned_away_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(page="uncovered") & ~Q(purpose="")) | (~Q(page="uncovered") & Q(purpose="", reason="")),
                name="uncovered_for_a_stated_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.page}"

    @property
    def reason_text(self) -> str:
        """The reason in the reader's own words, unsealed."""
        return unseal(self.reason)


class StrictCase(models.Model):
    """A request that exists for the people named to it and for nobody else."""

    reference = models.CharField(max_length=20, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class NamedReader(models.Model):
    """Somebody who may see a strict request, from the day of naming until it is ended."""

    reference = models.CharField(max_length=20)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "person"], condition=Q(ended_at=None), name="reader_named_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.person_id}"


class CanaryCase(models.Model):
    """An invented request that nobody has a reason to read: whoever opens it, or tries to, rings the alarm."""

    reference = models.CharField(max_length=20, unique=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class Alarm(models.Model):
    """The privacy focal points were told of one read."""

    read = models.OneToOneField(Read, on_delete=models.PROTECT, related_name="alarm")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.read_id}"


class Guessing(models.Model):
    """Somebody tried many references that were not there for them, was slowed down, and the focal points were told.

    `read` is the try that was one too many.
    """

    read = models.OneToOneField(Read, on_delete=models.PROTECT, related_name="guessing")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.read_id}"


class RecordClass(models.TextChoices):
    """What the fund keeps, by how long it keeps it."""

    UNSENT = "UNSENT", _("Requests that were never sent")
    ENDED = "ENDED", _("Requests that ended without help")
    CLOSED = "CLOSED", _("Closed requests")
    CHILD = "CHILD", _("Requests with a child")
    FINANCE = "FINANCE", _("Evidence of payments, payees’ details among it")
    DECISION = "DECISION", _("Decisions")
    COMPLAINT = "COMPLAINT", _("Complaints that belong to no case, or went to oversight")
    CONCERN = "CONCERN", _("Concerns")


class AtTheEnd(models.TextChoices):
    """What happens to a record when its time is over."""

    KEEP = "KEEP", _("stays")
    PSEUDONYMISE = "PSEUDONYMISE", _("words, files and what was found about persons go; figures and decisions stay")
    ERASE = "ERASE", _("everything but number and dates goes")


class RetentionRule(models.Model):
    """How many months after its end a class of records is kept (nothing: as long as the fund exists), and what then.

    In force from a day on; the newest that has begun counts.
    """

    record_class = models.CharField(max_length=9, choices=RecordClass.choices)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    at_the_end = models.CharField(max_length=12, choices=AtTheEnd.choices)
    source = models.CharField(max_length=200)
    effective_from = models.DateField()

    class Meta:
        ordering = ["record_class", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["record_class", "effective_from"], name="one_retention_rule_a_day"),
            models.CheckConstraint(
                condition=Q(months__isnull=False) | Q(at_the_end="KEEP"), name="what_goes_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_class}: {self.months}"
