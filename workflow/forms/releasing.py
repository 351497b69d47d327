"""Which prepared disbursements a payer releases, why what looks like paying twice is not, and that it is the payer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaf.accounts.fresh import FreshFields
from gaf.refusals import Refusal
from workflow.forms.acts import ActForm

MOST_AT_ONCE = 20


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

    def __init__(
        self, *args: Any, request: HttpRequest, numbers: list[str], alike: Collection[str] = (), **kwargs: Any
    ) -> None:
        """Only `numbers` can be released; those in `alike` look like another payment and need a reason."""
        super().__init__(*args, **kwargs)
        self.ask_afresh(request)
        self.alike = list(alike)
        self.fields["numbers"].choices = [(number, number) for number in numbers]  # type: ignore[attr-defined]
        for number in self.alike:
            self.fields[f"why_{number}"] = forms.CharField(
                label=_("%(number)s: why it is not the same payment") % {"number": number},
                required=False,
                max_length=500,
            )

    def clean_numbers(self) -> list[str]:
        """Between one and twenty."""
        numbers: list[str] = self.cleaned_data["numbers"]
        if len(numbers) > MOST_AT_ONCE:
            raise ValidationError(_("At most %(most)s are released at once.") % {"most": MOST_AT_ONCE})
        return numbers

    def clean(self) -> dict[str, Any]:
        """Whoever releases what looks like paying twice says why it is not."""
        found = super().clean() or self.cleaned_data
        for number in found.get("numbers", []):
            if number in self.alike and not found.get(f"why_{number}", "").strip():
                self.add_error(f"why_{number}", _("Say why %(number)s is another payment.") % {"number": number})
        return found

    def why(self) -> list[Any]:
        """The boxes of what looks like paying twice."""
        return [self[f"why_{number}"] for number in self.alike]

    def explained(self) -> dict[str, str]:
        """The reasons by number."""
        return {number: self.cleaned_data.get(f"why_{number}", "") for number in self.alike}


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
