"""The ledger's one door: `post`. Balanced in every currency or refused; numbered, chained, never changed.

It also keeps the running balances, under lock, and compares those it touched with their lines before it lets go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_

from django.db.models import Aggregate, BigIntegerField, Case, Count, F, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual
from django.utils.translation import gettext as _

from finance.models import Balance, FundingStream, Journal, JournalLine, LedgerAccount
from finance.periods import Booking, any_shut_since, booking_for, day_of
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.decisions.record import FIRST, canonical, keep_end_of_chain, lock_the_books, sha256
from gaf.gate import person_acting
from gaf.money import Money
from gaf.refusals import Refusal

PROVED_AFTER = 1_000  # lines of one balance
# A running balance: the code of its account, and of its stream where it has one.
_Place = tuple[str, str]


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


@dataclass(frozen=True)
class Draft:
    """One journal that is to be posted: its kind, the key that makes it happen once, and its entries.

    `on` demands a day; where it is not said, a journal is dated the day its entries know.
    """

    kind: str
    key: str
    entries: Sequence[Entry]
    reference: str = ""
    on: date | None = None


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
    return post_all([Draft(kind, key, entries, reference, on)], at=at, actor=actor)[0]


def post_all(drafts: Sequence[Draft], *, at: datetime, actor: User | None = None) -> list[Journal]:
    """Post several journals of one act, one after the other, in the statements that one takes. Raises as `post`."""
    if not drafts:
        return []
    lock_the_books()
    days = [_day_of(draft, at) for draft in drafts]
    entries = [entry for draft in drafts for entry in draft.entries if entry.money]
    held, head = _locked_balances(entries, min(days))
    journals, lines = [], []
    number, previous_hash = head.number, head.hash
    for draft, day in zip(drafts, days, strict=True):
        booking = Booking(day)
        if head.has_shut_months:
            booking = booking_for(day, at=at, actor=actor or person_acting(), strictly=draft.on is not None)
        number += 1
        journal, its_lines = _written(draft, booking, number, previous_hash, held, at)
        previous_hash = journal.hash
        journals.append(journal)
        lines += its_lines
    _save_posted(journals, lines)
    _move_balances(lines, held)
    return journals


def _day_of(draft: Draft, at: datetime) -> date:
    known = [entry.day for entry in draft.entries if entry.money and entry.day is not None]
    return draft.on or min([day_of(at), *known])


def _written(
    draft: Draft, booking: Booking, number: int, previous_hash: str, held: dict[_Place, Balance], at: datetime
) -> tuple[Journal, list[JournalLine]]:
    """A journal and its lines, with their hash, before they are in the database."""
    journal = Journal(
        dated_on=booking.dated_on,
        late_for=booking.late_for,
        exception_id=booking.exception_id,
        number=number,
        key=draft.key,
        kind=draft.kind,
        at=at,
        reference=draft.reference,
        previous_hash=previous_hash,
    )
    lines = [
        JournalLine(
            journal=journal,
            account=held[_place_of(entry)].account,
            stream=entry.stream,
            line_key=entry.line_key,
            minor=entry.money.minor,
            currency=entry.money.currency,
        )
        for entry in draft.entries
        if entry.money
    ]
    journal.hash = journal_hash(journal, [hash_parts(line) for line in lines])
    return journal, lines


def _save_posted(journals: list[Journal], lines: list[JournalLine]) -> None:
    """Write them as drafts, and post them once their lines stand there."""
    Journal.objects.bulk_create(journals)
    for line in lines:
        line.journal_id = line.journal.pk
    JournalLine.objects.bulk_create(lines)
    Journal.objects.filter(pk__in=[journal.pk for journal in journals]).update(posted=True)
    for journal in journals:
        journal.posted = True


def _place_of(entry: Entry) -> _Place:
    return entry.account, entry.stream.code if entry.stream else ""


@dataclass(frozen=True)
class _Head:
    """Where the chain of journals ends, and whether months have to be looked at one by one."""

    number: int = 0
    hash: str = FIRST
    has_shut_months: bool = True


def _locked_balances(entries: list[Entry], day: date) -> tuple[dict[_Place, Balance], _Head]:
    """The running balances with their accounts, each made at its first line, held until this transaction ends.

    And the end of the chain, which stays where it is while this transaction holds the lock on the books.
    """
    first = {_place_of(entry): entry.stream for entry in reversed(entries)}
    held, head = _held(first, day)
    missing = sorted(set(first) - set(held))
    if not missing:
        return held, head
    accounts = {
        account.code: account for account in LedgerAccount.objects.filter(code__in={code for code, _ in missing})
    }
    new = [
        Balance(
            account=accounts[code],
            stream=first[code, stream_key],
            stream_key=stream_key,
            credit_only=accounts[code].credit_only,
        )
        for code, stream_key in missing
    ]
    Balance.objects.bulk_create(new, ignore_conflicts=True)  # or else somebody else was first
    return _held(first, day)


def _held(places: Collection[_Place], day: date) -> tuple[dict[_Place, Balance], _Head]:
    """In one order for all."""
    if not places:
        return {}, _Head()
    wanted = reduce(or_, [Q(account__code=code, stream_key=stream) for code, stream in places])
    newest, decided = Journal.objects.order_by("-number"), Decision.objects.order_by("-number")
    rows = Balance.objects.select_for_update(of=("self",)).select_related("account").filter(wanted)
    rows = rows.order_by("account_id", "stream_key").annotate(
        head_number=Coalesce(Subquery(newest.values("number")[:1]), 0),
        head_hash=Coalesce(Subquery(newest.values("hash")[:1]), Value(FIRST)),
        has_shut_months=any_shut_since(day),
        decided_number=Coalesce(Subquery(decided.values("number")[:1]), 0),
        decided_hash=Coalesce(Subquery(decided.values("hash")[:1]), Value(FIRST)),
    )
    held: dict[_Place, Balance] = {}
    head = _Head()
    for row in rows:
        held[row.account.code, row.stream_key] = row
        head = _Head(row.head_number, row.head_hash, row.has_shut_months)
        keep_end_of_chain(row.decided_number, row.decided_hash)  # for the act that posts
    return held, head


def _move_balances(lines: list[JournalLine], held: dict[_Place, Balance]) -> None:
    """Move the running balances of all accounts and streams that a journal touches, and prove each of them.

    The same statement moves and proves: it writes only balances that then say what their lines say.
    """
    moved: dict[_Place, list[JournalLine]] = defaultdict(list)
    for line in lines:
        moved[line.account.code, line.stream.code if line.stream else ""].append(line)
    for place in sorted(moved):
        minor = sum(line.minor for line in moved[place])
        _require_enough(moved[place][0], held[place], minor)
        held[place].minor += minor
    rows = [held[place] for place in moved]
    proved = reduce(or_, [Q(pk=row.pk) & _says_what_its_lines_say(row) for row in rows])
    newest = {held[place].pk: place_lines[-1].pk for place, place_lines in moved.items()}
    if Balance.objects.filter(proved).update(**_as_moved(rows, newest)) != len(rows):
        _say_what_differs(rows)


def _as_moved(rows: list[Balance], newest: dict[int, int]) -> dict[str, Case]:
    """What is written: the new sums, and where a thousand lines were compared, that these need not be counted again.

    Lines never change and come in the order of their numbers, so what was proved once stands. `verify_books` counts
    them all.
    """
    written = {"minor": Case(*[When(pk=row.pk, then=Value(row.minor)) for row in rows])}
    # No balance has more new lines than numbers of lines were given out.
    long = [row for row in rows if newest[row.pk] - row.proved_line >= PROVED_AFTER]
    if long:
        many = {row.pk: GreaterThanOrEqual(_since_proved(row, Count("id")), PROVED_AFTER) for row in long}
        lines = [When(many[row.pk], pk=row.pk, then=Value(newest[row.pk])) for row in long]
        sums = [When(many[row.pk], pk=row.pk, then=Value(row.minor)) for row in long]
        written["proved_line"] = Case(*lines, default=F("proved_line"), output_field=BigIntegerField())
        written["proved_minor"] = Case(*sums, default=F("proved_minor"), output_field=BigIntegerField())
    return written


def _since_proved(row: Balance, told: Aggregate) -> Subquery:
    """Something told of the lines of a balance that were not proved for good yet."""
    lines = JournalLine.objects.filter(account=row.account_id, stream=row.stream_id, id__gt=row.proved_line)
    return Subquery(lines.order_by().values("account").annotate(told=told).values("told"))


def _says_what_its_lines_say(row: Balance) -> Q:
    return Q(Exact(_since_proved(row, Sum("minor")), row.minor - row.proved_minor))


def _say_what_differs(rows: list[Balance]) -> None:
    """Raises BooksBroken of the first balance whose lines say something else."""
    for row in rows:
        lines = JournalLine.objects.filter(account=row.account_id, stream=row.stream_id, id__gt=row.proved_line)
        told = row.proved_minor + (lines.aggregate(sum=Sum("minor"))["sum"] or 0)
        if told != row.minor:
            raise BooksBroken(f"{row.account.code} says {row.minor}, its lines say {told}")
    raise BooksBroken("a running balance was not moved")


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


def balance(account: str, stream: FundingStream | None = None) -> Money:
    """The running balance of an account (of one stream): debit positive."""
    row = Balance.objects.filter(account__code=account, stream_key=stream.code if stream else "").first()
    if row is not None:
        return Money(row.minor, row.account.currency)
    return Money.zero(LedgerAccount.objects.get(code=account).currency)
