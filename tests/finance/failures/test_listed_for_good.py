"""F54 to its end: nobody knows whether it left, and its payee is the one on the list. It ends, and is paid once."""

from __future__ import annotations

import pytest
from django.test import Client

from finance.actions.rails import declare_unsent, look_again
from finance.actions.screening import confirm_hit
from finance.actions.settlement import begin_sending
from finance.books import first_broken, verify
from finance.gateways.rails import rail_for
from finance.leaving import instruction
from finance.models import Attempt, Commitment, Disbursement, GatewayEvent, Journal, ScreeningHit
from finance.stand_ins.stripe_faults import Fault, Trouble
from gaf import clock
from gaf.decisions.models import Decision
from tests.finance.builders import committed, everything, refuses, usd
from tests.finance.failures.conftest import ACCOUNT, GOOD_BANK, Stage
from tests.finance.failures.test_listed_while_waiting import list_the_payee, told

OTHER = "acct_2Sample"


def unknown_and_listed(stage: Stage, trouble: Trouble, path: str = "/v1/transfers") -> Disbursement:
    """Called at noon without an answer; then its payee was listed."""
    row = stage.released()
    stage.stripe.faults.add(Fault(trouble, path, times=3))
    stage.work()
    stage.stripe.faults.clear()
    list_the_payee()
    stage.work(20)
    assert (stage.state(row), stage.attempt(row).held_code) == ("UNKNOWN", "like_a_listed_name")
    return row


def confirm(stage: Stage, minutes: float) -> None:
    """Viktor says that it is the one on the list."""
    with stage.at(minutes) as at:
        confirm_hit(hit_id=ScreeningHit.objects.get().pk, reason="The same.", actor=stage.fund.viktor, at=at)


def declare(stage: Stage, row: Disbursement, minutes: float) -> Disbursement:
    """Esi says that nothing left."""
    with stage.at(minutes) as at:
        return declare_unsent(number=row.number, reason="Stripe holds nothing.", actor=stage.fund.esi, at=at)


def pay_another(stage: Stage, row: Disbursement, minutes: float) -> Disbursement:
    """What it was for is paid to another payee instead."""
    stage.stripe.connect_account(GOOD_BANK, currency="usd", ref=OTHER)
    changes = {"rail": "STRIPE", "bic": "", "bank": "", "country": "CH", "is_iban": False}
    payee = stage.fund.payee(account=OTHER, holder="Another House", **changes)
    with stage.at(minutes):
        instead = stage.fund.prepare(usd("300.00"), payee, replaces=stage.fund.now(row))
        stage.fund.release(instead)
    stage.work(minutes + 5)
    return instead


