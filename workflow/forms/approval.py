"""What an approver decides about each line: whole, a part, later, or not; and which stream bears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import FundingStream
from finance.restrictions import Proposal
from gaf.templatetags.formats import number, plain_money
from workflow.actions.approval import LineDecision
from workflow.forms.acts import ActForm, text_field
from workflow.models import BudgetLine
from workflow.protection.standing import GateStanding, why_closed
from workflow.reasons import CutReason, Gate

OUTCOMES = [
    ("approve", gettext_lazy("Approve whole")),
    ("cut", gettext_lazy("Approve a part")),
    ("defer", gettext_lazy("Wait for a condition")),
    ("decline", gettext_lazy("Leave out")),
]
_CHOOSE = ("", gettext_lazy("Choose"))


class ApprovalForm(ActForm):
    """What the mission and finance should know about the decision, if anything."""

    reason = text_field(
        gettext_lazy("Reason in your own words"),
        gettext_lazy("The missions read it. No names of persons."),
        required=False,
    )


def stream_words(stream: FundingStream) -> str:
    """A stream in a list of choices, with what is free in it now."""
    free = plain_money(stream.free)  # type: ignore[attr-defined]
    return _("%(code)s, free %(free)s") % {"code": stream.code, "free": free}


class LineForm(forms.Form):
    """One line's decision. Only streams that fit every donor's rule are offered."""

    use_required_attribute = False
    outcome = forms.ChoiceField(label=gettext_lazy("Decision"), choices=OUTCOMES, initial="approve")
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity approved"),
        required=False,
        max_digits=10,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    reason_code = forms.ChoiceField(
        label=gettext_lazy("Why less"), required=False, choices=[_CHOOSE, *CutReason.choices]
    )
    gate_code = forms.ChoiceField(label=gettext_lazy("Waits for"), required=False, choices=[_CHOOSE, *Gate.choices])
    stream = forms.ChoiceField(label=gettext_lazy("Stream"), required=False)

    def __init__(
        self,
        *args: Any,
        line: BudgetLine,
        proposal: Proposal,
        streams: list[FundingStream],
        closed: Sequence[GateStanding] = (),
        **kwargs: Any,
    ) -> None:
        """Offer the streams that fit this line, the proposed one chosen; a line behind closed gates waits at first."""
        super().__init__(*args, **kwargs)
        self.line, self.proposal, self.waits = line, proposal, why_closed(closed)
        if closed:
            self.fields["outcome"].initial = "defer"
            if "gate_code" in self.fields:
                self.fields["gate_code"].initial = closed[0].rule.waits_as
        fitting = [(stream.code, stream_words(stream)) for stream in streams if stream.code in proposal.fits]
        self.fields["stream"].choices = [_CHOOSE, *fitting]  # type: ignore[attr-defined]
        self.fields["stream"].initial = proposal.stream_code or ""

    def clean(self) -> dict[str, Any]:
        """What each outcome needs beside itself."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        outcome = cleaned.get("outcome", "")
        if self.waits and outcome in ("approve", "cut"):
            self.add_error("outcome", _("The line waits behind a gate: %(why)s") % {"why": self.waits})
            return cleaned
        if outcome == "cut":
            self._require_part(cleaned.get("quantity"))
        if outcome in ("cut", "decline"):
            self._require(cleaned, "reason_code", _("Choose why it is less than asked."))
        if outcome == "defer":
            self._require(cleaned, "gate_code", _("Choose what the line waits for."))
        if outcome in ("approve", "cut"):
            self._require(cleaned, "stream", _("Choose the stream that bears it."))
        return cleaned

    def _require_part(self, quantity: Decimal | None) -> None:
        if "quantity" in self.errors or (quantity is not None and 0 < quantity < self.line.quantity):
            return
        words = _("Write a quantity above zero and below %(asked)s.") % {"asked": number(self.line.quantity)}
        self.add_error("quantity", words)

    def _require(self, cleaned: dict[str, Any], name: str, words: str) -> None:
        if not cleaned.get(name) and name not in self.errors:
            self.add_error(name, words)

    def decision(self) -> LineDecision:
        """The decision, with nothing in it that its outcome does not need."""
        said = self.cleaned_data
        outcome = said["outcome"]
        return LineDecision(
            line_id=self.line.pk,
            outcome=outcome,
            quantity=said["quantity"] if outcome == "cut" else None,
            reason_code=said["reason_code"] if outcome in ("cut", "decline") else "",
            gate_code=said["gate_code"] if outcome == "defer" else "",
            stream_code=said["stream"] if outcome in ("approve", "cut") else "",
        )


class _LineDecisions(BaseFormSet):
    """One row for each line of the budget, neither more nor fewer whatever is posted."""

    def __init__(
        self,
        *args: Any,
        lines: list[BudgetLine],
        proposals: dict[str, Proposal],
        streams: list[FundingStream],
        closed: Mapping[int, Sequence[GateStanding]],
        **kwargs: Any,
    ) -> None:
        self.lines, self.proposals, self.streams, self.closed = lines, proposals, streams, closed
        super().__init__(*args, **kwargs)

    def total_form_count(self) -> int:
        """As many as there are lines."""
        return len(self.lines)

    def initial_form_count(self) -> int:
        """Every row must be decided."""
        return len(self.lines)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """The line of this row."""
        line = self.lines[index or 0]
        return {
            "line": line,
            "proposal": self.proposals[line.key],
            "streams": self.streams,
            "closed": self.closed.get(line.pk, ()),
            "empty_permitted": False,
        }

    def decisions(self) -> list[LineDecision]:
        """One decision for each line."""
        return [form.decision() for form in self.forms]


LineDecisionsFormSet = cast(type[_LineDecisions], formset_factory(LineForm, formset=_LineDecisions, extra=0))


class DeferredLineForm(LineForm):
    """A deferred line, when what it waited for is there: whole or a part."""

    seen_version = ActForm.base_fields["seen_version"]
    condition_met = forms.BooleanField(
        label=gettext_lazy("What the line waited for is there; I have seen it"),
        error_messages={"required": gettext_lazy("Say that you have seen what the line waited for.")},
    )
    field_order = ("seen_version", "outcome", "quantity", "reason_code", "stream", "condition_met")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only what grants something."""
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = OUTCOMES[:2]  # type: ignore[attr-defined]
        self.fields["outcome"].initial = "approve"
        del self.fields["gate_code"]

    refuse = ActForm.refuse
