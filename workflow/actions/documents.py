"""Documents: told by their bytes, freed of what they tell about their maker, checked, and stored under the case's key.

Where a virus scanner is installed, nobody opens a file before it answered.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.outbox.outbox import enqueue
from gaf.refusals import NotPermitted, Refusal
from gaf.sealing import seal, unseal
from gaf.uploads import scanning
from gaf.uploads.cleaning import cleaned
from gaf.uploads.kinds import not_stored as _refuse
from workflow.codelists import Section
from workflow.models import LARGEST_DOCUMENT, AssistanceRequest, Document, Verdict
from workflow.notices import tell_people
from workflow.policy import works_in
from workflow.sections import open_sections
from workflow.states import RequestState


def _store() -> FileSystemStorage:
    return FileSystemStorage(location=settings.GAF_PRIVATE_FILES / "documents")


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
    """Store a document of a request; one that is on file already is not stored again.

    Raises Refusal DOC-01 (type), DOC-02 (size), DOC-03 (not open), DOC-04 (damaged), DOC-06 (acts by itself),
    NotPermitted.
    """
    _require_size(content)
    content_type, content = cleaned(content)
    _require_size(content)
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    require_may_add(assistance, mission_id, actor)
    digest = hashlib.sha256(content).hexdigest()
    known = assistance.documents.filter(sha256=digest, mission_id=mission_id).first()
    if known is not None:
        return known
    scanned = scanning.is_configured()
    document = Document(
        assistance=assistance,
        mission_id=mission_id,
        kind=kind,
        filename=seal(assistance.seal_owner(), filename),
        content_type=content_type,
        verdict=Verdict.WAITING if scanned else Verdict.CLEAN,
        checked_at=None if scanned else at,
        size=len(content),
        sha256=digest,
        uploaded_by=actor,
        uploaded_at=at,
    )
    document.save()
    sealed = seal(assistance.seal_owner(), b64encode(content).decode())
    _store().save(document.key, ContentFile(sealed.encode()))
    if scanned:
        enqueue("document_added", key=document.key, document=document.key)
    return document


def _require_size(content: bytes) -> None:
    if not 0 < len(content) <= LARGEST_DOCUMENT:
        raise _refuse("DOC-02", _("It is empty or larger than 5 MB."), _("Make it smaller, then add it again."))


def keep_verdict(*, key: str, found: str, at: datetime) -> None:
    """Keep what the scanner said about a waiting document; the bytes of one that is not clean are destroyed."""
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(key=key, verdict=Verdict.WAITING).first()
        if document is None:
            return
        document.verdict = Verdict.INFECTED if found else Verdict.CLEAN
        document.checked_at, document.found = at, found[:100]
        document.save(update_fields=["verdict", "checked_at", "found"])
        if not found:
            return
        assistance = document.assistance
        tell_people([document.uploaded_by], "document_infected", assistance, None, about=document.key)
        transaction.on_commit(lambda: _store().delete(key))


def require_may_add(assistance: AssistanceRequest, mission_id: int, actor: User) -> None:
    """Raises NotPermitted ROLE-02 for people of other missions, Refusal DOC-03 while documents are not open."""
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
    require_may_add(document.assistance, document.mission_id, actor)
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


def destroy_file(key: str) -> None:
    """Remove the sealed bytes of a document from the store; a second time there is nothing to remove."""
    _store().delete(key)


def bytes_waiting(key: str) -> bytes | None:
    """The bytes of a document that waits to be checked, for the scanner alone; None when none of this key waits."""
    document = Document.objects.filter(key=key, verdict=Verdict.WAITING).first()
    return None if document is None else _bytes_of(document)


def read_document(document: Document) -> bytes:
    """The bytes of a stored document.

    Raises Refusal DOC-05 before it was checked and when it was not clean, Unreadable SEAL-01 when its key is gone.
    """
    if document.verdict != Verdict.CLEAN:
        raise Refusal("DOC-05", _("The document was not opened."), *_why_closed(document.verdict))
    return _bytes_of(document)


def _why_closed(verdict: str) -> tuple[str, str]:
    if verdict == Verdict.WAITING:
        return _("It is still being checked for viruses."), _("Come back in a few minutes.")
    return _("A virus was found in it, and it was destroyed."), _("Ask who added it for another copy.")


def _bytes_of(document: Document) -> bytes:
    with _store().open(document.key) as stored:
        return b64decode(unseal(stored.read().decode()))