class TestAnUnknownResultWhosePayeeIsTheOneOnTheList:
    def test_f54_is_declared_unsent_once_the_providers_books_hold_nothing_and_paid_to_another(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.work(90)

        declared = declare(stage, row, 95)

        assert (declared.state, declared.return_code) == ("FAILED", "never_arrived")
        assert Decision.objects.get(act="declare_unsent").facts == {"held": "like_a_listed_name"}
        assert (Commitment.objects.get().open, committed(stage.fund.stream)) == (usd("5000.00"), usd("5000.00"))
        assert Journal.objects.filter(kind__in=["send", "unsend"]).count() == 2
        instead = pay_another(stage, row, 100)
        stage.work(60 * 24)
        assert (stage.state(instead), stage.stripe.paid_for(instead.number)) == ("SENT", {"usd": 30_000})
        assert (stage.stripe.paid_for(row.number), stage.stripe.book().platform) == ({}, {"usd": 70_000})
        assert first_broken(verify()) is None

    @pytest.mark.parametrize("trouble", [Trouble.DROPPED_AFTER, Trouble.ERROR_AFTER])
    def test_f54_has_what_lies_half_way_brought_back_and_is_paid_once_to_another(self, stage, trouble):
        """The transfer was made, the payout was not: the money is at the listed payee's account at the provider."""
        row = unknown_and_listed(stage, trouble)
        assert stage.stripe.book().platform == {"usd": 70_000}

        confirm(stage, 21)
        stage.work(30)
        stage.work(40)

        assert (stage.state(row), stage.fund.now(row).return_code) == ("FAILED", "brought_back")
        assert stage.stripe.book().platform == {"usd": 100_000}
        assert stage.posts("/v1/payouts") == []
        instead = pay_another(stage, row, 50)
        assert (stage.stripe.paid_for(instead.number), stage.stripe.paid_for(row.number)) == ({"usd": 30_000}, {})
        assert first_broken(verify()) is None

    def test_is_not_brought_back_while_nobody_said_that_it_is_the_same(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_AFTER)
        for minutes in (60, 600, 60 * 24):
            stage.work(minutes)

        assert (stage.state(row), stage.stripe.book().platform) == ("UNKNOWN", {"usd": 70_000})

    def test_tells_people_when_it_cannot_be_brought_back_and_tries_again(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_AFTER)
        ledger, there = stage.stripe._book.ledger, f"balance:{ACCOUNT}"
        ledger.move("taken", amount=30_000, currency="usd", out_of=there, into="funding")
        confirm(stage, 21)
        stage.work(30)

        assert (stage.state(row), stage.attempt(row).code.split(":")[0]) == ("UNKNOWN", "stranded")
        assert told("money_stranded") == {row.number}
        with refuses("RAIL-03"):
            declare(stage, row, 120)
        ledger.move("back", amount=30_000, currency="usd", out_of="funding", into=there)
        stage.work(180)
        stage.work(190)
        assert (stage.state(row), stage.stripe.book().platform) == ("FAILED", {"usd": 100_000})

    def test_that_a_worker_died_with_becomes_unknown_and_ends_too(self, stage):
        row = stage.released()
        begin_sending(disbursement_id=row.pk, key="d" * 32, at=clock.now())
        assert stage.state(row) == "SENDING"
        list_the_payee()
        stage.work(5)
        assert (stage.state(row), stage.posts()) == ("UNKNOWN", [])

        confirm(stage, 6)
        stage.work(80)

        assert declare(stage, row, 81).state == "FAILED"
        assert first_broken(verify()) is None


class TestSayingThatItNeverLeft:
    def refused(self, stage: Stage, row: Disbursement, minutes: float, code: str) -> None:
        before = everything()
        with refuses(code):
            declare(stage, row, minutes)
        assert everything() == before

    def test_is_refused_while_nobody_said_whether_it_is_the_same(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        stage.work(90)
        self.refused(stage, row, 95, "RAIL-06")

    def test_is_refused_while_a_call_may_still_arrive(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.work(30)
        self.refused(stage, row, 31, "RAIL-03")

    def test_is_refused_long_after_anybody_looked(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.work(90)
        self.refused(stage, row, 90 + 61, "RAIL-03")

    def test_is_refused_while_the_provider_does_not_answer(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", method="GET", times=20))
        stage.work(90)
        self.refused(stage, row, 95, "RAIL-03")

    def test_is_refused_while_the_provider_holds_the_transfer(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_AFTER)
        confirm(stage, 21)
        stage.stripe.faults.add(Fault(Trouble.UNAVAILABLE, "/v1/transfers", times=60))
        stage.work(90)
        self.refused(stage, row, 95, "RAIL-03")

    def test_is_told_to_people_when_the_money_turns_up_all_the_same(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.work(90)
        declare(stage, row, 95)
        late = Attempt.objects.get(disbursement=row)
        with stage.at(100):
            rail_for("STRIPE")._transfer(instruction(row, late))
            stage.tell(stage.stripe.events()[-1])

        assert GatewayEvent.objects.latest("id").quarantine == "NOT_EXPECTED"
        assert stage.told() == ["disbursement_held", "message_quarantined"]

    def test_is_offered_on_its_page_with_what_is_known(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        stage.work(90)
        client = Client()
        with stage.at(95):
            client.force_login(stage.fund.esi)
            asked = client.get(f"/disbursements/{row.number}/declare-unsent/").content.decode()
            answer = client.post(f"/disbursements/{row.number}/declare-unsent/?save=1", {"reason": "Asked Stripe."})

        assert "say that it never left" in asked
        assert "It is never sent again under its key." in asked
        assert (answer.status_code, stage.state(row)) == (302, "FAILED")

    def test_does_not_tell_the_mission_about_the_list(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        client = Client()
        client.force_login(stage.fund.people["Moussa"])
        page = client.get(f"/disbursements/{row.number}/").content.decode()

        assert "Headquarters looks into it." in page
        assert "sanctions" not in page


class TestLookingAgain:
    def test_sends_nothing_to_a_payee_that_is_listed(self, stage):
        row = unknown_and_listed(stage, Trouble.DROPPED_BEFORE)
        confirm(stage, 21)
        asked = len(stage.posts())
        with stage.at(22) as at:
            look_again(number=row.number, reason="Asked Stripe.", actor=stage.fund.divya, at=at)
        stage.work(23)

        assert (stage.state(row), stage.attempt(row).held_code) == ("UNKNOWN", "like_a_listed_name")
        assert len(stage.posts()) == asked
