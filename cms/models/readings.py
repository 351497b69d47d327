"""Who read what before it was published, and what a translation of the criteria says."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from wagtail.models import Page, Revision


class SecondReading(models.Model):
    """One version of a page was read, before it went out, by another person than the one who wrote it.

    `follows` is the version of the English page that a translation says the same as; empty when it says something
    older, and for English itself.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="second_readings")
    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="second_reading")
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    follows = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reader=F("writer")), name="nobody_reads_their_own_page"),
        ]

    def __str__(self) -> str:
        return f"page {self.page_id}, revision {self.revision_id}"


class CriterionTranslation(models.Model):
    """The words of one frozen criterion in another language: a help to read, beside the English that binds.

    It can be bettered; the set and its words cannot. The number and the code name the criterion, because no page of
    ours points at a record of the process.
    """

    set_number = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    code = models.CharField(max_length=20)
    question = models.CharField(max_length=300)
    guidance = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set_number", "language", "code"], name="criterion_translated_once"),
        ]

    def __str__(self) -> str:
        return f"criteria {self.set_number}, {self.code}, {self.language}"
