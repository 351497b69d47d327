"""A file without what it tells about its maker: where a photo was taken, with which telephone, who wrote the text.

Pictures are drawn anew from their points, so that nothing hidden between or behind them is kept. A PDF keeps its shape,
because places in it are counted in bytes: what tells of its maker is written over with spaces of the same length.
"""

from __future__ import annotations

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from gaf.uploads import pdf
from gaf.uploads.kinds import JPEG, PDF, not_stored, sniff

MOST_POINTS = 40_000_000  # a page scanned at 600 points an inch has 35 million
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def cleaned(content: bytes) -> tuple[str, bytes]:
    """The type of a file and its bytes without what tells of its maker.

    Raises Refusal DOC-01 (type), DOC-04 (damaged, or larger than any picture of a document), DOC-06 (a PDF that acts by
    itself, carries other files or is locked).
    """
    content_type = sniff(content)
    if content_type == PDF:
        pdf.require_sound(content)
        return content_type, pdf.without_its_maker(content)
    return content_type, _drawn_anew(content, content_type)


def _drawn_anew(content: bytes, content_type: str) -> bytes:
    """The points of a picture and nothing else, turned the way the telephone was held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[_FORMATS[content_type]]) as picture:
                if picture.width * picture.height > MOST_POINTS:
                    raise _too_large()
                picture.load()
                return _saved(ImageOps.exif_transpose(picture), content_type)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as cause:
        raise _too_large() from cause
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as cause:
        raise not_stored("DOC-04", _("The picture is damaged."), _("Take or scan it again, then add it.")) from cause


def _saved(picture: Image.Image, content_type: str) -> bytes:
    see_through = picture.info.get("transparency")
    picture.info.clear()
    if see_through is not None:
        picture.info["transparency"] = see_through
    drawn = io.BytesIO()
    if content_type == JPEG:
        picture.save(drawn, "JPEG", quality=90, optimize=True)
    else:
        picture.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _too_large() -> Exception:
    return not_stored(
        "DOC-04",
        _("The picture has more than 40 million points."),
        _("Make it smaller, or scan it with fewer points."),
    )
