"""The form of being away: who stands in, from when to when, and up to how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.refusals import Refusal
from workflow.forms.fields import AmountField, DayField, read_money


class OutOfOfficeForm(forms.Form):
    """A deputy, perhaps a second one, and the days; approvers may hand over less than they have."""

    use_required_attribute = False
    role = forms.ChoiceField(label=_("What you hand over"))
    deputy = forms.TypedChoiceField(
        label=_("Who stands in for you"), coerce=int, error_messages={"required": _("Choose somebody.")}
    )
    second = forms.TypedChoiceField(
        label=_("Who else"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Gets what the first may not decide, because they worked on the same request before."),
    )
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"), help_text=_("It ends by itself after this day."))
    up_to = AmountField(
        label=_("At most, in US dollars"), required=False, help_text=_("Empty: as much as you may approve yourself.")
    )

    def __init__(
        self, *args: Any, roles: Sequence[str], people: Sequence[User], of_money: bool, today: date, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {"starts_on": today})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["role"].choices = [(role, Role(role).label) for role in roles]
        if len(roles) == 1:
            fields["role"].widget, fields["role"].initial = forms.HiddenInput(), roles[0]
        names = [("", "–"), *((str(person.pk), person.name) for person in people)]
        fields["deputy"].choices = fields["second"].choices = names
        if not of_money:
            del self.fields["up_to"]

    def clean(self) -> dict[str, Any]:
        """An amount above nothing, where one is written."""
        if self.cleaned_data.get("up_to"):
            self.cleaned_data["up_to"] = read_money(self, "up_to", "USD")
        return self.cleaned_data

    def said(self, people: Sequence[User]) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        known = {person.pk: person for person in people}
        chosen = [self.cleaned_data["deputy"], self.cleaned_data["second"]]
        return {
            "role": self.cleaned_data["role"],
            "deputies": [known[key] for key in chosen if key in known],
            "starts_on": self.cleaned_data["starts_on"],
            "ends_on": self.cleaned_data["ends_on"],
            "up_to": self.cleaned_data.get("up_to"),
        }

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        field = "ends_on" if refusal.code in ("DEPUTY-07", "DEPUTY-09") else "deputy"
        self.add_error("starts_on" if refusal.code == "DEPUTY-06" else field, f"{refusal.why} {refusal.next_step}")
