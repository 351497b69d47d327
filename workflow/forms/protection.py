"""Forms about the person behind the request: trafficking screening, referral, assessment, context sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.actions.assessing import AssessmentText
from workflow.actions.trafficking import ScreeningText
from workflow.codelists import nationality_choices
from workflow.forms.acts import ActForm, text_field
from workflow.forms.fields import CountField, DayField, spoken_language_choices, with_nothing_chosen
from workflow.models import ReferralKind
from workflow.protection.determinants import Factor, Finding, Judged, Level, Need
from workflow.protection.fingerprints import Details
from workflow.protection.trafficking import (
    Answers,
    Decider,
    Exploitation,
    Industry,
    Means,
    TraffickingAct,
    TraffickingStatus,
)

_SEALED = _("Sealed. No names, no addresses, nothing about perpetrators.")


def _several(label: Any, choices: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=hint, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _forgotten(label: Any, *, required: bool = True) -> forms.CharField:
    """A field that no browser is to remember."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=200, required=required, widget=widget)


class ScreeningForm(ActForm):
    """Act, means, purpose; then the worker's own judgement."""

    person = forms.ChoiceField(label=_("Which person?"), widget=forms.RadioSelect)
    child = forms.BooleanField(label=_("Is under 18, or was when it happened; in doubt, yes"), required=False)
    acts = _several(_("What was done to the person?"), TraffickingAct.choices)
    means = _several(_("By which means?"), Means.choices, _("Of a child none is needed, and none is kept."))
    purposes = _several(_("For which exploitation, intended or suffered?"), Exploitation.choices)
    paid_crossing = forms.BooleanField(
        label=_("The person paid, or somebody was paid, for crossing a border"),
        help_text=_("Smuggling is procuring entry for gain. It can stand beside trafficking."),
        required=False,
    )
    industry = forms.ChoiceField(
        label=_("If labour was forced: in which industry?"),
        required=False,
        choices=with_nothing_chosen(Industry.choices),
    )
    country = forms.ChoiceField(label=_("In which country?"), required=False)
    year = CountField(label=_("In which year?"), least=1950, most=2100, required=False)
    status = forms.ChoiceField(
        label=_("Your judgement"),
        help_text=_("For protection and help; it is no verdict."),
        choices=TraffickingStatus.choices,
        widget=forms.RadioSelect,
    )
    decided_by = forms.ChoiceField(
        label=_("If a victim of trafficking: who decided so?"),
        required=False,
        choices=with_nothing_chosen(Decider.choices),
    )
    decided_on = DayField(label=_("When did they decide?"), required=False, not_later_than_today=True)
    note = text_field(_("If your judgement is another than the answers point to: why?"), _SEALED, required=False)

    def __init__(self, persons: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`persons`: keys and words of those who take part."""
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = persons  # type: ignore[attr-defined]
        self.fields["country"].choices = with_nothing_chosen(nationality_choices())  # type: ignore[attr-defined]
        if len(persons) == 1:
            self.fields["person"].initial = persons[0][0]

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        answers = Answers(said["acts"], said["means"], said["purposes"], said["child"], said["paid_crossing"])
        names = ("status", "decided_by", "decided_on", "industry", "country", "year", "note")
        screening = ScreeningText(answers, **{name: said[name] for name in names})
        return {"person_key": said["person"], "screening": screening, "seen_version": said["seen_version"]}


class FingerprintForm(ActForm):
    """What a person is recognised by. None of it is kept."""

    person = forms.ChoiceField(label=_("Which person?"), widget=forms.RadioSelect)
    given = _forgotten(_("Given names"))
    family = _forgotten(_("Family names"))
    year = CountField(
        label=_("Year of birth"), help_text=_("An estimate will do."), least=1900, most=2100, required=True
    )
    month = CountField(label=_("Month of birth, if known"), least=1, most=12, required=False)
    mother = _forgotten(_("First name of the mother, if known"), required=False)
    phone = _forgotten(_("Telephone number, if there is one"), required=False)

    def __init__(self, persons: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`persons`: keys and words of those who take part."""
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = persons  # type: ignore[attr-defined]
        if len(persons) == 1:
            self.fields["person"].initial = persons[0][0]

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        names = ("given", "family", "year", "month", "mother", "phone")
        details = Details(**{name: said[name] for name in names})
        return {"person_key": said["person"], "details": details, "seen_version": said["seen_version"]}


class ReferralForm(ActForm):
    """Who is referred, to what kind of service, and which one."""

    person_keys = forms.MultipleChoiceField(label=_("Who is referred?"), widget=forms.CheckboxSelectMultiple)
    kind = forms.ChoiceField(label=_("To what?"), choices=ReferralKind.choices, widget=forms.RadioSelect)
    to_whom = text_field(_("To whom, and which facts went along"), _("Sealed. The service by its name; no persons."))

    def __init__(self, persons: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`persons`: keys and words of those who take part."""
        super().__init__(*args, **kwargs)
        self.fields["person_keys"].choices = persons  # type: ignore[attr-defined]


class FactorForm(forms.Form):
    """One select for each factor, by level; nothing chosen means not assessed."""

    use_required_attribute = False

    def add_factors(self, codes: Iterable[str], known: Mapping[str, int]) -> None:
        """Put the factors on the form, filled with what is known of them."""
        choices = [("", _("Not assessed")), *((str(value), label) for value, label in Finding.choices)]
        for code in codes:
            self.fields[code] = forms.ChoiceField(
                label=Factor(code).label, required=False, choices=choices, initial=str(known.get(code, ""))
            )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The levels with their fields, for the page."""
        codes = [code for code in Factor.values if code in self.fields]
        found = [(str(level.label), [self[code] for code in codes if code[0] == level.value]) for level in Level]
        return [(title, fields) for title, fields in found if fields]

    def factors(self) -> dict[str, int]:
        """What was assessed, by code."""
        return {code: int(self.cleaned_data[code]) for code in Factor.values if self.cleaned_data.get(code)}


class AssessmentForm(FactorForm, ActForm):
    """Immediate needs, factors, the person's wishes, and the worker's own judgement."""

    assessed_on = DayField(label=_("On which day?"), not_later_than_today=True)
    assessment_language = forms.ChoiceField(label=_("In which language?"))
    with_interpreter = forms.BooleanField(label=_("An interpreter helped"), required=False)
    needs = _several(_("Immediate needs"), Need.choices, _("Any yes proposes the first priority."))
    raise_priority = forms.BooleanField(label=_("Raise the request to the first priority"), required=False)
    wishes = text_field(
        _("What the person can do and wants"), _("Sealed; only the missions read it. No names."), required=False
    )
    judged = forms.ChoiceField(
        label=_("How vulnerable is the person, in your judgement?"), choices=Judged.choices, widget=forms.RadioSelect
    )
    reason = text_field(
        _("Why"),
        _("Needed where your judgement lies far from the factors, or where an immediate need can wait. Sealed."),
        required=False,
    )

    def __init__(self, known: Mapping[str, int], *args: Any, **kwargs: Any) -> None:
        """`known`: factors of the newest assessment and of the mission's context sheet."""
        super().__init__(*args, **kwargs)
        self.fields["assessment_language"].choices = with_nothing_chosen(spoken_language_choices())  # type: ignore[attr-defined]
        self.add_factors(Factor.values, known)

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        names = ("assessed_on", "judged", "needs", "with_interpreter", "reason", "wishes")
        text = AssessmentText(
            language=said["assessment_language"], factors=self.factors(), **{name: said[name] for name in names}
        )
        return {
            "assessment": text,
            "raise_priority": said["raise_priority"],
            "seen_version": said["seen_version"],
        }


class ContextForm(FactorForm):
    """Community and society, as the mission sees them this year."""

    def __init__(self, codes: Iterable[str], known: Mapping[str, int], *args: Any, **kwargs: Any) -> None:
        """`known`: the newest sheet."""
        super().__init__(*args, **kwargs)
        self.add_factors(codes, known)
