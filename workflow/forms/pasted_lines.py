"""Budget lines copied out of a spreadsheet: each cell goes into its box of a row, to be looked at and then saved."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from workflow.codelists import AssistanceType, Unit
from workflow.forms.fields import LANGUAGES_WITH_MONTHS, plain
from workflow.forms.rows import MOST_ROWS

COLUMNS = ("assistance_type", "description", "quantity", "unit", "unit_cost", "currency")
_CHOICES = {"assistance_type": AssistanceType, "unit": Unit}
_LONGEST = 20_000
_DIGIT = re.compile(r"\d")
Cells = dict[str, str]


class PastedLinesForm(forms.Form):
    """A box for what was copied, one line of the spreadsheet below the other."""

    use_required_attribute = False
    pasted = forms.CharField(
        label=_("Lines copied from a spreadsheet"),
        help_text=_("Columns in this order: type, description, quantity, unit, unit cost, currency."),
        max_length=_LONGEST,
        strip=False,
        required=False,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_pasted(self) -> list[Cells]:
        """The lines as cells. More than the page has rows for are refused, not cut off."""
        found = lines_in(self.cleaned_data["pasted"])
        room = MOST_ROWS - len(written_rows(self.data))
        if len(found) > room:
            words = _("These are %(count)s lines, and there is room for %(room)s more.")
            raise ValidationError(words % {"count": len(found), "room": room}, code="too_many")
        return found


def lines_in(text: str) -> list[Cells]:
    """Each line's cells by the name of their field; a line of headings above them is left out."""
    delimiter = "\t" if "\t" in text else ";"
    found = []
    for row in csv.reader(text.splitlines(), delimiter=delimiter):
        if any(cell.strip() for cell in row):
            found.append(dict(zip(COLUMNS, (cell.strip() for cell in row), strict=False)))
    if found and not any(_DIGIT.search(found[0].get(name, "")) for name in ("quantity", "unit_cost")):
        del found[0]
    return [_coded(cells) for cells in found]


def _coded(cells: Cells) -> Cells:
    """Words of a list become its code; words that are on no list stay, so that the row says which they are."""
    coded = {name: _codes(name).get(plain(cells.get(name, "")), cells.get(name, "")) for name in _CHOICES}
    return {**cells, **coded, "currency": cells.get("currency", "").upper()}


@lru_cache(maxsize=len(_CHOICES))
def _codes(name: str) -> dict[str, str]:
    """Every code by itself and by its words in each language."""
    known: dict[str, str] = {}
    for language in LANGUAGES_WITH_MONTHS:
        with override(language):
            known |= {plain(str(label)): str(code) for code, label in _CHOICES[name].choices}
    return known | {plain(str(code)): str(code) for code in _CHOICES[name].values}


def written_rows(posted: Mapping[str, Any]) -> list[int]:
    """The rows in which somebody wrote something, by their places."""
    return [place for place in _places(posted) if any(posted.get(f"lines-{place}-{name}") for name in COLUMNS[:5])]


def _places(posted: Mapping[str, Any]) -> range:
    total = str(posted.get(f"lines-{TOTAL_FORM_COUNT}", ""))
    return range(min(int(total), MOST_ROWS) if total.isdecimal() and len(total) <= 3 else 0)


def into_rows(posted: QueryDict, lines: list[Cells], fresh: Mapping[str, list[str]]) -> QueryDict:
    """What was posted, with the lines in empty rows and in new ones below; `fresh` is what a row starts with."""
    changed = posted.copy()
    free = _free_places(posted)
    for cells in lines:
        place = next(free)
        for name, values in fresh.items():
            changed.setlist(f"lines-{place}-{name}", values)
        for name, cell in cells.items():
            if cell or name != "currency":
                changed[f"lines-{place}-{name}"] = cell
        changed[f"lines-{TOTAL_FORM_COUNT}"] = str(max(place + 1, len(_places(changed))))
    return changed


def _free_places(posted: QueryDict) -> Iterator[int]:
    written = set(written_rows(posted))
    yield from (place for place in range(MOST_ROWS) if place not in written)
