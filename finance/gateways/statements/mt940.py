"""Reads SWIFT MT940 and MT942 as banks really write them; the balance says whether they were read rightly.

A reversal of a credit (RC) takes money off the account, a reversal of a debit (RD) brings it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements.mt940_details import facts_of
from finance.gateways.statements.plain_text import day_of, lines_of, possible_day, unsigned
from finance.gateways.statements.reading import (
    CLOSING_CODES,
    IMPOSSIBLE_DAY,
    OPENING_CODES,
    Amount,
    BalanceRead,
    EntryRead,
    FileRead,
    StatementRead,
    first_of,
    last_of,
)

_TAG = re.compile(r"^:(?P<tag>[0-9]{2}[A-Z]?|NS):(?P<rest>.*)$")
_END = re.compile(r"^(?:-(?:\s*|\}.*|XXX.*)|\{[1-5]:.*)$")
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}|\s{4})?\s?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>[0-9]+[.,][0-9.,]*)(?P<rest>.*)"
)
_REST = re.compile(r"(?P<code>[A-Z][A-Za-z0-9 ]{3})?(?P<own>.*?)(?://(?P<bank>.*))?")
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})?(?P<amount>[0-9]+[.,][0-9.,]*)")
_INTERIM: Final = {"34F", "13", "13D", "90C", "90D"}
_NO_REFERENCE: Final = {"", "NONREF", "NOREF", "KREF+", "EREF", "PREF", "MREF"}
_LONGEST_TEXT: Final = 4000


@dataclass(slots=True)
class _Line:
    number: int
    first: str
    details: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Message:
    """One statement while its lines arrive."""

    fields: dict[str, tuple[int, str]] = field(default_factory=dict)
    balances: list[tuple[int, str, str]] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    last: str = ""

    def take(self, tag: str, number: int, rest: str) -> None:
        if tag == "61":
            self.lines.append(_Line(number, rest))
        elif tag in {"86", "NS"} and self.last in {"61", "86", "NS"} and self.lines:
            self.lines[-1].texts.append(rest)
        elif tag[:2] in {"60", "62"}:
            self.balances.append((number, tag, rest))
        elif tag not in {"86", "NS"}:
            self.fields.setdefault(tag, (number, rest))
        self.last = tag if tag not in {"86", "NS"} or self.last in {"61", "86", "NS"} else self.last

    def go_on(self, rest: str) -> None:
        """A line without a tag belongs to the field before it."""
        if self.last == "61" and self.lines:
            self.lines[-1].details.append(rest)
        elif self.last in {"86", "NS"} and self.lines:
            self.lines[-1].texts[-1] += "\n" + rest


def read_mt940(text: str) -> FileRead:
    """Every statement of the file. Raises StatementRefused (STMT-08 to STMT-22) with the first thing that is wrong."""
    messages = _messages(text)
    interim = any(set(one.fields) & _INTERIM for one in messages) and not any(one.balances for one in messages)
    statements = tuple(_statement(message) for message in messages)
    if not statements:
        raise refuse_statement("STMT-08", _("The file holds no statement."))
    return FileRead("MT942" if interim else "MT940", statements)


def _messages(text: str) -> list[_Message]:
    found: list[_Message] = []
    current: _Message | None = None
    for number, line in enumerate(lines_of(text), start=1):
        tagged = _TAG.match(line)
        if tagged is None:
            if _END.match(line.strip()):
                current = None
            elif current is not None:
                current.go_on(line)
            continue
        if tagged["tag"] == "20" or current is None:
            if tagged["tag"] == "61":
                raise refuse_statement("STMT-08", _("Line %(line)s belongs to no statement.") % {"line": number})
            current = _Message()
            found.append(current)
        current.take(tagged["tag"], number, tagged["rest"])
    return [one for one in found if one.lines or one.balances or "25" in one.fields]


def _statement(message: _Message) -> StatementRead:
    account = message.fields.get("25", message.fields.get("25P", (0, "")))[1].strip()
    if not account:
        raise refuse_statement("STMT-10", _("A statement does not name its account (field 25)."))
    currency = _currency(message)
    balances = [_balance(number, tag, written, currency) for number, tag, written in message.balances]
    opening, closing = first_of(balances, OPENING_CODES), last_of(balances, CLOSING_CODES)
    entries = tuple(_entry(line, currency) for line in message.lines)
    days = [one.day for one in (opening, closing) if one is not None and one.day is not None]
    days += [entry.booking_date for entry in entries if entry.booking_date is not None]
    number = message.fields.get("28C", message.fields.get("28", (0, "")))[1].strip()
    return StatementRead(
        statement_id=f"{message.fields.get('20', (0, ''))[1].strip()} {number}".strip()[:40],
        account=account,
        currency=currency,
        opening=opening,
        closing=closing,
        entries=entries,
        number=_number(number),
        from_date=min(days, default=None),
        to_date=max(days, default=None),
    )


def _currency(message: _Message) -> str:
    """The currency of a balance, of the floor limit of an interim report, or of the account's own name."""
    for number, tag, written in message.balances:
        matched = _BALANCE.fullmatch(written.strip())
        if matched is None:
            raise _not_a_balance(number, tag, written)
        if matched["currency"]:
            return matched["currency"]
    for tag in ("34F", "90D", "90C"):
        found = re.search(r"[A-Z]{3}", message.fields.get(tag, (0, ""))[1])
        if found:
            return found[0]
    found = re.search(r"[/ ]?([A-Z]{3})$", message.fields.get("25", (0, ""))[1].strip())
    if found:
        return found[1]
    raise refuse_statement("STMT-13", _("A statement does not say in which currency it is."))


