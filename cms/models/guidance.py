"""Guidance: a page for each thing somebody must know before or while writing a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from cms.blocks import GuidanceBody
from cms.models.public import PublicPage
from cms.trees import address, each_once
from gaf.languages import reading_language


class FormPart(models.TextChoices):
    """Where in the life of a request a page helps."""

    START = "START", _("Before you ask")
    PERSON = "PERSON", _("Step 1: person and consent")
    SITUATION = "SITUATION", _("Step 2: situation and other help asked")
    HELP = "HELP", _("Step 3: help needed")
    URGENT = "URGENT", _("Urgent help")
    PLAN = "PLAN", _("Plan and budget")
    MONEY = "MONEY", _("Money and proof of spending")
    REPORT = "REPORT", _("Reports and closing")
    REVIEW = "REVIEW", _("Review at headquarters")
    PUBLIC = "PUBLIC", _("For everyone")


@dataclass
class Part:
    """A heading of a page, where it can be linked to, and what stands below it."""

    heading: str = ""
    anchor: str = ""
    blocks: list[Any] = field(default_factory=list)


def parts_of(body: Any) -> list[Part]:
    """The blocks of a page under their headings; what stands before the first heading has none."""
    parts = [Part()]
    for block in body:
        if block.block_type == "heading":
            heading = str(block.value)
            parts.append(Part(heading, f"{slugify(heading) or 'part'}-{len(parts)}"))
        elif block.block_type != "source":
            parts[-1].blocks.append(block)
    return [part for part in parts if part.heading or part.blocks]


def sources_of(body: Any) -> list[str]:
    """Where a page's facts come from."""
    return [str(block.value) for block in body if block.block_type == "source"]


class GuidanceIndexPage(PublicPage):
    """All guidance, grouped by the part of a request it helps with."""

    summary = models.CharField(_("summary"), max_length=250)

    max_count_per_parent = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.GuidancePage"]
    template = "cms/guidance_index.html"
    content_panels = [*PublicPage.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = _("list of guidance")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The published pages under each part, in the editor's order, in English where they are not translated."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reader = reading_language()
        pages = each_once(GuidancePage.objects.live().filter(depth=self.depth + 1), reader)
        context["groups"] = [
            (part.label, [(address(page, reader), page) for page in found])
            for part in FormPart
            if (found := [page for page in pages if page.belongs_to == part])
        ]
        return context


class GuidancePage(PublicPage):
    """One subject, short, with a list of contents and its sources."""

    summary = models.CharField(_("summary"), max_length=250, help_text=_("One sentence, shown in lists too."))
    belongs_to = models.CharField(_("helps with"), max_length=12, choices=FormPart.choices, default=FormPart.START)
    body = StreamField(GuidanceBody(), blank=True, verbose_name=_("text"))

    parent_page_types = ["cms.HomePage", "cms.GuidanceIndexPage"]
    subpage_types: list[str] = []
    template = "cms/guidance.html"
    content_panels = [
        *PublicPage.content_panels,
        FieldPanel("summary"),
        FieldPanel("belongs_to"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("guidance page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The parts of the page and its sources."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["parts"] = parts_of(self.body)
        context["has_contents"] = sum(1 for part in context["parts"] if part.heading) > 2
        context["sources"] = sources_of(self.body)
        context["helps_with_a_request"] = self.belongs_to != FormPart.PUBLIC
        return context
