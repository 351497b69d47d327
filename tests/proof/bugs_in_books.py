"""Mistakes in the ledger, in commitments, among people, and after a backup was put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db.models import Q

import gaf.gate
import gaf.policy
from finance import ledger, restoring, sending
from finance.actions import commitments, disbursements, files, releasing, settlement
from finance.models import Disbursement, PaymentFile
from gaf.money import Money
from tests.proof import world as acts
from tests.proof.seeding import Bug, Patch, around, instead_of, together

# The ledger and commitments


def _same_number_other_currency(_real: Any, account: Any, _usd: Any, money: Any, _at: Any) -> Money:
    return Money(money.minor, account.currency)


def _no_last_cent(_real: Any, commitment: Any, local: Any) -> Any:
    usd = local.in_usd(commitment.units_per_usd)
    commitment.disbursed_local_minor += local.minor
    commitment.disbursed_usd_minor += usd.minor
    return usd


def _without_kind(kind: str) -> Callable[..., Any]:
    def how(real: Any, **said: Any) -> Any:
        return None if said["kind"] == kind else real(**said)

    return how


def _frees_all(real: Any, pieces: Any, at: Any, reason_code: str) -> None:
    whole = [(one, one.committed, Money(one.local_minor, one.currency)) for one, _usd, _local in pieces]
    real(whole, at, reason_code)


def _half_moved(real: Any, lines: list[Any], held: Any) -> None:
    real([line for line in lines if line.minor > 0], held)


def _twice(real: Any, *args: Any) -> None:
    real(*args)
    real(*args)


_NOTHING = lambda *_args, **_more: None  # noqa: E731
LEDGER = [
    Bug(
        "an amount changes its currency and keeps its number",
        "simulator",
        around(settlement, "in_account_currency", _same_number_other_currency),
    ),
    Bug(
        "the last cent is rounded away",
        "simulator",
        around(disbursements, "_take", _no_last_cent),
        first=70,
    ),
    Bug("what failed stays booked as sent", "simulator", instead_of(settlement, "_reverse_sending", _NOTHING)),
    Bug("what failed stays taken out of its line", "simulator", instead_of(settlement, "give_back", _NOTHING)),
    Bug(
        "what was stopped is given back twice",
        "simulator",
        around(disbursements, "give_back", _twice),
        acts=(acts.stop,),
    ),
    Bug(
        "a commitment is not booked",
        "simulator",
        around(commitments, "post", _without_kind("commit")),
        acts=(acts.commit,),
    ),
    Bug("freeing frees what is already paid", "simulator", around(commitments, "_free", _frees_all), acts=(acts.free,)),
    Bug(
        "half of the running balances do not move",
        "simulator",
        together(
            around(ledger, "_move_balances", _half_moved),
            instead_of(ledger, "_says_what_its_lines_say", lambda _row: Q()),
        ),
    ),
    Bug(
        "a line may give more than it has",
        "simulator",
        around(disbursements, "_require_open", lambda _real, commitment, _part: commitment),
    ),
]


# People


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def _also_from(model: Any, act: str, *sources: str) -> Patch:
    """The act is open from further states."""

    @contextmanager
    def opened() -> Iterator[None]:
        meta = getattr(model, act)._django_fsm
        before = dict(meta.transitions)
        like = next(iter(before.values()))
        for source in sources:
            meta.transitions[source] = type(like)(
                method=like.method,
                source=source,
                target=like.target,
                on_error=like.on_error,
                conditions=like.conditions,
                permission=like.permission,
                custom=like.custom,
            )
        try:
            yield
        finally:
            meta.transitions.clear()
            meta.transitions.update(before)

    return opened


# Three look: the state of the details, whether they were confirmed long enough ago, and the seal on what was prepared.
_NO_LOOK_AT_DETAILS: list[tuple[Any, str, Any]] = [
    (disbursements, "PayeeDetailsState", type("Any", (), {"CONFIRMED": _Anything()})),
    (releasing, "release_refusals_by", lambda *_told: defaultdict(list)),
]

PEOPLE = [
    Bug(
        "separation of duties is asked by no permit",
        "simulator",
        instead_of(gaf.policy, "separation_refusal", lambda _question: None),
    ),
    Bug(
        "released to details that are not confirmed",
        "simulator",
        together(*(instead_of(module, name, value) for module, name, value in _NO_LOOK_AT_DETAILS)),
        acts=(acts.change_payee,),
        first=20,
    ),
    Bug(
        "a disbursement can be stopped while it is sent",
        "simulator",
        _also_from(Disbursement, "stop_disbursement", "SENDING", "UNKNOWN", "SENT"),
        acts=(acts.stop,),
    ),
    Bug(
        "a signed file can be discarded",
        "simulator",
        _also_from(PaymentFile, "discard_file", "SIGNED", "SENT"),
        acts=(acts.discard, acts.make_file, acts.sign),
        first=70,
    ),
]

# Backups


def _key_of_the_row(real: Any, disbursement: Any, *told: Any) -> Any:
    return replace(real(disbursement, *told), key=f"{disbursement.pk:032d}")


RESTORES = [
    Bug(
        "after a restore nobody looks before paying",
        "restores",
        instead_of(sending, "key_of_a_forgotten_attempt", lambda _disbursement: ""),
        forgets=True,
        first=60,
    ),
    Bug(
        "after a restore a file takes what has left",
        "restores",
        instead_of(files, "require_none_left_before", _NOTHING),
        acts=(acts.go_on, acts.go_on, acts.go_on),
        forgets=True,
        first=55,
    ),
    Bug(
        "after a restore numbers are given again",
        "restores",
        instead_of(restoring, "numbers_left_out", lambda _at: 0),
        forgets=True,
    ),
    Bug(
        "keys are made from the number of the row",
        "restores",
        around(sending, "instruction", _key_of_the_row),
        forgets=True,
    ),
]
