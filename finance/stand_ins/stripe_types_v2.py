"""Answers of Stripe's second interface, held to the classes its library ships: no field missing, none unknown.

The first interface leaves out what does not concern a caller; the second always gives every field that is not optional,
so here a missing one is a fault.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from finance.stand_ins.stripe_types import fields_of, misfits

_PLACE = "stripe.v2.money_management"
ANSWERS = {
    "v2.money_management.payout_intent": ("_payout_intent", "PayoutIntent"),
    "v2.money_management.financial_account": ("_financial_account", "FinancialAccount"),
    "v2.money_management.transaction": ("_transaction", "Transaction"),
    "v2.money_management.transaction_entry": ("_transaction_entry", "TransactionEntry"),
}


def faults_of_v2_answer(values: Mapping[str, Any]) -> list[str]:
    """What in an answer does not fit the library's class for its object; every row of a page is looked at."""
    if "data" in values and "object" not in values:
        return [fault for row in values["data"] for fault in faults_of_v2_answer(row)]
    named = ANSWERS.get(str(values.get("object")))
    if named is None:
        return [f"{values.get('object')}: no class of the library is known for it"]
    wanted = getattr(importlib.import_module(f"{_PLACE}.{named[0]}"), named[1])
    return [f"{values['object']}{fault}" for fault in _of_class(values, wanted, "")]


def _of_class(values: Any, wanted: type, path: str) -> Iterator[str]:
    if not isinstance(values, Mapping):
        yield f"{path}: no object"
        return
    own = getattr(wanted, "_field_remappings", {})  # the library writes `from_` where Stripe writes `from`
    kinds = {own.get(name, name): kind for name, kind in fields_of(wanted).items() if _is_field(name)}
    words = {own.get(name, name): str(kind) for name, kind in inspect.get_annotations(wanted).items()}
    yield from (f"{path}.{name}: unknown" for name in values if name not in kinds)
    for name, kind in kinds.items():
        if name not in values:
            if "Optional" not in words[name]:
                yield f"{path}.{name}: missing"
        else:
            yield from _of_field(values[name], kind, words[name], wanted, f"{path}.{name}")


def _is_field(name: str) -> bool:
    return not name.startswith("_") and name != "OBJECT_NAME"


def _of_field(value: Any, kind: Any, words: str, wanted: type, path: str) -> Iterator[str]:
    if value is None:
        if "Optional" not in words:
            yield f"{path}: nothing"
        return
    inner = getattr(wanted, "_inner_class_types", {}).get(path.rsplit(".", 1)[-1])
    if inner is None and "Amount" in words:
        inner = importlib.import_module("stripe.v2._amount").Amount
    if inner is None:
        yield from misfits(value, kind, path)
        return
    several: dict[str, Any] = {path: value}
    if "Untyped" in words:
        several = {f"{path}.{name}": one for name, one in value.items()}
    elif isinstance(value, list):
        several = {f"{path}[{place}]": one for place, one in enumerate(value)}
    for where, one in several.items():
        yield from _of_class(one, inner, where)
