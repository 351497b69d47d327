"""Six money and audit failures that were seen in a comparable open system; here each is refused.

They were: a lost update without an error; an invoice of ten times the grant approved; a declined invoice set to paid
in one step; own application accepted; approved and paid by one person; deleting one user deleted his history.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from finance.actions.disbursements import stop_disbursement
from finance.actions.releasing import release
from finance.models import Disbursement
from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import IncompatibleRoles, User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.gate import acting
from gaf.outbox.outbox import drain
from gaf.refusals import MovedOn, NotPermitted
from tests.finance.builders import NOON, YEAR_START, Fund, everything, open_fund, refuses, usd
from tests.finance.raw_sql import refused_by, run

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def fund(db, settings, tmp_path) -> Fund:
    """USD 500.00 committed, USD 300.00 of it prepared for one payee."""
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = tmp_path / "private", tmp_path / "bank"
    with clock.at(NOON):
        fund = open_fund()
        fund.commit(usd("500.00"))
        fund.prepare(usd("300.00"), fund.payee())
        yield fund


@pytest.fixture
def disbursement(fund) -> Disbursement:
    return Disbursement.objects.get()


class TestALostUpdate:
    def test_is_a_refusal_with_the_present_state_and_never_silence(self, fund, disbursement):
        """Two people looked at one page; the second one's act tells what happened meanwhile."""
        seen = disbursement.version
        fund.release(disbursement)
        before = everything()

        with (
            pytest.raises(MovedOn) as refusal,
            transaction.atomic(),
            acting(
                Disbursement, disbursement.pk, act="stop_disbursement", actor=fund.helena, at=NOON, seen_version=seen
            ) as doing,
        ):
            doing.subject.stop_disbursement()

        assert refusal.value.code == "STATE-02"
        assert refusal.value.subject.state == "RELEASED"
        assert everything() == before


class TestAnAmountAboveTheCommitment:
    def test_is_refused_at_ten_times_and_at_one_cent_more(self, fund, disbursement):
        for amount in ("5000.00", "200.01"):
            with refuses("DISB-03"):
                fund.prepare(usd(amount), disbursement.payee_version)

    def test_is_refused_by_the_database_too(self, fund):
        with refused_by("COMMIT-01|disbursed_within_commitment"):
            run("UPDATE finance_commitment SET disbursed_usd_minor = 500000, disbursed_local_minor = 500000")


class TestAStateJump:
    @pytest.mark.parametrize("act", ["begin_sending", "mark_sent", "mark_confirmed", "mark_returned"])
    def test_is_not_open_from_prepared_or_stopped_even_to_the_system(self, fund, disbursement, act):
        from gaf.accounts.queries import system_actor

        for _state in ("PREPARED", "STOPPED"):
            with refuses("STATE-02"), acting(Disbursement, disbursement.pk, act=act, actor=system_actor(), at=NOON):
                raise AssertionError("the gate was open")
            if fund.now(disbursement).state == "PREPARED":
                stop_disbursement(number=disbursement.number, reason="No.", actor=fund.helena, at=NOON)

    def test_is_refused_to_a_person_even_when_the_act_is_open(self, fund, disbursement):
        fund.release(disbursement)
        with refuses("ROLE-03"), acting(Disbursement, disbursement.pk, act="begin_sending", actor=fund.divya, at=NOON):
            raise AssertionError("the gate was open")

    def test_is_refused_by_the_field_and_by_the_database(self, disbursement):
        with pytest.raises(AttributeError):
            disbursement.state = "CONFIRMED"
        with refused_by("STATE-01"):
            Disbursement.objects.update(state="CONFIRMED")

    def test_into_confirmed_takes_a_line_of_the_bank_that_a_person_matched(self, fund, disbursement):
        states = [disbursement.state]
        fund.release(disbursement)
        fund.signed_file()
        drain()
        states.append(fund.now(disbursement).state)
        statement = fund.import_next_statement(date(2026, 11, 24))
        states.append(fund.now(disbursement).state)
        fund.match(statement.lines.get(minor=-30000))

        assert [*states, fund.now(disbursement).state] == ["PREPARED", "SENT", "SENT", "CONFIRMED"]


class TestOnePersonAlone:
    @pytest.fixture
    def marie_also_pays(self, fund) -> User:
        """Somebody took the list of incompatible roles away and gave Marie the payer's role as well."""
        IncompatibleRoles.objects.all().delete()
        assign_role(person=fund.marie, role=Role.PAYER, mission=None, starts_on=YEAR_START)
        return fund.marie

    def test_does_not_release_what_she_prepared_whatever_roles_she_holds(self, marie_also_pays, disbursement):
        before = everything()
        with pytest.raises(NotPermitted) as refusal, transaction.atomic():
            release(numbers=[disbursement.number], actor=marie_also_pays, at=NOON)

        assert [each.code for each in refusal.value.refusals] == ["SOD-06"]
        assert everything() == before

    def test_does_not_confirm_the_payee_he_recorded_whatever_roles_he_holds(self, fund):
        from finance.actions.payees import confirm_payee

        assign_role(person=fund.moussa, role=Role.PAYEE_CONFIRMER, mission=None, starts_on=YEAR_START)
        version = fund.recorded_payee()
        with refuses("SOD-08"):
            confirm_payee(version_id=version.pk, call_back_note="Myself.", actor=fund.moussa, at=NOON)

    def test_is_refused_by_the_database_with_the_permit_out_of_the_way(self, fund, disbursement, monkeypatch):
        monkeypatch.setattr("gaf.policy.Permit.why_not", lambda permit, question: [])
        before = everything()
        with refused_by("SOD-00"):
            release(numbers=[disbursement.number], actor=fund.marie, at=NOON)
        assert everything() == before


def _remove_by_hand(person: User) -> None:
    run("DELETE FROM accounts_roleassignment WHERE person_id = %s", person.pk)
    run("DELETE FROM accounts_user WHERE id = %s", person.pk)
    connection.check_constraints()


class TestDeletingAPerson:
    def test_who_ever_decided_is_refused_and_the_history_stays(self, fund, disbursement):
        decisions, history = Decision.objects.count(), Disbursement.history.count()

        with pytest.raises(ProtectedError):
            fund.marie.delete()
        assert (Decision.objects.count(), Disbursement.history.count()) == (decisions, history)

    def test_is_refused_by_the_database_too(self, fund):
        with pytest.raises(DatabaseError), transaction.atomic():
            _remove_by_hand(fund.marie)
        assert User.objects.filter(pk=fund.marie.pk).exists()

    def test_who_leaves_is_only_switched_off_and_keeps_every_decision(self, fund):
        mine = Decision.objects.filter(actor=fund.marie).count()
        fund.marie.is_active = False
        fund.marie.save()

        assert mine > 0
        assert Decision.objects.filter(actor=fund.marie).count() == mine
