"""The ledger's one door: `post`. Balanced in every currency or refused; numbered, chained, never changed.

It also keeps the running balances, under lock, and compares those it touched with their lines before it lets go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Case, Count, F, Max, Q, Sum, When
from django.utils.translation import gettext as _

from finance.models import Balance, FundingStream, Journal, JournalLine, LedgerAccount
from finance.periods import Booking, booking_for, day_of
from gaf.accounts.models import User
from gaf.decisions.record import FIRST, canonical, lock_the_books, sha256
from gaf.gate import person_acting
from gaf.money import Money
from gaf.refusals import Refusal

PROVED_AFTER = 1_000  # lines of one balance
# A running balance: its account, and the code of its stream where it has one.
_Place = tuple[int, str]


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
    """Move the running balances of all accounts and streams that a journal touches, and prove each of them."""
    sums: dict[_Place, int] = defaultdict(int)
    first: dict[_Place, JournalLine] = {}
    for line in lines:
        place = _place(line)
        sums[place] += line.minor
        first.setdefault(place, line)
    held = _locked_balances(first)
    for place in sorted(sums):
        _require_enough(first[place], held[place], sums[place])
        held[place].minor += sums[place]
    moves = [When(pk=held[place].pk, then=F("minor") + minor) for place, minor in sums.items()]
    Balance.objects.filter(pk__in=[one.pk for one in held.values()]).update(minor=Case(*moves))
    _prove(held.values())


def _place(line: JournalLine) -> _Place:
    return line.account_id, line.stream.code if line.stream else ""


def _require_enough(line: JournalLine, balance: Balance, minor: int) -> None:
    account, stream = line.account, line.stream
    if not account.credit_only or balance.minor + minor <= 0:
        return
    raise InsufficientFunds(
        "FUND-01",
        _("Nothing was booked."),
        _("%(account)s of stream %(stream)s has %(free)s left, and %(asked)s was asked.")
        % {
            "account": account.name,
            "stream": stream.code if stream else "–",
            "free": Money(-balance.minor, account.currency),
            "asked": Money(minor, account.currency),
        },
        _("Choose another stream, or a smaller amount."),
    )


def _locked_balances(first: dict[_Place, JournalLine]) -> dict[_Place, Balance]:
    """The running balances, each made at its first line, held until this transaction ends, in one order for all."""
    held = _held(first)
    for place in sorted(set(first) - set(held)):
        account, stream = first[place].account, first[place].stream
        Balance.objects.get_or_create(
            account=account, stream_key=place[1], defaults={"stream": stream, "credit_only": account.credit_only}
        )
    return held if len(held) == len(first) else _held(first)


def _held(places: Iterable[_Place]) -> dict[_Place, Balance]:
    wanted = Q()
    for account_id, stream_key in places:
        wanted |= Q(account_id=account_id, stream_key=stream_key)
    rows = Balance.objects.select_for_update().filter(wanted).order_by("account_id", "stream_key")
    return {(row.account_id, row.stream_key): row for row in rows}


def _prove(held: Iterable[Balance]) -> None:
    """Compare the running balances with their lines, in the same transaction.

    Lines never change and come in the order of their numbers, so what was proved once stands: after a thousand more the
    sum is kept with the balance, and later postings count on from there. `verify_books` counts them all.
    """
    rows = {row.pk: row for row in held}
    since = Q()
    for row in rows.values():
        since |= Q(account=row.account_id, stream=row.stream_id, id__gt=row.proved_line)
    sums = JournalLine.objects.filter(since).values_list("account_id", "stream_id")
    told = {(account, stream): parts for account, stream, *parts in sums.annotate(Sum("minor"), Count("id"), Max("id"))}
    for row in rows.values():
        minor, count, last = told.get((row.account_id, row.stream_id), (0, 0, 0))
        if row.proved_minor + minor != row.minor:
            code = LedgerAccount.objects.get(pk=row.account_id).code
            raise BooksBroken(f"{code} says {row.minor}, its lines say {row.proved_minor + minor}")
        if count >= PROVED_AFTER:
            Balance.objects.filter(pk=row.pk).update(proved_line=last, proved_minor=row.minor)


def balance(account: str, stream: FundingStream | None = None) -> Money:
    """The running balance of an account (of one stream): debit positive."""
    row = Balance.objects.filter(account__code=account, stream_key=stream.code if stream else "").first()
    if row is not None:
        return Money(row.minor, row.account.currency)
    return Money.zero(LedgerAccount.objects.get(code=account).currency)
