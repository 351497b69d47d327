"""Reads Stripe's form encoding (`a[b]=c`, `expand[0]=d`) as strictly as Stripe does: nothing unknown, no wrong type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from finance.stand_ins.stripe_errors import StripeSaysNo

_NAME = re.compile(r"^([A-Za-z0-9_]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
_INTEGER = re.compile(r"^-?[0-9]{1,15}$")

Reader = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter an address takes: how to read it, and whether it may be left out."""

    read: Reader
    is_required: bool = False


def decode(encoded: str) -> dict[str, Any]:
    """The form as nested dictionaries of text; lists are still dictionaries with numbers for names."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(encoded), errors="strict")
    except ValueError as error:
        raise StripeSaysNo(400, "The request could not be read as a form.") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _put(tree, name, value)
    return tree


def check(tree: Mapping[str, Any], fields: Mapping[str, Field], path: str = "") -> dict[str, Any]:
    """The parameters with their types, or Stripe's refusal of the first that is unknown, wrong or missing."""
    for name in tree:
        if name not in fields:
            full = _inside(path, name)
            raise StripeSaysNo(400, f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name, field in fields.items():
        if field.is_required and name not in tree:
            full = _inside(path, name)
            raise StripeSaysNo(400, f"Missing required param: {full}.", code="parameter_missing", param=full)
    return {name: fields[name].read(value, _inside(path, name)) for name, value in tree.items()}


def text(longest: int = 5000) -> Reader:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise StripeSaysNo(400, f"Invalid string: {value!r}", param=path)
        if value == "":
            raise StripeSaysNo(
                400, f"You passed an empty string for '{path}'.", code="parameter_invalid_empty", param=path
            )
        if len(value) > longest:
            raise StripeSaysNo(400, f"Invalid string: must be at most {longest} characters", param=path)
        return value

    return read


def integer(smallest: int | None = None, largest: int | None = None) -> Reader:
    def read(value: Any, path: str) -> int:
        if not isinstance(value, str) or not _INTEGER.match(value):
            raise StripeSaysNo(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        number = int(value)
        if (smallest is not None and number < smallest) or (largest is not None and number > largest):
            limits = f"from {smallest}" + ("" if largest is None else f" to {largest}")
            raise StripeSaysNo(400, f"This value must be {limits}.", code="parameter_invalid_integer", param=path)
        return number

    return read


def one_of(*choices: str) -> Reader:
    def read(value: Any, path: str) -> str:
        if value not in choices:
            raise StripeSaysNo(400, f"Invalid {path}: must be one of {', '.join(choices)}", param=path)
        return str(value)

    return read


def boolean(value: Any, path: str) -> bool:
    if value not in ("true", "false"):
        raise StripeSaysNo(400, f"Invalid boolean: {value}", param=path)
    return bool(value == "true")


def currency(value: Any, path: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{3}", value):
        raise StripeSaysNo(400, f"Invalid currency: {value}.", param=path)
    return value.lower()


def text_map(value: Any, path: str) -> dict[str, str]:
    """Metadata: at most 50 names of 40 characters, values of 500."""
    if not isinstance(value, dict) or any(not isinstance(inner, str) for inner in value.values()):
        raise StripeSaysNo(400, f"Invalid hash: {path} must be names and texts", param=path)
    if len(value) > 50 or any(len(name) > 40 or len(inner) > 500 for name, inner in value.items()):
        raise StripeSaysNo(400, f"{path} is too large", param=path)
    return dict(value)


def list_of(read_one: Reader) -> Reader:
    def read(value: Any, path: str) -> list[Any]:
        if not isinstance(value, dict) or any(not (name.isdigit() or name == "") for name in value):
            raise StripeSaysNo(400, f"Invalid array: {path}", param=path)
        return [read_one(inner, path) for inner in value.values()]

    return read


def expandable(*names: str) -> dict[str, Field]:
    """The `expand` parameter of an object of which these parts can be shown whole."""

    def read_one(value: Any, path: str) -> str:
        if value not in names:
            raise StripeSaysNo(400, f"This property cannot be expanded ({value}).", param=path)
        return str(value)

    return {"expand": Field(list_of(read_one))}


def moments(value: Any, path: str) -> dict[str, int]:
    """A moment in seconds, or a range of them with gt, gte, lt, lte."""
    if isinstance(value, dict):
        return check(value, {name: Field(integer()) for name in ("gt", "gte", "lt", "lte")}, path)
    number = integer()(value, path)
    return {"gte": number, "lte": number}


def nested(fields: Mapping[str, Field]) -> Reader:
    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeSaysNo(400, f"Invalid object: {path}", param=path)
        return check(value, fields, path)

    return read


def _put(tree: dict[str, Any], name: str, value: str) -> None:
    match = _NAME.match(name)
    if match is None:
        raise StripeSaysNo(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    parts = [match.group(1), *_PART.findall(match.group(2))]
    node = tree
    for part in parts[:-1]:
        node = node.setdefault(part, {})
        if not isinstance(node, dict):
            raise StripeSaysNo(400, f"Invalid object: {name}", param=name)
    if parts[-1] in node:
        raise StripeSaysNo(400, f"Received the parameter twice: {name}", param=name)
    node[parts[-1]] = value


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
