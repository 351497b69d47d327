"""The filters of the list of requests. Everything stands in the address, so that a list can be kept and mailed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission
from workflow.codelists import Priority
from workflow.models import AssistanceRequest
from workflow.states import RequestState


class FindForm(forms.Form):
    """State, mission, priority, and a part of the reference."""

    use_required_attribute = False
    q = forms.CharField(label=_("Reference"), required=False, max_length=20)
    state = forms.ChoiceField(label=_("State"), required=False)
    mission = forms.ChoiceField(label=_("Mission"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), required=False)

    def __init__(self, *args: Any, missions: list[Mission], **kwargs: Any) -> None:
        """Offer these missions."""
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("Any state")), *RequestState.choices]  # type: ignore[attr-defined]
        self.fields["mission"].choices = [  # type: ignore[attr-defined]
            ("", _("Any mission")),
            *((mission.code, mission.name) for mission in missions),
        ]
        self.fields["priority"].choices = [  # type: ignore[attr-defined]
            ("", _("Any priority")),
            *((code, f"{code} {label}") for code, label in Priority.choices),
        ]

    def used(self) -> int:
        """How many filters are set."""
        return sum(1 for name in self.fields if self.data.get(name, "").strip())

    def narrow(self, requests: QuerySet[AssistanceRequest]) -> QuerySet[AssistanceRequest]:
        """The requests that fit every filter; an unknown value fits none."""
        if not self.is_valid():
            return requests.none()
        wanted = self.cleaned_data
        if wanted["q"]:
            requests = requests.filter(reference__icontains=wanted["q"])
        if wanted["state"]:
            requests = requests.filter(state=wanted["state"])
        if wanted["mission"]:
            requests = requests.filter(missions__mission__code=wanted["mission"])
        if wanted["priority"]:
            requests = requests.filter(priority=wanted["priority"])
        return requests
