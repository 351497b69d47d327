"""The payout behind a line of the Stripe account, unfolded into its balance transactions, with their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from finance.models import PayoutMovement, ProviderPayout, StatementLine
from gaf.money import Money, total

MOST = 50
# The provider's types in words; another one is shown as it is.
WORDS = {
    "payment": gettext_lazy("arrived at the payee's account"),
    "payout": gettext_lazy("paid out to the bank"),
    "payout_failure": gettext_lazy("came back from the bank"),
    "payout_cancel": gettext_lazy("payout cancelled"),
    "payment_refund": gettext_lazy("brought back to the fund"),
    "transfer": gettext_lazy("sent to a payee"),
    "transfer_refund": gettext_lazy("brought back from a payee"),
    "topup": gettext_lazy("topped up"),
    "stripe_fee": gettext_lazy("Stripe's fee"),
    "adjustment": gettext_lazy("Stripe's correction"),
}


@dataclass(frozen=True)
class Movement:
    """One balance transaction as it is shown: what it did to the balance, and what was kept of it."""

    net: Money
    fee: Money | None
    words: str
    reference: str


@dataclass(frozen=True)
class Unfolded:
    """A payout and what it is made of. `missing` and `too_much` are amounts above zero, or None."""

    payout: ProviderPayout
    made_of: list[Movement]
    own: list[Movement]
    count: int
    sum: Money
    missing: Money | None
    too_much: Money | None
    foreign: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.made_of)

    @property
    def adds_up(self) -> bool:
        """Whether they make the payout, to the cent, and none of them is in doubt."""
        return self.missing is None and self.too_much is None and not self.foreign and not self.payout.elsewhere


def payouts_of(lines: Sequence[StatementLine]) -> dict[int, Unfolded]:
    """The payout behind each line that has one, by the line's number in the database, in two questions."""
    rows = ProviderPayout.objects.filter(line__in=[line.pk for line in lines]).prefetch_related("movements")
    return {row.line_id: unfolded(row, list(row.movements.all())) for row in rows}


def unfolded(payout: ProviderPayout, movements: list[PayoutMovement]) -> Unfolded:
    """Its balance transactions without its own ones, and how they compare with what was paid out."""
    made_of = [row for row in movements if not row.is_own]
    same = [row.net for row in made_of if row.currency == payout.currency]
    left = total(same, payout.currency) - payout.money
    return Unfolded(
        payout=payout,
        made_of=[_shown(row) for row in made_of[:MOST]],
        own=[_shown(row) for row in movements if row.is_own][:MOST],
        count=len(made_of),
        sum=total(same, payout.currency),
        missing=-left if left.minor < 0 else None,
        too_much=left if left.minor > 0 else None,
        foreign=len(made_of) - len(same),
    )


def _shown(row: PayoutMovement) -> Movement:
    return Movement(row.net, row.fee if row.fee_minor else None, str(WORDS.get(row.type, row.type)), row.source)
