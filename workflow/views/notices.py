"""What one was told, newest first, and which mails one gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import Notice
from gaf.accounts.queries import zone_of
from gaf.audience import audience
from gaf.notice_kinds import KINDS
from gaf.notices import choose, subject_of
from gaf.privacy.sight import open_to
from workflow.forms.notice_choices import NoticeForm
from workflow.views.act_pages import READERS, person_of

_A_PAGE = 30


@dataclass(frozen=True)
class Told:
    """One notice: the line of its mail, where it leads, when; of a request also where its changes are shown."""

    words: str
    url: str
    at: datetime
    waits: bool
    reference: str
    changes_url: str


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The list, and the choices under it."""
    person = person_of(request)
    wishes = dict(person.notice_choices.values_list("kind", "wish"))
    form = NoticeForm(request.POST, wishes=wishes) if request.method == "POST" else NoticeForm(wishes=wishes)
    if request.method == "POST" and form.is_valid():
        choose(person, form.cleaned_data)
        messages.success(request, _("Your choice of mails is kept."))
        return redirect(reverse("notices"))
    own = Notice.objects.filter(open_to(person), person=person)
    page = Paginator(own, _A_PAGE).get_page(request.GET.get("page", "1"))
    told = [_told(one) for one in page]
    always = [kind for kind in KINDS if kind.always]
    context = {"form": form, "page": page, "told": told, "zone": zone_of(person), "always": always}
    return render(request, "workflow/notices.html", context, status=422 if request.method == "POST" else 200)


def _told(notice: Notice) -> Told:
    words = subject_of(notice.notice, notice.reference)
    of_request = notice.path.startswith(f"/requests/{notice.reference}/")
    changes = reverse("changes", args=[notice.reference]) if of_request else ""
    return Told(words, notice.path, notice.told_at, notice.waits, notice.reference, changes)
