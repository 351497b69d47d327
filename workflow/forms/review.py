"""The review form, made from the criteria a request is bound to: an answer and a note for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from workflow.actions.eligibility import CriterionAnswer
from workflow.criteria_words import Words
from workflow.forms.acts import LONGEST_TEXT, ActForm, ConfirmEligibilityForm
from workflow.forms.fields import CaseTextField
from workflow.models import Criterion, EligibilityAnswer

_Answer = EligibilityAnswer.Answer
_KEYS = {_Answer.YES: "y", _Answer.NO: "n", _Answer.NOT_RELEVANT: "q"}


class AnswerChoice(forms.RadioSelect):
    """The answers to one criterion, each with its single key."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One answer."""
        option = super().create_option(name, value, *args, **kwargs)
        if value in _KEYS:
            option["attrs"]["data-key"] = _KEYS[value]
        return option


@dataclass(frozen=True)
class CriterionRow:
    """One criterion with its two fields."""

    criterion: Criterion
    answer: BoundField
    note: BoundField
    words: Words | None = None  # its translation, a help beside the words that bind


class ReviewForm(ActForm):
    """Answers may be left open and saved; the decision asks for all of them, and has a word of its own."""

    reason = ConfirmEligibilityForm.base_fields["reason"]

    def __init__(
        self,
        *args: Any,
        criteria: list[Criterion],
        answered: dict[int, EligibilityAnswer],
        reads: bool,
        words: dict[str, Words],
        **kwargs: Any,
    ) -> None:
        """Two fields for each criterion, filled with what was found before."""
        super().__init__(*args, **kwargs)
        self.criteria, self.words = criteria, words
        for criterion in criteria:
            before = answered.get(criterion.pk)
            choices = [c for c in _Answer.choices if c[0] != _Answer.NOT_RELEVANT or criterion.may_be_irrelevant]
            self.fields[f"answer-{criterion.pk}"] = forms.ChoiceField(
                label=f"{criterion.position}. {criterion.question}",
                help_text=criterion.guidance,
                choices=choices,
                required=False,
                widget=AnswerChoice,
                initial=before.answer if before else "",
            )
            self.fields[f"note-{criterion.pk}"] = CaseTextField(
                label=_("Note for the file; a no needs one"),
                required=False,
                max_length=LONGEST_TEXT,
                rows=2,
                initial=before.note_text if before and reads else "",
            )

    def rows(self) -> Iterator[CriterionRow]:
        """Each criterion with its fields, in the order of the set."""
        for criterion in self.criteria:
            fields = (self[f"answer-{criterion.pk}"], self[f"note-{criterion.pk}"])
            yield CriterionRow(criterion, *fields, self.words.get(criterion.code))

    def clean(self) -> dict[str, Any]:
        """A no needs a note."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for criterion in self.criteria:
            no = cleaned.get(f"answer-{criterion.pk}") == _Answer.NO
            if no and not cleaned.get(f"note-{criterion.pk}", "").strip():
                self.add_error(
                    f"note-{criterion.pk}",
                    _("Criterion %(number)s: a no needs a note for the file.") % {"number": criterion.position},
                )
        return cleaned

    def answers(self) -> list[CriterionAnswer]:
        """What was answered; open criteria are left out."""
        return [
            CriterionAnswer(criterion.pk, answer, self.cleaned_data[f"note-{criterion.pk}"])
            for criterion in self.criteria
            if (answer := self.cleaned_data[f"answer-{criterion.pk}"])
        ]
