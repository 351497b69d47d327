"""Beginning a donor report, and writing it: one long form that may be saved half-filled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import DayField, PlainForm, offer
from finance.models import Agreement
from gaf import ids
from workflow.actions.donor_reports import ReportText
from workflow.donor_reports.questions import CORE, LONGEST_ANSWER, MOST_ADDED, AddedTopic
from workflow.forms.fields import CaseTextField
from workflow.models import DonorReport


class DonorReportNewForm(PlainForm):
    """Which agreement, and from which day to which."""

    agreement = forms.ChoiceField(label=_("Agreement"))
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)

    def __init__(self, *args: Any, agreements: Iterable[Agreement], **options: Any) -> None:
        super().__init__(*args, **options)
        self.by_key = {one.key: one for one in agreements}
        choices = [(one.key, f"{one.key}, {one.donor}, {one.stream}") for one in self.by_key.values()]
        offer(self, "agreement", [("", _("Choose an agreement")), *choices])

    def said(self) -> dict[str, Any]:
        """What was chosen, as the act takes it."""
        said = self.cleaned_data
        chosen = self.by_key[said["agreement"]]
        return {"agreement": chosen, "first_day": said["first_day"], "last_day": said["last_day"]}


class DonorReportForm(PlainForm):
    """The answers. None is asked for before the report is sent to its second reader."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number, question in enumerate(CORE, start=1):
            label = f"{number}. {question.label}"
            self.fields[question.name] = _text(label, question.hint)
        for place in range(1, MOST_ADDED + 1):
            topics = [("", _("None")), *AddedTopic.choices]
            label = gettext("Topic %(place)s") % {"place": place}
            self.fields[f"topic_{place}"] = forms.ChoiceField(label=label, choices=topics, required=False)
            self.fields[f"added_{place}"] = _text(gettext("Text on topic %(place)s") % {"place": place}, "")

    def parts(self) -> list[tuple[Any, Any, list[forms.BoundField]]]:
        """The form in its parts: a heading, a hint, and the fields."""
        core = [self[question.name] for question in CORE]
        added = [self[f"{name}_{place}"] for place in range(1, MOST_ADDED + 1) for name in ("topic", "added")]
        return [
            (_("Eight questions"), _("Every report answers them before it is sent."), core),
            (_("In addition"), _("Up to three, where the agreement asks for them."), added),
        ]

    def text(self) -> ReportText:
        """What was written."""
        said = self.cleaned_data
        places = range(1, MOST_ADDED + 1)
        return ReportText(
            answers={question.name: said[question.name] for question in CORE},
            added=[(said[f"topic_{place}"], said[f"added_{place}"]) for place in places],
        )


def _text(label: Any, hint: Any) -> CaseTextField:
    return CaseTextField(label=label, help_text=hint, required=False, max_length=LONGEST_ANSWER, rows=6)


def written(report: DonorReport) -> dict[str, Any]:
    """What stands in a report, as its form begins."""
    columns = [question.name for question in CORE]
    columns += [f"{name}_{place}" for place in range(1, MOST_ADDED + 1) for name in ("topic", "added")]
    return {"seen_version": report.version, **{column: getattr(report, column) for column in columns}}
