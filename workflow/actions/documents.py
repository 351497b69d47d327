"""Documents: their type is told from their bytes, and they are stored sealed under the key of the case."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import datetime

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.refusals import NotPermitted, Refusal
from gaf.sealing import seal, unseal
from workflow.codelists import Section
from workflow.models import LARGEST_DOCUMENT, AssistanceRequest, Document
from workflow.policy import works_in
from workflow.sections import open_sections
from workflow.states import RequestState

ACCEPTED = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


def _store() -> FileSystemStorage:
    return FileSystemStorage(location=settings.GAF_PRIVATE_FILES / "documents")


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The document was not stored."), why, next_step)


def sniff(content: bytes) -> str:
    """The type of a file by its bytes. Raises Refusal DOC-01 unless it is a PDF, JPEG or PNG."""
    try:
        found = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    for content_type, start in ACCEPTED.items():
        if found == content_type and content.startswith(start):
            return content_type
    raise _refuse("DOC-01", _("It is not a PDF, JPEG or PNG file."), _("Save it as PDF, then add it again."))


@in_one_piece
def add_document(
    *,
    request_id: int,
    mission_id: int,
    kind: str,
    filename: str,
    content: bytes,
    actor: User,
    at: datetime,
) -> Document:
    """Store a document of a request. Raises Refusal DOC-01 (type), DOC-02 (size), DOC-03 (not open), NotPermitted."""
    if not 0 < len(content) <= LARGEST_DOCUMENT:
        raise _refuse("DOC-02", _("It is empty or larger than 5 MB."), _("Make it smaller, then add it again."))
    content_type = sniff(content)
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    _require_own(assistance, mission_id, actor)
    document = Document(
        assistance=assistance,
        mission_id=mission_id,
        kind=kind,
        filename=seal(assistance.seal_owner(), filename),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
        uploaded_at=at,
    )
    document.save()
    sealed = seal(assistance.seal_owner(), b64encode(content).decode())
    _store().save(document.key, ContentFile(sealed.encode()))
    return document


def _require_own(assistance: AssistanceRequest, mission_id: int, actor: User) -> None:
    if mission_id not in assistance.mission_ids() or not works_in(actor, mission_id):
        raise NotPermitted(
            [_refuse("ROLE-02", _("You do not work in that mission."), _("Ask somebody of that mission."))]
        )
    if Section.DOCUMENTS not in open_sections(assistance):
        raise _refuse("DOC-03", _("Documents cannot be added now."), _("Wait until the request is with you."))


@in_one_piece
def remove_document(*, document_id: int, actor: User, at: datetime) -> None:
    """Remove a document from a draft, its file included. Raises Refusal DOC-03 later: then documents stay on file."""
    document = Document.objects.select_related("assistance").get(pk=document_id)
    _require_own(document.assistance, document.mission_id, actor)
    if document.assistance.state != RequestState.DRAFT:
        raise Refusal(
            "DOC-03",
            _("The document was not removed."),
            _("The request was sent; its documents stay on file."),
            _("Add a newer document beside it."),
        )
    key = document.key
    document.delete()
    transaction.on_commit(lambda: _store().delete(key))


def read_document(document: Document) -> bytes:
    """The bytes of a stored document. Raises Unreadable SEAL-01 when the key of its case is gone."""
    with _store().open(document.key) as stored:
        return b64decode(unseal(stored.read().decode()))
