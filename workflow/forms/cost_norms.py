"""Recording what help usually costs in a mission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import AmountField, DayField, PlainForm, amount_in, offer
from gaf import ids
from gaf.accounts.models import Mission
from workflow.actions.cost_norms import NormText
from workflow.codelists import Unit
from workflow.forms.fields import grouped_types, with_nothing_chosen


class CostNormForm(PlainForm):
    """One norm of one of a person's own missions."""

    mission = forms.ChoiceField(label=_("Mission"))
    assistance_type = forms.ChoiceField(label=_("Kind of help"), choices=with_nothing_chosen(grouped_types()))
    unit = forms.ChoiceField(label=_("Unit"), choices=with_nothing_chosen(Unit.choices))
    usual = AmountField(label=_("Usual cost of one unit"))
    currency = forms.ChoiceField(label=_("Currency"))
    to_mission = forms.ChoiceField(
        label=_("Only on the way to"),
        required=False,
        help_text=_("For tickets and the like. Leave it empty otherwise."),
    )
    effective_from = DayField(label=_("Counts from"))
    source = forms.CharField(
        label=_("Where the figure comes from"), max_length=120, help_text=_("A survey, a tariff, a contract. No names.")
    )
    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)

    def __init__(self, missions: Sequence[Mission], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.missions = {str(mission.pk): mission for mission in missions}
        self.others = {str(mission.pk): mission for mission in Mission.objects.order_by("name")}
        offer(self, "mission", [(key, mission.name) for key, mission in self.missions.items()])
        if len(self.missions) == 1:
            self.fields["mission"].widget = forms.HiddenInput()
        self.fields["mission"].initial = next(iter(self.missions), "")
        currencies = dict.fromkeys([*(mission.currency for mission in missions), "USD"])
        offer(self, "currency", [(code, code) for code in currencies])
        offer(self, "to_mission", [("", _("Anywhere")), *((key, one.name) for key, one in self.others.items())])

    def clean(self) -> dict[str, Any]:
        """Read the cost in its currency."""
        said = super().clean() or {}
        if said.get("currency"):
            said["money"] = amount_in(self, "usual", said["currency"])
        return said

    def text(self) -> NormText:
        """The norm as written."""
        said = self.cleaned_data
        return NormText(
            mission=self.missions[said["mission"]],
            to_mission=self.others.get(said["to_mission"]),
            assistance_type=said["assistance_type"],
            unit=said["unit"],
            usual=said["money"],
            effective_from=said["effective_from"],
            source=said["source"],
        )
