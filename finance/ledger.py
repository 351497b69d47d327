"""The ledger's one door: `post`. Balanced in every currency or refused; numbered, chained, never changed.

It also keeps the running balances, under lock, and compares those it touched with their lines before it lets go.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from finance.models import Balance, FundingStream, Journal, JournalLine, LedgerAccount
from finance.periods import Booking, booking_for, day_of
from gaf.accounts.models import User
from gaf.decisions.record import FIRST, canonical, lock_the_books, sha256
from gaf.gate import person_acting
from gaf.money import Money
from gaf.refusals import Refusal


class InsufficientFunds(Refusal):
    """The stream has less free money than was asked (FUND-01)."""


class BooksBroken(AssertionError):
    """A running balance and its lines differ; nothing may be posted until somebody has looked."""


@dataclass(frozen=True)
class Entry:
    """One side: account code, signed money (debit positive), and where it applies stream and line of the request.

    `day` is when it happened outside, where that is known: the bank's booking day.
    """

    account: str
    money: Money
    stream: FundingStream | None = None
    line_key: str = ""
    day: date | None = None


def debit(
    account: str, money: Money, stream: FundingStream | None = None, line_key: str = "", day: date | None = None
) -> Entry:
    """A debit of a positive amount."""
    return Entry(account, money, stream, line_key, day)


def credit(account: str, money: Money, stream: FundingStream | None = None, line_key: str = "") -> Entry:
    """A credit of a positive amount."""
    return Entry(account, -money, stream, line_key)


def journal_hash(journal: Journal, lines: list[tuple[str, str, str, int, str]]) -> str:
    """The hash that ties a journal to the one before it: its head and every line in order."""
    head: list[object] = [journal.number, journal.key, journal.kind, journal.at.astimezone(UTC).isoformat()]
    head.append(journal.reference)
    if journal.dated_on is not None:  # journals from before periods have no day of their own
        late_for = journal.late_for.isoformat() if journal.late_for else ""
        head += [journal.dated_on.isoformat(), late_for, journal.exception_id or 0]
    return sha256(canonical({"head": head, "lines": [list(line) for line in lines], "previous": journal.previous_hash}))


def hash_parts(line: JournalLine) -> tuple[str, str, str, int, str]:
    """What of a line the chain covers."""
    stream = line.stream.code if line.stream else ""
    return (line.account.code, stream, line.line_key, line.minor, line.currency)


def _booking(entries: list[Entry], at: datetime, on: date | None, actor: User | None) -> Booking:
    """The day a journal is dated: the one demanded, or the earliest its entries know, never after the moment."""
    person = actor or person_acting()
    if on is not None:
        return booking_for(on, at=at, actor=person, strictly=True)
    day = min([day_of(at), *(entry.day for entry in entries if entry.day is not None)])
    return booking_for(day, at=at, actor=person)


def post(
    *,
    kind: str,
    key: str,
    at: datetime,
    entries: list[Entry],
    reference: str = "",
    on: date | None = None,
    actor: User | None = None,
) -> Journal:
    """Post one journal. `key` makes it happen once: the database refuses a second one.

    It is dated the day its entries know (today when none does); what belongs to a closed month is dated in the next
    open one and names the closed. `on` demands a day. `actor` is who posts, where no act of the gate says so.
    Raises InsufficientFunds (FUND-01) when a stream's free or committed money would pass zero, PeriodClosed (PERIOD-01)
    when `on` lies in a closed month.
    """
    wanted = [entry for entry in entries if entry.money]
    accounts = {account.code: account for account in LedgerAccount.objects.filter(code__in={e.account for e in wanted})}
    lock_the_books()
    booking = _booking(wanted, at, on, actor)
    last = Journal.objects.order_by("-number").first()
    journal = Journal(
        dated_on=booking.dated_on,
        late_for=booking.late_for,
        exception_id=booking.exception_id,
        number=last.number + 1 if last else 1,
        key=key,
        kind=kind,
        at=at,
        reference=reference,
        previous_hash=last.hash if last else FIRST,
    )
    lines = [
        JournalLine(
            account=accounts[entry.account],
            stream=entry.stream,
            line_key=entry.line_key,
            minor=entry.money.minor,
            currency=entry.money.currency,
        )
        for entry in wanted
    ]
    journal.hash = journal_hash(journal, [hash_parts(line) for line in lines])
    journal.save(force_insert=True)
    for line in lines:
        line.journal = journal
    JournalLine.objects.bulk_create(lines)
    journal.posted = True
    journal.save(update_fields=["posted"])
    _move_balances(lines)
    return journal


def _move_balances(lines: list[JournalLine]) -> None:
    sums: dict[tuple[int, str], int] = defaultdict(int)
    first: dict[tuple[int, str], JournalLine] = {}
    for line in lines:
        place = (line.account_id, line.stream.code if line.stream else "")
        sums[place] += line.minor
        first.setdefault(place, line)
    for place in sorted(sums):
        _move_balance(first[place], sums[place])


def _move_balance(line: JournalLine, minor: int) -> None:
    account, stream = line.account, line.stream
    balance = _locked_balance(account, stream)
    if account.credit_only and balance.minor + minor > 0:
        free = Money(-balance.minor, account.currency)
        raise InsufficientFunds(
            "FUND-01",
            _("Nothing was booked."),
            _("%(account)s of stream %(stream)s has %(free)s left, and %(asked)s was asked.")
            % {
                "account": account.name,
                "stream": stream.code if stream else "–",
                "free": free,
                "asked": Money(minor, account.currency),
            },
            _("Choose another stream, or a smaller amount."),
        )
    Balance.objects.filter(pk=balance.pk).update(minor=F("minor") + minor)
    _prove(account, stream, balance.minor + minor)


def _locked_balance(account: LedgerAccount, stream: FundingStream | None) -> Balance:
    """The running balance, made at its first line, held until this transaction ends."""
    place = {"account": account, "stream_key": stream.code if stream else ""}
    held = Balance.objects.select_for_update().filter(**place).first()
    if held is not None:
        return held
    Balance.objects.get_or_create(**place, defaults={"stream": stream, "credit_only": account.credit_only})
    return Balance.objects.select_for_update().get(**place)


def _prove(account: LedgerAccount, stream: FundingStream | None, expected: int) -> None:
    """Compare the running balance with its lines, in the same transaction."""
    lines = JournalLine.objects.filter(account=account, stream=stream)
    found = lines.aggregate(sum=Sum("minor"))["sum"] or 0
    if found != expected:
        raise BooksBroken(f"{account.code} says {expected}, its lines say {found}")


def balance(account: str, stream: FundingStream | None = None) -> Money:
    """The running balance of an account (of one stream): debit positive."""
    row = Balance.objects.filter(account__code=account, stream_key=stream.code if stream else "").first()
    if row is not None:
        return Money(row.minor, row.account.currency)
    return Money.zero(LedgerAccount.objects.get(code=account).currency)
