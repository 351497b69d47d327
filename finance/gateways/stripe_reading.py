"""What can be asked of Stripe without moving money: states of payments, balances, movements, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from finance.gateways.port import Instruction, NotFound, ProviderState, ProviderStatus, RailSilent, Refused, Unknown
from finance.gateways.stripe_amounts import from_stripe
from finance.gateways.stripe_client import (
    CONNECT_TIMEOUT_SECONDS,
    NETWORK_RETRIES,
    READ_TIMEOUT_SECONDS,
    ask,
    ask_all,
    build_client,
    build_http,
    on_page,
)
from finance.gateways.stripe_events import ReceivedEvent, event_from
from gaf.money import Money

if TYPE_CHECKING:
    import stripe

PAGE = 100


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement on a Stripe balance: `net` = `money` - `fee`. Outgoing amounts are negative. Moments are UTC."""

    id: str
    type: str
    money: Money
    fee: Money
    net: Money
    source: str
    created: datetime
    available_on: date
    description: str


@dataclass(frozen=True, slots=True)
class PayoutRead:
    """A payout as Stripe has it, with the balance transactions it consists of and its own; oldest first."""

    ref: str
    money: Money
    is_automatic: bool
    movements: tuple[BalanceTransaction, ...]


@dataclass(frozen=True, slots=True)
class FetchedObject:
    """An object an event was about, as it is at Stripe now, and the marks we put on it ("" where there are none).

    `payout` only for payouts; `money`, `status` and `failure_code` as the object says them.
    """

    kind: str
    ref: str
    account: str
    disbursement: str
    attempt: str
    payout: ProviderState | None
    money: Money
    status: str = ""
    failure_code: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """Whether a payee's Stripe account can take a transfer and pay it out; `reason` is Stripe's code where not."""

    ref: str
    can_be_paid: bool
    reason: str
    currency: str


