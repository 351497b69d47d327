"""What if: another pace, and money that comes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import AmountField, PlainForm, amount_in
from gaf.money import Money

SLOWEST, FASTEST = 10, 500


class WhatIfForm(PlainForm):
    """Both are optional: the pace as it is, and no new money."""

    pace = forms.IntegerField(
        label=_("Pace, in per cent of today’s"),
        required=False,
        min_value=SLOWEST,
        max_value=FASTEST,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-3"}),
    )
    more = AmountField(label=_("More money now, in US dollars"), required=False)

    def clean(self) -> dict[str, Any]:
        """Read the amount in dollars."""
        said = super().clean() or {}
        said["money"] = amount_in(self, "more", "USD")
        return said

    def per_cent(self) -> int:
        """The pace asked for; 100 where none is, or what was typed is none."""
        return (self.cleaned_data.get("pace") or 100) if self.is_bound and self.is_valid() else 100

    def more_money(self) -> Money | None:
        """The money asked for."""
        return self.cleaned_data.get("money") if self.is_bound and self.is_valid() else None
