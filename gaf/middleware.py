"""What every answer carries: a strict content policy, nothing kept on shared devices, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from gaf.refusals import Incomplete, MovedOn, NotPermitted, Refusal
from gaf.sealing import keys_at_hand

Answer = Callable[[HttpRequest], HttpResponse]

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Wagtail's own admin has inline scripts (its issue 1288); the relaxed policy stops at /cms/.
EDITORS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)


def content_policy(get_response: Answer) -> Answer:
    """Say which content a page may load: its own only; editors' pages a little more."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        editors = request.path.startswith("/cms/")
        response.headers.setdefault("Content-Security-Policy", EDITORS if editors else STRICT)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if editors:
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    return middleware


def reader_language(get_response: Answer) -> Answer:
    """A signed-in person reads in the language of her own settings, whoever mailed the link."""

    def middleware(request: HttpRequest) -> HttpResponse:
        person = request.user
        if not person.is_authenticated or person.language not in dict(settings.LANGUAGES):
            return get_response(request)
        with translation.override(person.language):
            request.LANGUAGE_CODE = person.language
            return get_response(request)

    return middleware


def keep_nothing_behind(get_response: Answer) -> Answer:
    """Signed-in pages are not stored on the device; signing out clears what a browser may have kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        response = get_response(request)
        if signed_in or request.path.startswith("/sign-in"):
            response.headers["Cache-Control"] = "no-store"
        if request.path.startswith("/sign-out") and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def answer_kept_forms(get_response: Answer) -> Answer:
    """Tell a script that sent a form (keep.js) where to go on, so that one page is loaded and not two."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "X-Kept" not in request.headers or not 300 <= response.status_code < 400:
            return response
        onward = response.headers["Location"]
        del response.headers["Location"]
        response.status_code = 204
        response.headers["X-Onward"] = "sign-in" if onward.startswith("/sign-in/") else onward
        return response

    return middleware


def keys_stay_at_hand(get_response: Answer) -> Answer:
    """One page asks for each case's key once."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with keys_at_hand():
            return get_response(request)

    return middleware


class RefusalsAsPages:
    """Turns a refusal that no view answered into its page: 403 with every reason, 409 with the present state, 422."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal; anything else is a fault and goes its way."""
        context: dict[str, object]
        if isinstance(exception, NotPermitted):
            context = {"refusals": exception.refusals, "back_url": _record(request)}
            return render(request, "errors/not_permitted.html", context, status=403)
        if isinstance(exception, MovedOn):
            context = {
                "refusal": exception,
                "subject": exception.subject,
                "state_label": _present_state(exception.subject),
                "typed": _typed(request),
                "back_url": _record(request),
            }
            return render(request, "errors/moved_on.html", context, status=409)
        if isinstance(exception, Incomplete | Refusal):
            context = {"refusal": exception, "typed": _typed(request), "back_url": _record(request)}
            return render(request, "errors/refused.html", context, status=422)
        return None


def _record(request: HttpRequest) -> str:
    """The record above an act's page: `/requests/GAF-2026-00042/` for `/requests/GAF-2026-00042/endorse/`."""
    parts = [part for part in request.path.split("/") if part]
    return "/" + "".join(f"{part}/" for part in parts[:2])


def _present_state(subject: object) -> str:
    """Where the record is now, in words; empty for a record that has no states."""
    state_in_words = getattr(subject, "get_state_display", None)
    return str(state_in_words()) if state_in_words is not None else ""


def _typed(request: HttpRequest) -> str:
    """What the person had typed, so that nothing is lost when the act was not done."""
    hidden = {"csrfmiddlewaretoken", "seen_version", "idempotency_key", "password", "save"}
    lines = [
        value for name, values in request.POST.lists() if name not in hidden for value in values if len(value) > 20
    ]
    return "\n\n".join(lines)
