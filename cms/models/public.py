"""What all our pages share: one stored language, and previews that an editor can see beside the form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail.models import Page


class PublicPage(Page):
    """A page for everybody, at its address below `/en/`."""

    class Meta:
        abstract = True

    def make_preview_request(
        self, original_request: HttpRequest | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page as it would be. It stands in a frame of the editor, so it takes the editors' content policy."""
        response: HttpResponse = super().make_preview_request(original_request, *args, **kwargs)
        if "Content-Security-Policy" in response.headers:
            del response.headers["Content-Security-Policy"]
        return response
