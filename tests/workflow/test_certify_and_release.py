"""Payment of an approved request: certified by one, released by another, confirmed by the bank before help begins."""

from __future__ import annotations

import pytest

from finance.actions.certification import Codes
from finance.queries import commitments_of, money_of, prepared_numbers
from gaf import clock
from gaf.decisions.models import Decision
from gaf.outbox.outbox import drain
from gaf.refusals import MovedOn, NotPermitted
from tests.cast import people
from tests.refused import refused
from tests.stories import (
    SHELTER,
    a_budget_to_approve,
    a_deferred_request,
    a_disbursing_request,
    a_funded_request,
    an_approved_request,
    an_implementing_request,
    an_urgent_request,
    answer_all_criteria,
    approve,
    by,
    certify,
    codes_of,
    hold,
    last_decision,
    lines_of,
    now,
    plan,
    prepare,
    reconcile,
    release,
    send_to_the_bank,
    told,
    usd,
)
from workflow.actions.approval import LineDecision, approve_deferred_line
from workflow.actions.eligibility import confirm_eligibility, take
from workflow.actions.endorsement import endorse
from workflow.actions.exceptions import resume
from workflow.actions.payment import certify_funds, first_payment_confirmed, return_to_approver
from workflow.actions.payment import release as release_act
from workflow.actions.planning import send_budget
from workflow.subscribers import on_disbursement_confirmed, on_disbursement_returned

pytestmark = pytest.mark.usefixtures("house")


class TestCertifyingFunds:
    def test_writes_the_codes_and_tells_the_payer(self):
        people("Divya")

        funded = a_funded_request()

        assert funded.state == "FUNDED"
        assert {(c.line_key, c.wbs, c.gl) for c in commitments_of(funded.reference)} == {
            ("L1", "GAF.A.01", "7100"),
            ("L2", "GAF.A.01", "7100"),
        }
        assert told("ready_to_pay") == {"Divya"}
        assert last_decision(funded).amount_minor == 92_800

    def test_is_refused_while_a_code_is_missing(self):
        approved = an_approved_request()

        with refused("CERT-01"):
            certify_funds(request_id=approved.pk, codes={"L1": Codes("GAF.A.01", "7100")}, **by("Marie"))

    @pytest.mark.parametrize("name", ["Chen", "Divya", "Esi", "Helena", "Amina", "Omar"])
    def test_is_refused_to_everybody_but_certifying_officers(self, name):
        approved = an_approved_request()

        with refused("ROLE-02", NotPermitted):
            certify_funds(request_id=approved.pk, codes=codes_of(approved), **by(name))

    def test_follows_for_a_line_that_is_approved_later_without_moving_the_request(self):
        made = certify(a_deferred_request())
        second = lines_of(made)[1]
        approve_deferred_line(
            request_id=made.pk, decision=LineDecision(second.pk, "approve", stream_code="A"), **by("Chen")
        )

        assert certify(made).state == "FUNDED"
        assert {c.wbs for c in commitments_of(made.reference)} == {"GAF.A.01"}


class TestReturningToTheApprover:
    def test_frees_the_money_and_opens_every_line_again(self):
        people("Ines", "Helena")
        approved = an_approved_request()

        back = return_to_approver(request_id=approved.pk, reason_code="RATE", reason="The rate moved.", **by("Marie"))

        assert (back.state, back.approved_at) == ("BUDGET_REVIEW", None)
        assert money_of(back.reference).open == usd("0.00")
        assert {(line.state, line.approved_usd_minor) for line in lines_of(back)} == {("PROPOSED", 0)}
        assert told("approval_returned") == {"Chen", "Ines", "Helena"}
        assert approve(back).state == "APPROVED"

    def test_lets_the_urgent_allowance_stand_again(self):
        urgent = an_urgent_request(allowed="424.00")
        endorse(request_id=urgent.pk, **by("Idriss"))
        take(request_id=urgent.pk, **by("Bruno"))
        answer_all_criteria(urgent)
        confirm_eligibility(request_id=urgent.pk, **by("Bruno"))
        approved = approve(send_budget(request_id=plan(now(urgent)).pk, **by("Amina")))

        back = return_to_approver(request_id=approved.pk, reason_code="RATE", reason="Moved.", **by("Marie"))

        assert money_of(back.reference).open == usd("424.00")

    def test_is_refused_once_the_funds_are_certified(self):
        funded = a_funded_request()

        with refused("STATE-02", MovedOn):
            return_to_approver(request_id=funded.pk, reason_code="RATE", reason="Late.", **by("Marie"))


