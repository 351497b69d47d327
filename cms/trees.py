"""One tree of pages for each language: the same page in another tree, and what a reader gets where it is missing.

English is the tree that is whole. A page that does not exist in the reader's language is shown in English.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import get_language_info
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from gaf.languages import public_address

SOURCE = settings.LANGUAGE_CODE
OTHERS = tuple(code for code, _name in settings.LANGUAGES if code != SOURCE)
Known = TypeVar("Known", bound=Page)


@dataclass(frozen=True)
class SamePage:
    """A page in one of the languages: where it stands there, and whether it is written in that language."""

    language: str
    name: str
    url: str
    is_here: bool
    is_written: bool


def address(page: Page, language: str) -> str:
    """Where a reader of this language finds a page, in whichever language it is written."""
    own: str = page.get_url() or ""
    return public_address(own.split("/", 2)[-1], language)


def each_once(pages: QuerySet[Known], language: str) -> list[Known]:
    """Each of the pages once, in the language or else in English, in the order of the English tree."""
    found = list(pages.filter(locale__language_code__in={language, SOURCE}).select_related("locale").order_by("path"))
    own = {page.translation_key: page for page in found if page.locale.language_code == language}
    english = [page for page in found if page.locale.language_code == SOURCE]
    return [own.pop(page.translation_key, page) for page in english] + list(own.values())


def route_in(language: str, request: HttpRequest, path: str) -> RouteResult | None:
    """The published page at an address of one tree; none where there is none."""
    site = Site.find_for_request(request)
    homes = Page.objects.filter(translation_key=site.root_page.translation_key) if site else Page.objects.none()
    home = homes.filter(locale__language_code=language).first()
    try:
        return home.specific.route(request, [part for part in path.split("/") if part]) if home else None
    except Http404:
        return None


def route_for(language: str, request: HttpRequest, path: str) -> RouteResult | str:
    """The page for a reader of this language: in it, else in English, else an address to go on to.

    A path of another tree leads to the same page. Raises Http404 where nothing is published under it anywhere.
    """
    own = route_in(language, request, path)
    if own is not None:
        return own
    for other in (SOURCE, *OTHERS):
        there = route_in(other, request, path) if other != language else None
        if there is None:
            continue
        same = {one.locale.language_code: one for one in translations(there.page)}
        if language in same:
            return _further(same[language], there.page, path)
        if other == SOURCE:
            return there
        if SOURCE in same:
            return _further(same[SOURCE], there.page, path, language)
    raise Http404


def translations(page: Page) -> list[Page]:
    """The published page in every language it is written in, itself included."""
    found = Page.objects.live().filter(translation_key=page.translation_key, depth__gt=1)
    return list(found.select_related("locale"))


def _further(to: Page, found: Page, path: str, language: str = "") -> str:
    """The address of a page with what came behind the page that was found, such as the number of a version."""
    used = len([part for part in (found.get_url() or "").split("/") if part]) - 1
    behind = "".join(f"{part}/" for part in [part for part in path.split("/") if part][used:])
    return address(to, language or to.locale.language_code) + behind


def in_each_language(page: Page, reader: str, behind: str = "") -> list[SamePage]:
    """A page in all the languages, for the switch above it; a language that could show nothing is left out."""
    written = {one.locale.language_code: one for one in translations(page)}
    return [
        SamePage(
            language=code,
            name=str(get_language_info(code)["name_local"]).capitalize(),
            url=address(written.get(code, written.get(SOURCE)), code) + behind,
            is_here=code == reader,
            is_written=code in written,
        )
        for code, _name in settings.LANGUAGES
        if code in written or SOURCE in written
    ]


def titles_above(pages: Iterable[Any], language: str) -> list[tuple[str, str]]:
    """The pages above one, as a reader of this language is led to them: address and title."""
    keys = [page.translation_key for page in pages]
    shown = each_once(Page.objects.live().filter(translation_key__in=keys), language) if keys else []
    return [(address(page, language), page.title) for page in sorted(shown, key=lambda page: page.depth)]
