"""The ledger defends itself: with Python out of the way, each attack is refused by the guard that is named."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from finance.actions.chart import install_chart
from finance.ledger import credit, debit, post
from finance.models import Journal, JournalLine, LedgerAccount
from tests.finance.builders import NOON, usd
from tests.finance.raw_sql import drop_guard, refused_by, run, settle

pytestmark = [pytest.mark.both, pytest.mark.django_db]
HEAD = "INSERT INTO finance_journal (number, key, kind, at, reference, posted, previous_hash, hash) "
LINE = "INSERT INTO finance_journalline (journal_id, account_id, stream_id, line_key, minor, currency) "


@pytest.fixture
def posted(db) -> Journal:
    """One true journal: USD 5.00 of bank fees."""
    install_chart()
    LedgerAccount.objects.create(code="1900-EUR", name="Euro", kind="POSITION", currency="EUR")
    entries = [debit("5100", usd("5.00")), credit("1200", usd("5.00"))]
    return post(kind="fee", key="fee:true", at=NOON, entries=entries)


def account(code: str) -> int:
    return LedgerAccount.objects.get(code=code).pk


def draft(*lines: tuple[str, int, str], key: str = "fee:forged") -> int:
    """A draft journal written by hand with its right number and chain, and its lines; returns its id."""
    last = Journal.objects.latest("number")
    run(HEAD + "VALUES (%s, %s, 'fee', %s, '', %s, %s, %s)", last.number + 1, key, NOON, False, last.hash, "f" * 64)
    pk = Journal.objects.get(number=last.number + 1).pk
    for code, minor, currency in lines:
        run(LINE + "VALUES (%s, %s, NULL, '', %s, %s)", pk, account(code), minor, currency)
    return pk


def post_by_hand(pk: int) -> None:
    run("UPDATE finance_journal SET posted = %s WHERE id = %s", True, pk)


class TestAJournal:
    def test_written_by_hand_is_posted_when_it_balances(self, posted):
        pk = draft(("5100", 700, "USD"), ("1200", -700, "USD"))
        post_by_hand(pk)
        assert Journal.objects.get(pk=pk).posted is True

    def test_is_refused_by_ledger_03_when_it_does_not_balance(self, posted):
        pk = draft(("5100", 700, "USD"), ("1200", -699, "USD"))
        with refused_by("LEDGER-03"):
            post_by_hand(pk)
        assert Journal.objects.get(pk=pk).posted is False

    def test_is_refused_by_ledger_03_when_it_balances_only_across_currencies(self, posted):
        pk = draft(("5100", 700, "USD"), ("1900-EUR", -700, "EUR"))
        with refused_by("LEDGER-03"):
            post_by_hand(pk)

    def test_is_refused_by_ledger_03_with_one_line_or_none(self, posted):
        with refused_by("LEDGER-03"):
            post_by_hand(draft())
        with refused_by("LEDGER-03"):
            post_by_hand(draft(("5100", 700, "USD")))

    def test_is_refused_by_ledger_01_when_it_is_born_posted(self, posted):
        with refused_by("LEDGER-01"):
            run(
                HEAD + "VALUES (%s, 'fee:born', 'fee', %s, '', %s, %s, %s)",
                posted.number + 1,
                NOON,
                True,
                posted.hash,
                "f" * 64,
            )

    @pytest.mark.parametrize(("number", "previous"), [(3, None), (1, None), (2, "0" * 64)])
    def test_is_refused_by_ledger_02_off_its_place_in_the_chain(self, posted, number, previous):
        with refused_by("LEDGER-02"):
            run(
                HEAD + "VALUES (%s, 'fee:off', 'fee', %s, '', %s, %s, %s)",
                number,
                NOON,
                False,
                previous or posted.hash,
                "f" * 64,
            )

    def test_is_refused_under_a_key_that_was_posted_before(self, posted):
        with refused_by("(?i)unique"):
            draft(("5100", 700, "USD"), ("1200", -700, "USD"), key="fee:true")
        with pytest.raises(IntegrityError), transaction.atomic():
            post(kind="fee", key="fee:true", at=NOON, entries=[debit("5100", usd("1.00")), credit("1200", usd("1.00"))])
        assert Journal.objects.count() == 1

    @pytest.mark.parametrize(
        "column",
        ["number = 7", "key = 'other'", "kind = 'free'", "reference = 'GAF-1'", "previous_hash = 'x'", "hash = 'x'"],
    )
    def test_once_posted_is_refused_any_change_by_ledger_04(self, posted, column):
        with refused_by("LEDGER-04"):
            run(f"UPDATE finance_journal SET {column}")

    def test_once_posted_never_becomes_a_draft_again(self, posted):
        with refused_by("LEDGER-04"):
            run("UPDATE finance_journal SET posted = %s", False)

    def test_is_refused_removal_by_ledger_04(self, posted):
        with refused_by("LEDGER-04"):
            run("DELETE FROM finance_journal")
        with refused_by("LEDGER-04"):
            Journal.objects.all()._raw_delete("default")
        assert Journal.objects.count() == 1

    def test_takes_no_line_after_it_was_posted_by_ledger_05(self, posted):
        with refused_by("LEDGER-05"):
            run(LINE + "VALUES (%s, %s, NULL, '', 100, 'USD')", posted.pk, account("5100"))

    def test_takes_no_balanced_pair_of_late_lines_either(self, posted):
        late = [
            JournalLine(journal=posted, account_id=account(code), minor=minor, currency="USD")
            for code, minor in (("5100", 100), ("1200", -100))
        ]
        with refused_by("LEDGER-05"):
            JournalLine.objects.bulk_create(late)
        assert JournalLine.objects.count() == 2


class TestALine:
    @pytest.mark.parametrize("change", ["minor = minor + 1", "account_id = account_id", "line_key = 'L2'"])
    def test_is_refused_any_change_by_ledger_05(self, posted, change):
        with refused_by("LEDGER-05"):
            run(f"UPDATE finance_journalline SET {change}")

    def test_is_refused_a_change_through_a_queryset_too(self, posted):
        with refused_by("LEDGER-05"):
            JournalLine.objects.update(minor=1)

    def test_is_refused_removal_by_ledger_05(self, posted):
        with refused_by("LEDGER-05"):
            run("DELETE FROM finance_journalline")

    def test_is_refused_by_ledger_06_in_another_currency_than_its_account(self, posted):
        with refused_by("LEDGER-06"):
            draft(("5100", 700, "EUR"))

    def test_of_nothing_is_refused(self, posted):
        with refused_by("journal_line_moves_something"):
            draft(("5100", 0, "USD"))

    def test_of_half_a_cent_is_refused_or_made_whole(self, posted):
        """SQLite would keep 0.5 as it is, so its guard says no; PostgreSQL's column cannot hold it."""
        if connection.vendor == "sqlite":
            with refused_by("LEDGER-06"):
                draft(("5100", 0.5, "USD"))  # type: ignore[arg-type]
        else:
            with refused_by("journal_line_moves_something"):
                run(LINE + "VALUES (%s, %s, NULL, '', 0.4, 'USD')", draft(), account("5100"))


