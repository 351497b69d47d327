"""What a mission asks when the budget must change, and what is said when that is decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from finance.models import FundingStream
from finance.restrictions import Proposal
from gaf.accounts.models import Mission
from workflow.actions.amending import LessOfLine, MoreOfLine, NewLine
from workflow.forms.acts import ActForm, code_field, text_field
from workflow.forms.approval import stream_words
from workflow.forms.fields import QuantityField
from workflow.forms.lines import LineForm as NewLineForm
from workflow.forms.lines import LineRows, person_choices
from workflow.forms.rows import row_set
from workflow.models import AmendmentLine, AssistanceRequest, BudgetLine
from workflow.reasons import DeclineReason

_SEALED = _("The missions of this request and those who work on it read this. No names of persons.")

NewLines = row_set(NewLineForm, LineRows)


class AmendmentForm(ActForm):
    """Why the budget must change, and for each approved line of one's own missions how much more or less of it."""

    why = text_field(_("What has changed, and why is another budget needed?"), _SEALED)

    def __init__(self, own: list[BudgetLine], *args: Any, **kwargs: Any) -> None:
        """`own`: approved lines of the person's missions."""
        super().__init__(*args, **kwargs)
        self.own = own
        for line in own:
            words = {"number": line.number}
            self.fields[f"more_{line.key}"] = QuantityField(
                label=_("Line %(number)s: units more") % words, required=False, may_be_nothing=True
            )
            self.fields[f"less_{line.key}"] = QuantityField(
                label=_("Line %(number)s: units less") % words, required=False, may_be_nothing=True
            )

    def lines(self) -> list[dict[str, Any]]:
        """Each line with its two boxes."""
        return [{"line": one, "more": self[f"more_{one.key}"], "less": self[f"less_{one.key}"]} for one in self.own]

    def clean(self) -> dict[str, Any]:
        """A line becomes more or less, not both, and not less than nothing."""
        said = super().clean() or {}
        for line in self.own:
            more, less = said.get(f"more_{line.key}"), said.get(f"less_{line.key}")
            if more and less:
                self.add_error(f"less_{line.key}", _t("Write more or less of a line, not both."))
            if less and less > line.granted_quantity:
                words = _t("The line has %(rest)s units left.") % {"rest": line.granted_quantity}
                self.add_error(f"less_{line.key}", words)
        return said

    def changes(self) -> list[MoreOfLine | LessOfLine]:
        """What changes on lines that are there."""
        found: list[MoreOfLine | LessOfLine] = []
        for line in self.own:
            more, less = (self.cleaned_data.get(f"{word}_{line.key}") for word in ("more", "less"))
            if more:
                found.append(MoreOfLine(line.pk, more))
            if less:
                found.append(LessOfLine(line.pk, less))
        return found


def new_lines(assistance: AssistanceRequest, own: list[Mission], posted: Any = None) -> Any:
    """Rows for lines that were not in the budget; all may stay empty."""
    choices = {"missions": own, "persons": person_choices(assistance)}
    return NewLines(posted, prefix="lines", form_kwargs=choices)


def asked_in(rows: Any) -> list[NewLine]:
    """The new lines that were written."""
    texts = [row.text() for row in rows.written]
    return [
        NewLine(
            text.mission_id,
            text.assistance_type,
            text.description,
            text.unit,
            text.quantity,
            text.unit_cost,
            text.person_keys,
        )
        for text in texts
    ]


class EndorseAmendmentForm(ActForm):
    """Nothing but the decision."""


class ReviewAmendmentForm(ActForm):
    """What the approver should know, if anything."""

    reason = text_field(_("Why it is in order"), _SEALED, required=False)


class RefuseAmendmentForm(ActForm):
    """Why the budget stays as it is."""

    reason_code = code_field(_("Why is it not approved?"), DeclineReason.choices)
    reason = text_field(_("Reason in your own words"), _SEALED)


class WithdrawAmendmentForm(ActForm):
    """Why it is taken back, if that is worth a word."""

    reason = text_field(_("Reason in your own words"), _SEALED, required=False)


class ApproveAmendmentForm(ActForm):
    """Which stream bears each added line, and a word to the mission."""

    reason = text_field(_("Reason in your own words"), _SEALED, required=False)

    def __init__(
        self,
        added: list[AmendmentLine],
        *args: Any,
        proposals: dict[str, Proposal],
        streams: list[FundingStream],
        **kwargs: Any,
    ) -> None:
        """Only streams that fit a line are offered for it, the proposed one chosen."""
        super().__init__(*args, **kwargs)
        self.added = added
        for line in added:
            proposal = proposals[line.key]
            fitting = [(one.code, stream_words(one)) for one in streams if one.code in proposal.fits]
            self.fields[f"stream_{line.key}"] = forms.ChoiceField(
                label=_("Stream for change %(number)s") % {"number": line.number},
                choices=[("", _("Choose")), *fitting],
                initial=proposal.stream_code or "",
                help_text=proposal.why,
                error_messages={"required": _("Choose the stream that bears it.")},
            )

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        streams = {line.key: self.cleaned_data[f"stream_{line.key}"] for line in self.added}
        return {
            "streams": streams,
            "reason": self.cleaned_data["reason"],
            "seen_version": self.cleaned_data["seen_version"],
        }
