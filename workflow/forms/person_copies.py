"""Who asks for a copy, and of whose data."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.forms.acts import code_field, text_field
from workflow.forms.fields import DayField, with_nothing_chosen
from workflow.forms.privacy import SightForm
from workflow.models import CopyAsker


class AskCopyForm(SightForm):
    """One person of the request, who asks, since when, and how it was checked who that is."""

    person_key = forms.ChoiceField(label=_("Whose copy?"))
    asked_by = code_field(_("Who asks?"), CopyAsker.choices)
    asked_on = DayField(label=_("Asked on"), not_later_than_today=True)
    reason = text_field(_("How was it checked who asks?"), _("No names of persons, and no numbers of documents."))

    def __init__(self, persons: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`persons`: key and words of each person of the request."""
        super().__init__(*args, **kwargs)
        self.fields["person_key"].choices = with_nothing_chosen(persons)  # type: ignore[attr-defined]
