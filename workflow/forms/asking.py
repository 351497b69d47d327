"""Questions to a mission: each about one named part of the request."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from workflow.actions.clarification import QuestionText
from workflow.codelists import Section
from workflow.forms.acts import LONGEST_TEXT
from workflow.forms.fields import CaseTextField

MOST_QUESTIONS = 12


class QuestionForm(forms.Form):
    """One question. A row that is left empty is no question."""

    use_required_attribute = False
    section = forms.ChoiceField(label=_("About"), choices=[("", _("Choose")), *Section.choices])
    text = CaseTextField(label=_("Question"), max_length=LONGEST_TEXT, rows=3)


class _Questions(BaseFormSet):
    """Rows of questions."""

    def initial_form_count(self) -> int:
        """No row was there before; an empty one is never an error."""
        return 0 if self.is_bound else super().initial_form_count()

    def said(self) -> list[QuestionText]:
        """The questions that were written."""
        return [
            QuestionText(form.cleaned_data["section"], form.cleaned_data["text"])
            for form in self.forms
            if form.has_changed()
        ]


QuestionsFormSet = cast(
    type[_Questions],
    formset_factory(QuestionForm, formset=_Questions, extra=3, max_num=MOST_QUESTIONS, absolute_max=MOST_QUESTIONS),
)


def as_typed(data: Any, rows: int) -> list[dict[str, str]]:
    """What was typed so far, to show the rows again with one more."""
    return [
        {"section": data.get(f"form-{row}-section", ""), "text": data.get(f"form-{row}-text", "")}
        for row in range(rows)
    ]
