"""Rows of a form that people add and remove by buttons, with scripts off: the page comes back as it was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm, formset_factory
from django.forms.formsets import TOTAL_FORM_COUNT, BaseFormSet
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict

MOST_ROWS = 60


class RowSet(BaseFormSet):
    """Rows that may all be empty; an empty row says nothing. `initial` fills them when the page is first shown."""

    fewest = 1

    def initial_form_count(self) -> int:
        """None: every row may be emptied, so none is asked for."""
        return 0

    def total_form_count(self) -> int:
        """As many as were posted, or as there is something to show."""
        return super().total_form_count() if self.is_bound else max(len(self.initial or ()), self.fewest)

    @property
    def written(self) -> list[Any]:
        """The rows in which something was written."""
        return [row for row in self.forms if row.has_changed()]


def row_set(form: type[BaseForm], base: type[RowSet] = RowSet) -> Any:
    """A set of rows of a form, at most sixty; more are refused, not cut off."""
    return formset_factory(form, formset=base, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True)


def rearranged(posted: QueryDict, fresh: Mapping[str, list[str]] | None = None) -> QueryDict | None:
    """What was posted, with one row more or less, when a button for that was pressed; else None.

    The buttons are `add` with the rows' prefix as value, and `remove` with prefix and number: `persons-2`. `fresh` is
    what a new row starts with.
    """
    if "add" in posted:
        return _with_row(posted, str(posted["add"]), fresh or {})
    if "remove" in posted:
        prefix, _dash, number = str(posted["remove"]).rpartition("-")
        if number.isdecimal() and len(number) <= 3:
            return _without_row(posted, prefix, int(number))
    return None


def _total(posted: QueryDict, prefix: str) -> int:
    text = posted.get(f"{prefix}-{TOTAL_FORM_COUNT}", "")
    return min(int(text), MOST_ROWS) if text.isdecimal() and len(text) <= 3 else 0


def _with_row(posted: QueryDict, prefix: str, fresh: Mapping[str, list[str]]) -> QueryDict:
    changed, total = posted.copy(), _total(posted, prefix)
    if total < MOST_ROWS:
        changed[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(total + 1)
        for name, values in fresh.items():
            changed.setlist(f"{prefix}-{total}-{name}", values)
    return changed


def _without_row(posted: QueryDict, prefix: str, number: int) -> QueryDict:
    changed = QueryDict(mutable=True)
    pattern = re.compile(re.escape(prefix) + r"-([0-9]{1,3})-(.+)")
    for name, values in posted.lists():
        row = pattern.fullmatch(name)
        if row is None:
            changed.setlist(name, values)
        elif int(row[1]) != number:
            place = int(row[1]) - (1 if int(row[1]) > number else 0)
            changed.setlist(f"{prefix}-{place}-{row[2]}", values)
    total = _total(posted, prefix)
    changed[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(total - 1 if number < total else total)
    return changed


def unjudged(*sources: Any) -> None:
    """Show what was typed without saying what is wrong with it: the person is not finished."""
    for source in sources:
        if source is None:
            continue
        if isinstance(source, BaseFormSet):
            unjudged(*source.forms)
            source._errors, source._non_form_errors = [], ErrorList()  # type: ignore[attr-defined]
        else:
            source._errors = ErrorDict()
