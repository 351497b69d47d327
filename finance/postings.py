"""Which event debits and credits what: a table that people and the generated documents read, and `post` obeys.

Real accounts tell where the money is; budget accounts (9…) tell, stream by stream, what may still be promised.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

CONTRIBUTIONS = "3000"
INTEREST = "3100"
ADVANCES = "1200"
REFUNDS_DUE = "1300"
ASSISTANCE = "5000"
BANK_FEES = "5100"
EXCHANGE_DIFFERENCES = "5200"
WRITTEN_OFF = "5400"
UNREALISED = "5300"
REVALUATION = "1950"
AUTHORITY = "9000"
AVAILABLE = "9100"
COMMITTED = "9200"
SPENT = "9300"

CHART: list[tuple[str, str, str, bool]] = [
    (ADVANCES, "Assistance paid, not yet accounted for", "ASSET", False),
    (REFUNDS_DUE, "Refunds due from payees", "ASSET", False),
    (CONTRIBUTIONS, "Contributions of donors", "INCOME", False),
    (INTEREST, "Interest received", "INCOME", False),
    (ASSISTANCE, "Assistance accepted", "EXPENSE", False),
    (BANK_FEES, "Bank fees", "EXPENSE", False),
    (EXCHANGE_DIFFERENCES, "Realised exchange differences", "EXPENSE", False),
    (WRITTEN_OFF, "Refunds written off", "EXPENSE", False),
    (UNREALISED, "Unrealised exchange differences", "EXPENSE", False),
    (REVALUATION, "Revaluation of foreign balances", "ASSET", False),
    (AUTHORITY, "Authority given by receipts", "BUDGET", False),
    (AVAILABLE, "Available", "BUDGET", True),
    (COMMITTED, "Committed to requests", "BUDGET", True),
    (SPENT, "Spent", "BUDGET", True),
]


def bank(code: str) -> str:
    """The ledger account of one of the fund's bank accounts."""
    return f"1000-{code}"


def in_transit(code: str) -> str:
    """What has left by our books and is not on that account's statement yet."""
    return f"1100-{code}"


def suspense(code: str) -> str:
    """What is on that account's statement and nobody knows yet."""
    return f"2000-{code}"


def position(currency: str) -> str:
    """One half of the exchange position of a currency; the other half is `position("USD")`-valued."""
    return f"1900-{currency}"


@dataclass(frozen=True)
class Posting:
    """One kind of journal: when it is posted, and its debits and credits in words."""

    kind: str
    when: object
    debit: str
    credit: str


POSTINGS = [
    Posting("receipt", _("cash of a donor is recorded"), "bank; authority", "contributions; available"),
    Posting(
        "advance_authority",
        _("an agreement that may be spent before its cash comes is confirmed"),
        "authority",
        "available",
    ),
    Posting("cover_authority", _("cash of such an agreement is recorded"), "available", "authority"),
    Posting("revalue", _("a month ends"), "revaluation", "unrealised exchange differences"),
    Posting("unrevalue", _("the next month begins"), "unrealised exchange differences", "revaluation"),
    Posting("commit", _("a budget or an urgent allowance is approved"), "available", "committed"),
    Posting("free", _("committed money is no longer needed"), "committed", "available"),
    Posting(
        "send", _("a disbursement begins to be sent"), "advances; committed", "in transit, exchange differences; spent"
    ),
    Posting("unsend", _("it failed before anything left"), "in transit; spent", "advances; committed"),
    Posting("match", _("the bank's line is matched with it"), "in transit", "bank or suspense, exchange differences"),
    Posting("give_back", _("it came back"), "spent", "committed"),
    Posting("return", _("the bank's line that gives it back is matched"), "bank", "advances, exchange differences"),
    Posting("fee", _("the bank charges a fee"), "bank fees; available of the unearmarked stream", "bank; spent"),
    Posting(
        "interest",
        _("a line is interest of the bank"),
        "bank; authority",
        "interest; available of the unearmarked stream",
    ),
    Posting("suspense", _("a line is set aside"), "bank or suspense", "suspense or bank"),
    Posting("undo", _("a match is undone"), "what it credited", "what it debited"),
    Posting("accept", _("reports are accepted"), "assistance, refunds due", "advances"),
    Posting("write_off", _("a refund that never came is given up"), "refunds written off", "refunds due"),
    Posting("refund", _("a refund reaches the account"), "bank; spent", "refunds due; available of the same stream"),
]
