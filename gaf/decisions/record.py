"""Writes decisions: numbered without gaps, each hash on the one before, under one lock with the ledger."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from gaf.accounts.queries import stood_in_for
from gaf.decisions.models import Decision

if TYPE_CHECKING:
    from gaf.accounts.models import Delegation, User

FIRST = "first"
_BOOKS_LOCK = 41001


def lock_the_books() -> None:
    """One writer at a time for the chains of decisions and journals, until this transaction ends.

    SQLite has one writer anyway (IMMEDIATE); PostgreSQL takes an advisory lock, which may be taken twice.
    """
    if connection.vendor == "postgresql":
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


def record_decision(
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
    """Write one decision. The database refuses it where separation of duties or continuity is broken.

    A deputy's decision says for whom it was; where `on_behalf_of` is not given, the role tells.
    """
    lock_the_books()
    last = Decision.objects.order_by("-number").first()
    decision = Decision(
        number=last.number + 1 if last else 1,
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
        facts_hash=sha256(canonical(facts or {})),
        previous_hash=last.hash if last else FIRST,
    )
    decision.hash = chain_hash(decision)
    decision.save(force_insert=True)
    return decision


def current_state(subject: str) -> str:
    """The state the latest decision about this record left it in; empty before the first."""
    newest = Decision.objects.filter(subject=subject).order_by("-number").values_list("to_state", flat=True).first()
    return newest or ""