class TestReleasing:
    def test_moves_the_request_once_and_tells_mission_finance(self):
        people("Moussa")
        funded = a_funded_request()
        prepare(funded, {"L1": usd("588.00")})

        released = release(funded)

        assert released.state == "DISBURSING"
        assert told("disbursement_released") == {"Moussa"}
        prepare(released, {"L2": usd("340.00")})
        assert release(released).state == "DISBURSING"

    def test_is_refused_for_a_disbursement_of_another_request(self):
        mine, other = a_funded_request(), a_funded_request()
        prepare(mine)
        prepare(other)

        with refused("RELEASE-02"):
            release_act(request_id=mine.pk, numbers=prepared_numbers(other.reference), **by("Divya"))

    def test_is_refused_for_nothing(self):
        funded = a_funded_request()

        with refused("RELEASE-02"):
            release_act(request_id=funded.pk, numbers=[], **by("Divya"))

    def test_is_refused_before_the_funds_are_certified(self):
        approved = an_approved_request()

        with refused("STATE-02", MovedOn):
            release_act(request_id=approved.pk, numbers=["P-2026-00001"], **by("Divya"))

    @pytest.mark.parametrize("name", ["Chen", "Marie", "Esi", "Helena", "Moussa"])
    def test_is_refused_to_everybody_but_payers(self, name):
        funded = a_funded_request()
        prepare(funded)

        with refused("ROLE-02", NotPermitted):
            release_act(request_id=funded.pk, numbers=prepared_numbers(funded.reference), **by(name))


class TestTheFirstConfirmedPayment:
    def test_lets_help_begin_by_a_decision_of_the_system(self):
        people("Moussa")

        helping = an_implementing_request()

        assert helping.state == "IMPLEMENTING"
        decision = last_decision(helping)
        assert (decision.act, decision.role, decision.actor.is_system) == ("first_payment_confirmed", "system", True)
        assert told("disbursement_confirmed") == {"Amina", "Moussa"}

    def test_counts_once_however_often_it_is_told(self):
        helping = an_implementing_request()
        before = Decision.objects.count()

        on_disbursement_confirmed({"reference": helping.reference, "number": "P-2026-00001"})

        assert Decision.objects.count() == before

    def test_is_refused_to_people(self):
        disbursing = a_disbursing_request()

        edge = type(disbursing).first_payment_confirmed._django_fsm.get_transition("DISBURSING")
        assert {role.value for role in edge.permission.roles} == {"system"}

    def test_waits_while_the_request_rests_and_counts_when_it_goes_on(self):
        made = hold(a_disbursing_request())
        send_to_the_bank()
        reconcile()
        assert now(made).state == "ON_HOLD"

        assert resume(request_id=made.pk, **by("Helena")).state == "IMPLEMENTING"

    def test_of_a_reference_nobody_knows_does_nothing(self):
        on_disbursement_confirmed({"reference": "GAF-2026-09999", "number": "P-2026-00001"})
        on_disbursement_returned({"reference": "GAF-2026-09999", "number": "P-2026-00001"})

        assert not Decision.objects.filter(act="first_payment_confirmed").exists()

    def test_moves_nothing_in_a_request_that_is_further(self):
        made = an_implementing_request()

        assert first_payment_confirmed(request_id=made.pk, at=clock.now()).state == "IMPLEMENTING"


class TestAReturnedPayment:
    def test_is_told_to_mission_finance_and_certifying_officers_once(self, mailoutbox):
        people("Moussa", "Marie")
        helping = an_implementing_request()
        drain()
        mailoutbox.clear()

        for _time in range(2):
            on_disbursement_returned({"reference": helping.reference, "number": "P-2026-00001"})
        drain()

        assert sorted(mail.to[0] for mail in mailoutbox) == ["marie@gaf.example", "moussa@gaf.example"]
        assert {mail.subject for mail in mailoutbox} == {f"{helping.reference}: disbursement returned by the bank"}


def test_only_what_was_approved_is_committed():
    made = a_budget_to_approve([SHELTER])

    assert [c.committed for c in commitments_of(approve(made).reference)] == [usd("588.00")]
