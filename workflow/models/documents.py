"""Documents of a request, in private storage under random names, sealed under the key of the case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from gaf import ids
from gaf.sealing import unseal
from workflow.codelists import DocumentKind
from workflow.models.assistance_request import AssistanceRequest

LARGEST_DOCUMENT = 5 * 1024 * 1024


class Document(models.Model):
    """What is known about a stored file. Its type was told from its bytes; its own name is sealed."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="documents")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=ids.random_key)
    kind = models.CharField(max_length=10, choices=DocumentKind.choices)
    filename = models.TextField()  # sealed
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()  # bytes, before sealing
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_DOCUMENT), name="document_size_in_bounds"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def filename_text(self) -> str:
        """The name the file had, unsealed."""
        return unseal(self.filename)
