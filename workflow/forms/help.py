"""Step 3: which help is needed, about what it costs, and how soon."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from workflow.actions.drafting import HelpText, UrgencyText
from workflow.codelists import Priority, Section
from workflow.forms.fields import (
    AmountField,
    DayField,
    currency_choices,
    grouped_types,
    read_money,
    with_nothing_chosen,
)
from workflow.forms.rows import RowSet, row_set
from workflow.models import AssistanceRequest


class HelpForm(forms.Form):
    """One kind of help and about what it costs."""

    use_required_attribute = False
    assistance_type = forms.ChoiceField(label=_("Kind of help"), choices=with_nothing_chosen(grouped_types()))
    rough_cost = AmountField(label=_("Rough cost"))
    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, *args: Any, mission_currency: str, **kwargs: Any) -> None:
        """Costs are in the mission's currency or in dollars."""
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = currency_choices(mission_currency)  # type: ignore[attr-defined]
        # A currency alone says nothing: the row is still empty.
        self.fields["currency"].has_changed = lambda initial, data: False  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        """Read the cost in its currency."""
        said = super().clean() or {}
        if said.get("currency"):
            said["money"] = read_money(self, "rough_cost", said["currency"])
        return said

    def text(self) -> HelpText:
        """The kind of help as written."""
        return HelpText(self.cleaned_data["assistance_type"], self.cleaned_data["money"])


class HelpRows(RowSet):
    """Each kind of help once."""

    def clean(self) -> None:
        """Name the row in which a kind of help comes again."""
        seen: set[str] = set()
        for row in self.written:
            kind = row.cleaned_data.get("assistance_type") if row.is_valid() else None
            if kind in seen:
                row.add_error("assistance_type", _t("This kind of help stands in another line already."))
            elif kind:
                seen.add(kind)


HelpFormSet = row_set(HelpForm, HelpRows)


class UrgencyForm(forms.Form):
    """How soon a decision is needed, and until when the help is."""

    use_required_attribute = False
    priority = forms.ChoiceField(
        label=_("How soon is a decision needed?"), choices=Priority.choices, widget=forms.RadioSelect
    )
    needed_until = DayField(label=_("Until when is help needed?"), required=False)

    def text(self) -> UrgencyText:
        """The urgency as written."""
        return UrgencyText(self.cleaned_data["priority"], self.cleaned_data["needed_until"])


class HelpStep:
    """The forms of step 3, as far as their parts are open."""

    sections = frozenset({Section.HELP.value, Section.URGENCY.value})

    def __init__(
        self, assistance: AssistanceRequest, open_now: frozenset[str], posted: QueryDict | None = None
    ) -> None:
        """Filled with what is stored, or with what was posted."""
        self.assistance = assistance
        self.rows = self.urgency = None
        self.stored = [HelpText(row.assistance_type, row.rough_cost) for row in assistance.help_asked.all()]
        if Section.HELP in open_now:
            self.rows = HelpFormSet(
                posted,
                prefix="help",
                initial=None if posted is not None else [_shown(text) for text in self.stored],
                form_kwargs={"mission_currency": assistance.mission.currency},
            )
        if Section.URGENCY in open_now:
            urgency = {"priority": assistance.priority, "needed_until": assistance.needed_until}
            self.urgency = UrgencyForm(posted, initial=urgency)
        self.forms = [form for form in (self.rows, self.urgency) if form is not None]

    def changes(self) -> dict[str, Any]:
        """What differs from what is stored, by the names the action knows."""
        found: dict[str, Any] = {}
        if self.rows is not None:
            wanted = [row.text() for row in self.rows.written]
            if sorted(wanted, key=_kind) != sorted(self.stored, key=_kind):
                found["help_asked"] = wanted
        if self.urgency is not None:
            text = self.urgency.text()
            if text != UrgencyText(self.assistance.priority, self.assistance.needed_until):
                found["urgency"] = text
        return found


def _kind(text: HelpText) -> str:
    return text.assistance_type


def _shown(text: HelpText) -> dict[str, str]:
    money = text.rough_cost
    return {"assistance_type": text.assistance_type, "rough_cost": str(money.decimal), "currency": money.currency}