class StripeReading:
    """Questions to Stripe that move nothing. Those about one payment answer in the port's words; the others raise
    RailSilent (STRIPE-10) when Stripe does not answer."""

    def __init__(
        self,
        api_key: str,
        api_base: str | None = None,
        *,
        network_retries: int = NETWORK_RETRIES,
        connect_timeout: float = CONNECT_TIMEOUT_SECONDS,
        read_timeout: float = READ_TIMEOUT_SECONDS,
        calls_per_second: int = 0,
    ) -> None:
        self._api_key, self._api_base, self._network_retries = (api_key, api_base or None, network_retries)
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._calls_per_second = calls_per_second

    @cached_property
    def client(self) -> stripe.StripeClient:
        """Stripe's own client, made at the first question: importing it is slow."""
        return build_client(self._api_key, self._api_base, self._http, network_retries=self._network_retries)

    @cached_property
    def _http(self) -> stripe.RequestsClient:
        return build_http(
            is_stand_in=self._api_base is not None,
            connect_timeout=self._connect_timeout,
            read_timeout=self._read_timeout,
            calls_per_second=self._calls_per_second,
        )

    def close(self) -> None:
        """Give the connections back. The next question opens new ones."""
        if "_http" in self.__dict__:
            self._http.close()

    def status(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Where a payout is now; it was made on the payee's account at Stripe."""
        return self.fetch_payout(provider_ref, instruction.destination)

    def fetch_payout(self, payout_ref: str, account: str) -> ProviderState | NotFound | Unknown:
        """The payout as Stripe has it now. A status we do not know is unknown, not an error."""
        values = ask(lambda: self.client.v1.payouts.retrieve(payout_ref, None, _on(account)))
        if isinstance(values, Refused):
            return _not_found_or_unknown(values)
        return values if isinstance(values, Unknown) else _payout_state(values)

    def fetch_event_object(self, event: ReceivedEvent) -> FetchedObject | NotFound | Unknown | None:
        """The object an event names, fetched afresh: events repeat, come out of order and may be stale.

        None for kinds of objects that have nothing to do with disbursements.
        """
        if not event.is_about_payments:
            return None
        services: Any = self.client.v1
        service = getattr(services, f"{event.object_kind}s")
        values = ask(lambda: service.retrieve(event.object_ref, None, _on(event.account)))
        if isinstance(values, Refused):
            return _not_found_or_unknown(values)
        if isinstance(values, Unknown):
            return values
        payout = _payout_state(values) if event.object_kind == "payout" else None
        if isinstance(payout, Unknown):
            return payout
        own = values.get("metadata") or {}
        return FetchedObject(
            kind=event.object_kind,
            ref=values["id"],
            account=event.account,
            disbursement=own.get("disbursement", ""),
            attempt=own.get("attempt", ""),
            payout=payout,
            money=from_stripe(values["amount"], values["currency"]),
            status=values.get("status") or "",
            failure_code=values.get("failure_code") or "",
        )

    def account_state(self, destination: str) -> AccountState | NotFound | Unknown:
        """Whether this payee's account can be paid now; asked before a transfer, so that no money strands there."""
        values = ask(lambda: self.client.v1.accounts.retrieve(destination))
        if isinstance(values, Refused):
            return _not_found_or_unknown(values)
        if isinstance(values, Unknown):
            return values
        capabilities = values.get("capabilities") or {}
        can_receive = capabilities.get("transfers", "active") == "active"
        reason = (values.get("requirements") or {}).get("disabled_reason") or ""
        return AccountState(
            ref=values["id"],
            can_be_paid=can_receive and values.get("payouts_enabled", True) is True,
            reason=reason,
            currency=(values.get("default_currency") or "").upper(),
        )

    def balance(self, account: str = "") -> dict[str, Money]:
        """What can be spent now, per currency: on our own balance, or on a connected account's."""
        return spendable(answered(ask(lambda: self.client.v1.balance.retrieve(None, _on(account)))))

    def balance_transactions(self, since: datetime, account: str = "") -> tuple[BalanceTransaction, ...]:
        """Every movement from `since` on, oldest first: transfers, their reversals, top-ups, Stripe's fees."""
        return self._movements({"created": {"gte": int(since.timestamp())}}, account)

    def payout_read(self, payout_ref: str, account: str = "", transfer_ref: str = "") -> PayoutRead | NotFound:
        """A payout and what it consists of. Raises RailSilent when Stripe does not answer.

        Stripe lists that for payouts it makes by itself only. Of one that we made, it is the payment that our transfer
        became on the payee's account, and the payout's own movements.
        """
        values = ask(lambda: self.client.v1.payouts.retrieve(payout_ref, None, _on(account)))
        if isinstance(values, Refused) and isinstance(_not_found_or_unknown(values), NotFound):
            return NotFound()
        values = answered(values)
        is_automatic = values.get("automatic") is True
        if is_automatic:
            found = self._movements({"payout": payout_ref}, account)
        else:
            found = (*self._fed_by(transfer_ref, account), *self._movements({"source": payout_ref}, account))
        return PayoutRead(values["id"], from_stripe(values["amount"], values["currency"]), is_automatic, found)

    def _fed_by(self, transfer_ref: str, account: str) -> tuple[BalanceTransaction, ...]:
        """What a transfer became on the account it went to."""
        if not transfer_ref:
            return ()
        arrived = answered(ask(lambda: self.client.v1.transfers.retrieve(transfer_ref))).get("destination_payment")
        return self._movements({"source": str(arrived)}, account) if arrived else ()

    def _movements(self, wanted: dict[str, Any], account: str) -> tuple[BalanceTransaction, ...]:
        rows = answered(
            ask_all(
                lambda page: self.client.v1.balance_transactions.list(
                    on_page({**wanted, "limit": PAGE}, page), _on(account)
                )
            )
        )
        return tuple(_movement(row) for row in reversed(rows))

    def event_rows_since(self, since: datetime, account: str = "") -> list[dict[str, Any]]:
        """Events from `since` on in Stripe's own shape, oldest first, to close gaps of messages that never came.

        Stripe keeps 30 days. Payouts of a payee's account are in that account's list, not in ours.
        """
        moment = int(since.timestamp())
        rows = answered(
            ask_all(
                lambda page: self.client.v1.events.list(
                    on_page({"created": {"gte": moment}, "limit": PAGE}, page), _on(account)
                )
            )
        )
        return [({"account": account} if account else {}) | row for row in reversed(rows)]

    def events_since(self, since: datetime, account: str = "") -> tuple[ReceivedEvent, ...]:
        """The same, read."""
        events = (event_from(row) for row in self.event_rows_since(since, account))
        return tuple(event for event in events if event is not None)


def spendable(values: Mapping[str, Any]) -> dict[str, Money]:
    """The available amounts of a balance, by currency; several rows of one currency are added up."""
    found: dict[str, Money] = {}
    for row in values.get("available") or []:
        money = from_stripe(row["amount"], row["currency"])
        found[money.currency] = found.get(money.currency, Money.zero(money.currency)) + money
    return found


def _on(account: str) -> stripe.RequestOptions:
    return {"stripe_account": account} if account else {}


def answered(outcome: Any) -> Any:
    """The values, or RailSilent for a question that moves nothing and can simply be asked later."""
    if not isinstance(outcome, (Refused, Unknown)):
        return outcome
    raise RailSilent(
        "STRIPE-10",
        _("Stripe's books could not be read."),
        outcome.words,
        _("The system asks again by itself; nothing was changed."),
    )


def _not_found_or_unknown(refused: Refused) -> NotFound | Unknown:
    """Stripe says "no such object" with one code; any other refusal to show it tells nothing about the money."""
    return NotFound() if refused.code == "resource_missing" else Unknown(refused.words, refused.code)


def _payout_state(values: dict[str, Any]) -> ProviderState | Unknown:
    try:
        status = ProviderStatus(values["status"])
    except (KeyError, ValueError):
        return Unknown(_("Stripe named a status that is not known here."), code="status_not_known")
    arrival = values.get("arrival_date")
    return ProviderState(
        provider_ref=values["id"],
        status=status,
        money=from_stripe(values["amount"], values["currency"]),
        failure_code=values.get("failure_code") or "",
        failure_words=values.get("failure_message") or "",
        arrival=datetime.fromtimestamp(arrival, UTC).date() if arrival else None,
    )


def _movement(row: dict[str, Any]) -> BalanceTransaction:
    money, fee, net = (from_stripe(row[part], row["currency"]) for part in ("amount", "fee", "net"))
    return BalanceTransaction(
        id=row["id"],
        type=row["type"],
        money=money,
        fee=fee,
        net=net,
        source=row.get("source") or "",
        created=datetime.fromtimestamp(row["created"], UTC),
        available_on=datetime.fromtimestamp(row["available_on"], UTC).date(),
        description=row.get("description") or "",
    )
