"""What may lie on a device: nothing, or on one's own, files of the site and a page that says that there is no line."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaf.accounts.roles import Role
from gaf.audience import audience

_COOKIE = "own_device"
_A_YEAR = 366 * 24 * 3600
_FILES = ("gaf/site.css", "gaf/icon.svg", "gaf/site.js", "gaf/keep.js", "gaf/upload.js", "gaf/offline.js")


def is_own(request: HttpRequest) -> bool:
    """Whether the person said that the device is hers alone; in training nothing is kept on any."""
    return not settings.TRAINING and request.COOKIES.get(_COOKIE) == "yes"


@audience(*(role for role in Role if role != Role.SYSTEM))
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Say that the device is one's own, or that it is not; then what it kept is cleared away."""
    wish = request.POST.get("own")
    if settings.TRAINING or wish not in ("yes", "no"):
        return render(request, "device.html", {"own": is_own(request), "training": settings.TRAINING})
    answer = redirect("device")
    if wish == "yes":
        secure = bool(settings.SESSION_COOKIE_SECURE)
        answer.set_cookie(_COOKIE, "yes", max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
        messages.success(request, _("This device is noted as your own."))
    else:
        answer.delete_cookie(_COOKIE, samesite="Lax")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        messages.success(request, _("Nothing is kept on this device any more."))
    return answer


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
