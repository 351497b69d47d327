"""Documents of a request, in private storage under random names, sealed under the key of the case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaf import ids
from gaf.sealing import unseal
from workflow.codelists import DocumentKind
from workflow.models.assistance_request import AssistanceRequest

LARGEST_DOCUMENT = 5 * 1024 * 1024


class Verdict(models.TextChoices):
    """What the check of a file said."""

    WAITING = "WAITING", _("being checked")
    CLEAN = "CLEAN", _("checked")
    INFECTED = "INFECTED", _("destroyed: a virus was found")


class Document(models.Model):
    """What is known about a stored file. Its type was told from its bytes; its own name is sealed."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="documents")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=ids.random_key)
    kind = models.CharField(max_length=10, choices=DocumentKind.choices)
    filename = models.TextField()  # sealed
    # Nobody opens a file before it was checked; what was found in one that is not clean stands in `found`.
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.WAITING)
    checked_at = models.DateTimeField(null=True, blank=True)
    found = models.CharField(max_length=100, blank=True)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()  # bytes, before sealing
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_DOCUMENT), name="document_size_in_bounds"),
            models.CheckConstraint(
                condition=Q(verdict="WAITING", checked_at=None, found="")
                | Q(verdict="CLEAN", checked_at__isnull=False, found="")
                | (Q(verdict="INFECTED", checked_at__isnull=False) & ~Q(found="")),
                name="document_check_says_when_and_what",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def filename_text(self) -> str:
        """The name the file had, unsealed."""
        return unseal(self.filename)
