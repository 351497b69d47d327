"""The assistance plan in words, and how long help is given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.thresholds import threshold
from workflow.forms.acts import ActForm
from workflow.forms.fields import CaseTextField, CountField, characters, lazily

LONGEST_PLAN = 4000


class PlanForm(ActForm):
    """What will be done, step by step, and for how many months."""

    ticks = ("then",)
    then = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    plan = CaseTextField(
        label=_("What will be done?"),
        help_text=lazily(
            _("Step by step: who does what, when, and what follows for the person. No names. %(length)s"),
            length=characters(LONGEST_PLAN),
        ),
        max_length=LONGEST_PLAN,
        rows=10,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The longest time is a threshold, so it is read when the page is."""
        super().__init__(*args, **kwargs)
        most = threshold("implementation_months_max")
        self.fields["delivery_months"] = CountField(
            label=_("For how many months?"),
            help_text=_("From 1 to %(most)s.") % {"most": most},
            least=1,
            most=most,
            widget=forms.TextInput({"inputmode": "numeric", "class": "w-3"}),
        )


class DeclarationForm(ActForm):
    """What the writer stands for when sending a request on."""

    ticks = ("declared",)
    declared = forms.BooleanField(
        label=_("All of this is true, consent included"),
        error_messages={"required": _("Confirm that the answers are true.")},
    )


class FrameForm(ActForm):
    """What every page of writing carries: the version seen, and where to go afterwards."""

    ticks = ("then",)
    then = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