class TestABalance:
    def test_of_a_stream_never_passes_its_floor(self, posted):
        run(
            "INSERT INTO finance_balance (account_id, stream_key, minor, credit_only, proved_line, proved_minor) "
            "VALUES (%s, 'A', 0, %s, 0, 0)",
            account("9100"),
            True,
        )
        with refused_by("balance_stays_above_its_floor"):
            run("UPDATE finance_balance SET minor = 1 WHERE stream_key = 'A'")


class TestTheShortcutsOfADatabase:
    def test_a_journal_is_not_replaced(self, posted):
        if connection.vendor == "sqlite":
            with refused_by("LEDGER"):
                run(
                    HEAD.replace("INSERT", "INSERT OR REPLACE") + "VALUES (%s, 'fee:true', 'fee', %s, '', %s, %s, %s)",
                    posted.number,
                    NOON,
                    False,
                    "first",
                    "f" * 64,
                )
        else:
            with refused_by("LEDGER"):
                run(
                    HEAD + "VALUES (%s, 'fee:true', 'fee', %s, '', %s, %s, %s) "
                    "ON CONFLICT (key) DO UPDATE SET hash = EXCLUDED.hash",
                    posted.number + 1,
                    NOON,
                    False,
                    posted.hash,
                    "f" * 64,
                )
        assert Journal.objects.get().hash == posted.hash

    def test_a_line_is_not_replaced(self, posted):
        line = JournalLine.objects.earliest("pk")
        words = (
            ("INSERT OR REPLACE", "")
            if connection.vendor == "sqlite"
            else ("INSERT", " ON CONFLICT (id) DO UPDATE SET minor = EXCLUDED.minor")
        )
        with refused_by("LEDGER-05"):
            run(
                f"{words[0]} INTO finance_journalline (id, journal_id, account_id, line_key, minor, currency) "
                f"VALUES (%s, %s, %s, '', 9, 'USD'){words[1]}",
                line.pk,
                posted.pk,
                line.account_id,
            )
        assert JournalLine.objects.get(pk=line.pk).minor == line.minor

    @pytest.mark.postgres
    @pytest.mark.parametrize("table", ["finance_journal", "finance_journalline", "decisions_decision", "finance_match"])
    def test_a_table_is_not_truncated(self, posted, table):
        settle()
        with refused_by("APPEND-01"):
            run(f"TRUNCATE {table} CASCADE")

    def test_the_guards_are_what_refuses_all_this(self, posted):
        """The control: with the guard gone, the same forged change goes through."""
        drop_guard("finance_journalline_never_changed", "finance_journalline")
        assert run("UPDATE finance_journalline SET minor = minor + 1 WHERE minor > 0") == 1
