"""Addresses for a script that sends a file in pieces: begin, ask how much is here, send the next piece.

They answer in a few bytes of JSON. Without the script the page of documents takes the file whole.
"""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gaf import clock
from gaf.accounts.roles import READS_SEALED_TEXT
from gaf.audience import audience
from gaf.figures import colon
from gaf.refusals import MovedOn, NotPermitted, Refusal
from workflow.actions.uploads import ElsewhereNow, begin_upload, take_piece
from workflow.forms.uploads import UploadForm
from workflow.models import LARGEST_PIECE, Upload
from workflow.views.act_pages import person_of, record_url, request_within_sight
from workflow.views.documents import documents_url, require_may_add_here
from workflow.views.writing import own_missions


def _told(upload: Upload, status: int = 200) -> HttpResponse:
    record = record_url(upload.assistance)
    answer = {"url": f"{record}documents/uploads/{upload.key}/", "received": upload.received}
    if upload.arrived_at is not None:
        answer["arrived"] = documents_url(upload.assistance, "")
    return JsonResponse(answer, status=status)


def _not_kept(why: str) -> HttpResponse:
    return JsonResponse({"error": why}, status=422)


@audience(*READS_SEALED_TEXT)
@require_POST
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what is coming: how long it is and its sum. What was begun before is gone on with."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    own = own_missions(assistance, person)
    require_may_add_here(request, assistance, own)
    form = UploadForm(own, request.POST)
    if not form.is_valid():
        return _not_kept(form.first_error())
    if not ratelimit.consume(request, action="upload", user=person):
        return _not_kept(_("Too many files were begun within the hour. Wait a while, then add it again."))
    stated = {name: form.cleaned_data[name] for name in ("kind", "filename", "size", "sha256")}
    mission_id = int(form.cleaned_data["mission"])
    try:
        upload = begin_upload(request_id=assistance.pk, mission_id=mission_id, actor=person, at=clock.now(), **stated)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        return _not_kept(f"{refusal.why} {refusal.next_step}")
    return _told(upload)


@audience(*READS_SEALED_TEXT)
@require_http_methods(["GET", "HEAD", "POST"])
def pieces(request: HttpRequest, reference: str, upload: str) -> HttpResponse:
    """How much of a file is here, and its next piece. It is there for nobody but who began it."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    found = get_object_or_404(assistance.uploads.select_related("assistance"), key=upload, begun_by=person)
    if request.method != "POST":
        return _told(found)
    begins, length = request.headers.get("Upload-Offset", ""), request.headers.get("Content-Length", "")
    if not begins.isdecimal() or not length.isdecimal() or len(begins) > 9 or int(length) > LARGEST_PIECE:
        return _told(found, status=409)
    before = found.arrived_at
    try:
        found = take_piece(upload_id=found.pk, begins=int(begins), content=request.body, actor=person, at=clock.now())
    except ElsewhereNow:
        found.refresh_from_db()
        return _told(found, status=409)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        return _not_kept(f"{refusal.why} {refusal.next_step}")
    if found.arrived_at is not None and before is None:
        messages.success(request, f"{assistance.reference}{colon()} {_('the document is on file.')}")
    return _told(found)
