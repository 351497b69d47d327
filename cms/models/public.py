"""What all our pages share: a tree for each language, and previews that an editor can see beside the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import translation
from wagtail.models import Page

from cms.second_reading import require_second_reading
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

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save the page; every way of publishing ends here. A new page begins as a draft, whoever makes it.

        Raises Refusal GUIDE-01 when it would go live with a version that nobody but its writer read.
        """
        if self._state.adding:
            self.live = False
        elif self.live and (update_fields is None or "live" in update_fields):
            self._require_that_it_was_read()
        super().save(*args, update_fields=update_fields, **options)

    def _require_that_it_was_read(self) -> None:
        as_it_was = Page.objects.filter(pk=self.pk, live=True, live_revision_id=self.live_revision_id)
        if not as_it_was.exists():
            require_second_reading(self.live_revision_id)

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
