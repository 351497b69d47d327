"""What the fields of a request are called where their changes are told, and what their codes say."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow.codelists import AssistanceType, ConsentPurpose, MigrantCategory, ProfileTag, country_name

WORDS: dict[str, str | Promise] = {
    "accepted_minor": gettext_lazy("Accepted"),
    "age_band": gettext_lazy("Age band"),
    "allowed_at": gettext_lazy("Allowed at"),
    "allowed_by": gettext_lazy("Allowed by"),
    "answer": gettext_lazy("Answer"),
    "answered_at": gettext_lazy("Answered at"),
    "answered_by": gettext_lazy("Answered by"),
    "approved_at": gettext_lazy("Approved at"),
    "approved_local_minor": gettext_lazy("Approved, in local currency"),
    "approved_quantity": gettext_lazy("Approved quantity"),
    "approved_usd_minor": gettext_lazy("Approved, in US dollars"),
    "asked_at": gettext_lazy("Asked at"),
    "asked_by": gettext_lazy("Asked by"),
    "asked_on": gettext_lazy("Asked on"),
    "assistance_type": gettext_lazy("Kind of help"),
    "assistance_types": gettext_lazy("Kinds of help"),
    "author": gettext_lazy("Written by"),
    "cancelled_local_minor": gettext_lazy("Cancelled, in local currency"),
    "cancelled_quantity": gettext_lazy("Cancelled quantity"),
    "cancelled_usd_minor": gettext_lazy("Cancelled, in US dollars"),
    "closed_at": gettext_lazy("Closed at"),
    "closure_code": gettext_lazy("How help ended"),
    "consent_language": gettext_lazy("Language of the consent"),
    "criteria_set": gettext_lazy("Set of criteria"),
    "criterion": gettext_lazy("Criterion"),
    "currency": gettext_lazy("Currency"),
    "cut_code": gettext_lazy("Why it was cut"),
    "delivery_ends_on": gettext_lazy("Help ends"),
    "delivery_months": gettext_lazy("Months of help"),
    "description": gettext_lazy("Description"),
    "price_reason": gettext_lazy("Why it costs more than usual"),
    "disability": gettext_lazy("Difficulty"),
    "disallow_code": gettext_lazy("Why it was not accepted"),
    "disallowed_minor": gettext_lazy("Not accepted"),
    "endorsed_at": gettext_lazy("Endorsed at"),
    "evidence_count": gettext_lazy("Documents that prove it"),
    "exception_reason": gettext_lazy("Why there is no consent yet"),
    "field_code": gettext_lazy("About"),
    "gate_code": gettext_lazy("Waits for"),
    "gate_met_on": gettext_lazy("Waits no longer since"),
    "given_by": gettext_lazy("Given by"),
    "given_on": gettext_lazy("Given on"),
    "is_urgent": gettext_lazy("Sent to the duty officer"),
    "key": gettext_lazy("Key"),
    "language": gettext_lazy("Language"),
    "left_at": gettext_lazy("Left at"),
    "left_code": gettext_lazy("Why they left"),
    "limit_minor": gettext_lazy("Limit"),
    "let_wait_at": gettext_lazy("Found at, that it can wait"),
    "line": gettext_lazy("Line"),
    "local_minor": gettext_lazy("Amount, in local currency"),
    "mission": gettext_lazy("Mission"),
    "mode": gettext_lazy("How they agreed"),
    "narrative": gettext_lazy("What was done"),
    "nationality": gettext_lazy("Nationality"),
    "needed_until": gettext_lazy("Needed until"),
    "note": gettext_lazy("Note"),
    "number": gettext_lazy("Number"),
    "other_categories": gettext_lazy("Other categories"),
    "period_from": gettext_lazy("Reported from"),
    "period_to": gettext_lazy("Reported until"),
    "plan": gettext_lazy("Assistance plan"),
    "primary_category": gettext_lazy("Category"),
    "priority": gettext_lazy("Priority"),
    "profile_tags": gettext_lazy("Also to know"),
    "programme": gettext_lazy("Programme"),
    "purposes": gettext_lazy("Agreed to"),
    "quantity": gettext_lazy("Quantity"),
    "question": gettext_lazy("Question"),
    "reference": gettext_lazy("Reference"),
    "regularise_by": gettext_lazy("To be completed by"),
    "reported_at": gettext_lazy("Reported at"),
    "reported_minor": gettext_lazy("Reported"),
    "reports_due_on": gettext_lazy("Reports due"),
    "review_began_at": gettext_lazy("Review began at"),
    "rough_minor": gettext_lazy("Rough cost"),
    "sent_at": gettext_lazy("Sent at"),
    "sent_by": gettext_lazy("Sent by"),
    "sex": gettext_lazy("Sex"),
    "situation": gettext_lazy("Situation"),
    "spent_minor": gettext_lazy("Spent"),
    "started_at": gettext_lazy("Begun at"),
    "state": gettext_lazy("State"),
    "stream_code": gettext_lazy("Stream"),
    "submitted_at": gettext_lazy("Sent at"),
    "taken_by": gettext_lazy("Taken by"),
    "unit": gettext_lazy("Unit"),
    "unit_cost_minor": gettext_lazy("Cost of one unit"),
    "units_per_usd": gettext_lazy("Rate to the US dollar"),
    "usd_minor": gettext_lazy("Amount, in US dollars"),
    "waits_until": gettext_lazy("Can wait until"),
    "with_interpreter": gettext_lazy("With an interpreter"),
    "withdrawn_on": gettext_lazy("Taken back on"),
}


def _label(codes: type[TextChoices]) -> Callable[[str], str]:
    return lambda code: str(codes(code).label) if code in codes.values else code


# Columns whose codes the model itself has no words for.
_CODES: dict[str, Callable[[str], str]] = {
    "assistance_types": _label(AssistanceType),
    "nationality": country_name,
    "other_categories": _label(MigrantCategory),
    "profile_tags": _label(ProfileTag),
    "purposes": _label(ConsentPurpose),
}


def field_words(name: str) -> str:
    """What a column is called, in the language that is spoken now."""
    return str(WORDS[name])


def coded(name: str, value: object) -> str:
    """A value without a model's own words: a yes or no, codes of a list, or as it stands."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    say = _CODES.get(name, str)
    return ", ".join(say(one) for one in value) if isinstance(value, list) else say(str(value))
