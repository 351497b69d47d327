"""The payment port: what finance may ask of any rail that carries money, and the few answers a rail may give.

Every rail (Stripe, bank file) speaks these six words: quote, create, find, status, cancel, bring back. So no action of
finance knows which rail it uses; `rails.py` alone does.
The three answers to a payment are the heart of it: accepted, refused for good, and *unknown*. Unknown is never a
failure: the money may have moved, the funds stay reserved, and only the same instruction may be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gaf.money import Money
from gaf.refusals import Refusal


class ProviderStatus(StrEnum):
    """Where the provider says the money is. PAID is not final: a bank may send it back days later (FAILED)."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class Then(StrEnum):
    """What an unknown outcome asks for next."""

    ASK_AGAIN = "ask_again"
    CALL_A_PERSON = "call_a_person"
    PAUSE_RAIL = "pause_rail"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """The file that carries an instruction, on a rail that takes files: its name, and the bytes two people signed."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Instruction:
    """One attempt to pay one disbursement, written down before the provider hears of it.

    `number` is the disbursement's (`P-2026-00031`), `key` the random key of this attempt (32 hexadecimal characters),
    `destination` the rail's name for the payee's account (`acct_...` at Stripe). `statement_text` is what the payee's
    bank shows: at most 22 characters, and neutral, because others may read a bank statement. `file` is the signed file
    it lies in, or None on a rail that is called for each disbursement. `tries` grows only after a definite no to a
    step behind the first one, so that this step gets a fresh answer; the first step is never tried twice.
    """

    number: str
    key: str
    money: Money
    end_to_end: str
    statement_text: str
    destination: str
    file: SignedFile | None = None
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """What a rail says before anything is sent: the amount the payee will get, and the fee where it is known before."""

    money: Money
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the instruction. `steps` names what it made, step by step (`{"transfer": "tr_..."}`)."""

    provider_ref: str
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no for good and no money is out. Paying again needs a new attempt with a new key."""

    code: str
    words: str
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say yet whether money moved. Keep it reserved; `then` says what resolves it."""

    words: str
    code: str = ""
    then: Then = Then.ASK_AGAIN
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The provider's books hold this attempt.

    `complete` is False when the last step is missing, or waits for our word: calling `create` again with
    `asked_before=True` goes on from there and never starts over; `bring_back` undoes it.
    """

    provider_ref: str
    status: ProviderStatus
    money: Money
    steps: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider's books do not hold it."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A payment as the provider sees it now. `failure_code` and `failure_words` are its own; `arrival` is its guess."""

    provider_ref: str
    status: ProviderStatus
    money: Money
    failure_code: str = ""
    failure_words: str = ""
    arrival: date | None = None


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Money of a failed payment is back on the fund's own account at the provider."""

    provider_ref: str
    money: Money


Answer = Accepted | Refused | Unknown


class RailSilent(Refusal):
    """A question that moves no money could not be answered by the provider now. Ask again later."""


class PaymentRail(Protocol):
    """A way for money to leave. Each method may be called any number of times without paying twice."""

    def quote(self, instruction: Instruction) -> Quote | Refused | Unknown:
        """Whether the rail would take this instruction now, and at what fee. Moves nothing.

        Refused: it certainly would not (amount, account closed to payments), so nothing is sent at all.
        """
        ...

    def funds(self, currency: str) -> Money | Unknown | None:
        """What the fund can spend on this rail now; None where the rail cannot say. Moves nothing."""
        ...

    def create(
        self, instruction: Instruction, *, first_called_at: datetime | None, now: datetime, asked_before: bool = False
    ) -> Answer:
        """Send the instruction, or go on where an earlier call of the same attempt stopped.

        `first_called_at` is when this attempt was first sent (None: never). `asked_before` says that its outcome was
        left unknown, or that the database was restored since: the rail then looks before it pays.
        """
        ...

    def find(self, instruction: Instruction) -> Found | NotFound | Unknown:
        """Look for this attempt in the provider's books. Moves nothing."""
        ...

    def keys_out(self, instruction: Instruction) -> tuple[str, ...] | Unknown:
        """The attempts' keys under which money is out for this disbursement's number, ours or forgotten. Moves nothing.

        Asked after the database was put back from a backup: what was sent since then is known to the provider only.
        """
        ...

    def status(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Ask where a payment is now. Moves nothing."""
        ...

    def cancel(self, instruction: Instruction, provider_ref: str) -> ProviderState | NotFound | Unknown:
        """Ask to stop a payment that has not been handed over, and say what the payment itself is afterwards.

        Cancelling races with sending, so the answer to the request is believed on no rail.
        """
        ...

    def bring_back(self, instruction: Instruction, *, attempt: int = 1) -> BroughtBack | Refused | Unknown:
        """Return: fetch the money of a failed payment back to the fund's account. `attempt` grows after each refusal.

        A rail whose returns come by statement refuses with `comes_by_statement`.
        """
        ...
