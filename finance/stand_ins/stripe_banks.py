"""How the payees' banks of the stand-in behave: the last digits of the account number tell, as in Stripe's tests.

| number ends | what happens |
| --- | --- |
| 0004 | the payout is in transit and stays there |
| 0005 | the account cannot receive transfers |
| 0006 | the payout stays pending (it can be cancelled) |
| 0007 | the payout is paid, and days later fails with `account_closed` |
| 0008 | the payout fails in transit with `no_account` |
| 0009 | the transfer arrives, payouts are refused |
| anything else | the payout is paid |
"""

from __future__ import annotations

from dataclasses import dataclass

STAYS_IN_TRANSIT, CANNOT_RECEIVE, STAYS_PENDING, RETURNS, NO_ACCOUNT, CANNOT_PAY_OUT = (
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
)

FAILURE_WORDS = {
    "account_closed": "The bank account has been closed",
    "no_account": "The bank account details on file are probably incorrect.",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from a payout's making until it moves on: to in transit, to paid or failed, to failed after paid."""

    in_transit: int = 3600
    paid: int = 2 * 86400
    returned: int = 5 * 86400


@dataclass(frozen=True, slots=True)
class Move:
    """One coming change of a payout, due so many seconds after it was made."""

    due_after: int
    status: str
    failure_code: str = ""


def can_receive(number: str) -> bool:
    return not number.endswith(CANNOT_RECEIVE)


def can_pay_out(number: str) -> bool:
    return not number.endswith(CANNOT_PAY_OUT)


def coming_moves(number: str, pace: Pace) -> list[Move]:
    """What will become of a payout to this account number, in order."""
    sent = Move(pace.in_transit, "in_transit")
    paid = Move(pace.paid, "paid")
    by_ending = {
        STAYS_PENDING: [],
        STAYS_IN_TRANSIT: [sent],
        NO_ACCOUNT: [sent, Move(pace.paid, "failed", "no_account")],
        RETURNS: [sent, paid, Move(pace.returned, "failed", "account_closed")],
    }
    return by_ending.get(number[-4:], [sent, paid])
