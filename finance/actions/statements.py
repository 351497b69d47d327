"""Taking in statements: the whole file or nothing, each proving its own balance and continuing the last one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.suggestions import propose
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.reading import EntryRead, FileRead, StatementRead
from finance.models import BankAccount, Statement, StatementLine
from gaf.accounts.models import User
from gaf.decisions.record import record_decision
from gaf.gate import first_decision, in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import seal


@dataclass(frozen=True)
class LineRead:
    """One line as any kind of statement gives it; `money` is signed, what came in is positive."""

    money: Money
    booked_on: date
    value_on: date | None
    end_to_end: str = ""
    bank_reference: str = ""
    original: Money | None = None
    return_code: str = ""
    is_return: bool = False
    is_charge: bool = False
    counterparty: str = ""
    text: str = ""


@dataclass(frozen=True)
class Sheet:
    """One statement of one account, its balance proved by whoever read it."""

    account_number: str
    currency: str
    statement_id: str
    sequence: int | None
    from_day: date
    to_day: date
    opening: Money
    closing: Money
    lines: list[LineRead]


def refuse(code: str, why: str, next_step: str) -> Refusal:
    """A statement file that is not taken in; nothing of it is kept."""
    return Refusal(code, _("The statement was not imported, and nothing was changed."), why, next_step)


def _line(entry: EntryRead, to_day: date) -> LineRead:
    return LineRead(
        money=entry.money,
        booked_on=entry.booking_date or to_day,
        value_on=entry.value_date,
        end_to_end=entry.end_to_end,
        bank_reference=entry.bank_reference,
        original=entry.original_money,
        return_code=entry.return_reason,
        is_return=entry.is_return,
        is_charge=entry.is_bank_charge,
        counterparty=entry.counterparty_name,
        text=entry.remittance,
    )


def _sheet(read: StatementRead) -> Sheet:
    if not read.balanced or read.opening is None or read.closing is None or read.to_date is None:
        raise refuse("STMT-35", _("It does not prove its balance."), _("Ask the bank for a statement that adds up."))
    return Sheet(
        account_number=read.account,
        currency=read.currency,
        statement_id=read.statement_id,
        sequence=read.number,
        from_day=read.from_date or read.to_date,
        to_day=read.to_date,
        opening=read.opening.amount.money,
        closing=read.closing.amount.money,
        lines=[_line(entry, read.to_date) for entry in read.booked],
    )


@in_one_piece
def import_statement(*, content: bytes, actor: User, at: datetime) -> list[Statement]:
    """Import a file of statements. Raises StatementRefused or Refusal STMT-3x naming the first wrong thing."""
    digest = hashlib.sha256(content).hexdigest()
    read = read_file(content)
    if not isinstance(read, FileRead):
        raise refuse("STMT-36", _("It is a status report, not a statement."), _("Nothing needs to be done."))
    sheets = [_sheet(one) for one in read.statements]
    return [take_in(sheet, digest, actor, at) for sheet in sheets]


def take_in(sheet: Sheet, digest: str, actor: User, at: datetime) -> Statement:
    """Keep one statement with its lines, and suggest what its exact references say."""
    account = BankAccount.objects.select_for_update().filter(number=sheet.account_number).first()
    if account is None or account.currency != sheet.currency:
        raise refuse(
            "STMT-31",
            _("It is not for one of the fund's accounts."),
            _("Check that this is the right file; the account is named in it."),
        )
    statement = _continued(account, sheet, digest, actor, at)
    question = Question(_Key(statement), "import_statement", actor)
    role = policy.MAY_IMPORT_STATEMENT.require(question)
    subject = f"STMT-{account.code}-{statement.sequence}"
    record_decision(
        act="import_statement",
        actor=actor,
        role=role,
        at=at,
        subject=subject,
        reference=subject,
        to_state="IMPORTED",
        facts={
            "sha256": digest,
            "opening": statement.opening_minor,
            "closing": statement.closing_minor,
            "lines": len(sheet.lines),
        },
    )
    statement.save(force_insert=True)
    for number, line in enumerate(sheet.lines, start=1):
        _keep(statement, number, line, sheet, actor, role, at)
    propose(statement, at)
    return statement


class _Key:
    """A statement as separation of duties sees it."""

    def __init__(self, statement: Statement) -> None:
        self.key = f"STMT-{statement.bank_account.code}-{statement.sequence}"

    def decision_reference(self) -> str:
        """The statement's key."""
        return self.key


def _continued(account: BankAccount, sheet: Sheet, digest: str, actor: User, at: datetime) -> Statement:
    last = Statement.objects.filter(bank_account=account).order_by("-sequence").first()
    if Statement.objects.filter(bank_account=account, statement_id=sheet.statement_id).exists():
        raise refuse(
            "STMT-32",
            _("Statement %(id)s of %(account)s was imported before.")
            % {"id": sheet.statement_id, "account": account.code},
            _("Nothing needs to be done."),
        )
    sequence = sheet.sequence if sheet.sequence is not None else (last.sequence + 1 if last else 1)
    if last is not None and sequence != last.sequence + 1:
        raise refuse(
            "STMT-33",
            _("It is number %(found)s, and number %(expected)s comes next.")
            % {"found": sequence, "expected": last.sequence + 1},
            _("Import the missing statement first."),
        )
    expected = last.closing if last is not None else opening_balance(account)
    if sheet.opening != expected:
        raise refuse(
            "STMT-34",
            _("It opens with %(found)s, and the last one closed with %(expected)s.")
            % {"found": sheet.opening, "expected": expected},
            _("Ask the bank for the missing statement or a corrected one."),
        )
    return Statement(
        bank_account=account,
        sequence=sequence,
        statement_id=sheet.statement_id,
        from_day=sheet.from_day,
        to_day=sheet.to_day,
        opening_minor=sheet.opening.minor,
        closing_minor=sheet.closing.minor,
        currency=sheet.currency,
        file_sha256=digest,
        imported_by=actor,
        imported_at=at,
    )


def opening_balance(account: BankAccount) -> Money:
    """What the first statement must open with: what the account held on its first day here."""
    received = account.receipts.filter(received_on__lte=account.opened_on)
    return Money(sum(received.values_list("minor", flat=True)), account.currency)


def _identity(statement: Statement, number: int, line: LineRead) -> str:
    parts = [
        statement.bank_account.code,
        statement.statement_id,
        str(number),
        line.bank_reference,
        str(line.money.minor),
    ]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _keep(
    statement: Statement, number: int, line: LineRead, sheet: Sheet, actor: User, role: str, at: datetime
) -> None:
    kept = StatementLine(
        statement=statement,
        number=number,
        identity=_identity(statement, number, line),
        minor=line.money.minor,
        currency=line.money.currency,
        original_minor=line.original.minor if line.original else None,
        original_currency=line.original.currency if line.original else "",
        booked_on=line.booked_on,
        value_on=line.value_on,
        end_to_end=line.end_to_end[:40],
        bank_reference=line.bank_reference[:80],
        return_code=line.return_code[:10],
        is_return=line.is_return,
        is_charge=line.is_charge,
    )
    kept.counterparty = seal(kept.seal_owner(), line.counterparty)
    kept.text = seal(kept.seal_owner(), line.text)
    first_decision(subject=kept, act="import_line", actor=actor, role=role, at=at, facts={"minor": kept.minor})
    kept.save(force_insert=True)
