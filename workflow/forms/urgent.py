"""Urgent help on one screen: the few things a duty officer needs at night."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gaf import clock
from gaf.accounts.models import Mission
from gaf.money import Money
from workflow.actions.drafting import CategoryText, ConsentText, HelpText, PersonText
from workflow.codelists import (
    CHILD_CATEGORIES,
    CRISIS_CATEGORIES,
    NATIONALITY_NOT_KNOWN,
    PRIMARY_CATEGORIES,
    URGENT_TYPES,
    AgeBand,
    AssistanceType,
    ConsentMode,
    ConsentPurpose,
    Sex,
)
from workflow.forms.fields import (
    UNDETERMINED,
    AmountField,
    CaseTextField,
    CountField,
    characters,
    currency_choices,
    read_money,
)
from workflow.forms.start import StartForm

_MOST_PERSONS = 60
_LONGEST_SENTENCE = 300


class Danger(models.TextChoices):
    """What threatens the person tonight."""

    VIOLENCE = "VIOLENCE", _("Violence or threat")
    HEALTH = "HEALTH", _("Health")
    NO_SHELTER = "NO_SHELTER", _("No shelter")
    CHILD_ALONE = "CHILD_ALONE", _("Child alone")


class UrgentConsent(models.TextChoices):
    """How the person agreed, as it can be said at night."""

    ORAL = "VERBAL", _("Yes, orally")
    WRITTEN = "WRITTEN", _("Yes, in writing")
    NOT_YET = "EXCEPTION", _("Not possible yet")


class UrgentForm(StartForm):
    """How many, which danger, what is needed tonight, about what it costs, one sentence, and how they agreed."""

    persons = CountField(label=_("How many persons?"), least=1, most=_MOST_PERSONS, initial=1)
    children = CountField(label=_("Children under 18 among them"), least=0, most=_MOST_PERSONS, initial=0)
    primary = forms.ChoiceField(
        label=_("Which situation fits best?"),
        choices=[
            (category.value, category.label) for category in PRIMARY_CATEGORIES if category not in CRISIS_CATEGORIES
        ],
        widget=forms.RadioSelect,
    )
    dangers = forms.MultipleChoiceField(
        label=_("Which danger?"), choices=Danger.choices, widget=forms.CheckboxSelectMultiple
    )
    needs = forms.MultipleChoiceField(
        label=_("What is needed tonight?"),
        choices=[(code, AssistanceType(code).label) for code in URGENT_TYPES],
        widget=forms.CheckboxSelectMultiple,
    )
    rough_cost = AmountField(label=_("Rough cost of all this"))
    currency = forms.ChoiceField(label=_("Currency"))
    situation = CaseTextField(
        label=_("In one sentence, without name or address"),
        help_text=characters(_LONGEST_SENTENCE),
        max_length=_LONGEST_SENTENCE,
        rows=3,
    )
    consent = forms.ChoiceField(
        label=_("Does the person agree?"), choices=UrgentConsent.choices, widget=forms.RadioSelect
    )
    exception_reason = CaseTextField(
        label=_("If not possible yet: why?"), required=False, max_length=_LONGEST_SENTENCE, rows=2
    )

    def __init__(self, missions: list[Mission], *args: Any, **kwargs: Any) -> None:
        """The cost is in the currency of the mission, or in dollars."""
        super().__init__(missions, *args, **kwargs)
        currencies = dict(pair for mission in missions for pair in currency_choices(mission.currency))
        self.fields["currency"].choices = sorted(currencies.items(), key=_dollar_last)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What must agree with what."""
        said = super().clean() or {}
        persons, children = said.get("persons"), said.get("children")
        if persons is not None and children is not None and children > persons:
            self.add_error("children", _("There are more children than persons."))
        if said.get("primary") in CHILD_CATEGORIES and children == 0:
            self.add_error("children", _("The situation is for children, and no person is a child."))
        unexplained = not said.get("exception_reason") and not self.has_error("exception_reason")
        if said.get("consent") == UrgentConsent.NOT_YET and unexplained:
            self.add_error("exception_reason", _("Write why it was not possible yet."))
        if said.get("currency"):
            said["money"] = read_money(self, "rough_cost", said["currency"])
        return said

    def person_texts(self) -> list[PersonText]:
        """So many persons of whom nothing else is known yet, children first."""
        children: int = self.cleaned_data["children"]
        adults: int = self.cleaned_data["persons"] - children
        bands = [AgeBand.UNKNOWN_CHILD.value] * children + [AgeBand.UNKNOWN_ADULT.value] * adults
        return [PersonText(Sex.UNKNOWN.value, band, NATIONALITY_NOT_KNOWN) for band in bands]

    def consent_text(self) -> ConsentText:
        """Consent as it could be taken tonight, or why not."""
        mode = self.cleaned_data["consent"]
        if mode == ConsentMode.EXCEPTION:
            return ConsentText(mode, exception_reason=self.cleaned_data["exception_reason"])
        return ConsentText(mode, UNDETERMINED, False, clock.today(), (ConsentPurpose.ASSISTANCE.value,))

    def category_text(self) -> CategoryText:
        """The one category that fits best; others follow when the request is completed."""
        return CategoryText(self.cleaned_data["primary"])

    def situation_text(self) -> str:
        """The dangers in words, and the sentence."""
        dangers = ", ".join(str(Danger(code).label) for code in self.cleaned_data["dangers"])
        return _t("Danger: %(dangers)s.") % {"dangers": dangers} + "\n" + self.cleaned_data["situation"]

    def help_texts(self) -> list[HelpText]:
        """What is needed tonight. The cost was said for all of it, so it is spread evenly and adds up exactly."""
        kinds: list[str] = self.cleaned_data["needs"]
        money: Money = self.cleaned_data["money"]
        each, rest = divmod(money.minor, len(kinds))
        shares = [each + (1 if place < rest else 0) for place in range(len(kinds))]
        return [HelpText(kind, Money(share, money.currency)) for kind, share in zip(kinds, shares, strict=True)]


def _dollar_last(pair: tuple[str, str]) -> tuple[bool, str]:
    return (pair[0] == "USD", pair[0])
