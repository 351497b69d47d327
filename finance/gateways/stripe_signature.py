"""Whether a message that claims to come from Stripe does: signature, age, and both secrets while one is changed.

Nothing here reads what the message says; `stripe_events` does, and only what names the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(seconds=300)


class Finding(StrEnum):
    """What was found about a message's signature."""

    GENUINE = "genuine"
    NO_SECRET = "no_secret"  # noqa: S105
    NO_HEADER = "no_header"
    UNREADABLE = "unreadable"
    NOT_SIGNED_BY_STRIPE = "not_signed_by_stripe"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding, when Stripe signed it, and which of our secrets fitted (0 is the newest; None: no secret did)."""

    finding: Finding
    signed_at: datetime | None = None
    secret_used: int | None = None

    @property
    def is_genuine(self) -> bool:
        return self.finding is Finding.GENUINE


def verify(payload: bytes, header: str, secrets: Sequence[str], now: datetime) -> Verdict:
    """Say whether Stripe signed exactly these bytes within five minutes of `now`, before or after.

    `secrets` are the endpoint's signing secrets, newest first: two while a secret is being changed. Empty ones are
    passed over, so that a missing setting can never make every message genuine.
    """
    usable = [(place, secret) for place, secret in enumerate(secrets) if secret.strip()]
    if not usable:
        return Verdict(Finding.NO_SECRET)
    if not header:
        return Verdict(Finding.NO_HEADER)
    signed_at = _signed_at(header)
    if signed_at is None:
        return Verdict(Finding.UNREADABLE)
    fitting = [place for place, secret in usable if _is_signed_with(payload, header, secret)]
    if not fitting:
        return Verdict(Finding.NOT_SIGNED_BY_STRIPE, signed_at)
    if now - signed_at > TOLERANCE:
        return Verdict(Finding.TOO_OLD, signed_at, fitting[0])
    if signed_at - now > TOLERANCE:
        return Verdict(Finding.FROM_THE_FUTURE, signed_at, fitting[0])
    return Verdict(Finding.GENUINE, signed_at, fitting[0])


def sign(payload: str, secret: str, at: datetime) -> str:
    """The `Stripe-Signature` header for a message signed at this moment, for the stand-in and for tests."""
    import stripe

    return str(stripe.WebhookSignature.generate_signature_header(payload, secret, int(at.timestamp())))


def _signed_at(header: str) -> datetime | None:
    """The moment the header names: its first `t=`, which is the one Stripe's library puts under the signature."""
    for part in header.split(","):
        name, _, value = part.partition("=")
        if name == "t":
            try:
                return datetime.fromtimestamp(int(value), UTC)
            except (ValueError, OverflowError, OSError):
                return None
    return None


def _is_signed_with(payload: bytes, header: str, secret: str) -> bool:
    """Stripe's own check of the signature.

    Its check of age is switched off: it looks backwards only and reads the machine's clock, so `verify` does both ways
    by the caller's clock. ValueError is a body that is not UTF-8; TypeError is a signature outside ASCII, which the
    library's comparison does not survive.
    """
    import stripe

    try:
        stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True
