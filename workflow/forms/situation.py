"""Step 2: which situation it is, what happened, and which other help was asked before the fund."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gaf.choices import folding
from workflow.actions.drafting import AlternativeText, CategoryText
from workflow.codelists import (
    CRISIS_CATEGORIES,
    NEVER_PRIMARY,
    PRIMARY_CATEGORIES,
    AlternativeAnswer,
    MigrantCategory,
    ProfileTag,
    Section,
)
from workflow.crisis_windows import leans_on_a_crisis, window_of
from workflow.forms.fields import CaseTextField, DayField, characters, lazily, with_nothing_chosen
from workflow.forms.rows import row_set
from workflow.models import AssistanceRequest, CrisisWindow

LONGEST_SITUATION = 1500
_LONGEST_NOTE = 500
_ANSWERS = [(code, label) for code, label in AlternativeAnswer.choices if code != AlternativeAnswer.NONE_EXISTS]
_NO_NAMES = _("No names, addresses or document numbers.")
_RARER = (MigrantCategory.SMUG, MigrantCategory.DISTRESS, *NEVER_PRIMARY)


class CategoryForm(forms.Form):
    """Every category that fits, the main one, and what else the plan must take into account."""

    use_required_attribute = False
    categories = forms.MultipleChoiceField(
        label=_("Which situation fits?"),
        required=False,
        choices=MigrantCategory.choices,
        widget=folding(forms.CheckboxSelectMultiple(), _("Another situation"), *_RARER),
    )
    primary = forms.ChoiceField(
        label=_("The main one"),
        required=False,
        choices=with_nothing_chosen([(category.value, category.label) for category in PRIMARY_CATEGORIES]),
    )
    tags = forms.MultipleChoiceField(
        label=_("What else matters?"), required=False, choices=ProfileTag.choices, widget=forms.CheckboxSelectMultiple
    )

    def without_a_crisis(self) -> None:
        """Offer no category that may be chosen only while a crisis window is open."""
        every = [one for one in MigrantCategory if one not in CRISIS_CATEGORIES]
        main = [(one.value, one.label) for one in every if one in PRIMARY_CATEGORIES]
        offered = {"categories": [(one.value, one.label) for one in every], "primary": with_nothing_chosen(main)}
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def text(self) -> CategoryText:
        """The main category, which is the only one that can be when a single one is ticked; the others; the tags."""
        said = self.cleaned_data
        ticked, primary = said["categories"], said["primary"]
        possible = [code for code in ticked if code in PRIMARY_CATEGORIES]
        if not primary and len(possible) == 1:
            primary = possible[0]
        return CategoryText(primary, tuple(code for code in ticked if code != primary), tuple(said["tags"]))


class SituationForm(forms.Form):
    """What happened, in a few sentences."""

    use_required_attribute = False
    situation = CaseTextField(
        label=_("What happened?"),
        help_text=lazily(_("%(rule)s %(length)s"), rule=_NO_NAMES, length=characters(LONGEST_SITUATION)),
        required=False,
        max_length=LONGEST_SITUATION,
        rows=8,
    )


class AlternativeForm(forms.Form):
    """One programme that was asked."""

    use_required_attribute = False
    programme = forms.CharField(label=_("Programme"), max_length=200)
    asked_on = DayField(label=_("When was it asked?"), not_later_than_today=True)
    answer = forms.ChoiceField(label=_("Its answer"), choices=with_nothing_chosen(_ANSWERS))
    note = CaseTextField(label=_("Note"), required=False, max_length=_LONGEST_NOTE, rows=2)

    def text(self) -> AlternativeText:
        """The programme and its answer as written."""
        said = self.cleaned_data
        return AlternativeText(said["answer"], said["programme"], said["asked_on"], said["note"])


AlternativesFormSet = row_set(AlternativeForm)


class NoneExistsForm(forms.Form):
    """Where there was nobody to ask."""

    use_required_attribute = False
    none_exists = CaseTextField(
        label=_("Or: no such programme exists, because …"),
        help_text=characters(_LONGEST_NOTE),
        required=False,
        max_length=_LONGEST_NOTE,
        rows=2,
    )


class SituationStep:
    """The forms of step 2, as far as their parts are open."""

    sections = frozenset({Section.CATEGORY.value, Section.SITUATION.value, Section.ALTERNATIVES.value})

    def __init__(
        self, assistance: AssistanceRequest, open_now: frozenset[str], posted: QueryDict | None = None
    ) -> None:
        """Filled with what is stored, or with what was posted."""
        self.assistance = assistance
        self.categories = self.situation = self.tried = None
        self.none: NoneExistsForm | None = None
        self.window: CrisisWindow | None = None
        if Section.CATEGORY in open_now:
            ticked = {"categories": assistance.categories, "primary": assistance.primary_category}
            self.categories = CategoryForm(posted, initial={**ticked, "tags": assistance.profile_tags})
            self.window = window_of(assistance)
            if self.window is None and not leans_on_a_crisis(assistance):
                self.categories.without_a_crisis()
        if Section.SITUATION in open_now:
            self.situation = SituationForm(posted, initial={"situation": assistance.situation_text})
        if Section.ALTERNATIVES in open_now:
            self.stored = [
                AlternativeText(row.answer, row.programme_text, row.asked_on, row.note_text)
                for row in assistance.alternatives.all()
            ]
            self._open_alternatives(posted)
        self.forms = [f for f in (self.categories, self.situation, self.tried, self.none) if f is not None]

    def _open_alternatives(self, posted: QueryDict | None) -> None:
        none_exists = AlternativeAnswer.NONE_EXISTS
        asked = [vars(text) for text in self.stored if text.answer != none_exists]
        reason = next((text.note for text in self.stored if text.answer == none_exists), "")
        self.tried = AlternativesFormSet(posted, prefix="tried", initial=None if posted is not None else asked)
        self.none = NoneExistsForm(posted, initial={"none_exists": reason})

    def check(self) -> None:
        """Either programmes were asked, or none exists."""
        if self.none is None or self.tried is None or not self.none.is_valid():
            return
        if self.none.cleaned_data["none_exists"] and self.tried.written:
            self.none.add_error("none_exists", _t("Programmes were asked, so some exist. Leave one of the two out."))

    def changes(self) -> dict[str, Any]:
        """What differs from what is stored, by the names the action knows."""
        found: dict[str, Any] = {}
        here = self.assistance
        if self.categories is not None:
            text = self.categories.text()
            stored = CategoryText(here.primary_category, tuple(here.other_categories), tuple(here.profile_tags))
            if text != stored:
                found["categories"] = text
        if self.situation is not None and self.situation.cleaned_data["situation"] != here.situation_text:
            found["situation"] = self.situation.cleaned_data["situation"]
        if self.tried is not None and self.none is not None:
            alternatives = [row.text() for row in self.tried.written]
            if self.none.cleaned_data["none_exists"]:
                reason = self.none.cleaned_data["none_exists"]
                alternatives = [AlternativeText(AlternativeAnswer.NONE_EXISTS.value, note=reason)]
            if alternatives != self.stored:
                found["alternatives"] = alternatives
        return found
