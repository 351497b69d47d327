"""The rules about decisions hold in the database itself, on both databases, with Python out of the way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from finance.models import Disbursement
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision, SeparationRule
from gaf.decisions.record import record_decision, sha256
from gaf.guards import all_guards, install_guards, missing_guards
from tests.finance.builders import NOON, REQUEST, YEAR_START, Fund, open_fund, usd
from tests.finance.raw_sql import drop_guard, refused_by, run
from workflow.separation import PAIRS, install_separation_rules

pytestmark = [pytest.mark.both, pytest.mark.django_db]
COLUMNS = (
    "number, at, actor_id, role, act, subject, reference, related, from_state, to_state, reason_code, reason, "
    "amount_minor, facts, facts_hash, previous_hash, hash"
)


@pytest.fixture
def noon(settings, tmp_path):
    settings.GAF_PRIVATE_FILES = tmp_path
    with clock.at(NOON):
        yield


@pytest.fixture
def fund(db, noon) -> Fund:
    return open_fund()


@pytest.fixture
def two_people(db, noon) -> tuple[User, User]:
    """Two people, and every separation rule in force."""
    first, second = (User.objects.create_user(f"{name}@gaf.example", name) for name in ("Chen", "Divya"))
    install_separation_rules(proposed_by=first, approved_by=second, effective_from=YEAR_START)
    return first, second


def decide(actor: User, act: str, **changes: object) -> int:
    """Write a decision with plain SQL, rightly numbered and chained unless `changes` say otherwise."""
    return decide_together((actor, act, changes))


def decide_together(*acts: tuple[User, str, dict[str, object]]) -> int:
    """Write several decisions in one statement, each on the one before."""
    last = Decision.objects.order_by("-number").first()
    number, before = (last.number, last.hash) if last else (0, "first")
    rows: list[dict[str, object]] = []
    for actor, act, changes in acts:
        number += 1
        rows.append(_decision(actor, act, number, before, changes))
        before = sha256(f"by hand {number}")
    places = ", ".join(["%s"] * len(rows[0]))
    values = [value for row in rows for value in row.values()]
    together = ", ".join([f"({places})"] * len(rows))
    return run(f"INSERT INTO decisions_decision ({COLUMNS}) VALUES {together}", *values)


def _decision(actor: User, act: str, number: int, before: str, changes: dict[str, object]) -> dict[str, object]:
    return {
        "number": number,
        "at": NOON,
        "actor_id": actor.pk,
        "role": "any",
        "act": act,
        "subject": f"{act}-{number}",
        "reference": REQUEST,
        "related": "",
        "from_state": "",
        "to_state": "DONE",
        "reason_code": "",
        "reason": "",
        "amount_minor": None,
        "facts": "{}",
        "facts_hash": sha256("{}"),
        "previous_hash": before,
        "hash": sha256(f"by hand {number}"),
        **changes,
    }


class TestDecisions:
    def test_are_taken_when_they_follow_the_last_one(self, two_people):
        decide(two_people[0], "write")
        decide(two_people[0], "submit")
        assert list(Decision.objects.values_list("number", "act")) == [(1, "write"), (2, "submit")]

    @pytest.mark.parametrize(
        "change",
        [
            {"number": 3},
            {"number": 1, "hash": "b" * 64},
            {"previous_hash": "first"},
            {"previous_hash": "c" * 64},
        ],
    )
    def test_are_refused_by_decision_02_with_a_gap_or_off_the_chain(self, two_people, change):
        decide(two_people[0], "write")
        with refused_by("DECISION-02"):
            decide(two_people[0], "submit", **change)
        assert Decision.objects.count() == 1

    @pytest.mark.parametrize("column", ["actor_id = actor_id", "reason_code = 'x'", "hash = 'x'", "facts = '{}'"])
    def test_are_refused_any_change_by_decision_01(self, two_people, column):
        decide(two_people[0], "write")
        with refused_by("DECISION-01"):
            run(f"UPDATE decisions_decision SET {column}")

    def test_are_refused_removal_by_decision_01(self, two_people):
        decide(two_people[0], "write")
        with refused_by("DECISION-01"):
            run("DELETE FROM decisions_decision")
        with refused_by("DECISION-01"):
            Decision.objects.all().delete()
        assert Decision.objects.count() == 1

    def test_are_not_replaced(self, two_people):
        decide(two_people[0], "write")
        kept = Decision.objects.get().hash
        if connection.vendor == "sqlite":
            with refused_by("DECISION"):
                values = "1, number, at, actor_id, 'other', act, subject, reference, related, from_state, to_state, "
                run(
                    f"INSERT OR REPLACE INTO decisions_decision (id, {COLUMNS}) SELECT {values} reason_code, reason, "
                    "amount_minor, facts, facts_hash, previous_hash, hash FROM decisions_decision"
                )
        else:
            with refused_by("DECISION"):
                run(
                    f"INSERT INTO decisions_decision ({COLUMNS}) SELECT {COLUMNS.replace('number', 'number + 1', 1)} "
                    "FROM decisions_decision ON CONFLICT (hash) DO UPDATE SET role = 'other'"
                )
        assert Decision.objects.get().hash == kept

    @pytest.mark.parametrize("start", ["", "SUBMITTED", "APPROVED"])
    def test_are_refused_by_decision_03_when_they_do_not_start_where_the_last_ended(self, two_people, start):
        decide(two_people[0], "write", subject=REQUEST, to_state="DRAFT")
        with refused_by("DECISION-03"):
            decide(two_people[0], "submit", subject=REQUEST, from_state=start, to_state="APPROVED")
        decide(two_people[0], "submit", subject=REQUEST, from_state="DRAFT", to_state="SUBMITTED")


class TestManyDecisionsInOneStatement:
    """Where one statement brings many, each is asked about those before it in the same statement too."""

    def test_are_taken_when_each_follows_the_one_before(self, two_people):
        one, other = two_people
        begun = (one, "write", {"to_state": "DRAFT", "subject": REQUEST})
        decide_together(begun, (other, "submit", {"from_state": "DRAFT", "subject": REQUEST}))
        assert list(Decision.objects.values_list("number", "to_state")) == [(1, "DRAFT"), (2, "DONE")]

    def test_are_refused_by_decision_02_when_one_is_off_the_chain(self, two_people):
        with refused_by("DECISION-02"):
            decide_together((two_people[0], "write", {}), (two_people[1], "submit", {"previous_hash": "c" * 64}))

    def test_are_refused_by_decision_03_when_one_does_not_start_where_another_of_them_ended(self, two_people):
        begun = (two_people[0], "write", {"to_state": "DRAFT", "subject": REQUEST})
        with refused_by("DECISION-03"):
            decide_together(begun, (two_people[1], "submit", {"from_state": "SUBMITTED", "subject": REQUEST}))

    @pytest.mark.parametrize("between", [0, 1, 3])
    def test_are_refused_by_sod_00_when_one_person_does_both_acts_of_a_pair(self, two_people, between):
        one, other = two_people
        notes: list[tuple[User, str, dict[str, object]]] = [(other, "note", {})] * between
        with refused_by("SOD-00"):
            decide_together((one, "approve_budget", {}), *notes, (one, "certify_funds", {}))
        assert not Decision.objects.exists()
        decide_together((one, "approve_budget", {}), *notes, (other, "certify_funds", {}))


class TestSeparationOfDuties:
    """Every pair of acts, in both orders: one person is refused, a second person is not."""

    @pytest.mark.parametrize("code", sorted({pair.code for pair in PAIRS}))
    def test_is_held_by_the_database_for_each_pair_of_the_rule(self, two_people, code):
        one, other = two_people
        for place, pair in enumerate(each for each in PAIRS if each.code == code):
            amount = (pair.above_minor or 0) + 1
            for order, (first, second) in enumerate([(pair.first, pair.second), (pair.second, pair.first)]):
                here = {"reference": f"GAF-2026-9{place:03d}{order}", "amount_minor": amount}
                decide(one, first, **here)
                with refused_by("SOD-00"):
                    decide(one, second, **here)
                decide(other, second, **here)

    def test_counts_on_one_request_only(self, two_people):
        decide(two_people[0], "approve_budget")
        decide(two_people[0], "release", reference="GAF-2026-00043")

    def test_counts_for_the_related_record_in_both_directions(self, two_people):
        one, _other = two_people
        decide(one, "record_payee", reference="PAY-2026-00001/1")
        with refused_by("SOD-00"):
            decide(one, "release_disbursement", related="PAY-2026-00001/1")
        decide(one, "match_line", reference="LINE-1", related=REQUEST)
        with refused_by("SOD-00"):
            decide(one, "approve_budget", amount_minor=100)

    def test_above_an_amount_counts_from_the_next_cent(self, two_people):
        one, _other = two_people
        decide(one, "confirm_eligibility")
        decide(one, "approve_budget", amount_minor=500_000)
        with refused_by("SOD-00"):
            decide(one, "approve_budget", amount_minor=500_001)

    @pytest.mark.parametrize(
        ("starts", "ends", "is_refused"), [(0, None, True), (-9, 0, True), (1, None, False), (-9, -1, False)]
    )
    def test_counts_from_its_first_day_to_its_last(self, two_people, starts, ends, is_refused):
        one, other = two_people
        SeparationRule.objects.create(
            code="SOD-99",
            first_act="bake",
            second_act="eat",
            effective_from=NOON.date() + timedelta(days=starts),
            effective_to=None if ends is None else NOON.date() + timedelta(days=ends),
            proposed_by=one,
            approved_by=other,
        )
        decide(one, "bake")
        if is_refused:
            with refused_by("SOD-00"):
                decide(one, "eat")
        else:
            decide(one, "eat")

    def test_without_a_second_persons_approval_a_rule_has_no_effect(self, two_people):
        one, _other = two_people
        SeparationRule.objects.create(
            code="SOD-99", first_act="bake", second_act="eat", effective_from=YEAR_START, proposed_by=one
        )
        decide(one, "bake")
        decide(one, "eat")

    def test_cannot_be_approved_by_whoever_proposed_it(self, two_people):
        with refused_by("separation_rule_takes_two_people"):
            run("UPDATE decisions_separationrule SET approved_by_id = proposed_by_id")

    def test_is_not_removed_by_sod_01(self, two_people):
        with refused_by("SOD-01"):
            run("DELETE FROM decisions_separationrule")


class TestAState:
    """A state moves only where its latest decision says, whoever moves it."""

    def test_is_refused_by_state_01_without_a_decision(self, fund):
        fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("300.00"), fund.payee())
        with refused_by("STATE-01"):
            Disbursement.objects.filter(pk=disbursement.pk).update(state="RELEASED")
        with refused_by("STATE-01"):
            run("UPDATE finance_disbursement SET state = 'CONFIRMED'")
        assert fund.now(disbursement).state == "PREPARED"

    def test_is_refused_when_the_decision_leads_elsewhere(self, fund):
        fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("300.00"), fund.payee())
        record_decision(
            act="stop_disbursement",
            actor=fund.divya,
            role="payer",
            at=NOON,
            subject=disbursement.number,
            reference=REQUEST,
            from_state="PREPARED",
            to_state="STOPPED",
        )
        with refused_by("STATE-01"):
            run("UPDATE finance_disbursement SET state = 'RELEASED'")
        assert run("UPDATE finance_disbursement SET state = 'STOPPED'") == 1

    def test_of_a_record_born_without_a_decision_is_refused(self, fund):
        fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("300.00"), fund.payee())
        twin = Disbursement.objects.get(pk=disbursement.pk)
        twin.pk, twin.number, twin.end_to_end = None, "P-2026-09999", "RF00X"
        with refused_by("STATE-01"):
            Disbursement.objects.bulk_create([twin])
        assert Disbursement.objects.count() == 1

    @pytest.mark.parametrize(
        ("table", "state"),
        [
            ("finance_payeeversion", "CONFIRMED"),
            ("finance_exchangerate", "ENTERED"),
            ("finance_paymentfile", "SENT"),
            ("finance_statementline", "MATCHED"),
        ],
    )
    def test_is_held_for_every_kind_of_record(self, fund, table, state):
        fund.commit(usd("500.00"))
        fund.recorded_payee()
        disbursement = fund.prepare(usd("300.00"), fund.payee())
        fund.release(disbursement)
        fund.signed_file()
        if table == "finance_statementline":
            from gaf.outbox.outbox import drain

            drain()
            fund.import_next_statement(date(2026, 11, 24))
        with refused_by("STATE-01|confirmed_payee_names_who"):
            run(f"UPDATE {table} SET state = '{state}'")


class TestWhatWasRecorded:
    """Amounts, accounts and references do not change under a decision that was about them."""

    @pytest.mark.parametrize(
        ("code", "change"),
        [
            ("DISB-02", "finance_disbursement SET minor = minor + 1"),
            ("DISB-02", "finance_disbursement SET payee_version_id = payee_version_id + 1"),
            ("DISB-01", "finance_disbursementpart SET usd_minor = usd_minor + 1"),
            ("PAYEE-01", "finance_payeeversion SET account = 's1:other'"),
            ("PAYEE-01", "finance_payeeversion SET bic = 'OTHERXXX'"),
            ("RATE-02", "finance_exchangerate SET units_per_usd = 1"),
            ("RECEIPT-01", "finance_receipt SET usd_minor = usd_minor + 1"),
            ("COMMIT-01", "finance_commitment SET usd_minor = usd_minor + 1"),
            ("COMMIT-01|disbursed_within_commitment", "finance_commitment SET freed_usd_minor = usd_minor"),
        ],
    )
    def test_is_refused_a_change(self, fund, code, change):
        fund.commit(usd("500.00"))
        fund.prepare(usd("300.00"), fund.payee())
        with refused_by(code):
            run(f"UPDATE {change}")

    @pytest.mark.parametrize("table", ["disbursementpart", "commitment", "receipt", "exchangerate"])
    def test_is_not_removed(self, fund, table):
        fund.commit(usd("500.00"))
        fund.prepare(usd("300.00"), fund.payee())
        with refused_by("-0"):
            run(f"DELETE FROM finance_{table}")


class TestTheGuardsThemselves:
    def test_all_stand_after_migrating(self, db):
        assert missing_guards() == []
        assert len(all_guards()) > 50

    def test_are_missed_by_name_when_one_is_gone_and_come_back_with_the_next_migrate(self, db):
        drop_guard("decisions_decision_separates", "decisions_decision")
        assert missing_guards() == ["decisions_decision_separates"]
        install_guards()
        assert missing_guards() == []
