"""Reads of what a payout at the provider consists of, so that a line of the Stripe account can be unfolded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from finance.gateways.port import NotFound, RailSilent
from finance.gateways.rails import stripe_rail
from finance.gateways.stripe_reading import PayoutRead
from finance.models import Attempt, PayoutMovement, ProviderPayout, StatementLine
from finance.models.stripe_payouts import OWN_TYPES
from gaf import clock
from gaf.gate import in_one_piece
from gaf.money import Money, total
from gaf.outbox.outbox import NotYet, enqueue, handles

_SOON, _LATER = timedelta(minutes=5), timedelta(hours=6)
# A list that does not add up is read again so long; then it stays as it is said.
_READ_AGAIN_FOR = timedelta(days=3)


def promise_reading(line: StatementLine) -> None:
    """In the transaction that keeps the line: its payout will be read."""
    enqueue("read_payout", key=f"{line.pk}", line=line.pk)


@handles("read_payout")
def read_payout(payload: dict[str, Any]) -> None:
    """Read the payout behind a line, and keep its balance transactions; once more later where they do not add up."""
    line = StatementLine.objects.select_related("statement").get(pk=payload["line"])
    about = payout_behind(line)
    if about is None:
        return
    try:
        read = stripe_rail().payout_read(*about)
    except RailSilent as silent:
        raise NotYet(_SOON) from silent
    if isinstance(read, NotFound):
        return
    at = clock.now()
    kept = keep_payout(line=line, account=about[1], read=read, at=at)
    if difference_of(kept) and at - line.statement.imported_at < _READ_AGAIN_FOR:
        raise NotYet(_LATER)


def payout_behind(line: StatementLine) -> tuple[str, str, str] | None:
    """The payout's reference, the account it was made on, and the transfer that fed it; None where there is none.

    A line of the fund's own payout names it; a transfer to a payee is followed to the payout of the same attempt.
    """
    if line.bank_reference.startswith("po_"):
        return line.bank_reference, "", ""
    attempt = (
        Attempt.objects.filter(steps__transfer=line.bank_reference, disbursement__payment_file=None)
        .exclude(provider_reference="")
        .select_related("disbursement__payee_version__payee")
        .first()
    )
    if attempt is None or not line.bank_reference:
        return None
    return attempt.provider_reference, attempt.disbursement.payee_version.account_number, line.bank_reference


@in_one_piece
def keep_payout(*, line: StatementLine, account: str, read: PayoutRead, at: datetime) -> ProviderPayout:
    """Keep the payout and every balance transaction that is new; what stands in another payout is counted and left."""
    payout, _made = ProviderPayout.objects.update_or_create(
        provider_reference=read.ref,
        defaults={"read_at": at},
        create_defaults={
            "account": account,
            "line": line,
            "minor": read.money.minor,
            "currency": read.money.currency,
            "is_automatic": read.is_automatic,
            "read_at": at,
        },
    )
    refs = [one.id for one in read.movements]
    known = dict(PayoutMovement.objects.filter(provider_reference__in=refs).values_list("provider_reference", "payout"))
    PayoutMovement.objects.bulk_create(
        PayoutMovement(
            payout=payout,
            provider_reference=one.id,
            type=one.type[:40],
            source=one.source[:80],
            minor=one.money.minor,
            fee_minor=one.fee.minor,
            net_minor=one.net.minor,
            currency=one.money.currency,
            created_at=one.created,
        )
        for one in read.movements
        if one.id not in known
    )
    payout.elsewhere = sum(1 for other in known.values() if other != payout.pk)
    payout.save(update_fields=["elsewhere"])
    return payout


def difference_of(payout: ProviderPayout) -> Money:
    """What the balance transactions of a payout make, less the payout: zero when they add up, below when some miss."""
    rows = payout.movements.exclude(type__in=OWN_TYPES)
    made = [row.net for row in rows if row.currency == payout.currency]
    return total(made, payout.currency) - payout.money
