"""Fields of money forms: days as three boxes, rates without surprises, amounts in the currency of their line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from gaf.amounts import read_amount
from gaf.money import EXPONENTS, Money, WrongAmount

_RATE = re.compile(r"[0-9]{1,11}(?:[.,][0-9]{1,6})?")


class DayWidget(forms.MultiWidget):
    """Day, month and year, each in a box of its own: no all-numeric date can be read the wrong way round."""

    use_fieldset = True

    def __init__(self) -> None:
        boxes = [(_("Day"), "w-2", "2"), (_("Month"), "w-2", "2"), (_("Year"), "w-3", "4")]
        super().__init__(
            [
                forms.TextInput({"aria-label": label, "inputmode": "numeric", "class": width, "maxlength": most})
                for label, width, most in boxes
            ]
        )

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The three boxes with a gap between them."""
        boxes = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        drawn = [self._render(box["template_name"], {"widget": box}, renderer) for box in boxes]  # type: ignore[attr-defined]
        return mark_safe(" ".join(drawn))  # noqa: S308 # each box is drawn by its own template, which escapes

    def decompress(self, value: date | None) -> list[object]:
        """A day as its three parts."""
        return [value.day, value.month, value.year] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """A day of the calendar; 31 June is refused, and so is a day without a year."""

    widget = DayWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Day, month, year. For example 27 11 2026."))
        super().__init__([forms.CharField(), forms.CharField(), forms.CharField()], **options)

    def compress(self, data_list: list[str]) -> date | None:
        """The day the three boxes say."""
        if not data_list:
            return None
        try:
            day, month, year = (int(part) for part in data_list)
            found = date(year, month, day)
        except ValueError as fault:
            raise ValidationError(_("This is not a day of the calendar. Write it like 27 11 2026.")) from fault
        if found.year < 2000:
            raise ValidationError(_("Write the year with four digits."))
        return found


class RateField(forms.CharField):
    """Units of a currency for one US dollar: above nought, at most six decimals, a comma or a point before them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, **options)
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> Decimal | None:
        """The rate as an exact decimal."""
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            rate = Decimal(text.replace(",", ".")) if _RATE.fullmatch(text) else Decimal(0)
        except InvalidOperation:
            rate = Decimal(0)
        if rate <= 0:
            raise ValidationError(_("This is not a rate. Write units for one US dollar, like 572 or 24.75."))
        return rate


class AmountField(forms.CharField):
    """An amount as people write it; which currency it is in is known when the form is read (`amount_in`)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.widget.attrs["inputmode"] = "decimal"


def amount_in(form: forms.Form, name: str, currency: str) -> Money | None:
    """The amount typed in a field, above nought; None when nothing was typed, or when it was refused at the field."""
    text = form.cleaned_data.get(name) or ""
    if not text:
        return None
    try:
        amount = read_amount(text, currency)
    except WrongAmount as refusal:
        form.add_error(name, f"{refusal.why} {refusal.next_step}")
        return None
    if not amount:
        form.add_error(name, _("It is nought. Write an amount, or leave the box empty."))
        return None
    return amount


def currency_choices() -> list[tuple[str, str]]:
    """Every currency the fund can count, by its ISO code."""
    return [("", str(_("Choose a currency"))), *((code, code) for code in sorted(EXPONENTS))]


def offer(form: forms.BaseForm, name: str, choices: Sequence[Any]) -> None:
    """Give a field of choices what can be chosen now."""
    form.fields[name].choices = list(choices)  # type: ignore[attr-defined]


class PlainForm(forms.Form):
    """A form whose controls carry no `required`: the server explains in its own words."""

    use_required_attribute = False


class ReasonForm(PlainForm):
    """An act that needs nothing but a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class ConfirmForm(PlainForm):
    """An act that needs nothing typed."""
