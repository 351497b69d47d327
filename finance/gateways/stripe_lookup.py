"""Finds in Stripe's books what an earlier call of one attempt made: its transfer and its payout. Moves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from finance.gateways.port import Found, Instruction, NotFound, ProviderStatus, Refused, Then, Unknown
from finance.gateways.stripe_amounts import from_stripe
from finance.gateways.stripe_client import ask_all, on_page

if TYPE_CHECKING:
    import stripe

PAGE = 100
# Stripe's two machines that stamp the two objects may differ by a little.
_CLOCK_SLACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Trace:
    """What exists of one attempt, as Stripe's own objects; None for a step that was not made."""

    transfer: Mapping[str, Any] | None = None
    payout: Mapping[str, Any] | None = None

    @property
    def steps(self) -> dict[str, str]:
        made = {"transfer": self.transfer, "payout": self.payout}
        return {step: value["id"] for step, value in made.items() if value is not None}

    @property
    def is_brought_back(self) -> bool:
        return self.transfer is not None and _is_reversed(self.transfer)

    @property
    def is_partly_brought_back(self) -> bool:
        return self.transfer is not None and not self.is_brought_back and amount_reversed(self.transfer) > 0


def amount_reversed(transfer: Mapping[str, Any]) -> int:
    """How much of a transfer is back, all its reversals together; nothing where it does not say."""
    return int(transfer.get("amount_reversed") or 0)


def _is_reversed(transfer: Mapping[str, Any]) -> bool:
    return transfer.get("reversed") is True or amount_reversed(transfer) >= transfer.get("amount", 1) > 0


def marks(instruction: Instruction) -> dict[str, str]:
    """What goes into Stripe's metadata: the disbursement's number and the attempt's key, and nothing about anybody.

    Only plain letters and underscores in the names: the library sends other names garbled.
    """
    return {"disbursement": instruction.number, "attempt": instruction.key}


def trace(client: stripe.StripeClient, instruction: Instruction) -> Trace | Unknown:
    """Look for both steps. An answer that is not whole, or two of one kind, is unknown."""
    transfers = ask_all(
        lambda page: client.v1.transfers.list(on_page({"transfer_group": instruction.number, "limit": PAGE}, page))
    )
    transfer = _the_one(transfers, instruction, is_dead=_is_reversed)
    if isinstance(transfer, Unknown) or transfer is None:
        return transfer or Trace()
    since = max(0, int(transfer.get("created") or 0) - _CLOCK_SLACK_SECONDS)
    payouts = ask_all(
        lambda page: client.v1.payouts.list(
            on_page({"created": {"gte": since}, "limit": PAGE}, page), {"stripe_account": instruction.destination}
        )
    )
    payout = _the_one(payouts, instruction, is_dead=lambda found: found.get("status") in ("failed", "canceled"))
    if isinstance(payout, Unknown):
        return Unknown(payout.words, payout.code, payout.then, Trace(transfer).steps)
    return Trace(transfer, payout)


def keys_out(client: stripe.StripeClient, instruction: Instruction) -> tuple[str, ...] | Unknown:
    """The attempts whose transfers for this number were not brought back, oldest first."""
    transfers = ask_all(
        lambda page: client.v1.transfers.list(on_page({"transfer_group": instruction.number, "limit": PAGE}, page))
    )
    if isinstance(transfers, Refused):
        return Unknown(transfers.words, code=f"look_refused_{transfers.code}", then=Then.CALL_A_PERSON)
    if isinstance(transfers, Unknown):
        return transfers
    out = [row for row in reversed(transfers) if not _is_reversed(row)]
    return tuple((row.get("metadata") or {}).get("attempt", "") for row in out)


def found_from(seen: Trace) -> Found | NotFound | Unknown:
    """The trace in the port's words."""
    if seen.transfer is None:
        return NotFound()
    money = from_stripe(seen.transfer["amount"], seen.transfer["currency"])
    if seen.payout is not None:
        try:
            status = ProviderStatus(seen.payout["status"])
        except (KeyError, ValueError):
            return Unknown(_("Stripe named a status that is not known here."), "status_not_known", steps=seen.steps)
        return Found(seen.payout["id"], status, money, seen.steps)
    if seen.is_partly_brought_back:
        return Unknown(_("Part of the money was brought back."), "partly_back", Then.CALL_A_PERSON, seen.steps)
    if seen.is_brought_back:
        return Found(seen.transfer["id"], ProviderStatus.CANCELED, money, seen.steps)
    return Found(seen.transfer["id"], ProviderStatus.PENDING, money, seen.steps, complete=False)


def _the_one(
    rows: list[dict[str, Any]] | Refused | Unknown,
    instruction: Instruction,
    *,
    is_dead: Callable[[Mapping[str, Any]], bool],
) -> dict[str, Any] | Unknown | None:
    """The attempt's own object among rows; a live one before one that was undone. Two live ones need a person."""
    if isinstance(rows, Refused):
        # Looking was refused, which says nothing about the payment.
        return Unknown(rows.words, code=f"look_refused_{rows.code}", then=Then.CALL_A_PERSON)
    if isinstance(rows, Unknown):
        return rows
    mine = [row for row in rows if (row.get("metadata") or {}).get("attempt") == instruction.key]
    live = [row for row in mine if not is_dead(row)]
    if len(live) > 1:
        words = _("Stripe holds this attempt twice.")
        return Unknown(words, code="found_twice", then=Then.CALL_A_PERSON)
    return next(iter(live or mine), None)
