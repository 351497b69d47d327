"""The pages the site starts with, published as an editor would. What is already there is left as editors made it."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.blocks import StreamValue
from wagtail.models import Page, Site
from wagtail.rich_text import RichText

from cms.editors import let_people_edit, open_pages_to_editors
from cms.markup import Block, Text, read_text
from cms.models import CriteriaPage, FiguresPage, GuidanceIndexPage, GuidancePage, HomePage
from gaf import clock
from gaf.accounts.models import User

TEXTS = Path(__file__).parent / "texts" / "en"
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
NEEDS = (
    "the person’s consent, or the reason why it cannot be asked yet",
    "what other programmes answered",
    "ten minutes; you can stop and come back",
)
URGENT = "One page is enough when life or safety is in danger. The duty officer answers at every hour."


def load_content(editor: User, at: datetime) -> int:
    """Publish the first pages in the name of an editor, and open them to editors; returns how many pages are new.

    The criteria page freezes the first set. Raises NotPermitted when this person may not publish criteria; then
    nothing was loaded.
    """
    with transaction.atomic(), clock.at(at):
        before = Page.objects.count()
        home = _home(editor)
        open_pages_to_editors(home)
        let_people_edit(editor)
        for slug in FOR_EVERYONE[:1]:
            _guidance_page(home, slug, editor)
        _criteria(home, editor)
        index = _guidance_index(home, editor)
        for slug in GUIDANCE:
            _guidance_page(index, slug, editor)
        for slug in FOR_EVERYONE[1:]:
            _guidance_page(home, slug, editor)
        _figures(home, editor)
        return Page.objects.count() - before


def _publish_below(parent: Page, page: Page, editor: User) -> None:
    page.live = False
    parent.add_child(instance=page)
    page.save_revision(user=editor).publish(user=editor, skip_permission_checks=True)


def _body(page: Any, blocks: list[Block]) -> None:
    """Fill a page's text. Rich text is wrapped as Wagtail keeps it."""
    page.body = [(kind, RichText(value) if kind == "paragraph" else value) for kind, value in blocks]


def _home(editor: User) -> HomePage:
    """The start page as the site's root; Wagtail's own welcome page and groups make room for it."""
    existing = HomePage.objects.first()
    if existing is not None:
        return existing
    text = read_text(TEXTS / "home.txt")
    home = HomePage(title=text.title, slug="start", lead=text.summary, urgent=URGENT, owner=editor)
    home.you_need = [("need", need) for need in NEEDS]
    _body(home, text.body)
    root = Page.get_first_root_node()
    _publish_below(root, home, editor)
    site, _made = Site.objects.get_or_create(
        is_default_site=True, defaults={"root_page": home, "hostname": "localhost"}
    )
    welcome = site.root_page
    site.root_page, site.site_name = home, "Global Assistance Fund"
    site.save()
    if welcome.pk != home.pk and welcome.specific_class is Page:
        welcome.delete()
    Group.objects.filter(name__in=["Moderators", "Editors"], user=None).delete()
    return HomePage.objects.get(pk=home.pk)


def _guidance_index(home: HomePage, editor: User) -> GuidanceIndexPage:
    existing = GuidanceIndexPage.objects.first()
    if existing is not None:
        return existing
    summary = "What to know before you ask for help, while you plan it, and when you report."
    index = GuidanceIndexPage(title="Guidance", slug="guidance", summary=summary, owner=editor)
    _publish_below(Page.objects.get(pk=home.pk), index, editor)
    return GuidanceIndexPage.objects.get(pk=index.pk)


def _guidance_page(parent: Page, slug: str, editor: User) -> None:
    if Page.objects.child_of(parent).filter(slug=slug).exists():
        return
    text: Text = read_text(TEXTS / f"{slug}.txt")
    page = GuidancePage(title=text.title, slug=slug, summary=text.summary, belongs_to=text.belongs_to, owner=editor)
    _body(page, text.body)
    _publish_below(Page.objects.get(pk=parent.pk), page, editor)


def _figures(home: HomePage, editor: User) -> None:
    if FiguresPage.objects.exists():
        return
    text = read_text(TEXTS / "what-the-fund-does.txt")
    page = FiguresPage(title=text.title, slug="what-the-fund-does", summary=text.summary, owner=editor)
    _body(page, text.body)
    _publish_below(Page.objects.get(pk=home.pk), page, editor)


def _criteria(home: HomePage, editor: User) -> None:
    if CriteriaPage.objects.exists():
        return
    said = tomllib.loads((TEXTS / "criteria.toml").read_text(encoding="utf-8"))
    page = CriteriaPage(title=said["title"], slug="criteria", summary=said["summary"], owner=editor)
    stream: StreamValue = [
        ("criterion", {"may_be_irrelevant": False, **row, "guidance": row["guidance"].strip()})
        for row in said["criteria"]
    ]
    page.criteria = stream
    _publish_below(Page.objects.get(pk=home.pk), page, editor)
