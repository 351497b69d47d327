"""Planning a line's tranches, opening the next one, and accounting for one that was paid."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from finance.actions.tranches import TranchePlan
from finance.forms.fields import DayField
from finance.models import Commitment, Tranche
from gaf.amounts import read_amount
from gaf.money import Money
from gaf.refusals import Refusal

MOST = 6
_LATER = [choice for choice in Tranche.Condition.choices if choice[0] != Tranche.Condition.AT_ONCE]
# Why spending is not accepted, as the reports have it.
DISALLOWED = [
    ("NO_EVIDENCE", _("No proof of spending")),
    ("NOT_APPROVED", _("Not what was approved")),
    ("OUTSIDE_PERIOD", _("Outside the period")),
    ("OTHER", _("Another reason")),
]


class AmountsForm(forms.Form):
    """A form whose amounts are in one currency, and which can say what a rule said no to."""

    use_required_attribute = False

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """The currency of the line."""
        super().__init__(*args, **kwargs)
        self.currency = currency

    def money(self, name: str) -> Money | None:
        """The amount of a field; None when it is empty or cannot be read, and then the field says why."""
        text = self.cleaned_data.get(name) or ""
        if not text:
            return None
        try:
            return read_amount(text, self.currency)
        except Refusal as refusal:
            self.add_error(name, f"{refusal.why} {refusal.next_step}")
            return None


class PlanForm(AmountsForm):
    """Up to six tranches: how much, and what each after the first waits for."""

    def __init__(self, *args: Any, commitment: Commitment, **kwargs: Any) -> None:
        """One amount for each tranche, one condition for each but the first."""
        super().__init__(*args, currency=commitment.currency, **kwargs)
        for number in range(1, MOST + 1):
            words = {"number": number, "currency": commitment.currency}
            self.fields[f"amount_{number}"] = forms.CharField(
                label=_("Tranche %(number)s, in %(currency)s") % words,
                required=number <= 2,
                max_length=40,
                widget=forms.TextInput({"inputmode": "decimal"}),
            )
            if number > 1:
                self.fields[f"condition_{number}"] = forms.ChoiceField(
                    label=_("Tranche %(number)s waits for") % words, choices=_LATER, required=False
                )
                self.fields[f"not_before_{number}"] = DayField(
                    label=_("Not before, if it waits for a day"), required=False
                )

    def clean(self) -> dict[str, Any]:
        """Read the amounts; a tranche that waits for a day says which."""
        said = super().clean() or {}
        for number in range(1, MOST + 1):
            said[f"money_{number}"] = self.money(f"amount_{number}")
            by_day = said.get(f"condition_{number}") == Tranche.Condition.DATE
            if said[f"money_{number}"] and by_day and not said.get(f"not_before_{number}"):
                self.add_error(f"not_before_{number}", _t("Write the day."))
        return said

    def plans(self) -> list[TranchePlan]:
        """The tranches that were written."""
        return [self._plan(number) for number in range(1, MOST + 1) if self.cleaned_data[f"money_{number}"]]

    def _plan(self, number: int) -> TranchePlan:
        said = self.cleaned_data
        condition = str(said.get(f"condition_{number}") or Tranche.Condition.AT_ONCE)
        day: date | None = said.get(f"not_before_{number}") if condition == Tranche.Condition.DATE else None
        return TranchePlan(said[f"money_{number}"], condition, day)


class OpenForm(forms.Form):
    """How a condition was met that only a person can see."""

    use_required_attribute = False
    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    confirmed = forms.CharField(
        label=_("How was the condition met? No names of persons."),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, tranche: Tranche, **kwargs: Any) -> None:
        """Only a condition that nobody but a person can see is told; the others are in the books."""
        super().__init__(*args, **kwargs)
        self.fields["confirmed"].required = tranche.condition == Tranche.Condition.GATE


class AccountForm(AmountsForm):
    """What was accepted of a tranche, what was not, and why."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    accepted = forms.CharField(label=_("Accepted"), max_length=40, widget=forms.TextInput({"inputmode": "decimal"}))
    disallowed = forms.CharField(
        label=_("Spent and not accepted"), max_length=40, widget=forms.TextInput({"inputmode": "decimal"})
    )
    reason_code = forms.ChoiceField(
        label=_("Why it is not accepted"), required=False, choices=[("", _("Everything is accepted")), *DISALLOWED]
    )

    def clean(self) -> dict[str, Any]:
        """Read both amounts; what is not accepted has its reason."""
        said = super().clean() or {}
        said["money_accepted"], said["money_disallowed"] = self.money("accepted"), self.money("disallowed")
        if said["money_disallowed"] and not said.get("reason_code"):
            self.add_error("reason_code", _t("Choose why it is not accepted."))
        return said
