"""The Stripe account's own statement: its balance transactions, proved against its balance, matched like any bank's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from finance.actions.provider_payouts import promise_reading
from finance.actions.statements import LineRead, Sheet, opening_balance, refuse, take_in
from finance.gateways.rails import stripe_rail
from finance.gateways.stripe_reading import BalanceTransaction
from finance.models import BankAccount, Statement, StatementLine
from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.money import Money, total


def _lines(movement: BalanceTransaction) -> list[LineRead]:
    """The movement, and what Stripe kept of it in a line of its own."""
    moved = _line(movement)
    if not movement.fee:
        return [moved]
    return [moved, replace(moved, money=-movement.fee, is_return=False, is_charge=True, text=f"{movement.type} fee")]


def _line(movement: BalanceTransaction) -> LineRead:
    day = movement.created.date()
    return LineRead(
        money=movement.money,
        booked_on=day,
        value_on=movement.available_on,
        bank_reference=movement.source or movement.id,
        is_return=movement.type in ("transfer_refund", "transfer_failure"),
        is_charge=movement.type in ("stripe_fee", "stripe_fx_fee"),
        text=movement.type,
    )


def import_stripe_statement(*, bank_account: BankAccount, actor: User, at: datetime) -> Statement | None:
    """Fetch what moved on the Stripe balance since the last statement; None when nothing did.

    Raises Refusal STMT-40 when the movements do not add up to the balance Stripe says.
    """
    last = Statement.objects.filter(bank_account=bank_account).order_by("-sequence").first()
    since = datetime.combine(bank_account.opened_on, datetime.min.time(), UTC)
    rail = stripe_rail()
    movements = _after_opening(bank_account, rail.balance_transactions(since))
    balance = rail.balance().get(bank_account.currency, Money.zero(bank_account.currency))
    return _take_in(bank_account, last, movements, balance, actor, at)


def _after_opening(account: BankAccount, movements: Iterable[BalanceTransaction]) -> list[BalanceTransaction]:
    """All but the first top-ups, as far as our opening balance stands for them; later ones are lines like any other."""
    left, found = opening_balance(account).minor, []
    for movement in movements:
        money = movement.money
        if movement.type == "topup" and money.currency == account.currency and money.minor <= left:
            left -= money.minor
        else:
            found.append(movement)
    return found


@in_one_piece
def _take_in(
    account: BankAccount,
    last: Statement | None,
    movements: list[BalanceTransaction],
    balance: Money,
    actor: User,
    at: datetime,
) -> Statement | None:
    done = StatementLine.objects.filter(statement__bank_account=account).count()
    ours = [m for m in movements if m.money.currency == account.currency]
    read = [(movement.id, line) for movement in ours for line in _lines(movement)]
    fresh = read[done:]
    if not fresh:
        return None
    lines = [line for _id, line in fresh]
    first, final = lines[0].booked_on, max(line.booked_on for line in lines)
    opening = last.closing if last else opening_balance(account)
    moved = total([line.money for line in lines], account.currency)
    if opening + moved != balance:
        raise refuse(
            "STMT-40",
            _("The movements add up to %(found)s, and Stripe says its balance is %(balance)s.")
            % {"found": opening + moved, "balance": balance},
            _("Try again in a few minutes; ask Stripe when it stays."),
        )
    digest = hashlib.sha256("|".join(key for key, _line_read in fresh).encode()).hexdigest()
    statement_id = f"STRIPE-{fresh[-1][0]}"
    sheet = Sheet(account.number, account.currency, statement_id, None, first, final, opening, balance, lines)
    statement = take_in(sheet, digest, actor, at)
    for line in statement.lines.filter(is_charge=False, is_return=False, minor__lt=0):
        promise_reading(line)
    return statement
