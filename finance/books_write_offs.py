"""What must be true of refunds that were given up: two people, one journal, and exactly what the refund says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from finance import postings
from finance.books_registry import Broken, Reading, check
from finance.models import Journal, RefundDue, WriteOff
from finance.states import WriteOffState
from gaf.money import Money

W = WriteOffState


@check("WRITE-OFFS", "every write-off is what two people decided and one journal says", part_of="I8")
def write_offs_agree(reading: Reading) -> Iterator[Broken]:
    """By its decisions and its journal; then each refund by the write-offs that stand."""
    standing: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    known = set()
    for row in WriteOff.objects.select_related("journal").order_by("key"):
        known.add(row.journal_id)
        for what in _differs(reading, row):
            yield Broken(f"write-off {row.key}", what)
        if reading.state_of(row.key) == W.POSTED:
            minor, usd = standing[row.refund_id]
            standing[row.refund_id] = (minor + row.minor, usd + row.usd_minor)
    for refund in RefundDue.objects.order_by("key"):
        if (refund.written_off_minor, refund.written_off_usd_minor) != standing[refund.pk]:
            told = Money(refund.written_off_minor, refund.currency)
            yield Broken(f"refund {refund.key}", f"says {told} was written off, its write-offs say something else")
    for journal in (
        Journal.objects.filter(kind="write_off").exclude(pk__in=[pk for pk in known if pk]).order_by("number")
    ):
        yield Broken(f"journal {journal.number}", "writes off what nobody asked for")


def _differs(reading: Reading, row: WriteOff) -> Iterator[str]:
    asked, approved = reading.last(row.key, "ask_write_off"), reading.last(row.key, "approve_write_off")
    if asked is None or (asked.facts.get("minor"), asked.facts.get("usd_minor")) != (row.minor, row.usd_minor):
        yield "is another amount than was asked"
    if row.journal is None:
        return
    if approved is None or (asked is not None and approved.actor_id == asked.actor_id):
        yield "was not approved by a second person"
    booked = {line.account.code: line.minor for line in row.journal.lines.select_related("account")}
    if booked != {postings.WRITTEN_OFF: row.usd_minor, postings.REFUNDS_DUE: -row.usd_minor}:
        yield f"is {row.usd}, journal {row.journal.number} says something else"
