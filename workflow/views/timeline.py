"""The whole timeline of a request, page by page: messages, notes, and every change, old and new."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from gaf.audience import audience
from gaf.privacy.reads import uncovered_by
from workflow.activities import activities_for
from workflow.queries import all_decisions, may_read_text, stays_covered, visible_to
from workflow.views.act_pages import READERS, person_of, record_url
from workflow.views.history import edits_of
from workflow.views.timeline_shown import SHOWS, timeline_of, with_edits

_A_PAGE = 20


@audience(*READERS)
@require_safe
def timeline(request: HttpRequest, reference: str) -> HttpResponse:
    """The page; `?show=` narrows it, and an unknown word shows all."""
    person = person_of(request)
    seen = visible_to(person).annotate(is_uncovered=uncovered_by(person)).prefetch_related("lines")
    assistance = get_object_or_404(seen, reference=reference)
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    activities = list(activities_for(person).filter(assistance=assistance))
    reads = may_read_text(person) and not stays_covered(assistance, person)
    entries = timeline_of(assistance, all_decisions(assistance), activities, person, reads=reads)
    whole = with_edits(entries, edits_of(assistance))
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "page": Paginator(whole.narrowed(show), _A_PAGE).get_page(request.GET.get("page", "1")),
        "filters": whole.filters(show),
        "zone": assistance.mission.time_zone,
    }
    return render(request, "workflow/timeline.html", context)
