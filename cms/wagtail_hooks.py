"""The editors' desk, reduced to what editors need: pages, and what happened to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from wagtail import hooks

MENU = ("explorer", "reports")


@hooks.register("construct_main_menu")
def only_what_editors_need(request: HttpRequest, items: list[Any]) -> None:
    """Pages and their reports; no images, documents, users, settings, and no links that leave the site."""
    items[:] = [item for item in items if item.name in MENU]


@hooks.register("construct_homepage_summary_items")
def no_counts(request: HttpRequest, items: list[Any]) -> None:
    """The desk opens with the editor's own pages, not with counts."""
    items.clear()


@hooks.register("get_avatar_url")
def nobodys_picture(user: object, size: int) -> str:
    """One plain picture for everybody, from here; no outside service learns who edits."""
    return static("wagtailadmin/images/default-user-avatar.png")
