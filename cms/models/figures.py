"""What the fund does, in figures: tables that two people published, and each year that is over as an IATI file."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.url_routing import RouteResult

from cms.blocks import GuidanceBody
from cms.models.guidance import parts_of, sources_of
from cms.models.public import PublicPage
from workflow.iati.activities import iati_file
from workflow.iati.year import funds_year, years_over
from workflow.statistics.shown import published_tables

_IATI = re.compile(r"iati-([0-9]{4})")


class FiguresPage(PublicPage):
    """Text of an editor around figures that no editor writes: they come from the register of tables and the ledger."""

    summary = models.CharField(_("summary"), max_length=250)
    body = StreamField(GuidanceBody(), blank=True, verbose_name=_("text"))

    max_count_per_parent = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    template = "cms/figures.html"
    content_panels = [*PublicPage.content_panels, FieldPanel("summary"), FieldPanel("body")]

    class Meta:
        verbose_name = _("page of figures")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """A year's file stands below the page, as `iati-2025/`."""
        if len(path_components) == 1 and (found := _IATI.fullmatch(path_components[0])):
            if not self.live:
                raise Http404
            return RouteResult(self, kwargs={"year": int(found[1])})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: Any, year: int | None = None, **kwargs: Any) -> HttpResponse:
        """The page, or the file of a year that is over. Raises Http404 for a year that is not, or had no money."""
        if year is None:
            response: HttpResponse = super().serve(request, *args, **kwargs)
            return response
        if year not in years_over():
            raise Http404
        answer = HttpResponse(iati_file(funds_year(year)), content_type="application/xml")
        answer["Content-Disposition"] = f'attachment; filename="gaf-{year}.xml"'
        return answer

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The text, the published tables and the years that are over."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["parts"] = parts_of(self.body)
        context["sources"] = sources_of(self.body)
        context["tables"] = published_tables()
        context["years"] = years_over()
        return context
