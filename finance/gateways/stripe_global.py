"""Pays through Stripe's Global Payouts (v2): one payout intent from the fund's financial account to a recipient's bank.

Chosen instead of Connect where the fund's Stripe account is in a country that may send so, by naming its financial
account in the settings. Behind the same port: an intent is one step, and money that fails or comes back returns to the
financial account by itself.
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
    ProviderStatus,
    Quote,
    Refused,
    Then,
    Unknown,
)
from finance.gateways.stripe_amounts import from_stripe, to_stripe
from finance.gateways.stripe_client import ask, ask_every
from finance.gateways.stripe_connect import KEY_LIFE, NEVER_AGAIN, obstacle_of, step_key
from finance.gateways.stripe_events import ReceivedEvent
from finance.gateways.stripe_global_statement import intents_by_payment, movements
from finance.gateways.stripe_lookup import marks
from finance.gateways.stripe_reading import BalanceTransaction, FetchedObject, StripeReading, answered
from gaf import clock
from gaf.money import Money

INTENT = "v2.money_management.payout_intent"
PAGE = 100
_STATUS = {
    "pending": ProviderStatus.PENDING,
    "processing": ProviderStatus.IN_TRANSIT,
    "posted": ProviderStatus.PAID,
    "canceled": ProviderStatus.CANCELED,
}
_NOT_OUT = (ProviderStatus.CANCELED, ProviderStatus.FAILED)


class GlobalPayoutsRail(StripeReading):
    """The payment port over payout intents. Safe to call again after any answer, or after none."""

    def __init__(self, api_key: str, api_base: str | None = None, *, financial_account: str, **choices: Any) -> None:
        super().__init__(api_key, api_base, **choices)
        self._financial_account = financial_account

    def quote(self, instruction: Instruction) -> Quote | Refused | Unknown:
        """Whether the amount can be carried; Stripe estimates its fee on the intent itself."""
        return obstacle_of(instruction) or Quote(instruction.money)

    def funds(self, currency: str) -> Money | Unknown | None:
        """What is available on the financial account in a currency."""
        accounts = self.client.v2.money_management.financial_accounts
        values = ask(lambda: accounts.retrieve(self._financial_account))
        if isinstance(values, Refused):
            return None
        if isinstance(values, Unknown):
            return values
        held = ((values.get("balance") or {}).get("available") or {}).get(currency.lower())
        return from_stripe(held["value"], held["currency"]) if held else Money.zero(currency)

    def create(
        self, instruction: Instruction, *, first_called_at: datetime | None, now: datetime, asked_before: bool = False
    ) -> Answer:
        """Make the intent, or go on with the one an earlier call made. See `PaymentRail.create`."""
        obstacle = obstacle_of(instruction)
        if obstacle is not None:
            return obstacle
        age = now - first_called_at if first_called_at is not None else timedelta(0)
        if asked_before or age > KEY_LIFE:
            seen = self._look(instruction)
            if isinstance(seen, Unknown):
                return seen
            if seen is not None:
                return self._taken(instruction, seen)
            if age > NEVER_AGAIN:
                words = _("Stripe holds nothing of this attempt, and it is too old to be sent again under its key.")
                return Unknown(words, "too_old_to_resend", Then.CALL_A_PERSON)
        made = ask(lambda: self._intents.create(self._asked(instruction), self._key(instruction, "intent")))
        if isinstance(made, Refused):
            return self._refused_unless_found(instruction, made)
        return made if isinstance(made, Unknown) else self._taken(instruction, made)

    def find(self, instruction: Instruction) -> Found | NotFound | Unknown:
        """Look for the attempt's intent, by the mark it carries. Moves nothing."""
        seen = self._look(instruction)
        if isinstance(seen, Unknown):
            return seen
        if seen is None:
            return NotFound()
        state = _state(seen)
        if isinstance(state, Unknown):
            return Unknown(state.words, state.code, steps={"intent": seen["id"]})
        return Found(
            seen["id"], state.status, state.money, {"intent": seen["id"]}, complete=not _needs(seen, "confirm")
        )

    def keys_out(self, instruction: Instruction) -> tuple[str, ...] | Unknown:
        """The attempts whose intents for this number were neither cancelled nor sent back."""
        rows = self._rows()
        if isinstance(rows, Unknown):
            return rows
        out = []
        for row in rows:
            own, state = row.get("metadata") or {}, _state(row)
            undone = isinstance(state, ProviderState) and state.status in _NOT_OUT
            if own.get("disbursement") == instruction.number and not undone:
                out.append(str(own.get("attempt", "")))
        return tuple(out)

    def status(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Where an intent is now. One that was posted and came back is failed, with Stripe's reason."""
        return self.fetch_payout(provider_ref, "")

    def fetch_payout(self, payout_ref: str, account: str) -> ProviderState | NotFound | Unknown:
        """The intent as Stripe has it now."""
        values = ask(lambda: self._intents.retrieve(payout_ref))
        if isinstance(values, Refused):
            missing = values.code in ("not_found", "resource_missing")
            return NotFound() if missing else Unknown(values.words, values.code)
        return values if isinstance(values, Unknown) else _state(values)

    def fetch_event_object(self, event: ReceivedEvent) -> FetchedObject | NotFound | Unknown | None:
        """The intent a thin event names, fetched afresh; other kinds are Connect's business, or nobody's."""
        if event.object_kind != INTENT or not event.object_ref:
            return super().fetch_event_object(event)
        values = ask(lambda: self._intents.retrieve(event.object_ref))
        if isinstance(values, Refused):
            return NotFound()
        if isinstance(values, Unknown):
            return values
        state, own = _state(values), values.get("metadata") or {}
        if isinstance(state, Unknown):
            return state
        return FetchedObject(
            kind="payout",
            ref=values["id"],
            account=event.account,
            disbursement=own.get("disbursement", ""),
            attempt=own.get("attempt", ""),
            payout=state,
            money=state.money,
            status=state.status,
            failure_code=state.failure_code,
        )

    def cancel(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Ask Stripe to stop an intent, then report what it is: the answer to the request is not believed."""
        ask(lambda: self._intents.cancel(provider_ref, None, self._key(instruction, "cancel")))
        return self.status(instruction, provider_ref)

    def bring_back(self, instruction: Instruction, *, attempt: int = 1) -> BroughtBack | Refused | Unknown:
        """What fails or is returned is on the financial account again by itself; fees are kept.

        An intent that waits for our word is cancelled: no money has left for it.
        """
        seen = self._look(instruction)
        if isinstance(seen, Unknown):
            return seen
        if seen is not None and _needs(seen, "confirm"):
            state = self.cancel(instruction, seen["id"])
            is_cancelled = isinstance(state, ProviderState) and state.status is ProviderStatus.CANCELED
            return BroughtBack(seen["id"], instruction.money) if is_cancelled else Unknown("", "not_cancelled")
        return Refused("comes_by_statement", _("The money is back on the financial account by itself."))

    def balance(self, account: str = "") -> dict[str, Money]:
        """What is available on the financial account, per currency."""
        accounts = self.client.v2.money_management.financial_accounts
        values = answered(ask(lambda: accounts.retrieve(self._financial_account)))
        held = ((values.get("balance") or {}).get("available") or {}).values()
        found = [from_stripe(one["value"], one["currency"]) for one in held]
        return {money.currency: money for money in found}

    def balance_transactions(self, since: datetime, account: str = "") -> tuple[BalanceTransaction, ...]:
        """Every movement of the financial account from `since` on, oldest first; fees are entries of their own."""
        entries: Any = self.client.v2.money_management.transaction_entries
        asked = {"created": {"gte": since.isoformat()}, "limit": PAGE}
        rows = answered(ask_every(lambda: entries.list(asked)))
        intents = intents_by_payment(answered(self._rows()))
        try:
            return movements(rows, account=self._financial_account, intents=intents, now=clock.now())
        except (KeyError, TypeError, ValueError):
            words = _("Stripe's answer could not be read.")
            return answered(Unknown(words, code="answer_not_understood"))

    @property
    def _intents(self) -> Any:
        """Untyped: the names of the request's fields (`from`) are no names in Python. Tests hold it to the types."""
        return self.client.v2.money_management.payout_intents

    def _asked(self, instruction: Instruction) -> dict[str, Any]:
        currency = instruction.money.currency.lower()
        return {
            "amount": {"value": to_stripe(instruction.money, payout=True), "currency": currency},
            "from": {"financial_account": self._financial_account, "currency": currency},
            "to": {"recipient": instruction.destination, "currency": currency},
            "confirmation_method": "automatic",
            "recipient_notification": {"setting": "none"},
            "statement_descriptor": instruction.statement_text,
            "metadata": marks(instruction),
        }

    def _key(self, instruction: Instruction, step: str) -> dict[str, str]:
        return {"idempotency_key": step_key(instruction, step)}

    def _look(self, instruction: Instruction) -> dict[str, Any] | Unknown | None:
        """The attempt's own intent; two that are alive need a person."""
        rows = self._rows()
        if isinstance(rows, Unknown):
            return rows
        mine = [row for row in rows if (row.get("metadata") or {}).get("attempt") == instruction.key]
        live = [row for row in mine if row.get("status") != "canceled"]
        if len(live) > 1:
            return Unknown(_("Stripe holds this attempt twice."), code="found_twice", then=Then.CALL_A_PERSON)
        return next(iter(live or mine), None)

    def _rows(self) -> list[dict[str, Any]] | Unknown:
        """Every intent there is."""
        rows = ask_every(lambda: self._intents.list({"limit": PAGE}))
        if isinstance(rows, Refused):
            return Unknown(rows.words, code=f"look_refused_{rows.code}", then=Then.CALL_A_PERSON)
        return rows

    def _taken(self, instruction: Instruction, intent: dict[str, Any]) -> Answer:
        """What an intent means as an answer: taken, or not to be paid at all, or in need of a person's word."""
        steps = {"intent": str(intent.get("id", ""))}
        if not _is_as_asked(intent, instruction):
            words = _("Stripe answered with another amount or account than it was asked for.")
            return Unknown(words, code="answer_differs", then=Then.CALL_A_PERSON, steps=steps)
        if _needs(intent, "confirm"):
            return self._confirm(instruction, steps)
        if _needs(intent, "handle_failure") and not intent.get("latest_payout"):
            return self._give_up(instruction, intent, steps)
        if intent.get("status") == "canceled":
            return Refused("canceled", _("It was cancelled before anything left."), steps)
        return Accepted(steps["intent"], steps)

    def _confirm(self, instruction: Instruction, steps: dict[str, str]) -> Answer:
        """Stripe wants fees or the recipient's name looked at first: a person does, and then it is confirmed."""
        if instruction.tries == 1:
            words = _("Stripe asks that its fees and the recipient's name be looked at before it pays.")
            return Unknown(words, code="needs_confirmation", then=Then.CALL_A_PERSON, steps=steps)
        made = ask(lambda: self._intents.confirm(steps["intent"], None, self._key(instruction, "confirm")))
        if isinstance(made, (Refused, Unknown)):
            return Unknown(made.words, made.code, steps=steps)
        return self._taken(instruction, made) if not _needs(made, "confirm") else Unknown("", "not_confirmed")

    def _give_up(self, instruction: Instruction, intent: dict[str, Any], steps: dict[str, str]) -> Answer:
        """Nothing was paid under it: the intent is cancelled, so that nobody can go on with it, then it is refused."""
        state = self.cancel(instruction, steps["intent"])
        if isinstance(state, ProviderState) and state.status is ProviderStatus.CANCELED:
            return Refused(_failure(intent) or "failed", _("Stripe could not pay it."), steps)
        return Unknown(_("Stripe could not pay it, and did not cancel it either."), "not_cancelled", steps=steps)

    def _refused_unless_found(self, instruction: Instruction, refused: Refused) -> Answer:
        seen = self._look(instruction)
        if isinstance(seen, Unknown):
            return seen
        return refused if seen is None else self._taken(instruction, seen)


def _needs(intent: dict[str, Any], action: str) -> bool:
    return intent.get("status") == "requires_action" and (intent.get("next_action") or {}).get("type") == action


def _failure(intent: dict[str, Any]) -> str:
    action = intent.get("next_action") or {}
    return str((action.get("handle_failure") or {}).get("failure_reason") or "")


def _is_as_asked(intent: dict[str, Any], instruction: Instruction) -> bool:
    amount, to = intent.get("amount") or {}, intent.get("to") or {}
    return (
        bool(intent.get("id"))
        and amount.get("value") == to_stripe(instruction.money, payout=True)
        and amount.get("currency") == instruction.money.currency.lower()
        and to.get("recipient", instruction.destination) == instruction.destination
    )


def _state(intent: dict[str, Any]) -> ProviderState | Unknown:
    """An intent that needs an action is failed where a payment of it failed or came back, else pending."""
    status = _STATUS.get(str(intent.get("status")))
    if intent.get("status") == "requires_action":
        status = ProviderStatus.FAILED if _needs(intent, "handle_failure") else ProviderStatus.PENDING
    amount = intent.get("amount") or {}
    if status is None or "value" not in amount:
        return Unknown(_("Stripe named a status that is not known here."), code="status_not_known")
    money = from_stripe(amount["value"], amount["currency"])
    return ProviderState(str(intent["id"]), status, money, failure_code=_failure(intent))
