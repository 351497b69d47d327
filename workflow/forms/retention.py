"""Naming a request to keep beyond its time, with why and until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import DayField, PlainForm
from gaf import ids
from gaf.accounts.models import User
from workflow.forms.acts import text_field
from workflow.models import AssistanceRequest, ErasureGround, RetentionHoldGround
from workflow.retention.schedule import requests_open_to


class NamedRequestForm(PlainForm):
    """A request by its reference, within the sight of whoever names it."""

    reference = forms.CharField(label=_("Reference of the request"), max_length=20)
    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)

    def __init__(self, person: User, *args: Any, **options: Any) -> None:
        self.person = person
        super().__init__(*args, **options)

    def clean_reference(self) -> AssistanceRequest:
        """The request itself. Raises ValidationError when there is none of this reference."""
        typed = self.cleaned_data["reference"].strip().upper()
        found = requests_open_to(self.person).filter(reference=typed).first()
        if found is None:
            raise ValidationError(_("There is no request of this reference."))
        return found


class RetentionHoldForm(NamedRequestForm):
    """Why it is kept, until when that is wanted, and what is to be said about it."""

    ground = forms.ChoiceField(label=_("Why it is kept"), choices=RetentionHoldGround.choices, widget=forms.RadioSelect)
    until = DayField(label=_("Until"))
    reason = text_field(_("Reason"), _("It is sealed with the case. No names of persons."))


class ErasureForm(NamedRequestForm):
    """Why a case goes; which one was named on the page before."""

    ground = forms.ChoiceField(label=_("Why it is erased"), choices=ErasureGround.choices, widget=forms.RadioSelect)
    reason = text_field(_("Reason"), _("It is sealed with the case and goes with it."))

    def __init__(self, person: User, *args: Any, **options: Any) -> None:
        super().__init__(person, *args, **options)
        self.fields["reference"].widget = forms.HiddenInput()
