"""How much a mission may spend before the decision, and on what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.amounts import read_amount
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_money
from workflow.codelists import URGENT_TYPES, AssistanceType
from workflow.forms.acts import ActForm, text_field


class AllowanceForm(ActForm):
    """Limit in US dollars, kinds of help, and a word to the mission."""

    limit = forms.CharField(
        label=gettext_lazy("Up to, in US dollars"), max_length=40, widget=forms.TextInput({"inputmode": "decimal"})
    )
    assistance_types = forms.MultipleChoiceField(
        label=gettext_lazy("For"),
        choices=[(code, AssistanceType(code).label) for code in URGENT_TYPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one kind of help.")},
    )
    reason = text_field(
        gettext_lazy("A word to the mission"),
        gettext_lazy("The missions read it. No names of persons."),
        required=False,
    )

    def __init__(self, *args: Any, most: Money, **kwargs: Any) -> None:
        """Nobody allows more than the fund's limit."""
        super().__init__(*args, **kwargs)
        self.most = most

    def clean_limit(self) -> Money:
        """An amount above nothing and within the fund's limit."""
        try:
            money = read_amount(self.cleaned_data["limit"], "USD")
        except Refusal as refusal:
            raise forms.ValidationError(f"{refusal.why} {refusal.next_step}") from None
        if not Money.zero("USD") < money <= self.most:
            raise forms.ValidationError(
                _("Allow more than nothing, and at most %(most)s.") % {"most": plain_money(self.most)}
            )
        return money
