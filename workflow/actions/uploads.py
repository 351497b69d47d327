"""A file sent in pieces: begun, gone on with where it stopped, and put on file once it is whole."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.refusals import Refusal
from gaf.sealing import seal, unseal
from gaf.thresholds import thresholds
from gaf.uploads.kinds import ACCEPTED, not_stored
from workflow.actions.documents import add_document, require_may_add
from workflow.models import LARGEST_DOCUMENT, LARGEST_PIECE, AssistanceRequest, Upload, UploadPiece

MOST_AT_ONCE = 5
_KEPT = "upload_kept_hours"


class ElsewhereNow(Refusal):
    """The piece does not begin where the last one ended; the device is told where that is, and goes on from there."""


@in_one_piece
def begin_upload(
    *,
    request_id: int,
    mission_id: int,
    kind: str,
    filename: str,
    size: int,
    sha256: str,
    actor: User,
    at: datetime,
) -> Upload:
    """Begin to send a file; one that this person began before is gone on with.

    Raises Refusal DOC-02 (size), DOC-03 (not open), DOC-07 (too many at once), NotPermitted.
    """
    if not 0 < size <= LARGEST_DOCUMENT:
        raise not_stored("DOC-02", _("It is empty or larger than 5 MB."), _("Make it smaller, then add it again."))
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    require_may_add(assistance, mission_id, actor)
    under_way = Upload.objects.filter(begun_by=actor, arrived_at=None)
    begun = under_way.filter(assistance=assistance, mission_id=mission_id, sha256=sha256).first()
    if begun is not None:
        begun.kind, begun.filename = kind, seal(assistance.seal_owner(), filename)
        begun.save(update_fields=["kind", "filename"])
        return begun
    if under_way.count() >= MOST_AT_ONCE:
        raise not_stored(
            "DOC-07", _("You are sending five files already."), _("Finish one of them, or wait for tomorrow.")
        )
    return Upload.objects.create(
        assistance=assistance,
        mission_id=mission_id,
        kind=kind,
        filename=seal(assistance.seal_owner(), filename),
        size=size,
        sha256=sha256,
        begun_by=actor,
        begun_at=at,
    )


def take_piece(*, upload_id: int, begins: int, content: bytes, actor: User, at: datetime) -> Upload:
    """Keep one piece; with the last one the file is put on file.

    Raises ElsewhereNow DOC-08 (not where the last one ended), Refusal DOC-09 (arrived damaged; forgotten), and every
    refusal of a document, after which nothing of the file is left.
    """
    upload = _keep_piece(upload_id, begins, content, actor)
    try:
        if begins == 0 and not content.startswith(tuple(ACCEPTED.values())):
            raise not_stored("DOC-01", _("It is not a PDF, JPEG or PNG file."), _("Save it as PDF, then add it again."))
        if upload.received < upload.size or upload.arrived_at is not None:
            return upload
        return _put_on_file(upload.pk, actor, at)
    except Refusal:
        Upload.objects.filter(pk=upload.pk, arrived_at=None).delete()
        raise


@in_one_piece
def _keep_piece(upload_id: int, begins: int, content: bytes, actor: User) -> Upload:
    upload = Upload.objects.select_for_update().select_related("assistance").get(pk=upload_id, begun_by=actor)
    if upload.arrived_at is not None:
        return upload
    require_may_add(upload.assistance, upload.mission_id, actor)
    whole = upload.received == upload.size and not content  # it was stopped between the last piece and the file
    if whole:
        return upload
    fits = 0 < len(content) <= min(LARGEST_PIECE, upload.size - upload.received)
    if begins != upload.received or not fits:
        raise ElsewhereNow(
            "DOC-08", _("The piece was not kept."), _("It is not the next piece."), _("Go on from there.")
        )
    sealed = seal(upload.assistance.seal_owner(), b64encode(content).decode())
    UploadPiece.objects.create(upload=upload, begins=begins, size=len(content), content=sealed)
    upload.received += len(content)
    upload.save(update_fields=["received"])
    return upload


@in_one_piece
def _put_on_file(upload_id: int, actor: User, at: datetime) -> Upload:
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if upload.arrived_at is not None:
        return upload
    content = b"".join(b64decode(unseal(piece.content)) for piece in upload.pieces.all())
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise not_stored("DOC-09", _("It arrived damaged."), _("Add it again."))
    add_document(
        request_id=upload.assistance_id,
        mission_id=upload.mission_id,
        kind=upload.kind,
        filename=unseal(upload.filename),
        content=content,
        actor=actor,
        at=at,
    )
    upload.pieces.all().delete()
    upload.arrived_at = at
    upload.save(update_fields=["arrived_at"])
    return upload


def forget_uploads(at: datetime) -> int:
    """Files that were begun a day ago are forgotten, whole or not; returns how many."""
    before = at - thresholds([_KEPT])[_KEPT] * timedelta(hours=1)
    with transaction.atomic():
        old = list(Upload.objects.filter(begun_at__lte=before).values_list("pk", flat=True))
        Upload.objects.filter(pk__in=old).delete()
    return len(old)
