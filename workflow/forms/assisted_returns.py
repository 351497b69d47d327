"""Forms about an assisted return: its days and items, the plan that was agreed, visits, surveys, the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.actions.reintegration import Agreed, MeasureText
from workflow.actions.surveys import Asked
from workflow.forms.acts import ActForm, code_field, text_field
from workflow.forms.fields import DayField, with_nothing_chosen
from workflow.models import Dimension, ReintegrationForm, SurveyMoment, SurveyOutcome, SurveyQuestion
from workflow.states import FollowUpVisitState
from workflow.survey_scores import possible_answers

_SEALED = _("Sealed. No names of persons, no addresses.")


class BeginReturnForm(ActForm):
    """Where they return to, and since when they are there if they are."""

    origin_id = forms.TypedChoiceField(
        label=_("Which mission receives the persons?"),
        help_text=_("Where your mission alone takes part, it is both."),
        coerce=int,
        widget=forms.RadioSelect,
    )
    arrived_on = DayField(
        label=_("If they are at home already: since when?"), required=False, not_later_than_today=True
    )
    ticks = ("seen_version",)

    def __init__(self, missions: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        """`missions`: those that take part, by number and name."""
        super().__init__(*args, **kwargs)
        self.fields["origin_id"].choices = missions  # type: ignore[attr-defined]
        if len(missions) == 1:
            self.fields["origin_id"].initial = missions[0][0]


class OnDayForm(ActForm):
    """The day on which it was."""

    on = DayField(label=_("On which day?"), not_later_than_today=True)


class ReturnItemForm(ActForm):
    """Which item of the stage, and on which day it was done."""

    code = forms.ChoiceField(label=_("What was done?"), widget=forms.RadioSelect)
    done_on = DayField(label=_("On which day?"), not_later_than_today=True)

    def __init__(self, items: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`items`: those of the stage that are not done yet."""
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = items  # type: ignore[attr-defined]


class ConcludeReturnForm(ActForm):
    """What became of it."""

    outcome = forms.ChoiceField(label=_("What became of it?"), widget=forms.RadioSelect)
    reason = text_field(_("In a few words"), _SEALED, required=False)

    def __init__(self, outcomes: Sequence[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        """`outcomes`: those that can be so in this stage."""
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]


class ReintegrationPlanForm(ActForm):
    """What the persons agreed to, and for each line or tranche what its measure is for."""

    form = code_field(_("For whom are the measures?"), ReintegrationForm.choices)
    agreed_on = DayField(label=_("Agreed on"), not_later_than_today=True)
    attested = forms.BooleanField(
        label=_("The persons agreed to it and signed it on paper, which the mission keeps"),
        error_messages={"required": _("Say that they agreed, or come back when they did.")},
    )
    words = text_field(_("What was agreed"), _SEALED)

    def __init__(self, paying: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """`paying`: key and words of each line or tranche that can pay a measure."""
        super().__init__(*args, **kwargs)
        self.paying = [key for key, _words in paying]
        choices = with_nothing_chosen(Dimension.choices)
        for key, words in paying:
            self.fields[self._name(key)] = forms.ChoiceField(
                label=_("Paid by %(line)s: what for?") % {"line": words}, choices=choices, required=False
            )

    @staticmethod
    def _name(key: str) -> str:
        return f"paid-{key.replace('/', '-')}"

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        chosen = [(key, said.get(self._name(key), "")) for key in self.paying]
        measures = [MeasureText(dimension, key) for key, dimension in chosen if dimension]
        agreed = Agreed(said["form"], said["agreed_on"], said["words"], measures)
        return {"agreed": agreed, "seen_version": said["seen_version"]}


class VisitForm(ActForm):
    """What came of a visit."""

    result = code_field(
        _("What came of it?"),
        [choice for choice in FollowUpVisitState.choices if choice[0] != FollowUpVisitState.PLANNED],
    )
    visited_on = DayField(label=_("On which day?"), not_later_than_today=True)
    words = text_field(_("What was found"), _SEALED, required=False)


class SurveyForm(ActForm):
    """Whom, when, what came of it; and every question of the version in force."""

    person_key = forms.ChoiceField(label=_("Which person?"), widget=forms.RadioSelect)
    moment = code_field(_("At which moment?"), SurveyMoment.choices)
    asked_on = DayField(label=_("Asked on"), not_later_than_today=True)
    outcome = code_field(
        _("What came of asking?"),
        SurveyOutcome.choices,
        _("Whoever could not be asked has no score; leave the questions empty then."),
    )

    def __init__(
        self, persons: Sequence[tuple[str, str]], questions: Iterable[SurveyQuestion], *args: Any, **kwargs: Any
    ) -> None:
        """`persons`: keys and words of those who take part."""
        super().__init__(*args, **kwargs)
        self.codes = []
        self.fields["person_key"].choices = persons  # type: ignore[attr-defined]
        if len(persons) == 1:
            self.fields["person_key"].initial = persons[0][0]
        for question in questions:
            self.codes.append(question.code)
            self.fields[f"answer-{question.code}"] = forms.ChoiceField(
                label=question.text,
                choices=possible_answers(question.scale),
                required=False,
                widget=forms.RadioSelect,
            )

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        answers = {code: said.get(f"answer-{code}", "") for code in self.codes}
        names = ("person_key", "moment", "outcome", "asked_on")
        asked = Asked(**{name: said[name] for name in names}, answers=answers)
        return {"asked": asked, "seen_version": said["seen_version"]}
