"""Documents of a request: the list, adding one, and bringing one to those who may read the request's text."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import READS_SEALED_TEXT
from gaf.audience import audience
from gaf.figures import colon
from gaf.refusals import MovedOn, NotPermitted, Refusal
from workflow.actions.documents import add_document, read_document, remove_document
from workflow.codelists import Section
from workflow.forms.documents import DocumentForm
from workflow.models import AssistanceRequest, Document
from workflow.queries import is_covered
from workflow.sections import open_sections
from workflow.states import RequestState
from workflow.views.act_pages import person_of, record_url, request_within_sight
from workflow.views.writing import own_missions, url_after

_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@audience(*READS_SEALED_TEXT)
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest, reference: str) -> HttpResponse:
    """What is on file, and a form for one more where documents are open to this person."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    own = own_missions(assistance, person)
    may_add = bool(own) and Section.DOCUMENTS in open_sections(assistance)
    _require_uncovered(request, assistance)
    if request.method == "POST":
        _require_may_add(assistance, bool(own), may_add)
        posted = DocumentForm(own, request.POST, request.FILES)
        if posted.is_valid() and _added(posted, assistance, person):
            messages.success(request, f"{assistance.reference}{colon()} {_('the document is on file.')}")
            return redirect(documents_url(assistance, posted.cleaned_data["then"]))
        return _show(request, assistance, posted, status=422)
    form = DocumentForm(own, initial={"then": request.GET.get("then", "")}) if may_add else None
    return _show(request, assistance, form)


def documents_url(assistance: AssistanceRequest, then: str) -> str:
    """The page of documents, which leads back to the step it was called from."""
    kept = f"?then={then}" if then in ("help", "plan", "check", "answer") else ""
    return f"{record_url(assistance)}documents/{kept}"


def require_may_add_here(request: HttpRequest, assistance: AssistanceRequest, own: list[Mission]) -> None:
    """Raises NotPermitted for people of other missions, MovedOn while documents are not open, Refusal READ-04."""
    _require_uncovered(request, assistance)
    _require_may_add(assistance, bool(own), Section.DOCUMENTS in open_sections(assistance))


def _require_may_add(assistance: AssistanceRequest, works_here: bool, may_add: bool) -> None:
    if not works_here:
        raise NotPermitted(
            [
                Refusal(
                    "ROLE-02",
                    _("The document was not stored."),
                    _("Documents are added by the missions of the request."),
                    _("Ask the mission to add it."),
                )
            ]
        )
    if not may_add:
        raise MovedOn(
            assistance,
            "DOC-03",
            _("The document was not stored."),
            _("Documents cannot be added now."),
            _("Wait until the request is with you."),
        )


def _added(form: DocumentForm, assistance: AssistanceRequest, person: User) -> bool:
    """Whether the file is on file now; pressed twice, it is stored once."""
    upload, mission_id = form.cleaned_data["file"], int(form.cleaned_data["mission"])
    try:
        add_document(
            request_id=assistance.pk,
            mission_id=mission_id,
            kind=form.cleaned_data["kind"],
            filename=upload.name,
            content=upload.read(),
            actor=person,
            at=clock.now(),
        )
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _require_uncovered(request: HttpRequest, assistance: AssistanceRequest) -> None:
    if is_covered(person_of(request), assistance.reference):
        raise Refusal(
            "READ-04",
            _("The document was not opened."),
            _("The text of this request is covered for your role."),
            _("Uncover it on the page of the request, and say what you need it for."),
        )


def _show(
    request: HttpRequest, assistance: AssistanceRequest, form: DocumentForm | None, status: int = 200
) -> HttpResponse:
    then = str(form["then"].value() or "") if form is not None else ""
    works_in = {mission.pk for mission in own_missions(assistance, person_of(request))}
    draft = assistance.state == RequestState.DRAFT
    rows = [
        {
            "document": row,
            "url": f"{record_url(assistance)}documents/{row.key}/",
            "removable": draft and row.mission_id in works_in,
        }
        for row in assistance.documents.select_related("mission", "uploaded_by")
    ]
    context = {
        "assistance": assistance,
        "reference": assistance.reference,
        "form": form,
        "rows": rows,
        "zone": assistance.mission.time_zone,
        "back_url": url_after(assistance, then, ""),
        "then": then,
    }
    return render(request, "workflow/mission/documents.html", context, status=status)


def _within_sight(request: HttpRequest, reference: str, key: str) -> Document:
    assistance = request_within_sight(request, reference)
    return get_object_or_404(assistance.documents.select_related("assistance"), key=key)


@audience(*READS_SEALED_TEXT)
@require_safe
def document(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """The file, to be saved and never shown by the browser. Its name is neutral: its own may name a person."""
    found = _within_sight(request, reference, key)
    _require_uncovered(request, found.assistance)
    name = f"{found.assistance.reference}-{found.kind.lower()}-{found.key[:6]}.{_ENDINGS[found.content_type]}"
    answer = HttpResponse(read_document(found), content_type=found.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@audience(*READS_SEALED_TEXT)
@require_POST
def remove(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Take a document out of a draft. One that is gone already stays gone."""
    assistance = request_within_sight(request, reference)
    found = assistance.documents.filter(key=key).first()
    if found is not None:
        remove_document(document_id=found.pk, actor=person_of(request), at=clock.now())
        messages.success(request, f"{assistance.reference}{colon()} {_('the document is removed.')}")
    return redirect(documents_url(assistance, request.POST.get("then", "")))
