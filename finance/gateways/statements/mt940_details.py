"""What banks put into the free text (:86:) of an MT940 line: references, names and accounts in three conventions."""

from __future__ import annotations

import re
from typing import Any

# German banks: a code of three digits, then fields ?20 to ?63; some write > for ?.
_FIELDED = re.compile(r"\s*(?P<code>[0-9]{3})(?P<mark>[?>])[0-9]{2}")
# Inside those, SEPA keys; Dutch banks write /KEY/ instead.
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|RTRN|PURP)\+")
_SLASHED = re.compile(
    r"/(EREF|ENDTOENDID|NAME|IBAN|REMI|BENM|ORDP|RTRN|CSID|MARF|BIC|TRTP|KREF|ISDT|ADDR|ID|PREF|PT|PY)/"
)
_FULL_LINE = 61  # the first line of 65 begins behind its tag
_NOTHING = {"", "NOTPROVIDED", "NONREF", "NOTPROV"}


def facts_of(text: str) -> dict[str, Any]:
    """What can be told for certain: references, name, account, return reason, and the text itself."""
    plain = " ".join(text.split())
    matched = _FIELDED.match(text)
    if matched:
        return _fielded(text, matched["code"], matched["mark"])
    if _SLASHED.search(text):
        return _slashed(_unwrapped(text))
    return {"remittance": plain}


def _unwrapped(text: str) -> str:
    """A full line goes on in the next one; a short one ended there."""
    lines = text.split("\n")
    ends = ["" if len(line) >= _FULL_LINE else " " for line in lines]
    return "".join(line + end for line, end in zip(lines, ends, strict=True)).strip()


def _fielded(text: str, code: str, mark: str) -> dict[str, Any]:
    joined = "".join(text.split("\n"))
    fields: dict[str, str] = {}
    for part in joined.split(mark)[1:]:
        if part[:2].isdigit():
            fields[part[:2]] = fields.get(part[:2], "") + part[2:]
    purpose = "".join(fields.get(str(number), "") for number in (*range(20, 30), *range(60, 64)))
    keys = _keyed(_SEPA, purpose)
    return {
        "end_to_end": _given(keys.get("EREF", "")),
        "counterparty_name": " ".join((fields.get("32", "") + fields.get("33", "")).split()),
        "counterparty_account": fields.get("38", "").strip() or fields.get("31", "").strip(),
        "return_reason": (fields.get("34", "") if code in {"108", "109", "159"} else "").strip(),
        "is_return": code in {"108", "109", "159"},
        "remittance": " ".join(filter(None, [fields.get("00", "").strip(), " ".join(purpose.split())])),
    }


def _slashed(text: str) -> dict[str, Any]:
    keys = _keyed(_SLASHED, text)
    return {
        "end_to_end": _given(keys.get("EREF", "") or keys.get("ENDTOENDID", "")),
        "counterparty_name": keys.get("NAME", "").strip("/ "),
        "counterparty_account": keys.get("IBAN", "").strip("/ "),
        "return_reason": keys.get("RTRN", "").strip("/ ")[:10],
        "is_return": "RTRN" in keys,
        "remittance": (keys.get("REMI", "").strip("/ ") or " ".join(text.split())),
    }


def _keyed(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    found = list(pattern.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    return {one[1]: text[one.end() : end] for one, end in zip(found, ends, strict=False)}


def _given(reference: str) -> str:
    plain = reference.strip("/ ")
    return "" if plain.upper() in _NOTHING or " " in plain.strip() else plain
