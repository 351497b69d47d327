"""Which prepared disbursements a payer releases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.forms.acts import ActForm


class ReleaseForm(ActForm):
    """The numbers ticked."""

    numbers = forms.MultipleChoiceField(
        label=_("Disbursements"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one disbursement."),
            "invalid_choice": _("%(value)s is not prepared for this request, or not any more."),
        },
    )

    def __init__(self, *args: Any, numbers: list[str], **kwargs: Any) -> None:
        """Only these can be released."""
        super().__init__(*args, **kwargs)
        self.fields["numbers"].choices = [(number, number) for number in numbers]  # type: ignore[attr-defined]
