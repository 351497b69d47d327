"""While help is given: who leaves and what is cancelled with them, and the end of help."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.actions.delivery import Cancellation
from workflow.forms.acts import ActForm
from workflow.forms.fields import AmountField, CaseTextField, QuantityField, characters, read_money, with_nothing_chosen
from workflow.forms.lines import person_choices
from workflow.models import AssistanceRequest, BudgetLine
from workflow.reasons import EndReason

_LONGEST_REASON = 1000


def share_of(line: BudgetLine, leaving: set[str]) -> Decimal:
    """How many units of a line were meant for the persons who leave: by heads, the whole rest when nobody stays."""
    present = {person.key for person in line.persons.all() if not person.has_left}
    go = present & leaving
    if not go:
        return Decimal(0)
    if go == present:
        return line.granted_quantity
    return (line.granted_quantity * len(go) / len(present)).quantize(Decimal("0.01"), rounding=ROUND_DOWN)


class LeavingForm(ActForm):
    """Who leaves, why, and how many units of each granted line are no longer needed."""

    worked_out = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    person_keys = forms.MultipleChoiceField(
        label=_("Who leaves?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose who leaves."),
            "invalid_choice": _("One of these persons does not take part, or not any more."),
        },
    )
    reason_code = forms.ChoiceField(label=_("Why?"), choices=with_nothing_chosen(EndReason.choices))
    reason = CaseTextField(
        label=_("In your own words"), help_text=characters(_LONGEST_REASON), required=False, max_length=_LONGEST_REASON
    )

    def __init__(self, assistance: AssistanceRequest, *args: Any, **kwargs: Any) -> None:
        """One box of quantities for each line the fund pays for."""
        super().__init__(*args, **kwargs)
        self.fields["person_keys"].choices = person_choices(assistance)  # type: ignore[attr-defined]
        lines = assistance.lines.select_related("mission").prefetch_related("persons")
        self.granted = [line for line in lines if line.is_granted and line.granted_quantity > 0]
        for line in self.granted:
            self.fields[_box(line)] = QuantityField(
                label=_("Line %(number)s: units to cancel") % {"number": line.number},
                may_be_nothing=True,
                required=False,
            )

    def lines(self) -> list[dict[str, Any]]:
        """The granted lines with their boxes."""
        return [{"line": line, "box": self[_box(line)]} for line in self.granted]

    def clean(self) -> dict[str, Any]:
        """No more units than a line still has."""
        said = super().clean() or {}
        for line in self.granted:
            quantity = said.get(_box(line))
            if quantity is not None and quantity > line.granted_quantity:
                self.add_error(_box(line), _("The line has %(rest)s units left.") % {"rest": line.granted_quantity})
        return said

    def shares(self) -> dict[str, str]:
        """What to cancel by heads, by the boxes' names."""
        leaving = set(self.data.getlist(self.add_prefix("person_keys")))  # type: ignore[attr-defined]
        return {_box(line): format(share_of(line, leaving).normalize(), "f") for line in self.granted}

    def is_worked_out(self) -> bool:
        """Whether the quantities on the page were worked out for the persons now ticked."""
        return not self.granted or self.cleaned_data["worked_out"] == _signed(self.cleaned_data["person_keys"])

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        cancellations = [Cancellation(line.pk, said[_box(line)]) for line in self.granted if said.get(_box(line))]
        kept = {name: said[name] for name in ("person_keys", "reason_code", "reason", "seen_version")}
        return {**kept, "cancellations": cancellations}


def _box(line: BudgetLine) -> str:
    return f"cancel_{line.key}"


def _signed(keys: list[str]) -> str:
    return " ".join(sorted(keys))


class EndDeliveryForm(ActForm):
    """Nothing but the decision."""


class UrgentCostsForm(ActForm):
    """What was spent under the allowance, in US dollars."""

    ticks = ("amount",)
    amount = AmountField(label=_("Spent under the allowance, in USD"))

    def clean(self) -> dict[str, Any]:
        """Read the amount; nothing spent is an answer too."""
        said = super().clean() or {}
        if said.get("amount"):
            said["costs"] = read_money(self, "amount", "USD")
        return said
