"""What all our pages share: a tree for each language, and previews that an editor can see beside the form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import translation
from wagtail.models import Page

from cms.trees import in_each_language, titles_above
from gaf.languages import reading_language

HOME_DEPTH = 2  # the tree's root is 1


class PublicPage(Page):
    """A page for everybody, at its address below `/en/`, `/fr/` or `/es/`."""

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The language of the text and of the reader, the same page in each language, and the pages above it."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reader = reading_language()
        written_in = self.locale.language_code
        above = [page for page in self.get_ancestors().live() if page.depth > HOME_DEPTH]
        context.update(
            written_in=written_in,
            is_foreign=written_in != reader,
            languages=in_each_language(self, reader, self.behind(**kwargs)),
            above=titles_above(above, reader),
        )
        return context

    def behind(self, **kwargs: Any) -> str:
        """What stands in the address behind that of the page."""
        return ""

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The page as it would be, in the language of its tree, whatever the editor reads."""
        with translation.override(self.locale.language_code):
            response: HttpResponse = super().serve_preview(request, mode_name)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
        return response

    def make_preview_request(
        self, original_request: HttpRequest | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page as it would be. It stands in a frame of the editor, so it takes the editors' content policy."""
        response: HttpResponse = super().make_preview_request(original_request, *args, **kwargs)
        if "Content-Security-Policy" in response.headers:
            del response.headers["Content-Security-Policy"]
        return response
