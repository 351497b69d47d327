"""Consent after the first step: how they agree now, and what they take back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.codelists import ConsentGiver, ConsentPurpose
from workflow.forms.acts import ActForm, text_field
from workflow.forms.fields import DayField
from workflow.forms.persons import ConsentForm
from workflow.models import AssistanceRequest, Consent


class RecordConsentForm(ConsentForm, ActForm):
    """The same questions as in the first step; here an answer is demanded."""

    def __init__(self, assistance: AssistanceRequest, *args: Any, **kwargs: Any) -> None:
        """Filled with what is on file."""
        row = Consent.objects.filter(assistance=assistance).first()
        names = ("given_by", "consent_language", "with_interpreter", "purposes")
        known: dict[str, Any] = {name: getattr(row, name) for name in names} if row else {}
        kwargs["initial"] = {"given_by": ConsentGiver.SELF, **known, "seen_version": assistance.version}
        super().__init__(*args, **kwargs)
        self.fields["mode"].required = True

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        return {"consent": self.text(), "seen_version": self.cleaned_data["seen_version"]}


class WithdrawConsentForm(ActForm):
    """What they do not agree to any more, since when, and how they said so."""

    purposes = forms.MultipleChoiceField(
        label=_("What do they not agree to any more?"),
        help_text=_("Without consent to getting help there is none to anything else."),
        widget=forms.CheckboxSelectMultiple,
    )
    withdrawn_on = DayField(label=_("When did they say so?"), not_later_than_today=True)
    reason = text_field(
        _("How did they say so?"), _("Nobody has to say why. Sealed; no names of persons."), required=False
    )

    def __init__(self, assistance: AssistanceRequest, *args: Any, **kwargs: Any) -> None:
        """Only what they agreed to can be taken back."""
        kwargs["initial"] = {"seen_version": assistance.version}
        super().__init__(*args, **kwargs)
        row = Consent.objects.filter(assistance=assistance).first()
        given = row.purposes if row else []
        self.fields["purposes"].choices = [one for one in ConsentPurpose.choices if one[0] in given]  # type: ignore[attr-defined]
