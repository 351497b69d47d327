"""Where each line of a request stands between paid and accounted for: one question, however many lines there are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from finance.models import Acceptance, Commitment, DisbursementPart
from finance.states import MAY_HAVE_LEFT
from gaf.money import Money


@dataclass(frozen=True)
class Settled:
    """What was accounted for on one line before, of it accepted and disallowed, and all of it in US dollars."""

    money: Money
    accepted: Money
    disallowed: Money
    usd: Money


@dataclass(frozen=True)
class LineAccount:
    """A line's commitments, the newest last; what has left for it, in its currency and in dollars; what was settled."""

    commitments: list[Commitment]
    was_paid: bool
    paid: Money
    paid_usd: Money
    settled: Settled
    steps: int

    @property
    def commitment(self) -> Commitment:
        """The one that the next step is booked on."""
        return self.commitments[-1]


def line_accounts(reference: str, *, locked: bool = False) -> dict[str, LineAccount]:
    """Every line of a request money was committed to; `locked` holds its commitments until the transaction ends."""
    rows = Commitment.objects.filter(reference=reference).select_related("stream").order_by("pk")
    if locked:
        rows = rows.select_for_update(of=("self",))
    found: dict[str, list[Commitment]] = {}
    for row in _with_sums(rows):
        found.setdefault(row.line_key, []).append(row)
    return {line_key: _account(commitments) for line_key, commitments in found.items()}


def _with_sums(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    parts = DisbursementPart.objects.filter(commitment=OuterRef("pk"), disbursement__state__in=MAY_HAVE_LEFT)
    left = parts.order_by().values("commitment")
    steps = Acceptance.objects.filter(commitment=OuterRef("pk")).order_by().values("commitment")
    return rows.annotate(
        left_minor=Subquery(left.annotate(told=Sum("local_minor")).values("told")),
        left_usd_minor=Subquery(left.annotate(told=Sum("usd_minor")).values("told")),
        steps=Subquery(steps.annotate(told=Count("pk")).values("told")),
        settled_minor=Subquery(steps.annotate(told=Sum("minor")).values("told")),
        settled_accepted=Subquery(steps.annotate(told=Sum("accepted_minor")).values("told")),
        settled_disallowed=Subquery(steps.annotate(told=Sum("disallowed_minor")).values("told")),
        settled_usd=Subquery(steps.annotate(told=Sum("usd_minor")).values("told")),
    )


def _account(commitments: list[Commitment]) -> LineAccount:
    currency = commitments[-1].currency
    return LineAccount(
        commitments=commitments,
        was_paid=any(_told(row, "left_minor") is not None for row in commitments),
        paid=Money(_sum(commitments, "left_minor"), currency),
        paid_usd=Money(_sum(commitments, "left_usd_minor"), "USD"),
        settled=Settled(
            money=Money(_sum(commitments, "settled_minor"), currency),
            accepted=Money(_sum(commitments, "settled_accepted"), currency),
            disallowed=Money(_sum(commitments, "settled_disallowed"), currency),
            usd=Money(_sum(commitments, "settled_usd"), "USD"),
        ),
        steps=_sum(commitments, "steps"),
    )


def _sum(commitments: list[Commitment], name: str) -> int:
    return sum(_told(row, name) or 0 for row in commitments)


def _told(row: Commitment, name: str) -> int | None:
    told: int | None = getattr(row, name)
    return told


def paid_by_line(accounts: dict[str, LineAccount]) -> dict[str, Money]:
    """What has left for each line that something was paid on, in its currency, net of what came back."""
    return {line_key: one.paid for line_key, one in accounts.items() if one.was_paid}
