"""How few people can take a request from its draft to a reconciled payment, found by search and not by reading.

Every act on that way is given to somebody. Two acts may go to one person when no separation rule excludes it and one
person may hold the roles of both.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pytest

from workflow.separation import PAIRS, REVIEWER_DIFFERS_ABOVE

# Each act that cannot be left out, and the roles that may do it (written by hand from the settled list).
WAY: dict[str, set[str]] = {
    "write": {"case_worker", "head_of_unit"},
    "submit": {"case_worker", "head_of_unit"},
    "endorse": {"head_of_unit"},
    "take": {"eligibility_reviewer"},
    "confirm_eligibility": {"eligibility_reviewer"},
    "send_budget": {"case_worker", "head_of_unit"},
    "approve_budget": {"budget_approver", "fund_manager"},
    "certify_funds": {"certifying_officer"},
    "record_payee": {"mission_finance"},
    "confirm_payee": {"payee_confirmer"},
    "prepare_disbursement": {"certifying_officer"},
    "release": {"payer"},
    "release_disbursement": {"payer"},
    "sign_first": {"payer"},
    "sign_second": {"certifying_officer", "fund_manager"},
    "match_line": {"reconciler"},
}
INCOMPATIBLE = Path(__file__).parent.parent.parent / "fixtures" / "reference" / "incompatible_roles.csv"


@lru_cache
def incompatible_roles() -> frozenset[frozenset[str]]:
    """Pairs of roles one person may not hold."""
    with INCOMPATIBLE.open(encoding="utf-8", newline="") as stream:
        return frozenset(frozenset({row["role"], row["other"]}) for row in csv.DictReader(stream))


def excluded(minor: int) -> set[frozenset[str]]:
    """Pairs of acts that exclude each other at this amount in US cents."""
    return {frozenset({p.first, p.second}) for p in PAIRS if p.above_minor is None or minor > p.above_minor}


def can_hold(acts: frozenset[str], *, with_roles: bool) -> bool:
    """Whether one person can hold roles for all these acts."""
    if not with_roles:
        return True
    chosen: list[set[str]] = [set()]
    for act in acts:
        chosen = [held | {role} for held in chosen for role in WAY[act] if goes_with(role, held)]
    return bool(chosen)


def goes_with(role: str, held: set[str]) -> bool:
    """Whether a role goes together with roles held already."""
    return not any(frozenset({role, other}) in incompatible_roles() for other in held if other != role)


def fewest_people(minor: int, *, with_roles: bool = True) -> int:
    """The smallest number of people to whom every act can be given, by exhaustive search."""
    clashes, acts = excluded(minor), list(WAY)
    best = len(acts)

    def give(index: int, people: list[frozenset[str]]) -> None:
        nonlocal best
        if len(people) >= best:
            return
        if index == len(acts):
            best = len(people)
            return
        act = acts[index]
        for place, done in enumerate(people):
            together = done | {act}
            if not any(frozenset({act, other}) in clashes for other in done) and can_hold(
                together, with_roles=with_roles
            ):
                give(index + 1, [*people[:place], together, *people[place + 1 :]])
        give(index + 1, [*people, frozenset({act})])

    give(0, [])
    return best


class TestFromDraftToReconciledPayment:
    def test_takes_six_people_by_the_separation_rules_alone(self):
        assert fewest_people(REVIEWER_DIFFERS_ABOVE, with_roles=False) == 6

    def test_takes_seven_above_the_amount_where_reviewer_and_approver_differ(self):
        assert fewest_people(REVIEWER_DIFFERS_ABOVE + 1, with_roles=False) == 7

    def test_never_takes_fewer_because_of_roles(self):
        assert fewest_people(REVIEWER_DIFFERS_ABOVE) >= 6
        assert fewest_people(REVIEWER_DIFFERS_ABOVE + 1) >= 7


class TestTheRules:
    @pytest.mark.parametrize("code", [f"SOD-{number:02d}" for number in range(1, 13)])
    def test_are_each_told_by_at_least_one_pair(self, code):
        assert any(pair.code == code for pair in PAIRS)

    def test_say_each_pair_once(self):
        pairs = [frozenset({pair.first, pair.second}) for pair in PAIRS]

        assert len(pairs) == len(set(pairs))

    @pytest.mark.parametrize(
        ("first", "second", "code"),
        [
            ("write", "approve_budget", "SOD-01"),
            ("endorse", "certify_funds", "SOD-01"),
            ("submit", "endorse", "SOD-02"),
            ("write", "endorse", "SOD-02"),
            ("confirm_eligibility", "approve_budget", "SOD-03"),
            ("approve_budget", "certify_funds", "SOD-04"),
            ("approve_deferred_line", "prepare_disbursement", "SOD-04"),
            ("approve_budget", "release", "SOD-05"),
            ("certify_funds", "release_disbursement", "SOD-06"),
            ("match_line", "release", "SOD-07"),
            ("match_line", "approve_budget", "SOD-07"),
            ("record_payee", "confirm_payee", "SOD-08"),
            ("confirm_payee", "release_disbursement", "SOD-09"),
            ("sign_first", "sign_second", "SOD-10"),
            ("report", "accept_reports", "SOD-11"),
            ("confirm_eligibility", "match_line", "SOD-12"),
            ("ask_amendment", "endorse_amendment", "SOD-02"),
            ("ask_amendment", "approve_amendment", "SOD-01"),
            ("review_amendment", "approve_amendment", "SOD-03"),
            ("approve_amendment", "certify_funds", "SOD-04"),
            ("approve_amendment", "release_disbursement", "SOD-05"),
            ("open_tranche", "release_disbursement", "SOD-06"),
            ("declare_lost_receipt", "witness_lost_receipt", "SOD-14"),
            ("propose_table", "publish_table", "SOD-19"),
        ],
    )
    def test_exclude(self, first, second, code):
        assert next(p.code for p in PAIRS if {p.first, p.second} == {first, second}) == code

    def test_have_one_amount_and_only_for_reviewer_and_approver(self):
        above = {(p.first, p.second, p.above_minor) for p in PAIRS if p.above_minor is not None}

        assert above == {
            ("confirm_eligibility", "approve_budget", 500_000),
            ("confirm_eligibility", "approve_deferred_line", 500_000),
            ("confirm_eligibility", "approve_amendment", 500_000),
            ("review_amendment", "approve_budget", 500_000),
            ("review_amendment", "approve_deferred_line", 500_000),
            ("review_amendment", "approve_amendment", 500_000),
        }
