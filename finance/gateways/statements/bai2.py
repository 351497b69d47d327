"""Reads BAI2 cash management files: records of comma-separated fields, amounts in minor units, control totals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from finance.gateways.bank_file.refusals import StatementRefused, refuse_statement
from finance.gateways.statements.plain_text import day_of, lines_of
from finance.gateways.statements.reading import CONTROL_TOTAL, Amount, BalanceRead, EntryRead, FileRead, StatementRead
from gaf.money import EXPONENTS

_RECORDS: Final = {"01", "02", "03", "16", "49", "88", "98", "99"}
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}")
_RETURNS: Final = {"252", "255", "257", "258", "555", "557", "568"}


@dataclass(slots=True)
class _Record:
    """One record with its continuations (88): the fields of the first line, and the lines that follow."""

    line: int
    fields: list[str]
    more: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.fields[0]

    def at(self, place: int) -> str:
        return self.fields[place].strip() if place < len(self.fields) else ""


@dataclass(slots=True)
class _Account:
    """An account while its records arrive."""

    number: str
    currency: str
    day: date
    line: int
    balances: dict[str, Decimal] = field(default_factory=dict)
    entries: list[EntryRead] = field(default_factory=list)
    told: int = 0
    differs: bool = False


def read_bai2(text: str) -> FileRead:
    """Every account of every group. Raises StatementRefused (STMT-05, STMT-08 to STMT-22) with what is wrong."""
    records = _records(text)
    if not records or records[0].code != "01":
        raise refuse_statement("STMT-07", _("The file is not BAI2: it does not begin with a file header (01)."))
    if records[-1].code != "99":
        raise refuse_statement("STMT-05", _("The file breaks off: its file trailer (99) is missing."))
    accounts = list(_accounts(records))
    if not accounts:
        raise refuse_statement("STMT-08", _("The file holds no statement."))
    return FileRead("BAI2", tuple(_statement(account) for account in accounts))


def _records(text: str) -> list[_Record]:
    found: list[_Record] = []
    for number, raw in enumerate(lines_of(text), start=1):
        line = raw.strip()
        if not line:
            continue
        code, comma, rest = line.partition(",")
        if code not in _RECORDS or not comma:
            raise refuse_statement(
                "STMT-10", _("Line %(line)s: “%(text)s” is no BAI2 record.") % {"line": number, "text": line[:30]}
            )
        if code == "88":
            if not found:
                raise refuse_statement("STMT-10", _("Line %(line)s continues nothing.") % {"line": number})
            found[-1].more.append(rest.removesuffix("/"))
        else:
            found.append(_Record(number, line.removesuffix("/").split(",")))
    return found


def _accounts(records: list[_Record]) -> Iterator[_Account]:
    group: _Record | None = None
    current: _Account | None = None
    for record in records:
        if record.code == "02":
            group = record
        elif record.code == "03":
            current = _account(record, group)
        elif record.code == "16":
            if current is None:
                raise _misplaced(record)
            current.entries.append(_entry(record, current))
        elif record.code == "49":
            if current is None:
                raise _misplaced(record)
            current.differs = bool(record.at(1)) and _number(record.at(1), record) != current.told
            yield current
            current = None
    if current is not None:
        raise refuse_statement("STMT-05", _("The file breaks off: an account has no trailer (49)."))


def _misplaced(record: _Record) -> StatementRefused:
    return refuse_statement("STMT-10", _("Line %(line)s belongs to no account.") % {"line": record.line})


def _account(record: _Record, group: _Record | None) -> _Account:
    if group is None:
        raise refuse_statement("STMT-10", _("Line %(line)s: an account before any group.") % {"line": record.line})
    written = group.at(4)
    if not re.fullmatch("[0-9]{6}", written):
        raise refuse_statement(
            "STMT-18", _("Line %(line)s: “%(day)s” is no day.") % {"line": group.line, "day": written[:20]}
        )
    day = day_of(written[:2], written[2:4], written[4:], _("Line %(line)s") % {"line": group.line})
    currency = record.at(2) or group.at(6) or "USD"
    if not record.at(1) or currency not in EXPONENTS:
        raise refuse_statement(
            "STMT-13", _("Line %(line)s: an account without a number or a known currency.") % {"line": record.line}
        )
    account = _Account(record.at(1), currency, day, record.line)
    for code, minor in _summaries(record):
        account.told += minor
        account.balances.setdefault(code, Decimal(minor).scaleb(-EXPONENTS[currency]))
    return account


def _summaries(record: _Record) -> Iterator[tuple[str, int]]:
    """Groups of type, amount, item count and funds type; some funds types carry fields of their own."""
    fields = ",".join([",".join(record.fields[3:]), *record.more]).split(",")
    place = 0
    while place < len(fields):
        code = fields[place].strip()
        if not code:
            place += 1
            continue
        if not re.fullmatch("[0-9]{3}", code):
            raise refuse_statement(
                "STMT-10", _("Line %(line)s: “%(code)s” is no BAI2 type.") % {"line": record.line, "code": code[:20]}
            )
        amount = fields[place + 1].strip() if place + 1 < len(fields) else ""
        if amount:
            yield code, _number(amount, record)
        place += 4 + _funds_fields(fields, place + 3)


def _funds_fields(fields: list[str], place: int) -> int:
    """How many fields follow a funds type."""
    kind = fields[place].strip().upper() if place < len(fields) else ""
    if kind == "D":
        count = fields[place + 1].strip() if place + 1 < len(fields) else ""
        return 1 + 2 * (int(count) if re.fullmatch("[0-9]{1,3}", count) else 0)
    return {"S": 3, "V": 2}.get(kind, 0)


def _number(written: str, record: _Record) -> int:
    if not _AMOUNT.fullmatch(written):
        raise refuse_statement(
            "STMT-11",
            _("Line %(line)s: “%(amount)s” is not an amount of plain digits.")
            % {"line": record.line, "amount": written[:30]},
        )
    return int(written)


def _entry(record: _Record, account: _Account) -> EntryRead:
    code = record.at(1)
    minor = _number(record.at(2), record)
    account.told += minor
    sign = _sign(code, record)
    after = 4 + _funds_fields(record.fields, 3)
    texts = [",".join(record.fields[after + 2 :]), *record.more]
    return EntryRead(
        amount=Amount(Decimal(sign * minor).scaleb(-EXPONENTS[account.currency]), account.currency),
        booking_date=account.day,
        value_date=_value_day(record) or account.day,
        bank_reference=record.at(after)[:80],
        end_to_end=record.at(after + 1)[:40],
        is_return=code in _RETURNS,
        remittance=" ".join(" ".join(texts).replace("/", " ").split())[:4000],
        domain_code=code,
    )


def _sign(code: str, record: _Record) -> int:
    if re.fullmatch("[123][0-9]{2}", code):
        return 1
    if re.fullmatch("[456][0-9]{2}", code):
        return -1
    raise refuse_statement(
        "STMT-19",
        _("Line %(line)s: type %(code)s is neither a credit (100 to 399) nor a debit (400 to 699).")
        % {"line": record.line, "code": code[:20]},
    )


def _value_day(record: _Record) -> date | None:
    """Funds type V names the value day itself."""
    written = record.at(4)
    if record.at(3).upper() != "V" or not re.fullmatch("[0-9]{6}", written):
        return None
    return day_of(written[:2], written[2:4], written[4:], _("Line %(line)s") % {"line": record.line})


def _statement(account: _Account) -> StatementRead:
    return StatementRead(
        statement_id=f"BAI2 {account.number[-12:]} {account.day}"[:40],
        account=account.number,
        currency=account.currency,
        opening=_balance(account, "010"),
        closing=_balance(account, "015"),
        entries=tuple(account.entries),
        from_date=account.day,
        to_date=account.day,
        notes=(CONTROL_TOTAL,) if account.differs else (),
    )


def _balance(account: _Account, code: str) -> BalanceRead | None:
    value = account.balances.get(code)
    return BalanceRead(code, Amount(value, account.currency), account.day) if value is not None else None
