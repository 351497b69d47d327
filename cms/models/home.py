"""The start page: what the fund is, one button, what is needed, and where everything else is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from cms.blocks import GuidanceBody
from cms.models.guidance import parts_of, sources_of
from cms.models.public import PublicPage
from cms.trees import address, each_once
from gaf.languages import reading_language
from workflow.queries import current_criteria


class HomePage(PublicPage):
    """The public start page of a language, below which everything stands."""

    lead = models.CharField(_("first sentence"), max_length=250)
    you_need = StreamField([("need", blocks.CharBlock(max_length=200))], blank=True, verbose_name=_("what you need"))
    urgent = models.CharField(_("words about urgent help"), max_length=250)
    body = StreamField(GuidanceBody(), blank=True, verbose_name=_("text"))

    max_count = len(settings.LANGUAGES)
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.GuidanceIndexPage", "cms.GuidancePage", "cms.CriteriaPage", "cms.FiguresPage"]
    template = "cms/home.html"
    content_panels = [
        *PublicPage.content_panels,
        FieldPanel("lead"),
        FieldPanel("you_need"),
        FieldPanel("urgent"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("start page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The text, the pages below, and the criteria in force (None while there are none)."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["parts"] = parts_of(self.body)
        context["sources"] = sources_of(self.body)
        reader = reading_language()
        below = each_once(Page.objects.live().public().filter(depth=self.depth + 1), reader)
        context["below"] = [(address(page, reader), page) for page in below]
        context["in_force"] = current_criteria()
        return context
