"""What is said when a gate's evidence is recorded: for whom, what was found, on which day, until when it counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.actions.gate_evidence import Finding
from workflow.forms.acts import ActForm, text_field
from workflow.forms.fields import CountField, DayField
from workflow.protection.gates import SMALLEST_PANEL, GateRule, Outcome, Statement


class EvidenceForm(ActForm):
    """One gate; only what belongs to it is asked."""

    persons = forms.MultipleChoiceField(label=_("For whom?"), widget=forms.CheckboxSelectMultiple)
    outcome = forms.ChoiceField(label=_("What was found?"), widget=forms.RadioSelect)
    statements = forms.MultipleChoiceField(
        label=_("What was said or signed; each by itself"), required=False, widget=forms.CheckboxSelectMultiple
    )
    found_on = DayField(label=_("On which day?"), not_later_than_today=True)
    valid_until = DayField(label=_("Until when does it count?"), required=False)
    panel_size = CountField(label=_("How many sat on the panel?"), least=1, most=30, required=False)
    note = text_field(
        _("Who found it, how, and where the paper is kept"),
        _("Sealed. By function, such as “child protection office”; no names of persons."),
    )

    def __init__(self, rule: GateRule, persons: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`persons`: keys and words of those the gate is about."""
        super().__init__(*args, **kwargs)
        self.rule = rule
        self.fields["persons"].choices = persons  # type: ignore[attr-defined]
        self.fields["outcome"].choices = [(one.value, Outcome(one).label) for one in rule.outcomes]  # type: ignore[attr-defined]
        self.fields["statements"].choices = [(one.value, Statement(one).label) for one in rule.statements]  # type: ignore[attr-defined]
        if len(persons) == 1:
            self.fields["persons"].initial = [persons[0][0]]
        if not rule.statements:
            del self.fields["statements"]
        if rule.valid_days is None:
            del self.fields["valid_until"]
        if rule.panel:
            self.fields["panel_size"].help_text = _("At least %(least)s.") % {"least": SMALLEST_PANEL}
        else:
            del self.fields["panel_size"]

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        finding = Finding(
            gate=self.rule.code.value,
            outcome=said["outcome"],
            found_on=said["found_on"],
            note=said["note"],
            valid_until=said.get("valid_until"),
            panel_size=said.get("panel_size"),
            statements=tuple(said.get("statements", ())),
        )
        return {"finding": finding, "person_keys": said["persons"], "seen_version": said["seen_version"]}
