"""What must be true of the ledger, recomputed from its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Sum

from finance.books_registry import Broken, Reading, check
from finance.ledger import hash_parts, journal_hash
from finance.models import Balance, Journal, JournalLine, LedgerAccount
from finance.postings import POSTINGS
from gaf.decisions.record import FIRST
from gaf.money import Money


@check("I1", "every journal balances in every currency, and so do all together")
def journals_balance(reading: Reading) -> Iterator[Broken]:
    """Sums per journal and currency; drafts and journals of fewer than two lines are broken too."""
    sums = JournalLine.objects.values_list("journal__number", "currency").annotate(sum=Sum("minor"))
    for number, currency, minor in sums.order_by("journal__number", "currency"):
        if minor:
            yield Broken(f"journal {number}", f"is out by {Money(minor, currency)}")
    for journal in Journal.objects.annotate(count=Count("lines")).filter(count__lt=2).order_by("number"):
        yield Broken(f"journal {journal.number}", f"has {journal.count} lines")
    for draft in Journal.objects.filter(posted=False).order_by("number"):
        yield Broken(f"journal {draft.number}", "was never posted")
    totals = JournalLine.objects.values_list("currency").annotate(sum=Sum("minor")).order_by("currency")
    for currency, minor in totals:
        if minor:
            yield Broken(f"ledger {currency}", f"sums to {Money(minor, currency)}, not to nothing")


@check(
    "CHAIN", "journals are numbered without a gap, and each hash covers its lines and the journal before", part_of="I5"
)
def journals_are_chained(reading: Reading) -> Iterator[Broken]:
    """Every hash recomputed from what the rows say now."""
    previous, expected = FIRST, 1
    for journal in Journal.objects.prefetch_related("lines__account", "lines__stream").order_by("number"):
        name = f"journal {journal.number}"
        if journal.number != expected:
            yield Broken(name, f"follows journal {expected - 1}; journals between are gone")
        if journal.previous_hash != previous:
            yield Broken(name, "does not follow the journal before it")
        lines = sorted(journal.lines.all(), key=lambda line: line.pk)
        if journal.hash != journal_hash(journal, [hash_parts(line) for line in lines]):
            yield Broken(name, "is not what was posted: its hash does not cover its rows")
        previous, expected = journal.hash, journal.number + 1


@check("KINDS", "every journal is of a kind that the posting table knows, in its accounts' currencies", part_of="I1")
def kinds_are_known(reading: Reading) -> Iterator[Broken]:
    """Nothing is booked that the posting table does not describe."""
    known = {posting.kind for posting in POSTINGS}
    for number, kind in Journal.objects.order_by("number").values_list("number", "kind"):
        if kind not in known:
            yield Broken(f"journal {number}", f"is of kind {kind}, which nobody knows")
    strange = JournalLine.objects.exclude(currency=F("account__currency")).select_related("account", "journal")
    for line in strange.order_by("id"):
        yield Broken(f"journal {line.journal.number}", f"books {line.currency} on {line.account.code}")


@check("I2", "every running balance is the sum of its lines")
def balances_are_sums(reading: Reading) -> Iterator[Broken]:
    """In both directions: no balance without lines, no lines without a balance."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    rows = JournalLine.objects.values_list("account__code", "stream__code").annotate(sum=Sum("minor"))
    for code, stream, minor in rows.order_by("account__code", "stream__code"):
        sums[(code, stream or "")] += minor
    said = {}
    for balance in Balance.objects.select_related("account", "stream").order_by("account__code", "stream_key"):
        place = (balance.account.code, balance.stream.code if balance.stream else "")
        said[place] = balance.minor
        if balance.stream_key != place[1] or balance.credit_only != balance.account.credit_only:
            yield Broken(_balance(place), "stands for another stream or floor than its own columns say")
        proved = JournalLine.objects.filter(account=balance.account, stream=balance.stream, id__lte=balance.proved_line)
        if balance.proved_minor != (proved.aggregate(sum=Sum("minor"))["sum"] or 0):
            yield Broken(_balance(place), f"was proved up to line {balance.proved_line}, and that sum is another")
    for place in sorted(sums.keys() | said.keys()):
        if sums[place] != said.get(place, 0):
            yield Broken(_balance(place), f"says {said.get(place, 'nothing')}, its lines say {sums[place]} minor units")


def _balance(place: tuple[str, str]) -> str:
    return "balance " + "/".join(filter(None, place))


@check("FLOORS", "no stream has promised or spent more than it was given", part_of="I3")
def streams_keep_their_floors(reading: Reading) -> Iterator[Broken]:
    """Part of I3: accounts that may only stand in credit do, stream by stream, by their lines."""
    floored = LedgerAccount.objects.filter(credit_only=True).values_list("code", flat=True)
    rows = JournalLine.objects.filter(account__code__in=list(floored)).values_list("account__code", "stream__code")
    for code, stream, minor in rows.annotate(sum=Sum("minor")).order_by("account__code", "stream__code"):
        if minor > 0:
            yield Broken(_balance((code, stream or "")), f"is overdrawn by {Money(minor, 'USD')}")
