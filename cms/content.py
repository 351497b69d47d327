"""The pages the site starts with, in each language. What is already there is left as editors made it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import Locale, Page, Revision, Site
from wagtail.rich_text import RichText

from cms.editors import let_people_edit, open_pages_to_editors
from cms.markup import Block, read_text
from cms.models import CriteriaPage, FiguresPage, GuidanceIndexPage, GuidancePage, HomePage
from cms.models.public import PublicPage
from cms.second_reading import record_reading
from cms.trees import OTHERS, SOURCE
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor

TEXTS = Path(__file__).parent / "texts"
GUIDANCE = (
    "before-you-ask",
    "consent-in-words",
    "alternatives-first",
    "urgent-help",
    "plan-and-budget",
    "what-finance-checks",
    "evidence-to-keep",
    "reports-and-closing",
)
FOR_EVERYONE = ("who-can-get-help", "refer-someone", "data-protection", "complaints")
LANGUAGES = (SOURCE, *OTHERS)
HOME = "home"
INDEX = "guidance"


@dataclass(frozen=True)
class First:
    """One of the first pages: its kind, the name of its text, which is its address, and the page it stands below."""

    kind: type[PublicPage]
    name: str
    below: str = HOME


def first_pages() -> Iterator[First]:
    """All of them in the order of the tree, a page after the one it stands below."""
    yield First(HomePage, HOME, "")
    yield from (First(GuidancePage, name) for name in FOR_EVERYONE[:1])
    yield First(CriteriaPage, "criteria")
    yield First(GuidanceIndexPage, INDEX)
    yield from (First(GuidancePage, name, INDEX) for name in GUIDANCE)
    yield from (First(GuidancePage, name) for name in FOR_EVERYONE[1:])
    yield First(FiguresPage, "what-the-fund-does")


def load_content(editor: User, at: datetime) -> int:
    """Publish the first pages, which the system wrote and an editor read; returns how many pages are new.

    The criteria page freezes the first set. A page is translated only where its English page stands. Raises
    NotPermitted when this person may not publish criteria; then nothing was loaded.
    """
    with transaction.atomic(), clock.at(at):
        before = Page.objects.count()
        let_people_edit(editor)
        for language in LANGUAGES:
            locale, _made = Locale.objects.get_or_create(language_code=language)
            _load_tree(locale, editor)
        return Page.objects.count() - before


def _load_tree(locale: Locale, editor: User) -> None:
    standing: dict[str, Page] = {}
    for first in first_pages():
        english = _english(first)
        here = first.kind.objects.filter(translation_key=english.translation_key, locale=locale) if english else None
        there = here.first() if here is not None else None
        below = standing.get(first.below)
        if there is None and (locale.language_code == SOURCE or english) and (below or not first.below):
            there = _publish_first(first, locale, english, below, editor)
        if there is not None:
            standing[first.name] = there


def _english(first: First) -> Page | None:
    """The page of the English tree, wherever editors moved it; of a kind that stands once, whatever it is called."""
    pages = first.kind.objects.filter(locale__language_code=SOURCE).order_by("path")
    return (pages.filter(slug=first.name) if first.kind is GuidancePage else pages).first()


def _publish_first(first: First, locale: Locale, english: Page | None, below: Page | None, editor: User) -> Page:
    page = _written(first, locale.language_code)
    page.owner, page.locale, page.live = editor, locale, False
    page.slug = english.slug if english and below else _address(first, locale)
    if english is not None:
        page.translation_key = english.translation_key
    parent = Page.objects.get(pk=below.pk) if below else Page.get_first_root_node()
    parent.add_child(instance=page)
    revision = page.save_revision(user=system_actor())
    record_reading(page, revision, reader=editor, follows=_as_first_published(english) if english else None)
    revision.publish(user=editor, skip_permission_checks=True)
    if below is None:
        open_pages_to_editors(page)
        _make_root(page, locale)
    return page


def _as_first_published(english: Page) -> Revision | None:
    """What our translation follows: the English as it came, and nothing where editors have written on."""
    published: Revision | None = english.live_revision
    first = english.revisions.order_by("pk").first()
    return published if published and first and published.pk == first.pk else None


def _address(first: First, locale: Locale) -> str:
    """The last part of the address; nobody sees that of a start page."""
    if first.kind is not HomePage:
        return first.name
    return "start" if locale.language_code == SOURCE else f"start-{locale.language_code}"


def _written(first: First, language: str) -> Any:
    """The page with its text, not yet anywhere."""
    if first.kind is CriteriaPage:
        return _criteria(language)
    text = read_text(TEXTS / language / f"{first.name}.txt")
    page: Any = first.kind(title=text.title)
    if first.kind is HomePage:
        page.lead, page.urgent = text.summary, text.urgent
        page.you_need = [("need", need) for need in text.you_need]
    else:
        page.summary = text.summary
    if first.kind is GuidancePage:
        page.belongs_to = text.belongs_to
    if first.kind is not GuidanceIndexPage:
        _fill(page, text.body)
    return page


def _fill(page: Any, blocks: list[Block]) -> None:
    """Fill a page's text. Rich text is wrapped as Wagtail keeps it."""
    page.body = [(kind, RichText(value) if kind == "paragraph" else value) for kind, value in blocks]


def _criteria(language: str) -> CriteriaPage:
    """The criteria. Which part of a request answers one, and whether it may be not relevant, English alone says."""
    said = _toml(language)
    rules = {row["code"]: row for row in _toml(SOURCE)["criteria"]}
    page = CriteriaPage(title=said["title"], summary=said["summary"])
    stream: Any = [
        ("criterion", {"may_be_irrelevant": False, **rules[row["code"]], **row, "guidance": row["guidance"].strip()})
        for row in said["criteria"]
    ]
    page.criteria = stream
    return page


def _toml(language: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / language / "criteria.toml").read_text(encoding="utf-8"))


def _make_root(home: Page, locale: Locale) -> None:
    """The start page as the site's root; Wagtail's own welcome page and groups make room for it."""
    if locale.language_code != SOURCE:
        return
    site, _made = Site.objects.get_or_create(
        is_default_site=True, defaults={"root_page": home, "hostname": "localhost"}
    )
    welcome = site.root_page
    site.root_page, site.site_name = home, "Global Assistance Fund"
    site.save()
    if welcome.pk != home.pk and welcome.specific_class is Page:
        welcome.delete()
    Group.objects.filter(name__in=["Moderators", "Editors"], user=None).delete()
