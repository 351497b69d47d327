"""What somebody writes who compared a payee with an entry of the sanctions list."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import PlainForm


class ComparisonForm(PlainForm):
    """What was compared, and what it shows."""

    reason = forms.CharField(
        label=_("What you compared"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Which papers or registers you looked at, and what shows that it is or is not the same."),
    )
