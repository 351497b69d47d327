"""Reads what a message from Stripe names, never what it claims: ids and kinds, so that the object can be fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

KINDS_WE_FETCH = ("payout", "transfer", "topup")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event's name: its id and type, the object it is about, and the connected account it happened on ("": ours).

    `is_live` is the mode it says it is of (None: it does not say). `is_thin` marks an event of Stripe's second
    interface, which carries no object. `created` is in UTC, or None where the message did not say.
    """

    id: str
    type: str
    object_kind: str
    object_ref: str
    account: str
    is_live: bool | None
    is_thin: bool
    created: datetime | None

    @property
    def is_about_payments(self) -> bool:
        return self.object_kind in KINDS_WE_FETCH and bool(self.object_ref)


def read_event(payload: bytes) -> ReceivedEvent | None:
    """The event a message names; None when it is no event at all. Missing and unexpected parts do not stop it."""
    try:
        values = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return event_from(values) if isinstance(values, dict) else None


def event_from(values: Mapping[str, Any]) -> ReceivedEvent | None:
    """The event in Stripe's own shape, snapshot (`event`) or thin (`v2.core.event`); None without an id."""
    if not _text(values, "id") or values.get("object") not in ("event", "v2.core.event"):
        return None
    is_thin = values["object"] == "v2.core.event"
    about = _mapping(values, "related_object") if is_thin else _mapping(_mapping(values, "data"), "object")
    return ReceivedEvent(
        id=_text(values, "id"),
        type=_text(values, "type"),
        object_kind=_text(about, "type" if is_thin else "object"),
        object_ref=_text(about, "id"),
        account=_text(values, "account") or _text(values, "context"),
        is_live=values["livemode"] if isinstance(values.get("livemode"), bool) else None,
        is_thin=is_thin,
        created=_moment(values.get("created")),
    )


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = values.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    text = values.get(name)
    return text if isinstance(text, str) else ""


def _moment(value: object) -> datetime | None:
    """Seconds in snapshot events, ISO 8601 text in thin ones."""
    try:
        if isinstance(value, int):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
