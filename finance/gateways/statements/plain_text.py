"""Text files from outside, read as if hostile: kind by first bytes, encoding, lines and numbers."""

from __future__ import annotations

import codecs
import re
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.hardened_xml import MOST_BYTES
from finance.gateways.bank_file.refusals import StatementRefused, refuse_statement

LONGEST_LINE: Final = 16_384

_OTHER_KINDS: Final = (
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "Excel or Word"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_WIDE: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
_AMOUNT = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{0,5})?")


def check_kind(content: bytes) -> None:
    """Refuse what no bank statement is: nothing, too much, an archive (never unpacked), a picture, a program.

    Raises StatementRefused: STMT-01 empty, STMT-02 too large, STMT-04 another kind of file.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise refuse_statement("STMT-01", _("The file is empty."))
    if len(content) > MOST_BYTES:
        raise refuse_statement(
            "STMT-02",
            _("The file has more than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024},
            _("Ask the bank for one file a day."),
        )
    for mark, name in _OTHER_KINDS:
        if content.startswith(mark):
            raise refuse_statement(
                "STMT-04",
                _("The file is no statement: by its first bytes it is %(kind)s.") % {"kind": name},
                _("Unpack it or export it from the bank again, and give the statement itself."),
            )


def decoded(content: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else the Western European code page banks use.

    Raises StatementRefused: STMT-04 zero bytes or broken letters, STMT-22 a line longer than any bank writes.
    """
    for mark, encoding in _WIDE:
        if content.startswith(mark):
            return _checked(_strictly(content, encoding))
    if b"\x00" in content:
        raise _broken(_("The file holds zero bytes at byte %(place)s.") % {"place": content.index(b"\x00") + 1})
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _checked(content.decode("cp1252", errors="replace"))


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _broken(
            _("The file says it is %(encoding)s and breaks off at byte %(place)s.")
            % {"encoding": encoding.upper().removesuffix("-SIG"), "place": fault.start + 1}
        ) from None


def _checked(text: str) -> str:
    if "\x00" in text:
        raise _broken(_("The file holds zero bytes."))
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def _broken(why: str) -> StatementRefused:
    return refuse_statement("STMT-04", why)


def lines_of(text: str) -> list[str]:
    """The lines. Raises StatementRefused STMT-22 where one is longer than any bank writes."""
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise refuse_statement(
                "STMT-22",
                _("Line %(line)s has more than %(longest)s characters.") % {"line": number, "longest": LONGEST_LINE},
            )
    return lines


def unsigned(written: str, where: str) -> Decimal:
    """A number of plain digits with one comma or point. Raises StatementRefused STMT-11."""
    if not _AMOUNT.fullmatch(written):
        raise refuse_statement(
            "STMT-11",
            _("%(where)s: “%(amount)s” is not an amount of plain digits.") % {"where": where, "amount": written[:30]},
        )
    plain = written.replace(",", ".")
    return Decimal(f"{plain}0" if plain.endswith(".") else plain)


def signed(written: str, where: str) -> Decimal:
    """The same with a plus or minus in front. Raises StatementRefused STMT-11."""
    digits = written[1:] if written[:1] in {"+", "-"} else written
    value = unsigned(digits, where)
    return -value if written.startswith("-") else value


def day_of(year: str, month: str, day: str, where: str) -> date:
    """A day of the calendar; two digits of a year are of 1970 to 2069. Raises StatementRefused STMT-18."""
    try:
        return possible_day(year, month, day)
    except ValueError:
        raise refuse_statement(
            "STMT-18",
            _("%(where)s: “%(day)s” is no day of the calendar.") % {"where": where, "day": f"{year}-{month}-{day}"},
        ) from None


def possible_day(year: str, month: str, day: str) -> date:
    """The same, or ValueError."""
    digits = year + month + day
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(digits)
    full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
    return date(full, int(month), int(day))
