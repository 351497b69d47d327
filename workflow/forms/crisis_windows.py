"""Recording a crisis window, and asking for another last day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import DayField, PlainForm, offer
from gaf import ids
from gaf.accounts.models import Mission
from workflow.actions.crisis_windows import WindowText


class CrisisWindowForm(PlainForm):
    """One window: which crisis, what counts, by which source, where, and from when until when."""

    crisis = forms.CharField(
        label=_("Which crisis is it, and why do the other categories not do?"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("No names. Missions read it."),
    )
    counts = forms.CharField(
        label=_("What counts while it lasts?"),
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("The reviewer reads it beside the criteria."),
    )
    source = forms.CharField(
        label=_("On what does it rest?"),
        max_length=200,
        help_text=_("A declaration, an appeal, a decision, with its date."),
    )
    missions = forms.MultipleChoiceField(
        label=_("In which countries?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave all boxes empty if it counts everywhere."),
    )
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.all_missions = {str(mission.pk): mission for mission in Mission.objects.order_by("name")}
        offer(self, "missions", [(key, mission.name) for key, mission in self.all_missions.items()])

    def text(self) -> WindowText:
        """The window as written."""
        said = self.cleaned_data
        return WindowText(
            crisis=said["crisis"],
            counts=said["counts"],
            source=said["source"],
            missions=[self.all_missions[key] for key in said["missions"]],
            first_day=said["first_day"],
            last_day=said["last_day"],
        )


class WindowEndForm(PlainForm):
    """Another last day, and why."""

    last_day = DayField(label=_("New last day"))
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))
