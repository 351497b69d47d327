"""What somebody says who asks to write a refund off."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import PlainForm
from finance.models import WriteOff


class WriteOffForm(PlainForm):
    """Why a refund will not come, and what was done to get it."""

    reason_code = forms.ChoiceField(label=_("Why"), choices=WriteOff.Reason.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("What was done to get it"), max_length=2000, widget=forms.Textarea({"rows": 4}))
