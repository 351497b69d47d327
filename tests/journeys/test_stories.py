"""The demo's stories, played through the real actions: each ends as it is told, and the books are clean afterwards."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from finance.books import verify
from gaf.demo.playing import play_stories, the_stage
from gaf.demo.telling import tell, tell_books
from gaf.management.commands.demo import Command
from tests.finance.raw_sql import drop_guard, run, unguarded

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

A_LINE = "(SELECT MAX(id) FROM finance_journalline)"
A_STATEMENT_LINE = "(SELECT MIN(id) FROM finance_statementline)"
MARIE = "(SELECT id FROM accounts_user WHERE name = 'Marie')"
RELEASED = "(SELECT MAX(id) FROM decisions_decision WHERE act = 'release_disbursement')"
PAID = "(SELECT MAX(id) FROM finance_disbursement WHERE state = 'CONFIRMED')"

# What was changed past every guard, on which tables, and the check that must name it.
CORRUPTIONS = [
    (
        "a journal line by a cent",
        ["finance_journalline"],
        f"UPDATE finance_journalline SET minor = minor + 1 WHERE id = {A_LINE}",
        "I1",
    ),
    (
        "a journal's reference",
        ["finance_journal"],
        "UPDATE finance_journal SET reference = 'GAF-2026-00099' WHERE number = 40",
        "CHAIN",
    ),
    ("a running balance", [], "UPDATE finance_balance SET minor = minor - 1 WHERE stream_key = 'A'", "I2"),
    (
        "who released",
        ["decisions_decision"],
        f"UPDATE decisions_decision SET actor_id = {MARIE} WHERE id = {RELEASED}",
        "I5",
    ),
    (
        "what was decided",
        ["decisions_decision"],
        f"UPDATE decisions_decision SET amount_minor = 1 WHERE id = {RELEASED}",
        "I5",
    ),
    (
        "the state of a closed request",
        ["workflow_assistancerequest"],
        "UPDATE workflow_assistancerequest SET state = 'FUNDED' WHERE state = 'CLOSED'",
        "I6",
    ),
    (
        "the state of a disbursement",
        ["finance_disbursement"],
        f"UPDATE finance_disbursement SET state = 'RELEASED' WHERE id = {PAID}",
        "I6",
    ),
    (
        "what a commitment has freed",
        ["finance_commitment"],
        "UPDATE finance_commitment SET freed_usd_minor = 0 WHERE freed_usd_minor > 0",
        "I3",
    ),
    (
        "a statement line",
        ["finance_statementline"],
        f"UPDATE finance_statementline SET minor = minor - 5 WHERE id = {A_STATEMENT_LINE}",
        "STATEMENTS",
    ),
    (
        "where a statement closed",
        ["finance_statement"],
        "UPDATE finance_statement SET closing_minor = closing_minor + 100 WHERE sequence = 2",
        "STATEMENTS",
    ),
    (
        "the payee's account after the call-back",
        ["finance_payeeversion"],
        "UPDATE finance_payeeversion SET account = holder WHERE state = 'CONFIRMED'",
        "I12",
    ),
    (
        "a rate in use",
        ["finance_exchangerate"],
        "UPDATE finance_exchangerate SET units_per_usd = units_per_usd * 2 WHERE currency = 'IDR'",
        "FACTS",
    ),
]


@pytest.fixture
def played(tmp_path, settings):
    """Every story, played to its end on a bank and a Stripe of its own."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path) as stage:
        return {told.code: told for told in play_stories(stage)}


def broken_after(tables, change):
    """The checks that name something once the change was made; then everything is as it was."""
    with transaction.atomic():
        with unguarded(*tables):
            assert run(change) >= 1, change
        found = {one.code for one in verify() if one.broken}
        transaction.set_rollback(True)
    return found


def told_by_the_command(stories):
    """What `manage.py demo` prints of the stories, and the problems it would leave with exit code 1 for."""
    command = Command(stdout=StringIO(), stderr=StringIO())
    problems = command._tell(stories)
    return command.stdout._out.getvalue(), problems


class TestTheStories:
    def test_end_as_they_are_told_and_every_change_under_them_is_named(self, played):
        output, problems = told_by_the_command(list(played.values()))
        assert problems == []
        assert " ".join(played) == "S01 S02 S04 S05 S06 S07 S09 S10 S11 S12 S13 S14 S15"
        assert "ledger balanced, 28 payments, 63 statement lines, 0 unexplained" in output

        missed = {name: code for name, tables, change, code in CORRUPTIONS if code not in broken_after(tables, change)}
        assert missed == {}
        with transaction.atomic():
            drop_guard("finance_journal_balances", "finance_journal")
            guards = next(one for one in verify() if one.code == "GUARDS")
            transaction.set_rollback(True)
        assert [row.row for row in guards.broken] == ["guard finance_journal_balances"]

        with unguarded("finance_journalline"):
            run(f"UPDATE finance_journalline SET minor = minor + 1 WHERE id = {A_LINE}")
        output, problems = told_by_the_command(list(played.values()))
        assert "ledger balanced" not in output
        assert problems[0].startswith("books: journal ")
        assert tell(played["S12"]).problems == []
        assert tell_books().problems == problems


class TestTheDemo:
    def test_refuses_any_database_but_its_own(self):
        with pytest.raises(CommandError, match="refuses any other"):
            call_command("demo", "--no-serve")
