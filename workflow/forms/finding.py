"""The line of words of the list of requests, and pickers for those who do not type; all stands in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission, User
from workflow.codelists import AssistanceType, Priority
from workflow.grouping import groupings
from workflow.models import AssistanceRequest
from workflow.request_words import LONGEST_LINE, Reader, grouping_of, read_words, with_word
from workflow.states import RequestState

PICKERS = ("state", "mission", "priority", "need", "by")


class FindForm(forms.Form):
    """One line of words; each picker puts one more word into it."""

    use_required_attribute = False
    q = forms.CharField(
        label=_("Find"),
        required=False,
        max_length=LONGEST_LINE,
        help_text=_(
            "Part of a reference, or words such as mission:NE state:approved need:SHEL amount:>2000 "
            "sent:>2026-10-01 priority:P1 who:me is:open is:late by:state"
        ),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    mission = forms.ChoiceField(label=_("Mission"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    need = forms.ChoiceField(label=_("Need"), required=False)
    by = forms.ChoiceField(label=_("Group by"), required=False)
    sort = forms.CharField(label=_("Sort by"), required=False, widget=forms.Select)

    def __init__(
        self, *args: Any, person: User, missions: list[Mission], orders: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Offer these missions and these orders to this person."""
        super().__init__(*args, **kwargs)
        self._reader = Reader(person, [mission.code for mission in missions])
        self._conditions: list[Q] = []
        offered = {
            "state": [("", _("Any state")), *((code.lower(), label) for code, label in RequestState.choices)],
            "mission": [("", _("Any mission")), *((mission.code, mission.name) for mission in missions)],
            "priority": [("", _("Any priority")), *((code, f"{code} {label}") for code, label in Priority.choices)],
            "need": [("", _("Any need")), *AssistanceType.choices],
            "by": [("", _("No grouping")), *groupings()],
        }
        self.fields["sort"].widget.choices = orders
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        """Say of each word that is not understood what is wrong with it."""
        line: str = self.cleaned_data["q"]
        self._conditions, problems = read_words(line, self._reader)
        if problems:
            raise ValidationError(problems)
        return line

    def picked(self) -> str | None:
        """The line with what was picked written into it; none when nothing was picked."""
        chosen = {name: value for name in PICKERS if (value := self.data.get(name, "").strip())}
        if not chosen:
            return None
        line = self.data.get("q", "")
        for word, value in chosen.items():
            line = with_word(line, word, "".join(value.split()))
        return line

    def grouping(self) -> str:
        """What the line groups by; empty without such a word, and while the line is not understood."""
        return grouping_of(self.cleaned_data["q"]) if self.is_valid() else ""

    def used(self) -> int:
        """How many words stand in the line."""
        return len(self.data.get("q", "").split())

    def narrow(self, requests: QuerySet[AssistanceRequest]) -> QuerySet[AssistanceRequest]:
        """The requests that fit every word; a line not understood fits none, so that nobody trusts half an answer."""
        if not self.is_valid():
            return requests.none()
        for condition in self._conditions:
            requests = requests.filter(condition)
        return requests
