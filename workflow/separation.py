"""Separation of duties on one request, as pairs of acts that one person may not both do.

These pairs become rows with effective dates (`install_separation_rules`); the permits ask the rows, and the database
holds them on every decision. Nobody switches them off: a change is a new row that two people made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.decisions.models import SeparationRule
from gaf.refusals import Refusal

# Above this amount whoever found the person eligible does not also approve the money (US cents).
REVIEWER_DIFFERS_ABOVE = 500_000


@dataclass(frozen=True)
class Pair:
    """Two acts on one request that exclude each other for one person; some only above an amount in US cents."""

    code: str
    first: str
    second: str
    above_minor: int | None = None


MISSION_ACTS = (
    "write",
    "submit",
    "send_urgent",
    "endorse",
    "answer",
    "send_budget",
    "report",
    "report_urgent_costs",
    "record_evidence",
    "assess",
    "screen_trafficking",
    "refer_persons",
    "fingerprint_person",
    "propose_transfer",
    "accept_transfer",
    "begin_return",
    "record_return_item",
    "agree_reintegration_plan",
    "record_departure",
    "record_arrival",
    "begin_reintegration",
    "record_survey",
    "record_visit",
    "conclude_return",
    "record_consent",
    "withdraw_consent",
    "withdraw_persons",
    "end_delivery",
    "ask_amendment",
    "endorse_amendment",
    "declare_lost_receipt",
    "witness_lost_receipt",
)
HEADQUARTERS_ACTS = (
    "take",
    "recuse",
    "ask",
    "confirm_eligibility",
    "refuse_eligibility",
    "allow_urgent_spending",
    "let_wait",
    "return_budget",
    "allow_repeated_help",
    "approve_budget",
    "approve_deferred_line",
    "decline",
    "certify_funds",
    "return_to_approver",
    "release",
    "accept_reports",
    "close",
    "hold",
    "resume",
    "cancel",
    "prepare_disbursement",
    "release_disbursement",
    "stop_disbursement",
    "sign_first",
    "sign_second",
    "match_line",
    "set_aside_line",
    "undo_match",
    "confirm_payee",
    "let_pass",
    "review_amendment",
    "approve_amendment",
    "refuse_amendment",
    "extend_delivery",
    "accept_urgent_costs",
    "accept_lost_receipt",
    "refuse_lost_receipt",
    "plan_tranches",
    "open_tranche",
    "account_for_tranche",
)
# The system ends delivery and suggests matches; neither is a decision of a person about the other.
_SYSTEM_DOES_BOTH = {("end_delivery", "match_line"), ("end_delivery", "set_aside_line")}
_FIND_IN_ORDER = ("confirm_eligibility", "review_amendment")
_APPROVE = ("approve_budget", "approve_deferred_line", "approve_amendment")
_CERTIFY = ("certify_funds", "prepare_disbursement", "plan_tranches", "open_tranche")
_RELEASE = ("release", "release_disbursement")
_RECONCILE = ("match_line", "set_aside_line", "undo_match")


def _each(code: str, firsts: tuple[str, ...], seconds: tuple[str, ...], above_minor: int | None = None) -> list[Pair]:
    return [Pair(code, first, second, above_minor) for first in firsts for second in seconds]


def _pairs() -> list[Pair]:
    """Every pair once, the narrower rule's code first."""
    wanted = [
        *_each("SOD-02", ("write", "submit", "send_urgent"), ("endorse",)),
        *_each("SOD-02", ("ask_amendment",), ("endorse_amendment",)),
        *_each("SOD-03", _FIND_IN_ORDER, _APPROVE, REVIEWER_DIFFERS_ABOVE),
        *_each("SOD-20", ("allow_repeated_help",), _APPROVE),
        *_each("SOD-04", _APPROVE, _CERTIFY),
        *_each("SOD-05", _APPROVE, _RELEASE),
        *_each("SOD-06", _CERTIFY, _RELEASE),
        *_each("SOD-07", _RECONCILE, (*_APPROVE, *_CERTIFY, *_RELEASE)),
        *_each("SOD-08", ("record_payee",), ("confirm_payee",)),
        *_each("SOD-09", ("record_payee", "confirm_payee"), _RELEASE),
        *_each("SOD-16", ("clear_hit_first",), ("clear_hit_second",)),
        *_each("SOD-17", ("record_payee",), ("clear_hit_first", "clear_hit_second")),
        *_each("SOD-18", ("clear_hit_first", "clear_hit_second"), _RELEASE),
        *_each("SOD-10", ("sign_first",), ("sign_second",)),
        *_each("SOD-11", ("report",), ("accept_reports",)),
        *_each("SOD-12", _FIND_IN_ORDER, (*_CERTIFY, *_RELEASE, *_RECONCILE)),
        *_each("SOD-14", ("declare_lost_receipt",), ("witness_lost_receipt",)),
        *_each("SOD-19", ("propose_table",), ("publish_table",)),
        *_each("SOD-01", MISSION_ACTS, HEADQUARTERS_ACTS),
    ]
    kept: dict[frozenset[str], Pair] = {}
    for pair in wanted:
        if (pair.first, pair.second) not in _SYSTEM_DOES_BOTH:
            kept.setdefault(frozenset({pair.first, pair.second}), pair)
    return list(kept.values())


PAIRS = _pairs()


def install_separation_rules(*, proposed_by: User, approved_by: User, effective_from: date) -> int:
    """Write each pair as a row in force from a day on; pairs that have a row already stay. Returns how many are new.

    Raises Refusal SOD-13 when proposer and approver are one person.
    """
    if proposed_by == approved_by:
        raise Refusal(
            "SOD-13",
            _("The separation rules were not put in force."),
            _("One person proposes them and another approves them."),
            _("Ask a second person."),
        )
    known = {frozenset(pair) for pair in SeparationRule.objects.values_list("first_act", "second_act")}
    fresh = [pair for pair in PAIRS if frozenset({pair.first, pair.second}) not in known]
    SeparationRule.objects.bulk_create(
        SeparationRule(
            code=pair.code,
            first_act=pair.first,
            second_act=pair.second,
            above_minor=pair.above_minor,
            effective_from=effective_from,
            proposed_by=proposed_by,
            approved_by=approved_by,
        )
        for pair in fresh
    )
    return len(fresh)
