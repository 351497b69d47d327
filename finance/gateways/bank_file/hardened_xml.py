"""Reads XML from outside as if it were hostile: no document type, no entities, no network, limits on size and depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _
from lxml import etree
from lxml.etree import _Element

from finance.gateways.bank_file.refusals import StatementRefused, refuse_statement

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_LEVELS: Final = 64
MOST_ELEMENTS: Final = 1_500_000

_ENCODINGS: Final = {"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

Path = tuple[str, ...]


def _as_ascii_would_see_it(content: bytes) -> bytes:
    """The bytes without byte order mark and without the zero bytes that wide encodings put between letters."""
    for mark in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content = content[len(mark) :]
            break
    return content.replace(b"\x00", b"").lstrip()


def check_bytes(content: bytes) -> None:
    """Refuse what need not be parsed to be refused: nothing, too much, a document type, an unknown encoding.

    Raises StatementRefused: STMT-01 empty, STMT-02 too large, STMT-03 document type or entity, STMT-04 encoding,
    STMT-05 not XML.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise refuse_statement("STMT-01", _("The file is empty."))
    if len(content) > MOST_BYTES:
        raise _too_large(_("The file has more than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024})
    plain = _as_ascii_would_see_it(content)
    if _FORBIDDEN.search(plain):
        raise refuse_statement(
            "STMT-03", _("The file declares a document type or an entity; no bank statement needs one.")
        )
    if not plain.startswith(b"<"):
        raise refuse_statement("STMT-05", _("The file is not XML."))
    declared = _DECLARED.match(plain)
    if declared and declared[1].decode("ascii").lower() not in _ENCODINGS:
        raise refuse_statement("STMT-04", _("The file is written in an encoding that is not accepted."))


def walk(content: bytes) -> Iterator[tuple[str, Path, _Element]]:
    """Give ("start" or "end", path of tag names, element) for each element, while the file is being read.

    The tag names keep their namespace. Raises StatementRefused: STMT-01 to STMT-05, STMT-06 nested too deep;
    STMT-02 also for a small file of too many elements.
    """
    check_bytes(content)
    events = etree.iterparse(
        BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    path: list[str] = []
    elements = 0
    try:
        for event, element in events:
            if event == "start":
                path.append(element.tag)
                elements += 1
                if elements > MOST_ELEMENTS:
                    raise _too_large(_("The file has more than %(most)s elements.") % {"most": MOST_ELEMENTS})
                _check_place(path, element)
            yield event, tuple(path), element
            if event == "end":
                path.pop()
    except etree.XMLSyntaxError as error:
        raise _not_xml(error) from None


def _check_place(path: list[str], element: _Element) -> None:
    if len(path) > MOST_LEVELS:
        raise _too_deep()
    if len(path) == 1 and element.getroottree().docinfo.internalDTD is not None:
        raise refuse_statement(
            "STMT-03", _("The file declares a document type or an entity; no bank statement needs one.")
        )


def _too_large(why: str) -> StatementRefused:
    return refuse_statement("STMT-02", why, _("Ask the bank for one file a day."))


def _too_deep() -> StatementRefused:
    return refuse_statement("STMT-06", _("The file is nested deeper than %(most)s levels.") % {"most": MOST_LEVELS})


def _not_xml(error: etree.XMLSyntaxError) -> StatementRefused:
    if "depth" in str(error):
        return _too_deep()
    line = error.lineno or 0
    return refuse_statement(
        "STMT-05", _("The file is not whole, correct XML: it breaks off at line %(line)s.") % {"line": line}
    )
