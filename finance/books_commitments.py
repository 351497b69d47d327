"""What must be true of commitments: their columns are what journals and disbursements say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Sum

from finance import postings
from finance.books_registry import Broken, Reading, check
from finance.models import Commitment, DisbursementPart, JournalLine
from finance.states import HOLDS_COMMITMENT, DisbursementState
from gaf.money import Money

Place = tuple[str, str, str]  # request, stream, line
_WAITING = (DisbursementState.PREPARED, DisbursementState.RELEASED)


@dataclass
class _Sums:
    """US cents on one line of one request and stream."""

    committed: int = 0
    freed: int = 0
    taken: int = 0


@check("I3", "commitments, and what was freed and taken of them, are what the journals say; none is overdrawn")
def commitments_agree(reading: Reading) -> Iterator[Broken]:
    """Line by line, and then each commitment with the disbursements that took from it."""
    commitments = list(Commitment.objects.select_related("stream").order_by("id"))
    parts = list(DisbursementPart.objects.select_related("disbursement", "commitment__stream").order_by("id"))
    booked, said, waiting = _booked(), _said(commitments), _waiting(reading, parts)
    for place in sorted(booked.keys() | said.keys() | waiting.keys()):
        ours, theirs = said[place], booked[place]
        name = "commitment " + " ".join(place)
        for word, found, expected in (
            ("committed", ours.committed, theirs.committed),
            ("freed", ours.freed, theirs.freed),
            ("disbursed", ours.taken, theirs.taken + waiting[place]),
        ):
            if found != expected:
                yield Broken(name, f"says {_usd(found)} {word}, the journals and disbursements say {_usd(expected)}")
        if theirs.committed < theirs.freed + theirs.taken + waiting[place]:
            yield Broken(name, "has given out more than was committed")
    yield from _parts_agree(reading, commitments, parts)


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


def _booked() -> dict[Place, _Sums]:
    """What journals moved on the account of commitments: credits promise, debits free or take."""
    sums: dict[Place, _Sums] = defaultdict(_Sums)
    rows = JournalLine.objects.filter(account__code=postings.COMMITTED).values_list(
        "journal__reference", "stream__code", "line_key", "journal__kind"
    )
    for reference, stream, line_key, kind, minor in rows.annotate(sum=Sum("minor")).order_by():
        place = sums[(reference, stream or "", line_key)]
        if kind == "commit":
            place.committed -= minor
        elif kind == "free":
            place.freed += minor
        else:
            place.taken += minor
    return sums


def _said(commitments: list[Commitment]) -> dict[Place, _Sums]:
    """What the commitments' own columns say."""
    sums: dict[Place, _Sums] = defaultdict(_Sums)
    for commitment in commitments:
        place = sums[(commitment.reference, commitment.stream.code, commitment.line_key)]
        place.committed += commitment.usd_minor
        place.freed += commitment.freed_usd_minor
        place.taken += commitment.disbursed_usd_minor
    return sums


def _waiting(reading: Reading, parts: list[DisbursementPart]) -> dict[Place, int]:
    """What disbursements have taken that no journal has moved yet, because they have not begun to be sent."""
    sums: dict[Place, int] = defaultdict(int)
    for part in parts:
        if reading.state_of(part.disbursement.number) in _WAITING:
            commitment = part.commitment
            sums[(commitment.reference, commitment.stream.code, commitment.line_key)] += part.usd_minor
    return sums


def _parts_agree(reading: Reading, commitments: list[Commitment], parts: list[DisbursementPart]) -> Iterator[Broken]:
    """Each commitment with its own parts, in both currencies; each disbursement with the sum of its parts."""
    taken: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    whole: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    disbursements = {}
    for part in parts:
        disbursements[part.disbursement_id] = part.disbursement
        amounts = (part.local_minor, part.usd_minor)
        for place in (0, 1):
            whole[part.disbursement_id][place] += amounts[place]
            if reading.state_of(part.disbursement.number) in HOLDS_COMMITMENT:
                taken[part.commitment_id][place] += amounts[place]
    for commitment in commitments:
        if taken[commitment.pk] != [commitment.disbursed_local_minor, commitment.disbursed_usd_minor]:
            name = f"commitment {commitment.reference} {commitment.line_key} round {commitment.round}"
            yield Broken(name, "has given out another amount than its disbursements took")
    for pk, disbursement in sorted(disbursements.items()):
        if whole[pk] != [disbursement.minor, disbursement.committed_usd_minor]:
            yield Broken(f"disbursement {disbursement.number}", "is another amount than its parts together")
