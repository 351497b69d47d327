"""Stripe's own types, as its library ships them, held against what is sent and answered; so nothing can drift.

Requests have TypedDicts, answers have classes with annotations. What the library leaves open (names it only knows to
type checkers) is taken as it is.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import operator
import re
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

import typing_extensions

# Parameters of the call itself, which the library mixes with those of the request.
_OF_THE_CALL = frozenset(
    {
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
    }
)
_WRAPPERS = (typing_extensions.NotRequired, typing_extensions.Required)
_UNIONS = (typing.Union, types.UnionType)
REQUESTS = {
    ("POST", "/v1/transfers"): ("_transfer_create_params", "TransferCreateParams"),
    ("GET", "/v1/transfers"): ("_transfer_list_params", "TransferListParams"),
    ("POST", "/v1/transfers/{ref}/reversals"): ("_transfer_reversal_create_params", "TransferReversalCreateParams"),
    ("POST", "/v1/payouts"): ("_payout_create_params", "PayoutCreateParams"),
    ("GET", "/v1/payouts"): ("_payout_list_params", "PayoutListParams"),
    ("POST", "/v1/payouts/{ref}/cancel"): ("_payout_cancel_params", "PayoutCancelParams"),
    ("POST", "/v1/topups"): ("_topup_create_params", "TopupCreateParams"),
    ("GET", "/v1/topups"): ("_topup_list_params", "TopupListParams"),
    ("GET", "/v1/balance_transactions"): ("_balance_transaction_list_params", "BalanceTransactionListParams"),
    ("GET", "/v1/events"): ("_event_list_params", "EventListParams"),
    ("POST", "/v1/accounts"): ("_account_create_params", "AccountCreateParams"),
}
ANSWERS = {
    "account": "Account",
    "balance": "Balance",
    "balance_transaction": "BalanceTransaction",
    "event": "Event",
    "payout": "Payout",
    "topup": "Topup",
    "transfer": "Transfer",
    "transfer_reversal": "TransferReversal",
}


def faults_of_request(method: str, path: str, tree: Mapping[str, Any]) -> list[str]:
    """What in a form (still texts) does not fit the library's type for this address, where it has one."""
    named = REQUESTS.get((method, re.sub(r"/(?:tr|po|tu|acct|txn|evt|trr)_[A-Za-z0-9]+", "/{ref}", path)))
    if named is None:
        return []
    wanted = getattr(importlib.import_module(f"stripe.params.{named[0]}"), named[1])
    return [f"{method} {path}: {fault}" for fault in misfits(tree, wanted, as_form=True)]


def faults_of_answer(values: Mapping[str, Any]) -> list[str]:
    """What in an answer does not fit the library's class for its object; every row of a list is looked at."""
    kind = values.get("object")
    if kind == "list":
        return [fault for row in values.get("data", []) for fault in faults_of_answer(row)]
    if kind not in ANSWERS:
        return []
    import stripe

    return [f"{kind}: {fault}" for fault in _of_class(values, getattr(stripe, ANSWERS[str(kind)]))]


def _of_class(values: Mapping[str, Any], wanted: type) -> list[str]:
    found = []
    for name, kind in fields_of(wanted).items():
        if name in values:
            found += misfits(values[name], kind, name)
        elif name == "id" or name == "object":
            found.append(f"{name}: missing")
    return found


def misfits(value: Any, wanted: Any, path: str = "", *, as_form: bool = False) -> list[str]:
    """Where a value does not fit a type. `as_form`: numbers and truths are still texts, lists have numbered names."""
    origin, inside = typing_extensions.get_origin(wanted), typing_extensions.get_args(wanted)
    if origin in _WRAPPERS:
        return misfits(value, inside[0], path, as_form=as_form)
    if origin in _UNIONS:
        tried = [misfits(value, one, path, as_form=as_form) for one in inside]
        return [] if any(not faults for faults in tried) else min(tried, key=len)
    if origin is typing.Literal:
        return [] if value in inside else [f"{path}: {value!r} is none of {inside}"]
    if origin is list:
        return _rows(value, inside[0], path, as_form=as_form)
    if origin is dict:
        fits = isinstance(value, Mapping)
        return [] if fits else [f"{path}: no names and values"]
    if typing_extensions.is_typeddict(wanted):
        return _of_typed_dict(value, wanted, path, as_form=as_form)
    return _plain(value, wanted, path, as_form=as_form)


def _rows(value: Any, wanted: Any, path: str, *, as_form: bool) -> list[str]:
    rows = list(value.values()) if as_form and isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        return [f"{path}: no list"]
    return [
        fault for place, row in enumerate(rows) for fault in misfits(row, wanted, f"{path}[{place}]", as_form=as_form)
    ]


def _of_typed_dict(value: Any, wanted: Any, path: str, *, as_form: bool) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{path}: no object"]
    fields = {name: kind for name, kind in fields_of(wanted).items() if path or name not in _OF_THE_CALL}
    found = [f"{path}.{name}: unknown" for name in value if name not in fields]
    for name, kind in fields.items():
        if name in value:
            found += misfits(value[name], kind, f"{path}.{name}", as_form=as_form)
        elif typing_extensions.get_origin(kind) is not typing_extensions.NotRequired:
            found.append(f"{path}.{name}: missing")
    return found


def _plain(value: Any, wanted: Any, path: str, *, as_form: bool) -> list[str]:
    if wanted is type(None) or wanted is None:
        fits = value is None
    elif wanted is bool:
        fits = value in ("true", "false") if as_form else isinstance(value, bool)
    elif wanted is int:
        fits = _is_whole(value) if as_form else isinstance(value, int) and not isinstance(value, bool)
    elif wanted is str:
        fits = isinstance(value, str)
    elif wanted is float:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:  # an object of the library, or a name known to type checkers only: a text (its id) or an object
        return []
    return [] if fits else [f"{path}: {value!r} is no {getattr(wanted, '__name__', wanted)}"]


def _is_whole(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+", value) is not None


class _Names(dict[str, Any]):
    """Names as the library's module knows them; what only type checkers know stands for anything."""

    def __missing__(self, name: str) -> Any:
        return Any


@functools.cache
def fields_of(wanted: type) -> dict[str, Any]:
    """Each field of a class with its type, the texts in it read as the types they name."""
    found: dict[str, Any] = {}
    for base in reversed(wanted.__mro__):
        module = sys.modules.get(base.__module__)
        names = _Names({**vars(typing), **vars(typing_extensions), **(vars(module) if module else {})})
        names.update({"str": str, "int": int, "bool": bool, "float": float, "dict": dict, "list": list, "None": None})
        for name, kind in inspect.get_annotations(base).items():
            found[name] = _read(kind, names)
    return found


def _read(kind: Any, names: _Names) -> Any:
    """A type whose names, written as texts, are looked up; one that cannot be read stands for anything."""
    if isinstance(kind, typing.ForwardRef):
        kind = kind.__forward_arg__
    if isinstance(kind, str):
        try:
            kind = eval(kind, {"__builtins__": {}}, names)  # noqa: S307  # annotations of Stripe's library, not input
        except (SyntaxError, TypeError, AttributeError):
            return Any
    inside = typing_extensions.get_args(kind)
    origin = typing_extensions.get_origin(kind)
    if not inside or origin is typing.Literal:
        return kind
    read = tuple(_read(one, names) for one in inside)
    if origin in _UNIONS:
        return functools.reduce(operator.or_, read)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required, list, dict):
        container: Any = {list: list, dict: dict}.get(origin, origin)
        return container[read if origin is dict else read[0]]
    return Any
