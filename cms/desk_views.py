"""The editors' desk beyond Wagtail: reading what somebody else wrote, and beginning a translation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.models import Page

from cms.desk import language_name
from cms.models import CriteriaPage
from cms.second_reading import english_texts, read_and_publish, writer_of
from cms.translating import begin_translation
from cms.trees import OTHERS, SOURCE
from workflow.kept_criteria import keep_their_criteria
from workflow.queries import current_criteria


@require_http_methods(["GET", "HEAD", "POST"])
def second_reading(request: HttpRequest, page_id: int) -> HttpResponse:
    """The newest version of a page, and the button of whoever read it; a press publishes it."""
    page = get_object_or_404(Page.objects.filter(content_type__app_label="cms"), pk=page_id)
    if request.method == "POST":
        return _published(request, page)
    return render(request, "cms/desk/second_reading.html", _shown(request, page))


@require_http_methods(["GET", "HEAD", "POST"])
def translation_begin(request: HttpRequest, page_id: int, language: str) -> HttpResponse:
    """Asks once, then makes a draft in the tree of another language and opens it to be written."""
    person: Any = request.user
    english = get_object_or_404(Page, pk=page_id, locale__language_code=SOURCE, content_type__app_label="cms")
    if language not in OTHERS:
        raise Http404
    if request.method != "POST":
        asked = {"page": english, "page_title": _("Begin a translation"), "language": language_name(language)}
        return render(request, "cms/desk/translation_begin.html", asked)
    page = begin_translation(page_id=page_id, language=language, editor=person)
    return redirect("wagtailadmin_pages:edit", page.pk)


def _shown(request: HttpRequest, page: Page) -> dict[str, Any]:
    revision = page.latest_revision
    binds = page.specific_class is CriteriaPage and page.locale.language_code == SOURCE
    person: Any = request.user
    return {
        "page": page,
        "page_title": _("Read before it is published"),
        "language": language_name(page.locale.language_code),
        "is_translation": page.locale.language_code != SOURCE,
        "revision": revision,
        "writer": writer_of(revision) if revision else None,
        "is_own": bool(revision and writer_of(revision) == person),
        "is_waiting": bool(revision and (page.has_unpublished_changes or not page.live)),
        "english": english_texts(page),
        "binds": binds,
        "keep": keep_their_criteria(person) if binds else 0,
        "in_force": current_criteria() if binds else None,
    }


def _published(request: HttpRequest, page: Page) -> HttpResponse:
    person: Any = request.user
    revision, follows = (_number(request.POST.get(name, "")) for name in ("revision", "follows"))
    out = read_and_publish(page_id=page.pk, revision_id=revision or 0, follows_id=follows, reader=person)
    said = _("“%(title)s” is published.") if out.live_revision_id == revision else _("“%(title)s” goes out on its day.")
    messages.success(request, said % {"title": out.title})
    return redirect("wagtailadmin_home")


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 16 else None
