"""Pays through Stripe Connect: a transfer to the payee's account at Stripe, then a payout to the payee's bank.

A transfer alone is never a payment. Whatever happens between the two steps ends in one of two ways: the payout is
made, or the transfer is brought back; and while neither is certain the answer is unknown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from finance.gateways.port import (
    Accepted,
    Answer,
    BroughtBack,
    Found,
    Instruction,
    NotFound,
    ProviderState,
    Quote,
    Refused,
    Then,
    Unknown,
)
from finance.gateways.stripe_amounts import NotPayableByStripe, from_stripe, to_stripe
from finance.gateways.stripe_client import ask
from finance.gateways.stripe_lookup import Trace, amount_reversed, found_from, keys_out, marks, trace
from finance.gateways.stripe_reading import StripeReading, spendable
from gaf.money import Money

# Stripe forgets an idempotency key after 24 hours: look before sending again from the first age on, and never send
# again from the second on, whatever looking finds.
KEY_LIFE = timedelta(hours=20)
NEVER_AGAIN = timedelta(hours=23)

_UNDONE = frozenset({"failed", "canceled"})


class StripeRail(StripeReading):
    """The payment port over Stripe Connect. Safe to call again after any answer, or after none."""

    def quote(self, instruction: Instruction) -> Quote | Refused | Unknown:
        """Whether Stripe would carry this amount to this account now. Its fee comes with its statement.

        Refused where the account is known to take no transfer or to make no payout: money sent there would strand.
        No clear answer to this question is no reason to stop: the transfer itself will be answered.
        """
        obstacle = obstacle_of(instruction)
        if obstacle is not None:
            return obstacle
        account = self.account_state(instruction.destination)
        if isinstance(account, NotFound):
            return Quote(instruction.money)
        if isinstance(account, Unknown):
            is_to_wait = account.then is Then.PAUSE_RAIL or account.code == "rate_limit"
            return account if is_to_wait else Quote(instruction.money)
        if not account.can_be_paid:
            words = _("The payee's account at Stripe takes no payment now.")
            return Refused(account.reason or "account_restricted", words)
        return Quote(instruction.money)

    def funds(self, currency: str) -> Money | Unknown | None:
        """What is available on the fund's own balance at Stripe; nothing in a currency it does not name."""
        values = ask(lambda: self.client.v1.balance.retrieve())
        if isinstance(values, Refused):
            return None
        if isinstance(values, Unknown):
            return values
        return spendable(values).get(currency, Money.zero(currency))

    def create(
        self, instruction: Instruction, *, first_called_at: datetime | None, now: datetime, asked_before: bool = False
    ) -> Answer:
        """Pay, or go on where an earlier call stopped. See `PaymentRail.create`.

        When the attempt was called before and left unknown, or its key may have been forgotten, Stripe's books are
        read first. Once the key is too old, nothing is sent that they do not hold: a person decides. A transfer they
        do hold is finished at any age, because only its own money can be paid out. A refusal that knows of no step
        counts only if those books hold nothing either: a call that the library repeated may have gone unanswered.
        """
        age = now - first_called_at if first_called_at is not None else timedelta(0)
        look_first = asked_before or age > KEY_LIFE
        seen = trace(self.client, instruction) if look_first else Trace()
        if isinstance(seen, Unknown):
            return seen
        if seen.transfer is None and age > NEVER_AGAIN:
            words = _("Stripe holds nothing of this attempt, and it is too old to be sent again under its key.")
            return Unknown(words, "too_old_to_resend", Then.CALL_A_PERSON)
        obstacle = obstacle_of(instruction) if seen.transfer is None else None
        if obstacle is not None:
            return obstacle
        answer = self._go_on(instruction, seen)
        if isinstance(answer, Refused) and not answer.steps:
            return self._refused_unless_found(instruction, answer)
        return answer

    def find(self, instruction: Instruction) -> Found | NotFound | Unknown:
        """Look for the attempt's transfer and payout at Stripe. Moves nothing."""
        seen = trace(self.client, instruction)
        return seen if isinstance(seen, Unknown) else found_from(seen)

    def keys_out(self, instruction: Instruction) -> tuple[str, ...] | Unknown:
        """The attempts under which money is out for this number. See `PaymentRail.keys_out`."""
        return keys_out(self.client, instruction)

    def bring_back(self, instruction: Instruction, *, attempt: int = 1) -> BroughtBack | Refused | Unknown:
        """Reverse the transfer of a payout that failed or was cancelled; never of one that is on its way or paid.

        `attempt` grows after each refusal, because Stripe repeats a refusal for a day under the same key.
        """
        seen = trace(self.client, instruction)
        if isinstance(seen, Unknown):
            return seen
        if seen.transfer is None:
            return Refused("nothing_to_bring_back", _("Stripe holds no transfer for this attempt."))
        if seen.payout is not None and seen.payout.get("status") not in _UNDONE:
            return Refused("payout_not_failed", _("The money is on its way or has arrived."), seen.steps)
        ref, left = (seen.transfer["id"], seen.transfer["amount"] - amount_reversed(seen.transfer))
        if left == 0:
            return BroughtBack(ref, instruction.money)
        money = from_stripe(left, seen.transfer["currency"])
        return self.reverse_transfer(ref, money=money, instruction=instruction, attempt=attempt)

    def reverse_transfer(
        self, transfer_ref: str, *, money: Money, instruction: Instruction, attempt: int = 1
    ) -> BroughtBack | Refused | Unknown:
        """Take `money` of a transfer back from the payee's account at Stripe, under the attempt's own reversal key."""
        key = step_key(instruction, "reversal", attempt)
        made = ask(
            lambda: self.client.v1.transfers.reversals.create(
                transfer_ref, {"amount": to_stripe(money), "metadata": marks(instruction)}, {"idempotency_key": key}
            )
        )
        if not isinstance(made, dict):
            return made
        if made.get("transfer") != transfer_ref or made.get("amount") != to_stripe(money):
            return _differs({"transfer": transfer_ref})
        return BroughtBack(made["id"], money)

    def cancel(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Ask Stripe to stop a payout that is still pending, then report what the payout itself says.

        The answer to the request is not believed either way: cancelling races with sending.
        """
        ask(
            lambda: self.client.v1.payouts.cancel(
                provider_ref,
                None,
                {"stripe_account": instruction.destination, "idempotency_key": step_key(instruction, "cancel")},
            )
        )
        return self.status(instruction, provider_ref)

    def _go_on(self, instruction: Instruction, seen: Trace) -> Answer:
        """Make the steps that are missing, in order."""
        if seen.payout is not None:
            return Accepted(seen.payout["id"], seen.steps)
        if seen.is_partly_brought_back:
            return Unknown(_("Part of the money was brought back."), "partly_back", Then.CALL_A_PERSON, seen.steps)
        if seen.is_brought_back:
            return Refused("brought_back", _("The money was brought back before it left."), seen.steps)
        transfer = seen.transfer or self._transfer(instruction)
        if isinstance(transfer, (Refused, Unknown)):
            return transfer
        return self._pay_out(instruction, transfer["id"])

    def _transfer(self, instruction: Instruction) -> dict[str, Any] | Refused | Unknown:
        money = instruction.money
        made = ask(
            lambda: self.client.v1.transfers.create(
                {
                    "amount": to_stripe(money),
                    "currency": money.currency.lower(),
                    "destination": instruction.destination,
                    "transfer_group": instruction.number,
                    "metadata": marks(instruction),
                },
                {"idempotency_key": step_key(instruction, "transfer")},
            )
        )
        if isinstance(made, dict) and (
            not _is_the_amount(made, money) or made.get("destination") != instruction.destination
        ):
            return _differs({"transfer": str(made.get("id", ""))})
        return made

    def _pay_out(self, instruction: Instruction, transfer_ref: str) -> Answer:
        steps = {"transfer": transfer_ref}
        money = instruction.money
        made = ask(
            lambda: self.client.v1.payouts.create(
                {
                    "amount": to_stripe(money, payout=True),
                    "currency": money.currency.lower(),
                    "statement_descriptor": instruction.statement_text,
                    "metadata": marks(instruction),
                },
                {
                    "stripe_account": instruction.destination,
                    "idempotency_key": step_key(instruction, "payout", instruction.tries),
                },
            )
        )
        if isinstance(made, Unknown):
            return Unknown(made.words, made.code, made.then, steps)
        if isinstance(made, Refused):
            return self._undo(instruction, made, steps)
        if not _is_the_amount(made, money):
            return _differs(steps | {"payout": str(made.get("id", ""))})
        return Accepted(made["id"], steps | {"payout": made["id"]})

    def _undo(self, instruction: Instruction, refused: Refused, steps: dict[str, str]) -> Refused | Unknown:
        """The payout was refused and the money lies at the payee's Stripe account: bring it back, then say no."""
        back = self.reverse_transfer(
            steps["transfer"], money=instruction.money, instruction=instruction, attempt=instruction.tries
        )
        if isinstance(back, BroughtBack):
            return Refused(refused.code, refused.words, steps | {"reversal": back.provider_ref})
        if isinstance(back, Unknown):
            return Unknown(back.words, back.code, back.then, steps)
        words = _(
            "The payout was refused and the money could not be brought back: it is at the payee's Stripe account."
        )
        return Unknown(words, code="held_at_account", then=Then.CALL_A_PERSON, steps=steps)

    def _refused_unless_found(self, instruction: Instruction, refused: Refused) -> Answer:
        found = self.find(instruction)
        if isinstance(found, NotFound):
            return refused
        if isinstance(found, Found) and found.complete:
            return Accepted(found.provider_ref, found.steps)
        return found if isinstance(found, Unknown) else Unknown(refused.words, refused.code, steps=found.steps)


def step_key(instruction: Instruction, step: str, attempt: int = 1) -> str:
    """The idempotency key of one step of an attempt; `attempt` counts its definite refusals."""
    return f"gaf:{instruction.key}:{step}" + ("" if attempt == 1 else f":{attempt}")


def obstacle_of(instruction: Instruction) -> Refused | None:
    """What would make Stripe refuse, found before anything is sent."""
    if instruction.money.minor <= 0:
        return Refused("STRIPE-05", _("An amount to pay must be above zero."))
    if not is_statement_text(instruction.statement_text):
        return Refused("STRIPE-06", _("The text for the payee's bank statement does not fit Stripe's rules."))
    try:
        to_stripe(instruction.money)
        to_stripe(instruction.money, payout=True)
    except NotPayableByStripe as refusal:
        return Refused(refusal.code, str(refusal))
    return None


def is_statement_text(text: str) -> bool:
    """Whether Stripe takes a text for bank statements: 1 to 22 plain characters, a letter among them."""
    return (
        1 <= len(text) <= 22
        and text.isascii()
        and text.isprintable()
        and not set(text) & set("<>\\'\"*")
        and any(character.isalpha() for character in text)
    )


def _is_the_amount(made: dict[str, Any], money: Money) -> bool:
    return (
        bool(made.get("id"))
        and made.get("amount") == to_stripe(money)
        and made.get("currency") == money.currency.lower()
    )


def _differs(steps: dict[str, str]) -> Unknown:
    words = _("Stripe answered with another amount or account than it was asked for.")
    return Unknown(words, code="answer_differs", then=Then.CALL_A_PERSON, steps=steps)
