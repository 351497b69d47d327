"""The chart of accounts, the fund's bank accounts, and its streams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from finance import policy, postings
from finance.actions.agreements import cover_authority, require_agreement_for
from finance.ledger import Entry, credit, debit, post
from finance.models import Agreement, BankAccount, FundingStream, LedgerAccount, Receipt, Restriction
from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.money import Money
from gaf.policy import Question


def install_chart() -> None:
    """Make every account of the chart that is not there yet."""
    for code, name, kind, credit_only in postings.CHART:
        LedgerAccount.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "currency": "USD", "credit_only": credit_only}
        )
    ensure_position("USD")


def ensure_position(currency: str) -> None:
    """Make the exchange-position account of a currency if there is none."""
    ensure_positions([currency])


def ensure_positions(currencies: Iterable[str]) -> None:
    """Make the exchange-position accounts of these currencies that are not there yet."""
    wanted = {postings.position(currency): currency for currency in currencies}
    known = set(LedgerAccount.objects.filter(code__in=wanted).values_list("code", flat=True))
    LedgerAccount.objects.bulk_create(
        [
            LedgerAccount(code=code, name=f"Exchange position {currency}", kind="POSITION", currency=currency)
            for code, currency in wanted.items()
            if code not in known
        ],
        ignore_conflicts=True,
    )


@in_one_piece
def open_bank_account(**fields: Any) -> BankAccount:
    """Open one of the fund's own accounts, with its ledger accounts for bank, transit and suspense."""
    account = BankAccount.objects.create(**fields)
    for code, name, kind in (
        (postings.bank(account.code), f"Bank {account.code}", "ASSET"),
        (postings.in_transit(account.code), f"In transit {account.code}", "LIABILITY"),
        (postings.suspense(account.code), f"Suspense {account.code}", "LIABILITY"),
    ):
        LedgerAccount.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "currency": account.currency}
        )
    ensure_position(account.currency)
    return account


@in_one_piece
def open_stream(*, restrictions: list[tuple[str, str, list[str]]], **fields: Any) -> FundingStream:
    """Open a funding stream with its donor's restrictions as (kind, operator, values)."""
    stream = FundingStream.objects.create(**fields)
    for kind, operator, values in restrictions:
        Restriction.objects.create(stream=stream, kind=kind, operator=operator, values=values)
    return stream


def cash_of_receipt(receipt: Receipt) -> str:
    """Where a receipt's cash is booked: what the account held on its first day is in the bank, later cash in transit
    until the bank's own line is matched with it."""
    account = receipt.bank_account
    is_opening = receipt.received_on <= account.opened_on
    return postings.bank(account.code) if is_opening else postings.in_transit(account.code)


class _ReceiptKey:
    """A receipt as separation of duties sees it: a record of its own."""

    def __init__(self, key: str) -> None:
        self.key = key

    def decision_reference(self) -> str:
        """The receipt's key."""
        return self.key

    def mission_ids(self) -> set[int]:
        """No mission: headquarters records receipts."""
        return set()


@in_one_piece
def record_receipt(
    *,
    key: str,
    stream: FundingStream,
    bank_account: BankAccount,
    money: Money,
    received_on: date,
    actor: User,
    at: datetime,
    agreement: Agreement | None = None,
) -> Receipt:
    """Record cash of a donor on one of the fund's accounts: free money of its stream, at the rate of its day.

    `agreement` is the one it comes under. Raises Refusal AGREE-05 when that is not a confirmed one of the stream.
    """
    if agreement is not None:
        require_agreement_for(agreement, stream)
    rate = usd_rate(money.currency, received_on)
    usd = money.in_usd(rate.units_per_usd)
    receipt = Receipt(
        key=key,
        stream=stream,
        bank_account=bank_account,
        agreement=agreement,
        minor=money.minor,
        currency=money.currency,
        usd_minor=usd.minor,
        units_per_usd=rate.units_per_usd,
        received_on=received_on,
    )
    role = policy.MAY_RECORD_RECEIPT.require(Question(_ReceiptKey(key), "record_receipt", actor))
    # Booked first: whoever books has seen where the chain of decisions ends.
    post(kind="receipt", key=f"receipt:{key}", at=at, entries=_entries(receipt), actor=actor)
    record_decision(
        act="record_receipt",
        actor=actor,
        role=role,
        at=at,
        subject=key,
        reference=key,
        to_state="RECORDED",
        facts={"stream": stream.code, "minor": money.minor, "currency": money.currency, "usd_minor": usd.minor},
    )
    receipt.save(force_insert=True)
    cover_authority(receipt, at)
    return receipt


def _entries(receipt: Receipt) -> list[Entry]:
    """The donor's cash, and as much free money of the stream."""
    money, usd, stream = Money(receipt.minor, receipt.currency), Money(receipt.usd_minor, "USD"), receipt.stream
    entries = [
        debit(cash_of_receipt(receipt), money, day=receipt.received_on),
        credit(postings.CONTRIBUTIONS, usd, stream),
        debit(postings.AUTHORITY, usd, stream),
        credit(postings.AVAILABLE, usd, stream),
    ]
    if money.currency != "USD":
        entries += [
            credit(postings.position(money.currency), money),
            debit(postings.position("USD"), usd),
        ]
    return entries
