"""Forms of acts: what a person says when doing one, and the version of the request they saw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaf.refusals import Incomplete, Refusal
from workflow.forms.fields import AmountField, CaseTextField, DayField, read_money
from workflow.reasons import (
    ClosureReason,
    DeclineReason,
    DisallowReason,
    EndReason,
    HoldReason,
    IneligibilityReason,
    ReopenReason,
    ReturnReason,
)

LONGEST_TEXT = 4000
_MANY = 8


class ActForm(forms.Form):
    """The least an act needs: the version seen, so that a stale page is noticed. Other fields go to the action."""

    use_required_attribute = False
    seen_version = forms.IntegerField(
        min_value=0,
        widget=forms.HiddenInput,
        error_messages={"required": _("Open this page again."), "invalid": _("Open this page again.")},
    )
    ticks: tuple[str, ...] = ()  # fields that are only confirmed, and say nothing to the action

    def said(self) -> dict[str, Any]:
        """What was filled in, by the names the action knows."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.ticks}

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to; the person finds their text as they typed it."""
        if isinstance(refusal, Incomplete):
            for obstacle in refusal.obstacles:
                self.add_error(None, obstacle)
            return
        self.add_error(None, f"{refusal.what} {refusal.why} {refusal.next_step} ({refusal.code})")


def text_field(label: Any, hint: Any = "", *, required: bool = True) -> forms.CharField:
    """Some lines of text about the case; it is sealed when it is kept."""
    return CaseTextField(label=label, help_text=hint, required=required, max_length=LONGEST_TEXT)


def code_field(label: Any, choices: list[tuple[str, Any]], hint: Any = "") -> forms.ChoiceField:
    """One reason of a list: as radio buttons while they are few."""
    if len(choices) > _MANY:
        return forms.ChoiceField(label=label, help_text=hint, choices=[("", _("Choose")), *choices])
    return forms.ChoiceField(label=label, help_text=hint, choices=choices, widget=forms.RadioSelect)


_SEALED = _("The missions of this request and those who work on it read this. No names of persons.")
_REASON = _("Reason in your own words")


class EndorseForm(ActForm):
    """Nothing but the decision."""


class TakeForm(ActForm):
    """Taking a request is declaring that there is no conflict of interest."""

    ticks = ("no_tie",)
    no_tie = forms.BooleanField(
        label=_("I have no tie to this case or mission"),
        error_messages={"required": _("Say that you have no tie to this case or mission, or leave it to another.")},
    )


class RecuseForm(ActForm):
    """Why the reviewer cannot judge this one."""

    reason = text_field(_("Which tie do you have?"), _("Only those who work on this request read it."))


class ConfirmEligibilityForm(ActForm):
    """What the mission and the approver should know, if anything."""

    reason = text_field(_("Why the fund can help"), _SEALED, required=False)


class LetWaitForm(ActForm):
    """Why nothing must be spent before the next working day."""

    reason = text_field(_("Why can it wait?"), _SEALED)


class RefuseEligibilityForm(ActForm):
    """The reason by code and in words, and where else the person can turn."""

    reason_code = code_field(_("Why can the fund not help?"), IneligibilityReason.choices)
    reason = text_field(_REASON, _SEALED)
    referral = text_field(_("Where can the person turn?"), _("A programme or service, and how to reach it."))


class ReturnToAuthorForm(ActForm):
    """What the author must mend."""

    reason_code = code_field(_("What is not in order?"), ReturnReason.choices)
    reason = text_field(_("What must be changed?"), _SEALED)


class ReturnBudgetForm(ReturnToAuthorForm):
    """What the mission must mend in plan or budget."""


class ReturnToApproverForm(ReturnToAuthorForm):
    """Why the funds cannot be confirmed."""


class DeclineForm(ActForm):
    """Why the budget is not approved."""

    reason_code = code_field(_("Why is it not approved?"), DeclineReason.choices)
    reason = text_field(_REASON, _SEALED)


class HoldForm(ActForm):
    """Why the request rests."""

    reason_code = code_field(_("Why does it rest?"), HoldReason.choices)
    reason = text_field(_REASON, _SEALED)


class ResumeForm(ActForm):
    """What has changed since, if that is worth a word."""

    reason = text_field(_REASON, _SEALED, required=False)


class EndForm(ActForm):
    """Why the request is withdrawn or cancelled."""

    reason_code = code_field(_("Why does it end?"), EndReason.choices)
    reason = text_field(_REASON, _SEALED)


class CloseForm(ActForm):
    """How help ended."""

    reason_code = code_field(_("How did help end?"), ClosureReason.choices)
    reason = text_field(_("What should be remembered"), _SEALED, required=False)


class ReopenForm(ActForm):
    """Why an ended request goes on."""

    reason_code = code_field(_("Why does it go on?"), ReopenReason.choices)
    reason = text_field(_REASON, _SEALED)


class ExtendForm(ActForm):
    """The new last day, and why help takes longer."""

    ends_on = DayField(label=_("Help ends on"), not_before_today=True)
    reason = text_field(_REASON, _SEALED)


class LetPassForm(ActForm):
    """Why the request does not wait for the report."""

    reason = text_field(_REASON, _SEALED)


class AllowRepeatedHelpForm(ActForm):
    """Why somebody is helped again."""

    reason = text_field(_("Why again, and what was learned from the first help"), _SEALED)


class UrgentCostsAcceptedForm(ActForm):
    """What is accepted of urgent costs that were paid, and why it is less."""

    accepted = AmountField(label=_("Accepted, in USD"))
    disallow_code = forms.ChoiceField(
        label=_("Why less"), required=False, choices=[("", _("Everything is accepted")), *DisallowReason.choices]
    )
    reason = text_field(_REASON, _SEALED, required=False)

    def clean(self) -> dict[str, Any]:
        """Read the amount."""
        said = super().clean() or {}
        if said.get("accepted"):
            said["accepted"] = read_money(self, "accepted", "USD")
        return said
