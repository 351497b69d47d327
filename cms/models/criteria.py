"""The criteria: written here as a page, and frozen into a numbered set whenever they are published."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.log_actions import LogContext
from wagtail.models import Revision
from wagtail.url_routing import RouteResult

from cms.blocks import CriteriaBlock
from cms.criteria_translations import translation_of
from cms.models.public import PublicPage
from cms.publishing import save_and_freeze
from cms.queries import Beside, Version, criteria_of, frozen_criteria, side_by_side, versions
from cms.trees import SOURCE

_VERSION = re.compile(r"version-([1-9][0-9]{0,8})")


class CriteriaPage(PublicPage):
    """What a request must meet. Readers are shown the frozen sets, which are what binds, never the page's own draft."""

    summary = models.CharField(_("summary"), max_length=250)
    criteria = StreamField(CriteriaBlock(), verbose_name=_("criteria"))

    max_count_per_parent = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    template = "cms/criteria.html"
    content_panels = [*PublicPage.content_panels, FieldPanel("summary"), FieldPanel("criteria")]

    class Meta:
        verbose_name = _("criteria page")

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save, and freeze the criteria if they are what readers see from now on."""
        save = functools.partial(super().save, *args, update_fields=update_fields, **options)
        if update_fields is None or "criteria" in update_fields:
            save_and_freeze(self, save)
        else:
            save()

    def publish(self, revision: Revision, user: Any = None, **options: Any) -> None:
        """Publish a revision in the name of a person; without one, of the system. All of it or nothing."""
        name = LogContext(user=user) if user else nullcontext()
        with transaction.atomic(), name:
            super().publish(revision, user=user, **options)

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Earlier versions stand below the page, as `version-7/`."""
        if len(path_components) == 1 and (found := _VERSION.fullmatch(path_components[0])):
            if not self.live:
                raise Http404
            return RouteResult(self, kwargs={"number": int(found[1])})
        return super().route(request, path_components)

    def behind(self, *, number: int | None = None, **kwargs: Any) -> str:
        """The version that is read, where one is named."""
        return f"version-{number}/" if number else ""

    def serve(self, request: HttpRequest, *args: Any, number: int | None = None, **kwargs: Any) -> HttpResponse:
        """The version in force, or the one with this number. Raises Http404 for a number that never was."""
        response: HttpResponse = super().serve(request, *args, number=number, **kwargs)
        return response

    def get_context(self, request: HttpRequest, *args: Any, number: int | None = None, **kwargs: Any) -> dict[str, Any]:
        """The set to show, its criteria, and all sets with the moment each was replaced."""
        context: dict[str, Any] = super().get_context(request, *args, number=number, **kwargs)
        found = versions()
        in_force = found[0] if found else None
        asked = next((version for version in found if version.number == number), None) if number else in_force
        if number and asked is None:
            raise Http404
        is_draft = getattr(request, "is_preview", False)
        context.update(versions=found, in_force=in_force, asked=asked, is_draft=is_draft)
        context["criteria"] = self._criteria(asked, is_draft)
        context["translates"] = self._translates()
        return context

    def _translates(self) -> bool:
        return bool(self.locale.language_code != SOURCE)

    def _criteria(self, asked: Version | None, is_draft: bool) -> list[Beside]:
        """What binds, which for a draft is what would; beside it what this page says of it in its own language."""
        frozen = frozen_criteria(asked.frozen) if asked else []
        if not self._translates():
            return side_by_side(criteria_of(self) if is_draft else frozen, [])
        if is_draft:
            return side_by_side(frozen, criteria_of(self))
        return side_by_side(frozen, translation_of(asked.number, self.locale.language_code) if asked else [])
