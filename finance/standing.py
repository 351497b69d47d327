"""Where each stream stands: promised, signed, received, committed, spent, free, and how long it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from finance.agreements import pays_until
from finance.models import Agreement, FundingStream, Pledge, Receipt
from finance.queries import with_free
from finance.states import AgreementState
from gaf.money import Money

ENDS_SOON_DAYS = 60


@dataclass(frozen=True)
class Standing:
    """One stream in US dollars. A pledge that became an agreement is counted there and no longer as a pledge."""

    stream: FundingStream
    pledged: Money
    agreed: Money
    received: Money
    committed: Money
    spent: Money
    free: Money
    days_left: int | None
    pays_until: date | None

    @property
    def total(self) -> Money:
        """What the stream could ever spend of what it has."""
        return self.free + self.committed + self.spent

    @property
    def ended(self) -> bool:
        """Whether it takes no new commitments any more."""
        return self.days_left is not None and self.days_left < 0

    @property
    def ends_soon(self) -> bool:
        """Whether it ends within two months."""
        return self.days_left is not None and 0 <= self.days_left <= ENDS_SOON_DAYS


def standings(streams: Iterable[FundingStream], today: date) -> list[Standing]:
    """Every stream with its figures; the number of questions does not depend on how many there are."""
    pledged = _by_stream(Pledge.objects.filter(agreement=None))
    agreed = _by_stream(Agreement.objects.filter(state=AgreementState.IN_FORCE))
    received = _by_stream(Receipt.objects.all())
    return [
        Standing(
            stream=stream,
            pledged=Money(pledged.get(stream.pk, 0), "USD"),
            agreed=Money(agreed.get(stream.pk, 0), "USD"),
            received=Money(received.get(stream.pk, 0), "USD"),
            committed=stream.committed,
            spent=stream.spent,
            free=stream.free,
            days_left=(stream.ends_on - today).days if stream.ends_on else None,
            pays_until=pays_until(stream),
        )
        for stream in _with_free(streams)
    ]


def _with_free(streams: Iterable[FundingStream]) -> list[Any]:
    return with_free(streams)


def _by_stream(rows: QuerySet[Any]) -> dict[int, int]:
    sums = rows.order_by().values_list("stream_id").annotate(sum=Sum("usd_minor"))
    return {stream: minor for stream, minor in sums if stream is not None}
