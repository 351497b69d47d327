"""Lists for spreadsheets, as CSV and as XLSX. No cell is ever a formula, whatever a payee or a bank wrote.

A spreadsheet runs what begins with = + - @, a tab or a carriage return. Such a text gets an apostrophe before it, in
CSV and in XLSX alike; in XLSX every text is besides written as text. Numbers and days stay numbers and days.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Cell = str | int | Decimal | date | None

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PIECE: Final = 65_536
MOST_IN_A_CELL: Final = 32_000


def neutral(text: str) -> str:
    """The text as a cell may hold it: an apostrophe before what a spreadsheet would run, also after leading blanks."""
    plain = _UNPRINTABLE.sub("", text)[:MOST_IN_A_CELL]
    bare = plain.lstrip(" \u00a0")
    return f"'{plain}" if bare.startswith(FORMULA_STARTS) or plain.startswith(FORMULA_STARTS) else plain


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return neutral(cell) if isinstance(cell, str) else str(cell)


def as_csv(head: list[str], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """The list as CSV (UTF-8 with a mark, CRLF), row by row as it is read."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")

    def written(cells: list[Cell]) -> bytes:
        writer.writerow([_csv_cell(cell) for cell in cells])
        text = held.getvalue()
        held.seek(0)
        held.truncate()
        return text.encode()

    yield b"\xef\xbb\xbf" + written([*head])
    for row in rows:
        yield written(row)


def as_xlsx(title: str, head: list[str], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """The list as XLSX: written row by row to a file, then sent in pieces."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in _with_head(head, rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=neutral(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    with TemporaryDirectory(prefix="gaf-export-") as folder:
        path = Path(folder) / "export.xlsx"
        book.save(path)
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece


def _with_head(head: list[str], rows: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
    yield [*head]
    yield from rows
