"""What must hold of a payee's details in the moment money is let go. A refusal leaves everything as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from finance import paying_rules
from finance.actions import releasing
from finance.actions.disbursements import Part, prepare_disbursement, stop_disbursement
from finance.actions.payees import confirm_payee
from finance.actions.releasing import release
from finance.books import first_broken, verify
from finance.models import Disbursement, Payee, PayeeVersion
from finance.paying_rules import same_account_elsewhere
from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision, Threshold
from gaf.decisions.record import record_decision
from gaf.refusals import NotPermitted, Refusal
from gaf.sealing import seal, unseal
from gaf.vault import store
from tests.finance.builders import GOOD_NUMBER, NOON, REQUEST, YEAR_START, Fund, refuses, usd
from tests.finance.raw_sql import run, unguarded

pytestmark = pytest.mark.django_db


def in_force(code: str, value: int) -> None:
    """A threshold for this specification, in force since yesterday."""
    Threshold.objects.create(code=code, value=value, unit="", effective_from=clock.today() - timedelta(days=1))


@pytest.fixture
def committed(fund: Fund) -> Fund:
    """USD 1,000.00 committed to L1, certified."""
    fund.commit(usd("1000.00"))
    return fund


@pytest.fixture
def prepared(committed: Fund) -> Disbursement:
    """USD 400.00 prepared for a confirmed payee."""
    return committed.prepare(usd("400.00"), committed.payee())


def changed_details(fund: Fund, payee: Payee) -> PayeeVersion:
    """Other details of the same payee, recorded and confirmed."""
    return fund.payee(account=GOOD_NUMBER, payee=payee)


@pytest.fixture
def newer_key(settings) -> Iterator[None]:
    """The ring has a new first key; what was sealed under it is thrown away with the test."""
    settings.GAF_SEALING_KEYS = "newer:" + "42" * 32 + "," + settings.GAF_SEALING_KEYS
    yield
    for owner in list(store.owners()):
        if store.get(owner).wrapped_by == "newer":
            store.destroy(owner)


class TestCoolingOff:
    def test_refuses_a_release_until_the_hour_it_ends(self, committed):
        in_force("payee_cooling_off_hours", 48)
        prepared = committed.prepare(usd("400.00"), committed.payee())

        with clock.at(NOON + timedelta(hours=47)), refuses("PAYEE-10"):
            committed.release(prepared)
        with clock.at(NOON + timedelta(hours=48)):
            committed.release(prepared)
        assert committed.now(prepared).state == "RELEASED"

    def test_says_when_it_ends(self, committed):
        in_force("payee_cooling_off_hours", 48)
        prepared = committed.prepare(usd("400.00"), committed.payee())

        with pytest.raises(Refusal) as refusal:
            committed.release(prepared)
        assert "25 Nov 2026, 13:00 Geneva" in refusal.value.why

    def test_begins_again_with_changed_details(self, committed):
        in_force("payee_cooling_off_hours", 48)
        first = committed.payee()
        with clock.at(NOON + timedelta(days=30)):
            version = changed_details(committed, first.payee)
            prepared = committed.prepare(usd("400.00"), version)
            with refuses("PAYEE-10"):
                committed.release(prepared)

    def test_is_found_afterwards_when_it_was_passed_by(self, committed, monkeypatch):
        in_force("payee_cooling_off_hours", 48)
        prepared = committed.prepare(usd("400.00"), committed.payee())
        monkeypatch.setattr(paying_rules, "cooling_refusal", lambda version, at, hours: None)
        committed.release(prepared)

        broken = [row for check in verify() if check.code == "I12" for row in check.broken]

        assert [row.what for row in broken] == ["was released before the details of PAY-2026-00001/1 had cooled off"]


class TestTheSeal:
    def test_f53_details_changed_after_preparation_void_the_approval_and_both_stay_in_the_history(self, committed):
        first = committed.payee()
        prepared = committed.prepare(usd("400.00"), first)
        second = changed_details(committed, first.payee)

        with refuses("DISB-10"):
            committed.release(prepared)
        stop_disbursement(number=prepared.number, reason="Details changed.", actor=committed.divya, at=clock.now())
        again = committed.prepare(usd("400.00"), second)
        committed.release(again)

        assert committed.now(again).state == "RELEASED"
        seals = {d.subject: d.facts["seal"] for d in Decision.objects.filter(act="prepare_disbursement")}
        assert seals == {prepared.number: prepared.payee_seal, again.number: again.payee_seal}
        assert prepared.payee_seal != again.payee_seal
        accounts = {v.number: v.account_number for v in PayeeVersion.objects.filter(payee=first.payee)}
        assert accounts == {1: first.account_number, 2: GOOD_NUMBER}

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("bic", "DEUTDEFFXXX"),
            ("holder", "sealed: Somebody Else"),
            ("account", "sealed: DE02120300000000202051"),
            ("account", "s1:PAY-2026-00001:bm9uc2Vuc2U="),
            ("currency", "EUR"),
        ],
    )
    def test_f53_breaks_when_the_row_is_edited_in_the_database(self, prepared, committed, column, value):
        if value.startswith("sealed: "):
            value = seal("PAY-2026-00001", value.removeprefix("sealed: "))
        with unguarded("finance_payeeversion"):
            run(f"UPDATE finance_payeeversion SET {column} = %s", value)

        with refuses("DISB-13"):
            committed.release(prepared)
        assert "I12" in {check.code for check in verify() if check.broken}

    def test_is_demanded_of_rows_from_before_there_were_seals(self, prepared, committed):
        with unguarded("finance_disbursement"):
            run("UPDATE finance_disbursement SET payee_seal = ''")

        with refuses("DISB-13"):
            committed.release(prepared)

    def test_holds_under_an_older_key_of_the_ring(self, prepared, committed, newer_key):
        committed.release(prepared)

        assert committed.now(prepared).state == "RELEASED"

    def test_holds_with_what_is_recorded_after_the_ring_got_a_new_first_key(self, prepared, committed, newer_key):
        later = committed.prepare(usd("10.00"), committed.payee(holder="Another Name"))

        committed.release(prepared, later)

        assert {committed.now(one).state for one in (prepared, later)} == {"RELEASED"}
        assert first_broken(verify()) is None

    @pytest.mark.both
    def test_f53_is_held_by_the_database_when_code_forgets_to_look(self, prepared, committed, monkeypatch):
        changed_details(committed, prepared.payee_version.payee)
        monkeypatch.setattr(releasing, "release_refusals_by", lambda newest, rows, at: {row.pk: [] for row in rows})

        with pytest.raises(IntegrityError, match="DISB-10"), transaction.atomic():
            committed.release(prepared)

    @pytest.mark.both
    def test_is_never_edited(self, prepared):
        with pytest.raises(IntegrityError, match="DISB-02"), transaction.atomic():
            run("UPDATE finance_disbursement SET payee_seal = 'x'")


class TestAnAccountUnderANewKeyOfTheRing:
    """Equal accounts are recognised as equal, whichever key came first when each was recorded."""

    @pytest.fixture
    def rotated(self, committed, request):
        """A payee recorded before the ring got a new first key."""
        before = committed.payee()
        request.getfixturevalue("newer_key")
        return before

    def test_is_the_same_account_under_two_names(self, rotated, committed):
        after = committed.payee(holder="Another Name")

        assert after.account_fingerprint == rotated.account_fingerprint
        assert same_account_elsewhere(after) == [rotated.payee.key]

    def test_is_not_paid_twice_without_a_reason(self, rotated, committed):
        in_force("duplicate_payment_days", 30)
        committed.prepare(usd("100.00"), rotated)
        after = committed.payee(holder="Another Name")

        with refuses("DISB-14"):
            committed.prepare(usd("100.00"), after)


class TestPayingTwice:
    def test_is_refused_when_it_is_prepared_until_somebody_says_why(self, committed):
        in_force("duplicate_payment_days", 30)
        payee = committed.payee()
        first = committed.prepare(usd("100.00"), payee)

        with refuses("DISB-14"):
            committed.prepare(usd("100.00"), payee)
        second = self.prepared_again(committed, payee)

        assert unseal(second.duplicate_note) == "Two nights of two families."
        assert Decision.objects.get(subject=second.number).facts["alike"] == [first.number]

    def test_is_refused_at_release_until_the_payer_says_why_too(self, committed):
        in_force("duplicate_payment_days", 30)
        payee = committed.payee()
        first = committed.prepare(usd("100.00"), payee)
        second = self.prepared_again(committed, payee)

        with refuses("DISB-15"):
            committed.release(second)
        release(
            numbers=[second.number],
            explained={second.number: "Asked Marie; two families."},
            actor=committed.divya,
            at=clock.now(),
        )

        decision = Decision.objects.get(subject=second.number, act="release_disbursement")
        assert unseal(decision.reason) == "Asked Marie; two families."
        assert decision.facts["alike"] == [first.number]

    def test_is_not_seen_in_another_amount_request_account_or_later(self, committed):
        in_force("duplicate_payment_days", 30)
        payee = committed.payee()
        committed.prepare(usd("100.00"), payee)
        committed.commit(usd("100.00"), reference="GAF-2026-00077")

        committed.prepare(usd("99.99"), payee)
        committed.prepare(usd("100.00"), payee, reference="GAF-2026-00077")
        committed.prepare(usd("100.00"), committed.payee(account=GOOD_NUMBER))
        with clock.at(NOON + timedelta(days=31)):
            committed.prepare(usd("100.00"), payee)
        assert Disbursement.objects.count() == 5

    def test_is_not_seen_in_one_that_was_stopped(self, committed):
        in_force("duplicate_payment_days", 30)
        payee = committed.payee()
        first = committed.prepare(usd("100.00"), payee)
        stop_disbursement(number=first.number, reason="Wrong line.", actor=committed.divya, at=clock.now())

        assert committed.prepare(usd("100.00"), payee).state == "PREPARED"

    def test_to_one_account_under_two_payees_is_told(self, committed):
        one, other = committed.payee(), committed.payee()
        committed.payee(account=GOOD_NUMBER)

        assert same_account_elsewhere(one) == [other.payee.key]

    def prepared_again(self, fund: Fund, payee: PayeeVersion) -> Disbursement:
        return prepare_disbursement(
            reference=REQUEST,
            payee_version=payee,
            bank_account=fund.geneva,
            parts=[Part("L1", usd("100.00"))],
            actor=fund.marie,
            at=clock.now(),
            duplicate_reason="Two nights of two families.",
        )


class TestABatch:
    def test_is_refused_above_twenty(self, fund):
        with refuses("DISB-16"):
            release(numbers=[f"P-2026-{n:05d}" for n in range(21)], actor=fund.divya, at=clock.now())

    def test_pays_once_however_often_it_is_pressed(self, prepared, committed):
        committed.release(prepared)

        with refuses("STATE-02"):
            committed.release(prepared)


class TestOnePerson:
    """F55: the same person approves and releases, or edits the payee and releases."""

    @pytest.mark.parametrize("act", ["approve_budget", "certify_funds", "match_line"])
    def test_f55_who_did_another_act_on_the_request_does_not_release(self, prepared, committed, act):
        self.did(act, committed)

        with pytest.raises(NotPermitted):
            committed.release(prepared)
        assert committed.now(prepared).state == "PREPARED"

    def test_f55_who_recorded_the_payee_does_not_release(self, committed):
        assign_role(person=committed.divya, role=Role.MISSION_FINANCE, mission=committed.mission, starts_on=YEAR_START)
        committed.people["Moussa"] = committed.divya
        prepared = committed.prepare(usd("400.00"), committed.payee())

        with pytest.raises(NotPermitted) as refusal:
            committed.release(prepared)
        assert [one.code for one in refusal.value.refusals] == ["SOD-09"]

    def test_f55_who_confirmed_the_payee_does_not_release(self, committed):
        assign_role(person=committed.divya, role=Role.PAYEE_CONFIRMER, mission=None, starts_on=YEAR_START)
        version = committed.recorded_payee()
        confirm_payee(version_id=version.pk, call_back_note="Rang.", actor=committed.divya, at=clock.now())
        prepared = committed.prepare(usd("400.00"), PayeeVersion.objects.get(pk=version.pk))

        with pytest.raises(NotPermitted):
            committed.release(prepared)

    def test_f55_is_refused_by_a_management_command_too(self, prepared, committed):
        self.did("approve_budget", committed)
        code = (
            "from finance.actions.releasing import release; from gaf.accounts.models import User; "
            f"release(numbers=['{prepared.number}'], actor=User.objects.get(pk={committed.divya.pk}), "
            "at=__import__('gaf.clock', fromlist=['now']).now())"
        )

        with pytest.raises(NotPermitted):
            call_command("shell", command=code)
        assert committed.now(prepared).state == "PREPARED"

    @pytest.mark.both
    def test_f55_is_held_by_the_database_when_code_forgets_to_ask(self, prepared, committed, monkeypatch):
        self.did("approve_budget", committed)
        monkeypatch.setattr("gaf.policy.separation_refusal", lambda question: None)

        with pytest.raises(IntegrityError, match="SOD-00"), transaction.atomic():
            committed.release(prepared)
        assert committed.now(prepared).state == "PREPARED"

    def did(self, act: str, fund: Fund) -> None:
        """Divya did this act on the request before."""
        with transaction.atomic():
            record_decision(
                act=act, actor=fund.divya, role="any", at=clock.now(), subject=f"{REQUEST}-x", reference=REQUEST
            )


def test_the_call_back_note_is_sealed(fund):
    version = fund.payee()

    note = Decision.objects.get(act="confirm_payee", subject=version.decision_subject()).reason

    assert note.startswith(f"s1:{version.payee.key}:")
    assert unseal(note) == "Rang back."
