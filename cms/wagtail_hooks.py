"""The editors' desk, reduced to what editors need: pages, and what happened to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.ui.components import Component

from cms import desk_views
from cms.desk import MOST_SHOWN, awaiting_second_reader, criteria_checklist, to_translate

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


@hooks.register("construct_page_action_menu")
def nobody_publishes_what_they_just_wrote(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """What is written is saved; the button that publishes stands where a second person reads it."""
    items[:] = [item for item in items if item.name != "action-publish"]


@hooks.register("register_admin_urls")
def reading_and_translating() -> list[URLPattern]:
    """Addresses of our own below the desk; its door stands before them too."""
    return [
        path("second-reading/<int:page_id>/", desk_views.second_reading, name="second_reading"),
        path("translate/<int:page_id>/<str:language>/", desk_views.translation_begin, name="translation_begin"),
    ]


class ToDo(Component):
    """What waits for a second reader, how far the criteria are, and what is not translated."""

    name = "guidance_to_do"
    template_name = "cms/desk/to_do.html"
    order = 50

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        """The rows for the editor who looks."""
        person = parent_context["request"].user
        waiting, translations = awaiting_second_reader(person), to_translate()
        return {
            "waiting": waiting[:MOST_SHOWN],
            "more_waiting": max(0, len(waiting) - MOST_SHOWN),
            "translations": translations[:MOST_SHOWN],
            "more_translations": max(0, len(translations) - MOST_SHOWN),
            "checklist": criteria_checklist(person),
        }


@hooks.register("construct_homepage_panels")
def what_is_to_be_done(request: HttpRequest, panels: list[Any]) -> None:
    """The desk opens with what waits, before the editor's own pages."""
    panels.append(ToDo())
