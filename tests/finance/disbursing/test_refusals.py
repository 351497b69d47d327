"""What a disbursement may not be. Each refusal says its rule, and nothing at all has moved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from finance.actions.commitments import Allotment, commit_funds
from finance.actions.disbursements import prepare_disbursement, stop_disbursement
from finance.actions.files import discard_file, prepare_file, sign_first, sign_second
from finance.actions.matching import match_line, set_aside_line
from finance.actions.payees import confirm_payee
from finance.actions.releasing import release
from finance.models import Commitment
from gaf import clock
from gaf.money import Money
from tests.finance.builders import ANYBODY, GOOD_NUMBER, REQUEST, refuses, usd

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def committed(fund):
    """USD 500.00 committed to L1 of the request, certified."""
    fund.commit(usd("500.00"))
    return fund


class TestPreparingIsRefused:
    def test_one_cent_above_what_the_line_has_left(self, committed):
        payee = committed.payee()
        committed.prepare(usd("300.00"), payee)

        with refuses("DISB-03"):
            committed.prepare(usd("200.01"), payee)

    def test_in_another_currency_than_the_line_was_committed_in(self, committed):
        with refuses("DISB-03"):
            committed.prepare(Money.of("1.000", "KWD"), committed.payee(currency="KWD"))

    def test_for_a_line_that_was_never_committed(self, committed):
        payee = committed.payee()
        with refuses("DISB-03"):
            committed.prepare(usd("1.00"), payee, line_key="L2")

    def test_before_the_funds_are_certified(self, fund):
        with transaction.atomic():
            commit_funds(
                reference=REQUEST,
                allotments=[Allotment("L1", "A", usd("500.00"), usd("500.00"), 1, ANYBODY)],  # type: ignore[arg-type]
                actor=fund.chen,
                at=clock.now(),
            )
        payee = fund.payee()
        with refuses("DISB-04"):
            fund.prepare(usd("1.00"), payee)

    def test_to_a_payee_nobody_rang_back(self, committed):
        payee = committed.recorded_payee()
        with refuses("DISB-05"):
            committed.prepare(usd("1.00"), payee)

    def test_from_an_account_with_another_rail(self, committed):
        payee = committed.stripe_payee("acct_sample")
        committed.stripe = committed.geneva
        with refuses("DISB-06"):
            committed.prepare(usd("1.00"), payee)

    def test_in_another_currency_than_the_payee_is_paid_in(self, committed):
        payee = committed.payee(currency="IDR", account=GOOD_NUMBER)
        with refuses("DISB-07"):
            committed.prepare(usd("1.00"), payee)

    def test_without_a_line(self, committed):
        payee = committed.payee()
        with refuses("DISB-08"):
            prepare_disbursement(
                reference=REQUEST,
                payee_version=payee,
                bank_account=committed.geneva,
                parts=[],
                actor=committed.marie,
                at=clock.now(),
            )

    def test_in_place_of_one_that_has_not_come_back(self, committed):
        payee = committed.payee()
        first = committed.send_by_file(usd("200.00"), payee)
        with refuses("DISB-09"):
            committed.prepare(usd("200.00"), payee, replaces=first)

    def test_by_anybody_but_a_certifying_officer(self, committed):
        payee = committed.payee()
        committed.people["Marie"] = committed.divya
        with refuses("ROLE-02"):
            committed.prepare(usd("1.00"), payee)


class TestReleasingIsRefused:
    def test_when_the_payees_details_changed_since_it_was_prepared(self, committed):
        payee = committed.payee()
        disbursement = committed.prepare(usd("200.00"), payee)
        committed.payee(account=GOOD_NUMBER, payee=payee.payee)

        with refuses("DISB-10"):
            committed.release(disbursement)

    def test_twice(self, committed):
        disbursement = committed.prepare(usd("200.00"), committed.payee())
        committed.release(disbursement)

        with refuses("STATE-02"):
            committed.release(disbursement)

    def test_by_anybody_but_a_payer(self, committed):
        disbursement = committed.prepare(usd("200.00"), committed.payee())
        with refuses("ROLE-02"):
            release(numbers=[disbursement.number], actor=committed.esi, at=clock.now())

    def test_of_all_when_one_of_them_may_not_go(self, committed):
        payee = committed.payee()
        good, stopped = committed.prepare(usd("200.00"), payee), committed.prepare(usd("100.00"), payee)
        stop_disbursement(number=stopped.number, reason="Twice.", actor=committed.helena, at=clock.now())

        with refuses("STATE-02"):
            committed.release(good, stopped)


class TestStoppingIsRefused:
    def test_once_it_lies_in_a_file(self, committed):
        disbursement = committed.prepare(usd("200.00"), committed.payee())
        committed.release(disbursement)
        made = prepare_file(bank_account=committed.geneva, actor=committed.divya, at=clock.now())

        with refuses("DISB-11"):
            stop_disbursement(number=disbursement.number, reason="No.", actor=committed.helena, at=clock.now())
        discard_file(file_id=made.pk, reason="Wrong.", actor=committed.helena, at=clock.now())
        stop_disbursement(number=disbursement.number, reason="No.", actor=committed.helena, at=clock.now())
        assert Commitment.objects.get().open == usd("500.00")

    def test_once_it_has_left(self, committed):
        disbursement = committed.send_by_file(usd("200.00"), committed.payee())

        with refuses("STATE-02"):
            stop_disbursement(number=disbursement.number, reason="No.", actor=committed.helena, at=clock.now())


class TestAFileIsRefused:
    @pytest.fixture
    def prepared(self, committed):
        committed.release(committed.prepare(usd("200.00"), committed.payee()))
        self.file = prepare_file(bank_account=committed.geneva, actor=committed.divya, at=clock.now())
        return committed

    def test_when_nothing_waits_for_one(self, committed):
        with refuses("FILE-02"):
            prepare_file(bank_account=committed.geneva, actor=committed.divya, at=clock.now())

    def test_the_second_signature_before_the_first(self, prepared):
        with refuses("STATE-02"):
            sign_second(file_id=self.file.pk, actor=prepared.helena, at=clock.now())

    def test_the_first_signature_twice(self, prepared):
        sign_first(file_id=self.file.pk, actor=prepared.divya, at=clock.now())
        with refuses("STATE-02"):
            sign_first(file_id=self.file.pk, actor=prepared.dan, at=clock.now())

    def test_both_signatures_by_payers(self, prepared):
        sign_first(file_id=self.file.pk, actor=prepared.divya, at=clock.now())
        with refuses("ROLE-02"):
            sign_second(file_id=self.file.pk, actor=prepared.divya, at=clock.now())

    def test_a_signature_on_other_bytes_than_were_prepared(self, prepared):
        path = Path(settings.GAF_PRIVATE_FILES) / self.file.stored_as
        path.write_bytes(path.read_bytes().replace(b"200.00", b"900.00"))

        with refuses("FILE-03"):
            sign_first(file_id=self.file.pk, actor=prepared.divya, at=clock.now())

    def test_to_be_discarded_once_two_have_signed(self, prepared):
        sign_first(file_id=self.file.pk, actor=prepared.divya, at=clock.now())
        sign_second(file_id=self.file.pk, actor=prepared.helena, at=clock.now())
        with refuses("STATE-02"):
            discard_file(file_id=self.file.pk, reason="Late.", actor=prepared.divya, at=clock.now())


class TestAPayeeIsRefused:
    def test_confirmation_by_whoever_recorded_it(self, fund):
        version = fund.recorded_payee()
        with refuses("ROLE-02"):
            confirm_payee(version_id=version.pk, call_back_note="Myself.", actor=fund.moussa, at=clock.now())

    def test_confirmation_without_a_word_about_the_call(self, fund):
        version = fund.recorded_payee()
        with refuses("PAYEE-03"):
            confirm_payee(version_id=version.pk, call_back_note="  ", actor=fund.viktor, at=clock.now())

    @pytest.mark.parametrize("account", ["DE89370400440532013001", "DE8937040044053201300", ""])
    def test_with_an_account_that_cannot_be(self, fund, account):
        with refuses("PAYEE-02"):
            fund.recorded_payee(account=account, is_iban=True)


class TestALineOfTheBankIsRefused:
    @pytest.fixture
    def statement(self, committed):
        committed.send_by_file(usd("200.00"), committed.payee())
        self.fund = committed
        return committed.import_next_statement(date(2026, 11, 24))

    def test_a_match_when_nobody_knows_it(self, statement):
        stranger = statement.lines.get(state="UNMATCHED")
        with refuses("MATCH-02"):
            self.fund.match(stranger)

    def test_a_second_match(self, statement):
        line = statement.lines.get(minor=-20000)
        self.fund.match(line)
        with refuses("STATE-02"):
            self.fund.match(line)

    def test_a_match_from_a_page_that_is_stale(self, statement):
        line = statement.lines.get(minor=-20000)
        with refuses("STATE-02"):
            match_line(line_id=line.pk, actor=self.fund.esi, at=clock.now(), seen_version=line.version + 7)

    @pytest.mark.parametrize(("code", "words"), [("unknown_sender", ""), ("because", "Asked.")])
    def test_to_be_set_aside_without_a_reason(self, statement, code, words):
        stranger = statement.lines.get(state="UNMATCHED")
        with refuses("MATCH-03"):
            set_aside_line(line_id=stranger.pk, reason_code=code, reason=words, actor=self.fund.esi, at=clock.now())
