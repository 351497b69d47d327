"""What may lie on a device: nothing; or on one's own, files of the site, a page that says that there is no line, and a
closed copy of what is typed, which opens only with a key from here."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaf.accounts.models import User
from gaf.accounts.own_devices import (
    COOKIE,
    clear_away,
    device_of,
    devices_of,
    forget_one,
    forget_this_one,
    is_of,
    is_own,
    key_for,
    note_as_own,
)
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.refusals import Refusal

_FILES = (
    "gaf/site.css",
    "gaf/icon.svg",
    "gaf/site.js",
    "gaf/keep.js",
    "gaf/draft.js",
    "gaf/upload.js",
    "gaf/offline.js",
)
_ANYBODY = tuple(role for role in Role if role != Role.SYSTEM)


@audience(*_ANYBODY)
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Say that the device is one's own, or that it is not; see which others one called so, and forget one."""
    person = cast(User, request.user)
    if settings.TRAINING or request.method != "POST":
        return _page(request, person)
    wish, answer = request.POST.get("own"), redirect("device")
    if wish == "yes":
        note_as_own(request, person, answer)
        messages.success(request, _("This device is noted as your own."))
    elif wish == "no":
        forget_this_one(request, person)
        clear_away(answer)
        messages.success(request, _("Nothing is kept on this device any more."))
    elif "forget" in request.POST:
        if forget_one(person, request.POST["forget"]) == device_of(request):
            clear_away(answer)
        messages.success(
            request, _("The device is forgotten. What it kept of what you typed cannot be opened any more.")
        )
    else:
        return _page(request, person)
    return answer


def _page(request: HttpRequest, person: User) -> HttpResponse:
    here = device_of(request)
    context = {
        "training": settings.TRAINING,
        "own": is_own(request),
        "keeps_typed": is_of(person, here),
        "devices": [] if settings.TRAINING else devices_of(person),
        "here": here,
    }
    return render(request, "device.html", context)


@audience(*_ANYBODY)
@require_POST
def device_key(request: HttpRequest) -> HttpResponse:
    """The key of this device, for the script that keeps what is typed (draft.js): 32 bytes, kept by no browser.

    It is sent for like a form, with the token of the page, so that no other site can have it fetched.
    """
    try:
        key = key_for(cast(User, request.user), device_of(request))
    except Refusal as refusal:
        answer = render(request, "errors/refused.html", {"refusal": refusal, "back_url": "/device/"}, status=422)
        answer.delete_cookie(COOKIE, samesite="Lax")
        return answer
    return HttpResponse(key, content_type="application/octet-stream")


@audience(public=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that a browser runs beside its pages, where somebody said that the device is her own."""
    context = {"files": _FILES, "version": _version()}
    answer = render(request, "worker.js", context, content_type="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _version() -> str:
    """Another one as soon as a file is: then a browser fetches them all anew."""
    digest = sha256()
    for file in _FILES:
        path = finders.find(file)
        if path:
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:12]


@audience(public=True)
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown when there is no line, in every language at once: whoever fetched it is not known."""
    languages = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words = _("This page could not be fetched. Press Back, or try again when the line is back.")
            languages.append({"code": code, "title": _("No line"), "words": words})
    return render(request, "offline.html", {"languages": languages})
