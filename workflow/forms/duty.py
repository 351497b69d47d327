"""The form of the rota: who is on duty, under which number, from when to when in Geneva."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import User
from gaf.refusals import Refusal
from gaf.working_days import GENEVA
from workflow.forms.fields import DayField

_HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]
_FIELD_OF = {"DUTY-01": "person", "DUTY-04": "telephone"}


class DutyForm(forms.Form):
    """One shift; it begins and ends at a full hour of Geneva."""

    use_required_attribute = False
    person = forms.TypedChoiceField(
        label=_("Who is on duty"), coerce=int, error_messages={"required": _("Choose somebody.")}
    )
    telephone = forms.CharField(
        label=_("Telephone"),
        help_text=_("With the country code, such as +41 22 000 00 00."),
        max_length=24,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    first_day = DayField(label=_("First day"))
    first_hour = forms.ChoiceField(label=_("From, in Geneva"), choices=_HOURS)
    last_day = DayField(label=_("Last day"))
    last_hour = forms.ChoiceField(label=_("Until, in Geneva"), choices=_HOURS)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        """`people` are the duty officers."""
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        fields: dict[str, Any] = dict(self.fields)
        fields["person"].choices = [("", "–"), *((str(person.pk), person.name) for person in people)]

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        typed = self.cleaned_data
        return {
            "person": self.people[typed["person"]],
            "telephone": typed["telephone"],
            "starts_at": _moment(typed["first_day"], typed["first_hour"]),
            "ends_at": _moment(typed["last_day"], typed["last_hour"]),
        }

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error(_FIELD_OF.get(refusal.code, "last_day"), f"{refusal.why} {refusal.next_step}")


def _moment(day: date, hour: str) -> datetime:
    return datetime.combine(day, time(int(hour)), GENEVA).astimezone(UTC)
