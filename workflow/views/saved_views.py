"""Saved lists of requests: those one has, keeping another, which one opens first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import User
from gaf.audience import audience
from gaf.refusals import Refusal
from workflow.actions.saved_views import keep_view, open_first, remove_view
from workflow.forms.saved_views import KeepForm
from workflow.models import SavedView
from workflow.request_words import Reader
from workflow.saved_views import address_of, views_for
from workflow.views.act_pages import READERS, person_of
from workflow.views.list_order import orders
from workflow.views.requests_list import missions_for


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest) -> HttpResponse:
    """Own and shared lists; a form that keeps the list one came from, with its words as they stood in the address."""
    person = person_of(request)
    if request.method == "POST" and "view" in request.POST:
        return _change(request, person)
    reader = Reader(person, [mission.code for mission in missions_for(person)])
    said = {"q": request.GET.get("q", ""), "sort": request.GET.get("sort", "")}
    form = KeepForm(request.POST if request.method == "POST" else None, initial=said, reader=reader, orders=orders())
    if form.is_bound and form.is_valid():
        try:
            view = keep_view(kept=form.kept(), actor=person)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The list “%(name)s” is kept.") % {"name": view.name})
            return redirect(address_of(view))
    found = [(view, address_of(view)) for view in views_for(person)]
    context = {
        "form": form,
        "own": [one for one in found if one[0].owner_id == person.pk],
        "shared": [one for one in found if one[0].owner_id != person.pk],
    }
    return render(request, "workflow/saved_views.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, person: User) -> HttpResponse:
    """One of the buttons beside an own list was pressed."""
    view = get_object_or_404(SavedView, key=request.POST["view"], owner=person)
    change = request.POST.get("change")
    if change == "remove":
        remove_view(view=view, actor=person)
        messages.success(request, _("The list “%(name)s” is removed.") % {"name": view.name})
    elif change == "first":
        open_first(view=view, actor=person)
        messages.success(request, _("The list “%(name)s” opens first.") % {"name": view.name})
    elif change == "none":
        open_first(view=None, actor=person)
        messages.success(request, _("No list opens first."))
    return redirect("saved_views")
