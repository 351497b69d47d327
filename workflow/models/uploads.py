"""Files on their way here in pieces, over a line that drops. Each piece lies sealed under the key of the case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gaf import ids
from workflow.codelists import DocumentKind
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.documents import LARGEST_DOCUMENT

LARGEST_PIECE = 64 * 1024


class Upload(models.Model):
    """A file that somebody began to send. Only she may go on with it; it is forgotten after a day."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="uploads")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=ids.random_key)
    kind = models.CharField(max_length=10, choices=DocumentKind.choices)
    filename = models.TextField()  # sealed
    size = models.PositiveIntegerField()  # bytes of the whole, before sealing
    sha256 = models.CharField(max_length=64)  # of the whole, as the device worked it out before sending
    received = models.PositiveIntegerField(default=0)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    # The document is on file. The row stays for its day, for a device to which the last answer was lost.
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_DOCUMENT), name="upload_size_in_bounds"),
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="upload_receives_no_more_than_its_size"),
            models.CheckConstraint(
                condition=Q(arrived_at=None) | Q(received=F("size")), name="upload_arrived_is_whole"
            ),
            models.UniqueConstraint(
                fields=["assistance", "mission", "begun_by", "sha256"],
                condition=Q(arrived_at=None),
                name="upload_of_one_file_once",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class UploadPiece(models.Model):
    """A piece of a file, from which byte on it stands, sealed."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces")
    begins = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes, before sealing
    content = models.TextField()  # sealed

    class Meta:
        ordering = ["begins"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_PIECE), name="upload_piece_in_bounds"),
            models.UniqueConstraint(fields=["upload", "begins"], name="upload_piece_once"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.begins}"
