"""Step 1: who asks for help, how they agreed, and which other missions take part. No names."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import Mission
from gaf.choices import folding
from workflow.actions.drafting import ConsentText, PersonText
from workflow.codelists import (
    NATIONALITY_NOT_KNOWN,
    AgeBand,
    ConsentGiver,
    ConsentMode,
    ConsentPurpose,
    Disability,
    Section,
    Sex,
    country_name,
    nationality_choices,
)
from workflow.forms.fields import (
    CaseTextField,
    DayField,
    characters,
    spoken_language_choices,
    with_nothing_chosen,
)
from workflow.forms.rows import RowSet, row_set
from workflow.models import AssistanceRequest, Consent, Person

_USUAL = 10
_LONGEST_REASON = 1000
_DIFFICULTY = [
    ("", Disability.NOT_ASKED.label),  # an empty row says nothing
    *((code, label) for code, label in Disability.choices if code != Disability.NOT_ASKED),
]


def nationalities(mission: Mission) -> list[Any]:
    """Nationalities the mission helps most, then all by name."""
    counted = (
        Person.objects.filter(assistance__mission=mission)
        .exclude(nationality=NATIONALITY_NOT_KNOWN)
        .values("nationality")
        .annotate(times=Count("pk"))
        .order_by("-times", "nationality")[:_USUAL]
    )
    usual = list(dict.fromkeys([*(row["nationality"] for row in counted), mission.code]))
    named = [(code, country_name(code)) for code in usual]
    every = nationality_choices()
    return [("", _("Choose")), (_("Usual here"), named), (_("All"), list(dict(every).items()))]


class PersonForm(forms.Form):
    """One person as a row: a key that says nothing, sex, age band, nationality, and what is difficult, if asked."""

    use_required_attribute = False
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    sex = forms.ChoiceField(label=_("Sex"), choices=with_nothing_chosen(Sex.choices))
    age_band = forms.ChoiceField(label=_("Age"), choices=with_nothing_chosen(AgeBand.choices))
    nationality = forms.ChoiceField(label=_("Nationality"))
    disability = forms.ChoiceField(label=_("Difficulty"), required=False, choices=_DIFFICULTY)

    def __init__(self, *args: Any, countries: list[Any], **kwargs: Any) -> None:
        """`countries`: nationalities as the mission chooses them."""
        super().__init__(*args, **kwargs)
        self.fields["nationality"].choices = countries  # type: ignore[attr-defined]

    def text(self) -> PersonText:
        """The person as written."""
        said = self.cleaned_data
        asked = said["disability"] or Disability.NOT_ASKED
        return PersonText(said["sex"], said["age_band"], said["nationality"], said["key"], asked)


class PersonRows(RowSet):
    """All persons; a key must belong to this request."""

    known_keys: frozenset[str] = frozenset()

    def clean(self) -> None:
        """Refuse keys of other requests, and the same person twice."""
        if any(self.errors):
            return
        keys = [row.cleaned_data["key"] for row in self.written if row.cleaned_data["key"]]
        if len(keys) != len(set(keys)) or not set(keys) <= self.known_keys:
            raise forms.ValidationError(_t("One of these persons is not part of this request any more."))


PersonsFormSet = row_set(PersonForm, PersonRows)


class ConsentForm(forms.Form):
    """How they agreed; or why they could not yet."""

    use_required_attribute = False
    mode = forms.ChoiceField(
        label=_("How did they agree?"),
        required=False,
        choices=ConsentMode.choices,
        widget=folding(
            forms.RadioSelect(), _("By thumbprint, or on a recording"), ConsentMode.THUMBPRINT, ConsentMode.AUDIO
        ),
    )
    given_by = forms.ChoiceField(
        label=_("Who agreed?"),
        required=False,
        choices=ConsentGiver.choices,
        widget=folding(forms.RadioSelect(), _("Somebody else"), ConsentGiver.REPRESENTATIVE),
    )
    given_on = DayField(label=_("When?"), required=False, not_later_than_today=True)
    consent_language = forms.ChoiceField(label=_("In which language?"), required=False)
    with_interpreter = forms.BooleanField(label=_("An interpreter helped"), required=False)
    purposes = forms.MultipleChoiceField(
        label=_("What did they agree to?"),
        required=False,
        choices=ConsentPurpose.choices,
        widget=folding(forms.CheckboxSelectMultiple(), _("Sharing with another mission"), ConsentPurpose.SHARING),
    )
    exception_reason = CaseTextField(
        label=_("If it was not possible yet: why?"),
        help_text=characters(_LONGEST_REASON),
        required=False,
        max_length=_LONGEST_REASON,
        rows=3,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Languages are named in the reader's own."""
        super().__init__(*args, **kwargs)
        choices = with_nothing_chosen(spoken_language_choices())
        stored = (self.initial or {}).get("consent_language")
        if stored and stored not in dict(choices):
            choices.append((stored, stored))
        self.fields["consent_language"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What each way of agreeing needs beside it."""
        said = super().clean() or {}
        mode = said.get("mode")
        if mode == ConsentMode.EXCEPTION:
            if not said.get("exception_reason") and not self.has_error("exception_reason"):
                self.add_error("exception_reason", _("Write why it was not possible yet."))
        elif mode:
            self._need_the_facts(said)
        elif not mode and not self.has_error("mode") and (said.get("given_on") or said.get("exception_reason")):
            self.add_error("mode", _("Choose how they agreed."))
        return said

    def _need_the_facts(self, said: dict[str, Any]) -> None:
        if not said.get("given_on") and not self.has_error("given_on"):
            self.add_error("given_on", _("Write the day on which they agreed."))
        if not said.get("given_by") and not self.has_error("given_by"):
            self.add_error("given_by", _("Choose who agreed."))
        if not said.get("consent_language") and not self.has_error("consent_language"):
            self.add_error("consent_language", _("Choose the language in which they agreed."))
        if ConsentPurpose.ASSISTANCE not in said.get("purposes", []) and not self.has_error("purposes"):
            self.add_error("purposes", _("Getting help needs their agreement; else choose the documented reason."))

    def text(self) -> ConsentText | None:
        """The consent as written; None while nothing is chosen."""
        said = self.cleaned_data
        if not said["mode"]:
            return None
        if said["mode"] == ConsentMode.EXCEPTION:
            return ConsentText(said["mode"], exception_reason=said["exception_reason"])
        return ConsentText(
            said["mode"],
            said["consent_language"],
            said["with_interpreter"],
            said["given_on"],
            tuple(said["purposes"]),
            given_by=said["given_by"],
        )


class OtherMissionsForm(forms.Form):
    """Missions of other countries that take part."""

    use_required_attribute = False
    other_missions = forms.MultipleChoiceField(
        label=_("Other missions that take part"),
        help_text=_("They see this request and write their own lines of the budget."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, assistance: AssistanceRequest, *args: Any, **kwargs: Any) -> None:
        """Every mission but the lead can be chosen."""
        super().__init__(*args, **kwargs)
        self.assistance = assistance
        missions = Mission.objects.exclude(pk=assistance.mission_id)
        self.fields["other_missions"].choices = [(str(m.pk), m.name) for m in missions]  # type: ignore[attr-defined]

    def clean_other_missions(self) -> list[int]:
        """A mission with budget lines stays."""
        chosen = sorted(int(pk) for pk in self.cleaned_data["other_missions"])
        lines = self.assistance.lines.exclude(mission_id__in=[*chosen, self.assistance.mission_id])
        for line in lines.select_related("mission")[:1]:
            raise forms.ValidationError(
                _t("%(mission)s has budget lines; remove those first.") % {"mission": line.mission}
            )
        return chosen


class PersonStep:
    """The forms of step 1, as far as their parts are open."""

    sections = frozenset({Section.PERSONS.value, Section.CONSENT.value})

    def __init__(
        self, assistance: AssistanceRequest, open_now: frozenset[str], posted: QueryDict | None = None
    ) -> None:
        """Filled with what is stored, or with what was posted."""
        self.stored = list(assistance.persons.filter(left_code=""))
        self.stored_consent = Consent.objects.filter(assistance=assistance).first()
        self.rows = self.others = self.consent = None
        if Section.PERSONS in open_now:
            self.rows = PersonsFormSet(
                posted,
                prefix="persons",
                initial=None if posted is not None else self._persons(),
                form_kwargs={"countries": nationalities(assistance.mission)},
            )
            self.rows.known_keys = frozenset(person.key for person in self.stored)
            self.present = sorted(assistance.mission_ids() - {assistance.mission_id})
            self.others = OtherMissionsForm(
                assistance, posted, initial={"other_missions": [str(pk) for pk in self.present]}
            )
        if Section.CONSENT in open_now:
            self.consent = ConsentForm(posted, initial=self._consent(assistance), prefix="consent")
        self.forms = [form for form in (self.rows, self.others, self.consent) if form is not None]

    def _persons(self) -> list[dict[str, str]]:
        names = ("key", "sex", "age_band", "nationality")
        return [{**{name: getattr(p, name) for name in names}, "disability": _answered(p)} for p in self.stored]

    def _consent(self, assistance: AssistanceRequest) -> dict[str, Any]:
        row = self.stored_consent
        if row is None:
            return {
                "purposes": [ConsentPurpose.ASSISTANCE],
                "consent_language": assistance.language,
                "given_by": ConsentGiver.SELF,
            }
        names = ("mode", "given_by", "given_on", "consent_language", "with_interpreter", "purposes")
        return {**{name: getattr(row, name) for name in names}, "exception_reason": row.exception_text}

    def changes(self) -> dict[str, Any]:
        """What differs from what is stored, by the names the action knows."""
        found: dict[str, Any] = {}
        if self.rows is not None and self.others is not None:
            persons = [row.text() for row in self.rows.written]
            if [_seen(p) for p in persons] != [_seen(p) for p in self.stored]:
                found["persons"] = persons
            if self.others.cleaned_data["other_missions"] != self.present:
                found["other_mission_ids"] = self.others.cleaned_data["other_missions"]
        consent = self.consent.text() if self.consent is not None else None
        if consent is not None and consent != _stored_consent(self.stored_consent):
            found["consent"] = consent
        return found


def _seen(person: Any) -> tuple[str, ...]:
    return (person.sex, person.age_band, person.nationality, person.disability)


def _answered(person: Person) -> str:
    return "" if person.disability == Disability.NOT_ASKED else person.disability


def _stored_consent(row: Consent | None) -> ConsentText | None:
    if row is None:
        return None
    return ConsentText(
        row.mode,
        row.consent_language,
        row.with_interpreter,
        row.given_on,
        tuple(row.purposes),
        row.exception_text,
        row.given_by,
    )
