"""Answers to headquarters' questions: one box for each."""

from __future__ import annotations

from typing import Any

from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from workflow.forms.acts import ActForm
from workflow.forms.fields import CaseTextField, characters
from workflow.models import Question

_LONGEST_ANSWER = 3000


class AnswerForm(ActForm):
    """One box for each open question."""

    def __init__(self, questions: list[Question], *args: Any, **kwargs: Any) -> None:
        """The boxes are called `answer_` and the number of their question."""
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"answer_{question.number}"] = CaseTextField(
                label=_("Answer to question %(number)s") % {"number": question.number},
                help_text=characters(_LONGEST_ANSWER),
                max_length=_LONGEST_ANSWER,
            )

    def box(self, question: Question) -> BoundField:
        """The box of a question."""
        return self[f"answer_{question.number}"]

    def said(self) -> dict[str, Any]:
        """Answers by the number of their question."""
        answers = {q.number: self.cleaned_data[f"answer_{q.number}"] for q in self.questions}
        return {"answers": answers, "seen_version": self.cleaned_data["seen_version"]}
