"""Single keys: which there are, in words, and a person's own switch for them (WCAG 2.2, 2.1.4)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.audience import audience
from gaf.navigation import entries_for

Keys = list[tuple[str, list[tuple[str, str]]]]


@audience(*(role for role in Role if role != Role.SYSTEM))
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Every key and what it does; the switch below turns all of them on or off."""
    person = cast(User, request.user)
    at_headquarters = not roles_of(person) <= {str(role) for role in MISSION_ROLES}
    if request.POST.get("single_keys") in ("on", "off"):
        person.single_keys = request.POST["single_keys"] == "on"
        person.save(update_fields=["single_keys"])
        messages.success(
            request,
            _("Single keys act.") if person.single_keys else _("Single keys do nothing any more."),
        )
        return redirect("keys")
    context = {"groups": _groups(person) if at_headquarters else [], "at_headquarters": at_headquarters}
    return render(request, "keys.html", context)


def _groups(person: User) -> Keys:
    places = [(f"g {entry.letter}", entry.label) for entry in entries_for(person) if entry.letter]
    return [
        (
            _("Everywhere"),
            [("/", _("search")), ("?", _("this list")), ("Esc", _("close this list or a menu")), *places],
        ),
        (
            _("In a list"),
            [
                ("j", _("next row")),
                ("k", _("previous row")),
                ("Enter", _("open the row")),
                ("t", _("take the request, and say that you have no tie to it")),
                ("x", _("tick the row")),
            ],
        ),
        (
            _("Answering criteria"),
            [
                ("j k", _("next criterion, previous one")),
                ("y", _("yes, and on to the next")),
                ("n", _("no, and on to the next")),
                ("q", _("not relevant, and on to the next")),
                ("c", _("save and confirm")),
            ],
        ),
        (_("Approving a budget"), [("c", _("approve what is shown"))]),
        (
            _("Reconciling"),
            [
                ("Enter", _("match an exact line")),
                ("f", _("find")),
                ("s", _("set aside")),
                ("b", _("fee, or as its rule says")),
                ("z", _("undo the last")),
            ],
        ),
    ]
