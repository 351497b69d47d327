"""Adding a document: what it is about, whose it is, and the file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission
from gaf.refusals import Refusal
from workflow.codelists import DocumentKind
from workflow.forms.fields import UploadField, with_nothing_chosen


class DocumentForm(forms.Form):
    """One file."""

    use_required_attribute = False
    mission = forms.ChoiceField(label=_("Mission"))
    kind = forms.ChoiceField(label=_("What is it?"), choices=with_nothing_chosen(DocumentKind.choices))
    file = UploadField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, at most 5 MB. Cover names and numbers that the decision does not need."),
        max_length=200,
    )
    then = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, missions: list[Mission], *args: Any, **kwargs: Any) -> None:
        """`missions`: those of the request the person works in; a single one is not asked."""
        super().__init__(*args, **kwargs)
        field = self.fields["mission"]
        field.choices = [(str(mission.pk), mission.name) for mission in missions]  # type: ignore[attr-defined]
        field.initial = str(missions[0].pk)
        if len(missions) == 1:
            field.widget = forms.HiddenInput()

    def refuse(self, refusal: Refusal) -> None:
        """Say at the file what is wrong with it."""
        self.add_error("file", f"{refusal.why} {refusal.next_step}")
