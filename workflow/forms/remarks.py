"""The form of a message and of a note: the words, and the key by which a second press is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf import ids
from gaf.accounts.models import User
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
        help_text=_("No names of persons who ask for help. Write @name to tell a colleague."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write at least one word.")},
    )

    named = forms.TypedMultipleChoiceField(
        label=_("Tell somebody in particular"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, label: Any = "", people: Sequence[User] = (), **kwargs: Any) -> None:
        """A form with a key of its own, under a label that says who will read it; `people` can be picked by name."""
        kwargs.setdefault("initial", {"key": ids.random_key()})
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label
        if people:
            named: Any = self.fields["named"]
            named.choices = [(person.pk, person.name) for person in people]
        else:
            del self.fields["named"]

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        return dict(self.cleaned_data)

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error("text", f"{refusal.why} {refusal.next_step}".strip())
