"""Which prepared disbursements a payer releases, why what looks like paying twice is not, and that it is the payer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaf.accounts.fresh import FreshFields
from gaf.refusals import Refusal
from workflow.forms.acts import ActForm

MOST_AT_ONCE = 20
_NUMBER = re.compile(r"P-[0-9]{4}-[0-9]{5,8}")


class ChosenForm(FreshFields):
    """The numbers ticked, 20 at most; the password, unless it was typed a short time ago."""

    use_required_attribute = False
    numbers = forms.MultipleChoiceField(
        label=_("Disbursements"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one disbursement."),
            "invalid_choice": _("%(value)s is not prepared, or not any more."),
        },
    )
    field_order = ("numbers",)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Whatever is named like a disbursement may be chosen, until `look_at` says what is there."""
        super().__init__(*args, **kwargs)
        self.ask_afresh(request)
        self.alike: list[str] = []
        sent = self.data.getlist("numbers") if self.is_bound else []  # type: ignore[attr-defined]
        self.named = [number for number in dict.fromkeys(sent) if _NUMBER.fullmatch(number)]
        self._offer(self.named)
        for number in self.named:
            self._ask_why(number)

    def _offer(self, numbers: Iterable[str]) -> None:
        self.fields["numbers"].choices = [(one, one) for one in numbers]  # type: ignore[attr-defined]

    def _ask_why(self, number: str) -> None:
        label = _("%(number)s: why it is not the same payment") % {"number": number}
        self.fields[f"why_{number}"] = forms.CharField(label=label, required=False, max_length=500)

    def look_at(self, numbers: Collection[str], alike: Collection[str]) -> None:
        """Only `numbers` can be released; those in `alike` look like another payment and need a reason."""
        self.alike = list(alike)
        self._offer(numbers)
        for number in self.alike:
            if f"why_{number}" not in self.fields:
                self._ask_why(number)
        if self.is_bound and "numbers" not in self.errors:
            self._say_what_stays(numbers)

    def _say_what_stays(self, numbers: Collection[str]) -> None:
        chosen = self.cleaned_data["numbers"]
        missing = next((number for number in chosen if number not in numbers), "")
        if missing:
            words = self.fields["numbers"].error_messages["invalid_choice"]
            self.add_error("numbers", ValidationError(words, code="invalid_choice", params={"value": missing}))
            return
        for number in chosen:
            if number in self.alike and not self.cleaned_data.get(f"why_{number}", "").strip():
                self.add_error(f"why_{number}", _("Say why %(number)s is another payment.") % {"number": number})

    def clean_numbers(self) -> list[str]:
        """Between one and twenty."""
        numbers: list[str] = self.cleaned_data["numbers"]
        if len(numbers) > MOST_AT_ONCE:
            raise ValidationError(_("At most %(most)s are released at once.") % {"most": MOST_AT_ONCE})
        return numbers

    def why(self) -> list[Any]:
        """The boxes of what looks like paying twice."""
        return [self[f"why_{number}"] for number in self.alike]

    def explained(self) -> dict[str, str]:
        """The reasons by number, of what was chosen."""
        return {number: self.cleaned_data.get(f"why_{number}", "") for number in self.cleaned_data["numbers"]}


class ReleaseForm(ChosenForm, ActForm):
    """The same for one request, with the version of it that was seen."""

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        return {
            "numbers": self.cleaned_data["numbers"],
            "seen_version": self.cleaned_data["seen_version"],
            "explained": self.explained(),
        }


class TogetherForm(ChosenForm):
    """Disbursements of several requests; the key lets a second press of the button find what the first one did."""

    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error(None, f"{refusal.what} {refusal.why} {refusal.next_step} ({refusal.code})")
