"""Separation of duties as the database holds it: with every line of our Python passed by, one person cannot do both."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Decision, SeparationRule
from gaf.decisions.record import record_decision
from gaf.refusals import Refusal
from tests.cast import person
from workflow.separation import PAIRS, install_separation_rules

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]

REFERENCE = "GAF-2026-00042"
ONE_OF_EACH = {pair.code: pair for pair in reversed(PAIRS)}


def decide(act: str, who: str, *, amount: int | None = None, reference: str = REFERENCE, related: str = "") -> Decision:
    """Write a decision as the gate would, asking nobody."""
    with transaction.atomic():
        return record_decision(
            act=act,
            actor=person(who),
            role="any",
            at=clock.now(),
            subject=f"{reference}-{act}",
            reference=reference,
            related=related,
            amount_minor=amount,
        )


class TestOnePerson:
    @pytest.mark.parametrize("code", sorted(ONE_OF_EACH))
    def test_cannot_do_both_acts_of_a_pair(self, code):
        pair = ONE_OF_EACH[code]
        above = (pair.above_minor or 0) + 1
        decide(pair.first, "Omar", amount=above)

        with pytest.raises(IntegrityError, match="SOD-00"):
            decide(pair.second, "Omar", amount=above)

    @pytest.mark.parametrize("code", sorted(ONE_OF_EACH))
    def test_cannot_do_them_in_the_other_order(self, code):
        pair = ONE_OF_EACH[code]
        above = (pair.above_minor or 0) + 1
        decide(pair.second, "Omar", amount=above)

        with pytest.raises(IntegrityError, match="SOD-00"):
            decide(pair.first, "Omar", amount=above)

    def test_may_do_them_on_two_requests(self):
        decide("approve_budget", "Omar")

        decide("certify_funds", "Omar", reference="GAF-2026-00043")

        assert Decision.objects.filter(act="certify_funds").count() == 1

    def test_may_find_eligible_and_approve_up_to_the_amount(self):
        decide("confirm_eligibility", "Omar")

        decide("approve_budget", "Omar", amount=500_000)

        assert Decision.objects.filter(act="approve_budget").count() == 1

    def test_cannot_do_both_on_a_record_that_is_related(self):
        decide("confirm_payee", "Omar", reference="PAY-00012-1")

        with pytest.raises(IntegrityError, match="SOD-00"):
            decide("release_disbursement", "Omar", related="PAY-00012-1")


def test_two_people_may_do_both_acts_of_every_pair():
    for number, pair in enumerate(PAIRS):
        reference = f"GAF-2026-{number:05d}"
        decide(pair.first, "Omar", amount=500_001, reference=reference)
        decide(pair.second, "Nadia", amount=500_001, reference=reference)

    assert Decision.objects.filter(actor=person("Nadia")).count() == len(PAIRS)


class TestTheRows:
    def test_are_all_in_force_and_installed_once(self):
        assert SeparationRule.objects.count() == len(PAIRS)

        again = install_separation_rules(
            proposed_by=person("Helena"), approved_by=person("Viktor"), effective_from=date(2026, 2, 1)
        )

        assert again == 0

    def test_are_made_by_two_people(self):
        with pytest.raises(Refusal, match="SOD-13"):
            install_separation_rules(
                proposed_by=person("Helena"), approved_by=person("Helena"), effective_from=date(2026, 1, 1)
            )

    def test_that_nobody_approved_have_no_effect(self):
        SeparationRule.objects.filter(first_act="sign_first").update(approved_by=None)
        decide("sign_first", "Omar")

        decide("sign_second", "Omar")

        assert Decision.objects.filter(act="sign_second").count() == 1

    def test_that_have_ended_have_no_effect_any_more(self):
        SeparationRule.objects.filter(first_act="sign_first").update(effective_to=date(2026, 10, 19))
        decide("sign_first", "Omar")

        decide("sign_second", "Omar")

        assert Decision.objects.filter(act="sign_second").count() == 1

    def test_are_never_removed(self):
        with pytest.raises(IntegrityError, match="SOD-01"), transaction.atomic():
            SeparationRule.objects.all()._raw_delete("default")
