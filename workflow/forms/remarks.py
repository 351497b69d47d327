"""The form of a message and of a note: the words, and the key by which a second press is known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf import ids
from gaf.refusals import Refusal
from workflow.forms.acts import LONGEST_TEXT
from workflow.forms.fields import CaseTextField

_STALE = {"required": _("Open this page again."), "invalid": _("Open this page again.")}


class RemarkForm(forms.Form):
    """A few lines about the request."""

    use_required_attribute = False
    key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput, error_messages=_STALE)
    text = CaseTextField(
        label=_("Text"),
        help_text=_("No names of persons."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write at least one word.")},
    )

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        """A form with a key of its own, under a label that says who will read it."""
        kwargs.setdefault("initial", {"key": ids.random_key()})
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        return dict(self.cleaned_data)

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error("text", f"{refusal.why} {refusal.next_step}".strip())
