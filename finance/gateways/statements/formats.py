"""Tells a bank's file by its content, never by its name, and gives it to the reader of its format."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements.bai2 import read_bai2
from finance.gateways.statements.camt import read_camt
from finance.gateways.statements.csv_lists import CsvShape, read_csv
from finance.gateways.statements.mt940 import read_mt940
from finance.gateways.statements.ofx import read_ofx
from finance.gateways.statements.pain002 import StatusReportRead, read_pain002
from finance.gateways.statements.plain_text import check_kind, decoded
from finance.gateways.statements.reading import FileRead

_HEAD: Final = 8192
_OFX = re.compile(rb"^\s*(OFXHEADER|<\?OFX|<OFX>)|<\?OFX\s|<OFX>", re.IGNORECASE)
_STATUS = re.compile(rb"CstmrPmtStsRpt|pain\.002\.")
_MT940 = re.compile(rb"(?m)^\s{0,3}(\{1:|:(20|25|28C?|60[FM]|61|940):)")
_BAI2 = re.compile(rb"^\s*01,")
_TEXTS: Final = {"ofx": read_ofx, "bai2": read_bai2, "mt940": read_mt940}
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def _head(content: bytes) -> bytes:
    """The first bytes as ASCII would see them: without byte order mark, and without the zeros of wide letters."""
    plain = content[: 2 * _HEAD]
    for mark in _MARKS:
        plain = plain.removeprefix(mark)
    return plain.replace(b"\x00", b"").lstrip()[:_HEAD]


def family_of(content: bytes) -> str:
    """What kind of file this is, told by its first bytes: `camt`, `pain.002`, `ofx`, `bai2`, `mt940`, or nothing."""
    head = _head(content)
    if _OFX.search(head):
        return "ofx"
    if head.startswith(b"<"):
        return "pain.002" if _STATUS.search(head) else "camt"
    if _BAI2.match(head):
        return "bai2"
    return "mt940" if _MT940.search(head) else ""


def read_file(content: bytes, shape: CsvShape | None = None) -> FileRead | StatusReportRead:
    """What the file says. `shape` is the mapping by which a list is read, where the file is a list.

    Raises StatementRefused (STMT-01 to STMT-28) with the first thing that is wrong and where; nothing is read then.
    """
    check_kind(content)
    family = family_of(content)
    if family == "pain.002":
        return read_pain002(content)
    if family == "camt":
        return read_camt(content)
    if family:
        return _TEXTS[family](decoded(content))
    if shape is not None:
        return read_csv(decoded(content), shape)
    raise refuse_statement(
        "STMT-07",
        _("The file is in none of the formats that are read: camt.052, .053, .054, MT940, MT942, OFX, BAI2, pain.002."),
        _("If it is a list (CSV), choose the mapping of its bank; otherwise ask the bank for one of these formats."),
    )
