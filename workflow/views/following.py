"""Who follows a request, and the two buttons: follow it, leave it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf import clock
from gaf.audience import audience
from gaf.figures import colon
from workflow.actions.following import follow
from workflow.followers import choices_of, followers
from workflow.queries import all_decisions
from workflow.views.act_pages import READERS, person_of, record_url, request_within_sight

_WANTS = {"yes": True, "no": False}


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def followers_page(request: HttpRequest, reference: str) -> HttpResponse:
    """The list with why each person is in it; a press changes only whether oneself is."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    wish = _WANTS.get(request.POST.get("follow", ""))
    if request.method == "POST" and wish is not None:
        follow(request_id=assistance.pk, follows=wish, actor=person, at=clock.now())
        words = _("you follow it.") if wish else _("you do not follow it any more.")
        messages.success(request, f"{assistance.reference}{colon()} {words}")
        return redirect(record_url(assistance))
    found = followers(assistance, all_decisions(assistance), choices_of(assistance))
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "followers": found,
        "follows": person.pk in {one.person.pk for one in found},
    }
    return render(request, "workflow/followers.html", context)
