"""Forms of activities: planning one, saying that it is done with the step after it, and cancelling one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf import ids
from gaf.accounts.models import User
from gaf.refusals import Refusal
from workflow.actions.activities import Planned
from workflow.forms.acts import text_field
from workflow.forms.fields import DayField
from workflow.models import ActivityType

_STALE = {"required": _("Open this page again."), "invalid": _("Open this page again.")}
_PEOPLE_READ = _("People of your side read it. No names of persons who ask for help.")


def _person_field(people: list[User]) -> forms.TypedChoiceField:
    choices = [(person.pk, person.name) for person in people]
    return forms.TypedChoiceField(label=_("Who does it?"), choices=choices, coerce=int)


class _Refusing(forms.Form):
    use_required_attribute = False

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error(None, f"{refusal.what} {refusal.why} {refusal.next_step} ({refusal.code})")


class PlanForm(_Refusing):
    """What is to be done, by whom, by which day."""

    key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput, error_messages=_STALE)
    type = forms.ChoiceField(
        label=_("What kind of work?"),
        choices=ActivityType.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what kind of work it is.")},
    )
    due_on = DayField(
        label=_("By which day?"), not_before_today=True, error_messages={"required": _("Write the day it is due.")}
    )
    note = text_field(_("What is to be done?"), _PEOPLE_READ, required=False)

    def __init__(self, people: list[User], *args: Any, **kwargs: Any) -> None:
        """`people` are those the planner may give it to."""
        kwargs["initial"] = {"key": ids.random_key(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["person"] = _person_field(people)
        self.order_fields(["key", "type", "person", "due_on", "note"])

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        said = self.cleaned_data
        planned = Planned(said["type"], said["person"], said["due_on"], said["note"])
        return {"planned": planned, "key": said["key"]}


class FinishForm(_Refusing):
    """What came of it, and what comes next."""

    outcome = text_field(_("What came of it?"), _PEOPLE_READ, required=False)
    next_type = forms.ChoiceField(
        label=_("What comes next?"), choices=[("", _("Nothing more")), *ActivityType.choices], required=False
    )
    due_on = DayField(label=_("By which day?"), not_before_today=True, required=False)
    note = text_field(_("What is to be done?"), _PEOPLE_READ, required=False)

    def __init__(self, people: list[User], *args: Any, **kwargs: Any) -> None:
        """`people` are those the next step can be given to."""
        super().__init__(*args, **kwargs)
        self.fields["person"] = _person_field(people)
        self.order_fields(["outcome", "next_type", "person", "due_on", "note"])

    def clean(self) -> dict[str, Any]:
        """A next step has a day."""
        said = super().clean() or {}
        if said.get("next_type") and not said.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Write the day it is due."))
        return said

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        said = self.cleaned_data
        step = Planned(said["next_type"], said["person"], said["due_on"], said["note"]) if said["next_type"] else None
        return {"outcome": said["outcome"], "next_step": step}


class CancelForm(_Refusing):
    """Why it is not needed any more."""

    outcome = text_field(_("Why is it not needed any more?"), _PEOPLE_READ)

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        return dict(self.cleaned_data)
