"""A month of the books is open, then closed for all but a few, then closed for good; what comes late says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from finance import postings
from finance.actions.periods import (
    approve_exception,
    ask_exception,
    close,
    period_of,
    refuse_exception,
    reopen,
    soft_close,
)
from finance.books import verify
from finance.ledger import credit, debit, post
from finance.models import AccountingPeriod, Journal, PeriodException
from gaf import clock
from gaf.accounts.models import User
from gaf.refusals import NotPermitted
from tests.finance.builders import Fund, last_journal, lines_of, refuses, usd
from tests.finance.raw_sql import refused_by, run

pytestmark = [pytest.mark.both, pytest.mark.django_db]
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
IN_OCTOBER = date(2026, 10, 20)


def half_close(fund: Fund, month: date = OCTOBER) -> AccountingPeriod:
    return soft_close(month=month, actor=fund.marie, at=clock.now())


def close_for_good(fund: Fund, month: date = OCTOBER) -> AccountingPeriod:
    half_close(fund, month)
    return close(month=month, actor=fund.helena, at=clock.now())


def ask(fund: Fund, person: User, hours: int = 4, **choices: object) -> PeriodException:
    wanted = {
        "month": OCTOBER,
        "person": person,
        "until": clock.now() + timedelta(hours=hours),
        "reason_code": "late_invoice",
        "reason": "An invoice of October.",
        "actor": fund.esi,
        "at": clock.now(),
        **choices,
    }
    return ask_exception(**wanted)  # type: ignore[arg-type]


def book(key: str, on: date | None = None, actor: User | None = None) -> Journal:
    entries = [debit(postings.BANK_FEES, usd("5.00")), credit(postings.ADVANCES, usd("5.00"))]
    return post(kind="fee", key=key, at=clock.now(), entries=entries, on=on, actor=actor)


class TestAMonth:
    def test_without_a_row_is_open_and_takes_journals(self, fund):
        assert book("fee:1", IN_OCTOBER).dated_on == IN_OCTOBER
        assert not AccountingPeriod.objects.exists()

    def test_gets_its_row_from_the_system_when_first_needed(self, fund):
        row = period_of(month=IN_OCTOBER, at=clock.now())
        assert (row.month, row.state) == (OCTOBER, "OPEN")
        assert period_of(month=OCTOBER, at=clock.now()) == row

    def test_that_lasts_is_not_closed(self, fund):
        with refuses("PERIOD-02"):
            half_close(fund, NOVEMBER)

    def test_is_closed_for_good_by_a_second_person_only(self, fund):
        half_close(fund)
        with refuses("PERIOD-03"):
            close(month=OCTOBER, actor=fund.marie, at=clock.now())
        assert close(month=OCTOBER, actor=fund.helena, at=clock.now()).state == "CLOSED"

    def test_is_closed_for_good_after_the_months_before_it(self, fund):
        half_close(fund, date(2026, 9, 1))
        half_close(fund)
        with refuses("PERIOD-04"):
            close(month=OCTOBER, actor=fund.helena, at=clock.now())

    def test_is_opened_again_while_it_is_not_closed_for_good(self, fund):
        half_close(fund)
        assert reopen(month=OCTOBER, reason="An invoice came.", actor=fund.helena, at=clock.now()).state == "OPEN"
        close_for_good(fund)
        with refuses("STATE-02"):
            reopen(month=OCTOBER, reason="Another came.", actor=fund.helena, at=clock.now())

    def test_is_closed_by_those_who_answer_for_the_books_only(self, fund):
        for person in (fund.divya, fund.esi, fund.viktor):
            with pytest.raises(NotPermitted):
                soft_close(month=OCTOBER, actor=person, at=clock.now())

    def test_closed_by_one_person_alone_is_refused_by_the_database(self, fund):
        half_close(fund)
        with refused_by("period_takes_two_people"):
            run("UPDATE finance_accountingperiod SET closed_by_id = soft_closed_by_id")


class TestAClosedMonth:
    @pytest.mark.parametrize("shut", [half_close, close_for_good])
    def test_takes_nothing_that_is_dated_into_it(self, fund, shut):
        shut(fund)
        with refuses("PERIOD-01"):
            book("fee:1", IN_OCTOBER)

    @pytest.mark.parametrize("shut", [half_close, close_for_good])
    def test_is_held_by_the_database_too(self, fund, shut):
        shut(fund)
        last = Journal.objects.latest("number")
        columns = "number, key, kind, at, dated_on, reference, posted, previous_hash, hash"
        forged = f"INSERT INTO finance_journal ({columns}) VALUES (%s, 'fee:x', 'fee', %s, %s, '', %s, %s, %s)"
        now = clock.now()
        with refused_by("PERIOD-01"):
            run(forged, last.number + 1, now, IN_OCTOBER, False, last.hash, "f" * 64)
        with refused_by("PERIOD-01"):  # without a day of its own, its moment counts
            run(forged, last.number + 1, datetime(2026, 10, 31, 23, 59, tzinfo=UTC), None, False, last.hash, "f" * 64)
        assert run(forged, last.number + 1, now, date(2026, 11, 1), False, last.hash, "f" * 64) == 1

    def test_leaves_the_months_after_it_open(self, fund):
        close_for_good(fund)
        assert book("fee:1", NOVEMBER).late_for is None

    def test_does_not_take_a_journal_that_changes_its_day(self, fund):
        book("fee:1")
        with refused_by("LEDGER-04"):
            run("UPDATE finance_journal SET dated_on = %s", IN_OCTOBER)


class TestAnException:
    def test_lets_one_person_book_into_the_month_until_it_ends(self, fund):
        half_close(fund)
        given = approve_exception(exception_id=ask(fund, fund.esi).pk, actor=fund.helena, at=clock.now())
        booked = book("fee:1", IN_OCTOBER, fund.esi)
        assert (booked.dated_on, booked.exception) == (IN_OCTOBER, given)
        with refuses("PERIOD-01"):
            book("fee:2", IN_OCTOBER, fund.divya)
        with clock.at(clock.now() + timedelta(hours=5)), refuses("PERIOD-01"):
            book("fee:2", IN_OCTOBER, fund.esi)

    def test_is_worth_nothing_before_it_is_given_or_after_it_was_refused(self, fund):
        half_close(fund)
        asked = ask(fund, fund.esi)
        with refuses("PERIOD-01"):
            book("fee:1", IN_OCTOBER, fund.esi)
        refuse_exception(exception_id=asked.pk, reason="Too late.", actor=fund.helena, at=clock.now())
        with refuses("PERIOD-01"):
            book("fee:1", IN_OCTOBER, fund.esi)

    def test_is_given_neither_by_whoever_asked_nor_by_whom_it_is_for(self, fund):
        half_close(fund)
        for asked in (ask(fund, fund.helena), ask(fund, fund.esi, actor=fund.helena)):
            with refuses("PERIOD-05"):
                approve_exception(exception_id=asked.pk, actor=fund.helena, at=clock.now())

    def test_ends_with_the_month(self, fund):
        half_close(fund)
        approve_exception(exception_id=ask(fund, fund.esi).pk, actor=fund.helena, at=clock.now())
        close(month=OCTOBER, actor=fund.helena, at=clock.now())
        with refuses("PERIOD-01"):
            book("fee:1", IN_OCTOBER, fund.esi)

    def test_needs_a_closing_month_a_moment_to_come_and_a_reason(self, fund):
        with refuses("PERIOD-07"):
            ask(fund, fund.esi)
        half_close(fund)
        with refuses("PERIOD-08"):
            ask(fund, fund.esi, hours=0)
        with refuses("PERIOD-09"):
            ask(fund, fund.esi, reason=" ")


class TestF58:
    """The bank's line of a month that is closed comes late."""

    def test_f58_is_booked_in_the_open_month_and_names_the_old(self, fund):
        with clock.at(datetime(2026, 10, 30, 12, tzinfo=UTC)):
            fund.commit(usd("500.00"))
            sent = fund.send_by_file(usd("300.00"), fund.payee())
            fund.bank().receive(clock.now())
        close_for_good(fund)
        statement = fund.import_next_statement(date(2026, 11, 2))
        line = statement.lines.get(minor=-30_000)
        assert line.booked_on < NOVEMBER

        fund.match(line)

        journal = last_journal("match")
        assert (journal.dated_on, journal.late_for) == (clock.today(), OCTOBER)
        assert lines_of(journal) == ["1100-GVA USD 300.00", "1000-GVA USD -300.00"]
        assert fund.now(sent).state == "CONFIRMED"
        assert [one.code for one in verify() if one.broken] == []

    def test_f58_in_a_month_that_is_open_keeps_the_banks_day(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("300.00"), fund.payee())
        line = fund.import_next_statement(date(2026, 11, 24)).lines.get(minor=-30_000)
        with clock.at(datetime(2026, 12, 2, 12, tzinfo=UTC)):
            fund.match(line)
        journal = last_journal("match")
        assert (journal.dated_on, journal.late_for) == (line.booked_on, None)

    def test_f58_goes_to_the_first_open_month_after_it(self, fund):
        with clock.at(datetime(2026, 12, 9, 12, tzinfo=UTC)):
            close_for_good(fund)
            half_close(fund, NOVEMBER)
            booked = post(
                kind="fee",
                key="fee:late",
                at=clock.now(),
                entries=[
                    debit(postings.BANK_FEES, usd("1.00"), day=IN_OCTOBER),
                    credit(postings.ADVANCES, usd("1.00")),
                ],
            )
        assert (booked.dated_on, booked.late_for) == (date(2026, 12, 9), OCTOBER)
