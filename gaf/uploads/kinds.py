"""Which files are taken at all, told by their bytes and never by their name."""

from __future__ import annotations

import puremagic
from django.utils.translation import gettext as _

from gaf.refusals import Refusal

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ACCEPTED = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}


def not_stored(code: str, why: str, next_step: str) -> Refusal:
    """The refusal of a file, in three parts."""
    return Refusal(code, _("The document was not stored."), why, next_step)


def sniff(content: bytes) -> str:
    """The type of a file by its bytes. Raises Refusal DOC-01 unless it is a PDF, JPEG or PNG."""
    try:
        found = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    for content_type, start in ACCEPTED.items():
        if found == content_type and content.startswith(start):
            return content_type
    raise not_stored("DOC-01", _("It is not a PDF, JPEG or PNG file."), _("Save it as PDF, then add it again."))
