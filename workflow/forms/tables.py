"""What a data steward chooses for a table of persons helped."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import PlainForm
from gaf import clock, ids
from workflow.models import Table
from workflow.statistics.counting import DIMENSIONS

YEARS = 3
_FOR_WHOM = [(Table.Audience.PUBLIC, _("Everybody")), (Table.Audience.INTERNAL, _("People of the fund"))]


def spans(today: date) -> list[tuple[str, str]]:
    """The years and quarters that are over, the newest first, each as `2026` or `2026-2`."""
    found = []
    for year in range(today.year, today.year - YEARS, -1):
        if year < today.year:
            found.append((str(year), str(year)))
        for quarter in (4, 3, 2, 1):
            if days_of(f"{year}-{quarter}")[1] < today:
                found.append((f"{year}-{quarter}", _in_words(year, quarter)))
    return found


def _in_words(year: int, quarter: int) -> str:
    return str(_("Quarter %(quarter)s of %(year)s") % {"quarter": quarter, "year": year})


def days_of(span: str) -> tuple[date, date]:
    """The first and the last day of a year or a quarter."""
    year, _dash, quarter = span.partition("-")
    first = date(int(year), 1 + (int(quarter or 1) - 1) * 3, 1)
    months = 3 if quarter else 12
    last_month = first.month + months - 1
    after = date(first.year + 1, 1, 1) if last_month == 12 else date(first.year, last_month + 1, 1)
    return first, date.fromordinal(after.toordinal() - 1)


class TableForm(PlainForm):
    """Which days, by what, and for whom."""

    span = forms.ChoiceField(label=_("Time"))
    dimensions = forms.MultipleChoiceField(
        label=_("By"),
        choices=list(DIMENSIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Up to three. The more there are, the more figures are hidden."),
    )
    for_whom = forms.ChoiceField(label=_("For whom"), choices=_FOR_WHOM, widget=forms.RadioSelect)
    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["span"].choices = spans(clock.today())  # type: ignore[attr-defined]
