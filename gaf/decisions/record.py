"""Writes decisions: numbered without gaps, each hash on the one before, under one lock with the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec

from django.db import connection

from gaf.accounts.queries import stood_in_for
from gaf.decisions.models import Decision

if TYPE_CHECKING:
    from gaf.accounts.models import Delegation, User

P = ParamSpec("P")
FIRST = "first"
_BOOKS_LOCK = 41001
_END = "end"
# Where the chain of decisions ends in the piece that is being done: its last number and hash, once somebody has looked.
_known: ContextVar[dict[str, tuple[int, str]] | None] = ContextVar("end_of_decisions", default=None)


@contextmanager
def end_of_chain_read_once() -> Iterator[None]:
    """Within this, the end of the chain of decisions is read once: whoever read it holds the lock until all is done.

    Where something is undone the lock may be gone with it, so that the next one looks again.
    """
    known = _known.get()
    known = {} if known is None else known
    token = _known.set(known)
    try:
        yield
    except BaseException:
        known.clear()
        raise
    finally:
        _known.reset(token)


def keep_end_of_chain(number: int, hash_: str) -> None:
    """What somebody who holds the lock on the books knows of the end of the chain, for whoever decides next."""
    known = _known.get()
    if known is not None:
        known[_END] = (number, hash_)


def _locked_end_of_chain() -> tuple[int, str]:
    """The number and hash of the last decision, which stays the last until this transaction ends."""
    known = _known.get()
    if known and _END in known:
        return known[_END]
    lock_the_books()
    last = Decision.objects.order_by("-number").values_list("number", "hash").first()
    return last or (0, FIRST)


def lock_the_books() -> None:
    """One writer at a time for the chains of decisions and journals, until this transaction ends.

    SQLite has one writer anyway (IMMEDIATE); PostgreSQL takes an advisory lock. Whoever knows the end of the
    chain holds it already.
    """
    if connection.vendor == "postgresql" and not _known.get():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BOOKS_LOCK])


def canonical(facts: dict[str, Any]) -> str:
    """Facts as one text that is the same for the same facts, on every machine."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256(text: str) -> str:
    """Hexadecimal SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def chain_hash(decision: Decision) -> str:
    """The hash that ties a decision to the one before it: every column but its own hash."""
    parts = {
        "number": decision.number,
        "at": decision.at.astimezone(UTC).isoformat(),
        "actor": decision.actor_id,
        "role": decision.role,
        "delegation": decision.delegation_id,
        "act": decision.act,
        "subject": decision.subject,
        "reference": decision.reference,
        "related": decision.related,
        "from": decision.from_state,
        "to": decision.to_state,
        "reason_code": decision.reason_code,
        "reason": decision.reason,
        "amount": decision.amount_minor,
        "facts": decision.facts_hash,
        "previous": decision.previous_hash,
    }
    if decision.on_behalf_of_id is not None:
        parts["for"] = decision.on_behalf_of_id
    return sha256(canonical(parts))


def is_as_it_was_written(decision: Decision) -> bool:
    """Whether a decision still agrees with both of its hashes; every column and every fact counts."""
    return decision.facts_hash == sha256(canonical(decision.facts)) and decision.hash == chain_hash(decision)


def decision_of(
    *,
    act: str,
    actor: User,
    role: str,
    at: datetime,
    subject: str,
    reference: str,
    related: str = "",
    from_state: str = "",
    to_state: str = "",
    reason_code: str = "",
    sealed_reason: str = "",
    amount_minor: int | None = None,
    facts: dict[str, Any] | None = None,
    delegation: Delegation | None = None,
    on_behalf_of: User | None = None,
) -> Decision:
    """A decision that is not written yet, with everything but its place in the chain (`record_all`).

    A deputy's decision says for whom it was; where `on_behalf_of` is not given, the role tells.
    """
    return Decision(
        at=at,
        actor=actor,
        role=role,
        on_behalf_of=on_behalf_of or stood_in_for(actor, role),
        delegation=delegation,
        act=act,
        subject=subject,
        reference=reference,
        related=related,
        from_state=from_state,
        to_state=to_state,
        reason_code=reason_code,
        reason=sealed_reason,
        amount_minor=amount_minor,
        facts=facts or {},
    )


def _written(make: Callable[P, Decision]) -> Callable[P, Decision]:
    def record_decision(*args: P.args, **kwargs: P.kwargs) -> Decision:
        """Write one decision. The database refuses it where separation of duties or continuity is broken."""
        decision = make(*args, **kwargs)
        record_all([decision])
        return decision

    return record_decision


record_decision = _written(decision_of)


def record_all(decisions: Sequence[Decision]) -> None:
    """Write decisions that have everything but their places in the chain, one after the other and in one statement."""
    if not decisions:
        return
    number, previous = _locked_end_of_chain()
    for decision in decisions:
        number += 1
        decision.number, decision.previous_hash = number, previous
        decision.facts_hash = sha256(canonical(decision.facts))
        decision.hash = previous = chain_hash(decision)
    Decision.objects.bulk_create(decisions)
    keep_end_of_chain(number, previous)


def current_state(subject: str) -> str:
    """The state the latest decision about this record left it in; empty before the first."""
    newest = Decision.objects.filter(subject=subject).order_by("-number").values_list("to_state", flat=True).first()
    return newest or ""
