"""In which language a person reads: chosen on any page, kept with the person, or on the device before signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from gaf.audience import audience


@audience(public=True)
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read on in another language, on the page where one was. A language we do not write changes nothing."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = "/"
    language = request.POST.get("language", "")
    if request.method != "POST" or language not in dict(settings.LANGUAGES):
        return redirect(back)
    answer = redirect(_in_its_tree(back, language))
    _keep_with_person(request, language)
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


def reading_language() -> str:
    """The language of the page that is being made, one of those we write."""
    active = (translation.get_language() or settings.LANGUAGE_CODE)[:2]
    return active if active in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def public_address(path: str = "", language: str = "") -> str:
    """Where a public page stands in the tree of a language, the reader's when none is said."""
    return f"/{language or reading_language()}/{path}"


def _in_its_tree(address: str, language: str) -> str:
    """The same public page in the tree of another language; any other address as it is."""
    first, _slash, rest = address.removeprefix("/").partition("/")
    return public_address(rest, language) if first in dict(settings.LANGUAGES) else address


def reads_on_in_another(request: HttpRequest) -> bool:
    """Whether somebody who is typing asked to read on in another language; from here on the page speaks it.

    The view then shows what was typed as it was typed: nothing is kept yet, and nothing is judged.
    """
    language = request.POST.get("read_in", "")
    if request.method != "POST" or language not in dict(settings.LANGUAGES):
        return False
    _keep_with_person(request, language)
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return True


def _keep_with_person(request: HttpRequest, language: str) -> None:
    person = request.user
    if person.is_authenticated and person.language != language:
        person.language = language
        person.save(update_fields=["language"])
