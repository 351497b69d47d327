"""A table of persons as people read it: rows of words and figures, what is hidden told as hidden."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflow.models import Table
from workflow.states import TableState
from workflow.statistics.counting import DIMENSIONS, label


@dataclass(frozen=True)
class ShownRow:
    """One figure: the words of its place, the number of persons (None where it is hidden), and whether it is a sum."""

    words: list[str]
    persons: int | None
    is_sum: bool


@dataclass(frozen=True)
class ShownTable:
    """A table ready to be drawn: the words of its columns, and a row a figure."""

    table: Table
    headings: list[str]
    rows: list[ShownRow]


def shown(table: Table) -> ShownTable:
    """The table in the reader's language."""
    names = table.dimensions.split(",")
    words: dict[tuple[str, str], str] = {}
    rows = []
    for figure in table.counts:
        place = list(zip(names, figure["place"], strict=True))
        for name, value in place:
            if value is not None and (name, value) not in words:
                words[(name, value)] = label(name, value)
        said = [_("all") if value is None else words[(name, value)] for name, value in place]
        rows.append(ShownRow(said, figure["count"], any(value is None for _name, value in place)))
    return ShownTable(table, [str(DIMENSIONS[name]) for name in names], rows)


def published_tables() -> list[ShownTable]:
    """What everybody may read, the newest first."""
    found = Table.objects.filter(state=TableState.PUBLISHED, for_whom=Table.Audience.PUBLIC)
    return [shown(table) for table in found.order_by("-last_day", "-first_day")]
