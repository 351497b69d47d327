"""Statements made by hand, for lines that the bank's stand-in never writes."""

from __future__ import annotations

import hashlib
from datetime import date

from finance.actions.statements import LineRead, Sheet, opening_balance, take_in
from finance.models import Disbursement, Statement, StatementLine
from gaf import clock
from gaf.money import Money, total
from gaf.outbox.outbox import drain
from tests.finance.builders import GENEVA, Fund, usd

DAY = date(2026, 11, 24)


def read(minor: str, **facts: object) -> LineRead:
    """One line of the account in Geneva: `read("-301.50", end_to_end=…)`."""
    facts = {"booked_on": DAY, "value_on": DAY, "bank_reference": f"B{len(facts)}{minor}", **facts}
    return LineRead(money=usd(minor), **facts)  # type: ignore[arg-type]


def import_lines(fund: Fund, *lines: LineRead) -> list[StatementLine]:
    """Esi takes in a statement of exactly these lines; they come back in the bank's order."""
    last = Statement.objects.filter(bank_account=fund.geneva).order_by("-sequence").first()
    opening = last.closing if last else opening_balance(fund.geneva)
    closing = opening + total([line.money for line in lines], "USD")
    name = f"HAND-{last.sequence + 1 if last else 1}"
    sheet = Sheet(GENEVA, "USD", name, None, DAY, DAY, opening, closing, list(lines))
    statement = take_in(sheet, hashlib.sha256(name.encode()).hexdigest(), fund.esi, clock.now())
    return list(statement.lines.order_by("number"))


def sent(fund: Fund, *amounts: str) -> list[Disbursement]:
    """Disbursements of these amounts to one payee, all in one file at the bank."""
    fund.commit(usd("5000.00"))
    payee = fund.payee()
    made = [fund.prepare(usd(amount), payee) for amount in amounts]
    fund.release(*made)
    fund.signed_file()
    drain()
    return [fund.now(one) for one in made]


def fresh(line: StatementLine) -> StatementLine:
    """The line as it is now."""
    return StatementLine.objects.select_related("statement__bank_account").get(pk=line.pk)


def money(minor: int) -> Money:
    """US dollars from cents."""
    return Money(minor, "USD")
