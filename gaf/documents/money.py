"""The posting table and the chart of accounts, as `post` obeys them."""

from __future__ import annotations

from collections import defaultdict

from finance import postings
from gaf.documents.markdown import code, page, section, table
from gaf.documents.source import calls

INTRODUCTION = (
    "Which event debits and credits what. Real accounts say where the money is; budget accounts (9…) say, stream by "
    "stream, what may still be promised. Amounts are whole minor units; every journal balances in every currency, and "
    "the database refuses one that does not. Nothing is edited: a mistake is followed by a journal of its own."
)
_CHART = (
    "All of these are kept in US dollars. “Stays above its floor” means that the database refuses a journal that would "
    "take the account, for any stream, below nothing: nobody can promise money that is not there."
)
_OWN = "Each of the fund's bank accounts and each currency brings ledger accounts of its own, in its own currency."


def posted_by() -> dict[str, list[str]]:
    """For each kind of journal, the functions that post it."""
    found: dict[str, list[str]] = defaultdict(list)
    for call in [*calls("post", keyword="kind"), *calls("Draft", keyword="kind")]:
        found[call.value].append(f"{code(call.function)} in {call.file}")
    return dict(found)


def posting_table() -> str:
    """The document."""
    return page(
        "Posting table",
        INTRODUCTION,
        section("Journals", _journals()),
        section("Chart of accounts", _CHART, _chart(), _OWN, _own_accounts()),
    )


def _journals() -> str:
    known = posted_by()
    rows = [
        (code(one.kind), one.when, one.debit, one.credit, "<br>".join(known.get(one.kind, [])))
        for one in postings.POSTINGS
    ]
    return table(("Kind", "Posted when", "Debit", "Credit", "Posted by"), rows)


def _chart() -> str:
    rows = [(number, name, kind.lower(), "yes" if floor else "") for number, name, kind, floor in postings.CHART]
    return table(("Account", "Name", "Kind", "Stays above its floor"), rows)


def _own_accounts() -> str:
    rows = [
        (postings.bank("<account>"), "What the bank's statements say is on the account", "asset"),
        (postings.in_transit("<account>"), "What has left by our books and is on no statement yet", "liability"),
        (postings.suspense("<account>"), "What is on a statement and nobody knows yet", "liability"),
        (postings.position("<currency>"), "One half of the exchange position of a currency", "position"),
    ]
    return table(("Account", "Name", "Kind"), [(code(number), name, kind) for number, name, kind in rows])
