"""What the outbox carries: every topic, who promises it, who receives it."""

from __future__ import annotations

from gaf.documents.markdown import code, page, table
from gaf.documents.source import calls
from gaf.notices import TOPIC
from gaf.outbox.outbox import MOST_ATTEMPTS, topics

INTRODUCTION = (
    "The outbox is the only way out of a transaction: a mail, a file for the bank, a call to Stripe, news from the "
    "money to the process. A message is a row written with the change it tells of; the worker delivers it afterwards, "
    f"tries again when that fails, and parks it after {MOST_ATTEMPTS} failures. Each receiver gets a message of its "
    "own and may get it twice."
)


def promised_by() -> dict[str, list[str]]:
    """For each topic, the functions that promise it."""
    found: dict[str, list[str]] = {}
    for call in calls("enqueue"):
        found.setdefault(call.value, []).append(f"{code(call.function)} in {call.file}")
    found.setdefault(TOPIC, []).append(f"{code('tell')} in gaf/notices.py")
    return found


def outbox_topics() -> str:
    """The document."""
    promised = promised_by()
    rows = [
        (code(topic), "<br>".join(promised.get(topic, [])), "<br>".join(code(name) for name in receivers))
        for topic, receivers in topics().items()
    ]
    return page("Outbox topics", INTRODUCTION, table(("Topic", "Promised by", "Received by"), rows))