def _not_a_balance(number: int, tag: str, written: str) -> Exception:
    return refuse_statement(
        "STMT-10",
        _("Line %(line)s: “%(text)s” is not a balance (field %(tag)s).")
        % {"line": number, "text": written[:40], "tag": tag},
    )


def _balance(number: int, tag: str, written: str, currency: str) -> BalanceRead:
    matched = _BALANCE.fullmatch(written.strip())
    if matched is None:
        raise _not_a_balance(number, tag, written)
    where = _("Line %(line)s") % {"line": number}
    value = unsigned(matched["amount"], where)
    day = matched["day"]
    return BalanceRead(
        code=tag,
        amount=Amount(-value if matched["mark"] == "D" else value, matched["currency"] or currency),
        day=day_of(day[:2], day[2:4], day[4:], where),
    )


def _entry(line: _Line, currency: str) -> EntryRead:
    matched = _LINE.fullmatch(line.first)
    where = _("Line %(line)s") % {"line": line.number}
    if matched is None:
        raise refuse_statement(
            "STMT-10",
            _("%(where)s: “%(text)s” is not an entry (field 61).") % {"where": where, "text": line.first[:40]},
        )
    value = unsigned(matched["amount"], where)
    value_date, booking_date, notes = _days(matched["value"], (matched["entry"] or "").strip())
    rest = _REST.fullmatch(matched["rest"].strip())
    own = (rest["own"] if rest else matched["rest"]).strip()
    told = facts_of("\n".join(line.texts)[:_LONGEST_TEXT])
    if own.upper() not in _NO_REFERENCE and not told.get("end_to_end"):
        told["end_to_end"] = own[:40]
    told["remittance"] = " ".join([*filter(None, (" ".join(line.details).strip(), told["remittance"]))])[:_LONGEST_TEXT]
    return EntryRead(
        amount=Amount(-value if matched["mark"] in {"D", "RC", "ED"} else value, currency),
        booking_date=booking_date,
        value_date=value_date,
        is_reversal=matched["mark"] in {"RC", "RD"},
        bank_reference=((rest["bank"] if rest else "") or "").strip()[:80],
        domain_code=((rest["code"] if rest else "") or "").strip(),
        notes=notes,
        **told,
    )


def _days(value: str, entry: str) -> tuple[date | None, date | None, tuple[str, ...]]:
    """Value day and booking day. Some banks count 30 days in every month: a day that does not exist is left out and
    noted, and the entry keeps its other day."""
    notes: tuple[str, ...] = ()
    valued, booked = None, None
    try:
        valued = possible_day(value[:2], value[2:4], value[4:])
    except ValueError:
        notes = (IMPOSSIBLE_DAY,)
    if entry:
        try:
            booked = _nearest(value[:2], entry, valued)
        except ValueError:
            notes = (IMPOSSIBLE_DAY,)
    return valued, booked or valued, notes


def _nearest(year: str, entry: str, valued: date | None) -> date:
    """The booking day has no year of its own: it is the one nearest to the value day."""
    booked = possible_day(year, entry[:2], entry[2:])
    if valued is not None and abs(booked - valued) > timedelta(days=180):
        booked = booked.replace(year=booked.year + (1 if booked < valued else -1))
    return booked


def _number(written: str) -> int | None:
    matched = re.match(r"[0-9]{1,9}", written)
    return int(matched[0]) or None if matched else None
