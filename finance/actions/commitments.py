"""Committing money to the lines of an approved request, and freeing what is no longer needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from finance import postings
from finance.ledger import Entry, InsufficientFunds, credit, debit, post
from finance.models import Commitment, FundingStream
from finance.models.commitments import URGENT
from finance.queries import unearmarked_stream, with_terms
from finance.restrictions import EndedStream, RestrictedStream, SpendFacts, require_fit
from gaf.accounts.models import User
from gaf.money import Money, total
from gaf.refusals import Refusal
from gaf.versions import create_all, save_all_by

__all__ = [
    "Allotment",
    "EndedStream",
    "InsufficientFunds",
    "Part",
    "RestrictedStream",
    "SpendFacts",
    "commit_allowance",
    "commit_funds",
    "free_commitments",
    "free_held",
    "free_open",
    "free_parts",
]


@dataclass(frozen=True)
class Allotment:
    """One approved line and the stream that bears it. `usd` is `local` at `units_per_usd`, half-up."""

    line_key: str
    stream_code: str
    usd: Money
    local: Money
    units_per_usd: Decimal
    facts: SpendFacts


def _rounds_before(reference: str, line_keys: Iterable[str], *, any_before: bool) -> Counter[str]:
    """How often each of these lines was committed before."""
    if not any_before:
        return Counter()
    rows = Commitment.objects.filter(reference=reference, line_key__in=list(line_keys))
    return Counter(rows.order_by().values_list("line_key", flat=True))


def commit_funds(
    *,
    reference: str,
    allotments: list[Allotment],
    actor: User,
    at: datetime,
    choices: Iterable[FundingStream] | None = None,
    any_before: bool = True,
) -> list[Commitment]:
    """Commit money to each line, in the transaction of the approval.

    `choices` are the streams that could be chosen, where they were read with their terms in this piece already; without
    `any_before` the caller knows that nothing was committed for the request before. Raises InsufficientFunds (FUND-01),
    RestrictedStream (FUND-02) or EndedStream (FUND-03); then nothing is committed.
    """
    if choices is None:
        choices = with_terms(FundingStream.objects.filter(code__in={a.stream_code for a in allotments}))
    streams = {stream.code: stream for stream in choices}
    for allotment in allotments:
        stream = streams.get(allotment.stream_code)
        if stream is None:
            raise Refusal(
                "FUND-05",
                _("Line %(line)s was not committed.") % {"line": allotment.line_key},
                _("No stream was chosen for it."),
                _("Choose a stream for each approved line."),
            )
        require_fit(stream, allotment.facts, allotment.line_key)
    keys = [allotment.line_key for allotment in allotments]
    before = _rounds_before(reference, keys, any_before=any_before)
    made = [
        Commitment(
            reference=reference,
            line_key=allotment.line_key,
            round=before[allotment.line_key] + 1,
            stream=streams[allotment.stream_code],
            usd_minor=allotment.usd.minor,
            local_minor=allotment.local.minor,
            currency=allotment.local.currency,
            units_per_usd=allotment.units_per_usd,
            committed_at=at,
        )
        for allotment in allotments
    ]
    create_all(made)
    _post_commitments(reference, made, at)
    return made


def _post_commitments(reference: str, made: list[Commitment], at: datetime) -> None:
    if not made:
        return
    entries: list[Entry] = []
    for stream in sorted({c.stream for c in made}, key=lambda s: s.code):
        bearing = total([c.committed for c in made if c.stream == stream], "USD")
        entries.append(debit(postings.AVAILABLE, bearing, stream))
    for c in made:
        entries.append(credit(postings.COMMITTED, c.committed, c.stream, c.line_key))
    key = "commit:" + reference + ":" + ",".join(f"{c.line_key}.{c.round}" for c in made)
    post(kind="commit", key=key[:120], at=at, reference=reference, entries=entries)


def commit_allowance(*, reference: str, limit: Money, actor: User, at: datetime, any_before: bool = True) -> Commitment:
    """Commit the limit of an urgent allowance (US dollars) from the unearmarked stream."""
    made = Commitment.objects.create(
        reference=reference,
        line_key=URGENT,
        round=_rounds_before(reference, [URGENT], any_before=any_before)[URGENT] + 1,
        stream=unearmarked_stream(),
        usd_minor=limit.minor,
        local_minor=limit.minor,
        currency="USD",
        units_per_usd=Decimal(1),
        committed_at=at,
    )
    _post_commitments(reference, [made], at)
    return made


_Piece = tuple[Commitment, Money, Money]  # a locked commitment, and how much of it is freed: US dollars, local


def _free(pieces: Sequence[_Piece], at: datetime, reason_code: str) -> None:
    """Free parts of commitments of one request in one journal: each is debited by its line, each stream credited once.

    Its key names the first of them with what is freed of it then, which grows each time and so comes once.
    """
    if not pieces:
        return
    for commitment, usd, local in pieces:
        commitment.freed_usd_minor += usd.minor
        commitment.freed_local_minor += local.minor
    save_all_by([one for one, _usd, _local in pieces], ["freed_usd_minor", "freed_local_minor"], why=reason_code)
    first = pieces[0][0]
    more = f"+{len(pieces) - 1}" if len(pieces) > 1 else ""
    back: dict[FundingStream, Money] = {}
    for commitment, usd, _local in pieces:
        back[commitment.stream] = back.get(commitment.stream, Money.zero("USD")) + usd
    post(
        kind="free",
        key=f"free:{first.reference}:{first.line_key}.{first.round}:{first.freed_usd_minor}{more}",
        at=at,
        reference=first.reference,
        entries=[
            *(debit(postings.COMMITTED, usd, one.stream, one.line_key) for one, usd, _local in pieces),
            *(credit(postings.AVAILABLE, usd, stream) for stream, usd in back.items()),
        ],
    )


def free_open(commitment: Commitment, at: datetime, reason_code: str) -> None:
    """Give back everything that is still open of one locked commitment."""
    _free([(commitment, commitment.open, commitment.local_open)], at, reason_code)


def free_commitments(
    *, reference: str, at: datetime, line_keys: list[str] | None = None, reason_code: str = ""
) -> Money:
    """Give back to each stream what is still open for these lines (all when not said); returns US dollars freed."""
    rows = Commitment.objects.select_for_update().filter(reference=reference).select_related("stream")
    if line_keys is not None:
        rows = rows.filter(line_key__in=line_keys)
    return free_held(rows.order_by("id"), at=at, reason_code=reason_code)


def free_held(commitments: Iterable[Commitment], *, at: datetime, reason_code: str = "") -> Money:
    """The same of commitments of one request that were read under lock, with their streams."""
    pieces = [(one, one.open, one.local_open) for one in commitments if one.open]
    _free(pieces, at, reason_code)
    return total([usd for _one, usd, _local in pieces], "USD")


@dataclass(frozen=True)
class Part:
    """So much of what is committed to a line, in US dollars and in the line's currency."""

    line_key: str
    usd: Money
    local: Money


def free_parts(*, reference: str, parts: Sequence[Part], at: datetime, reason_code: str = "") -> None:
    """Give back parts of lines, each of another line. Raises Refusal COMMIT-02 when so much is no longer open."""
    rows = Commitment.objects.select_for_update(of=("self",)).filter(
        reference=reference, line_key__in=[part.line_key for part in parts]
    )
    newest = {one.line_key: one for one in rows.select_related("stream").order_by("pk")}
    pieces = []
    for part in parts:
        commitment = newest.get(part.line_key)
        if commitment is None or commitment.open < part.usd or commitment.local_open < part.local:
            raise Refusal(
                "COMMIT-02",
                _("Nothing was freed on line %(line)s.") % {"line": part.line_key},
                _("So much of it is no longer open; a disbursement has taken it."),
                _("Stop the disbursement first, or account for it in the report."),
            )
        pieces.append((commitment, part.usd, part.local))
    _free(pieces, at, reason_code)
