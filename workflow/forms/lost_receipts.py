"""What is said of a lost receipt: by who spent the money, by the witness, and by the manager."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.forms.acts import ActForm, text_field
from workflow.forms.fields import AmountField, read_money, with_nothing_chosen
from workflow.models import BudgetLine

_SEALED = _("The missions of this request and those who work on it read this. No names of persons.")


class LostReceiptForm(ActForm):
    """Which line, how much, and how the receipt was lost."""

    line = forms.ChoiceField(label=_("Which line was it spent on?"))
    amount = AmountField(label=_("How much, in the line’s currency?"))
    statement = text_field(_("What was bought, when, and how was the receipt lost?"), _SEALED)

    def __init__(self, own: list[BudgetLine], *args: Any, **kwargs: Any) -> None:
        """`own`: approved lines of the person's missions."""
        super().__init__(*args, **kwargs)
        self.own = {str(line.pk): line for line in own}
        choices = [
            (key, f"{line.number} {line.get_assistance_type_display()}, {line.currency}")
            for key, line in self.own.items()
        ]
        self.fields["line"].choices = with_nothing_chosen(choices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the amount in the line's currency."""
        said = super().clean() or {}
        if said.get("line"):
            said["money"] = read_money(self, "amount", self.own[said["line"]].currency)
        return said

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        return {
            "line_id": int(said["line"]),
            "money": said["money"],
            "statement": said["statement"],
            "seen_version": said["seen_version"],
        }


class WitnessForm(ActForm):
    """Nothing but having seen it."""

    ticks = ("seen",)
    seen = forms.BooleanField(
        label=_("I know that the money was spent as the statement says"),
        error_messages={"required": _("Say that you know it, or leave it to another.")},
    )


class DecideForm(ActForm):
    """A word to the mission, if any."""

    reason = text_field(_("Reason in your own words"), _SEALED, required=False)


class RefuseStatementForm(ActForm):
    """Why the statement does not count."""

    reason = text_field(_("Reason in your own words"), _SEALED)
