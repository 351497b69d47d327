"""What the reconciler brings and types: the bank's file, a match, a reason to set a line aside."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.actions.matching import SET_ASIDE_REASONS
from finance.forms.fields import AmountField, PlainForm, RateField, amount_in
from finance.models import Match, MatchRule
from gaf import ids
from gaf.money import EXPONENTS

MOST_KEYS, MOST_AT_ONCE = 25, 200
_KEY = re.compile(r"[A-Za-z0-9-]{1,40}")

REASONS = {
    "unknown_sender": _("Nobody here knows the sender"),
    "bank_asked": _("The bank was asked"),
    "not_ours": _("It is not ours"),
    "amount_differs": _("The amount differs from ours"),
    "other": _("Another reason"),
}


class PlaceForm(PlainForm):
    """Where in the list a person stood, so that she stands there again; nothing of it is an address."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    show = forms.CharField(max_length=8, required=False, widget=forms.HiddenInput)
    sort = forms.CharField(max_length=8, required=False, widget=forms.HiddenInput)
    age = forms.CharField(max_length=8, required=False, widget=forms.HiddenInput)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False, widget=forms.HiddenInput)


class KeysField(forms.Field):
    """Keys that the page itself put into its boxes: at most 25, letters, digits and hyphens."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: object) -> list[str]:
        """The keys, each once, in their order."""
        told = [str(one) for one in value] if isinstance(value, list) else []
        return list(dict.fromkeys(told))

    def validate(self, value: list[str]) -> None:
        """Nothing that this page cannot have offered."""
        if len(value) > MOST_KEYS or any(not _KEY.fullmatch(key) for key in value):
            raise ValidationError(_("Choose from what the page offers, 25 at most."))


class MatchForm(PlaceForm):
    """Without records: the one that the exact reference names. With records, other lines and a difference: those.

    `fee` calls the line a fee of the bank, `rule` what a rule in force calls it.
    """

    record = KeysField(required=False)
    also = KeysField(required=False)
    books_to = forms.ChoiceField(
        choices=[("", ""), *Match.BooksTo.choices], required=False, widget=forms.HiddenInput, label=_("The difference")
    )
    fee = forms.BooleanField(required=False, widget=forms.HiddenInput)
    rule = forms.BooleanField(required=False, widget=forms.HiddenInput)


class FindForm(PlainForm):
    """What a person remembers of one of our records: its number, an amount, or the payee's key."""

    q = forms.CharField(
        label=_("Number, amount or payee's key"),
        max_length=60,
        required=False,
        help_text=_("For example P-2026-00031, 300.00 or the key of a payee. Empty shows what is open."),
    )


class UndoForm(PlaceForm):
    """An undo needs nothing typed; a reason may be given."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))


class ManyForm(PlainForm):
    """The exact lines of a preview, each with the version that was seen: `<identity>:<version>`."""

    line = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def clean_line(self) -> list[tuple[str, int]]:
        """Identity and version of each line."""
        value = self.cleaned_data["line"]
        told = [str(one).partition(":") for one in value] if isinstance(value, list) else []
        if len(told) > MOST_AT_ONCE or any(len(i) != 16 or not v.isdigit() or len(v) > 6 for i, _s, v in told):
            raise ValidationError(_("Choose from what the page offers."))
        return [(identity, int(version)) for identity, _separator, version in told]


class MatchRuleForm(PlainForm):
    """A rule of matching: what lines it fits, and what it calls them."""

    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)
    name = forms.CharField(label=_("Name"), max_length=80)
    classifies = forms.ChoiceField(label=_("It calls such a line"), choices=MatchRule.Classifies.choices)
    incoming = forms.ChoiceField(
        label=_("Direction"), choices=[("", _("money that leaves")), ("in", _("money that comes in"))], required=False
    )
    contains = forms.CharField(
        label=_("Words that the line has"),
        max_length=200,
        required=False,
        help_text=_("Separate several by commas; the line must have all of them."),
    )
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=120,
        required=False,
        help_text=_("A regular expression without repeated groups. Leave it empty if words are enough."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3, required=False)
    least = AmountField(label=_("From amount"), required=False)
    most = AmountField(label=_("To amount"), required=False)
    band = RateField(
        label=_("Band of the exchange, in percent"),
        required=False,
        help_text=_("Only for an exchange difference: how far the amount may lie from ours. Up to 10."),
    )
    automatic = forms.BooleanField(
        label=_("It books fees and interest without a person, up to the fund's own limits"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Amounts in the currency of the rule."""
        typed = super().clean() or {}
        currency = str(typed.get("currency") or "").upper()
        if currency and currency not in EXPONENTS:
            self.add_error("currency", _("This is no currency that the fund can count."))
            return typed
        typed["currency"] = currency
        for name in ("least", "most"):
            if typed.get(name) and not currency:
                self.add_error(name, _("An amount needs a currency."))
            elif typed.get(name):
                typed[f"{name}_money"] = amount_in(self, name, currency)
        return typed

    def clean_band(self) -> int:
        """The band in basis points; nothing where there is none."""
        band: Decimal | None = self.cleaned_data["band"]
        if band is not None and (band * 100 % 1 or band > 10):
            raise ValidationError(_("Write a percentage up to 10, with at most two decimals."))
        return int(band * 100) if band is not None else 0


class SetAsideForm(PlaceForm):
    """Why a line is set aside, and whom somebody asked."""

    reason_code = forms.ChoiceField(
        label=_("Why"),
        choices=[(code, REASONS[code]) for code in SET_ASIDE_REASONS],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("What was asked of whom"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
    )
