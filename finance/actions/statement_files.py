"""The bank's files: kept as their bytes came, looked at first, imported when a person has seen what was found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.statement_plan import Plan, plan_of
from finance.actions.statement_sheets import refuse, sheets_of
from finance.gateways.statements.csv_lists import COLUMNS, CsvShape
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.pain002 import StatusReportRead
from finance.models import BankAccount, CsvMapping, StatementFile
from finance.private_files import read_private, store_private
from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal


@dataclass(frozen=True)
class Found:
    """What a file holds beside what is known: plans of its statements, or a status report; or why it is not for us."""

    format: str
    plans: list[Plan] = field(default_factory=list)
    report: StatusReportRead | None = None
    refusal: Refusal | None = None


class _NewFile:
    """A file that is not there yet, as separation of duties sees it."""

    def decision_reference(self) -> str:
        """It belongs to no request."""
        return ""


@in_one_piece
def keep_file(*, content: bytes, name: str, actor: User, at: datetime, shape: CsvShape | None = None) -> StatementFile:
    """Keep a file that can be read, once: the same bytes under another name are the same file.

    Raises StatementRefused where it cannot be read; nothing of it is kept then.
    """
    policy.MAY_IMPORT_STATEMENT.require(Question(_NewFile(), "import_statement", actor))
    digest = hashlib.sha256(content).hexdigest()
    known = StatementFile.objects.filter(sha256=digest).first()
    read = read_file(content, shape)
    if known is not None:
        return known
    return StatementFile.objects.create(
        sha256=digest,
        stored_as=store_private("statements", content),
        name=name[-120:],
        size=len(content),
        format=read.format[:20],
        kept_by=actor,
        kept_at=at,
    )


def content_of(file: StatementFile) -> bytes:
    """The bytes of a file. Raises Refusal STMT-41 when they are not the bytes that came."""
    content = read_private(file.stored_as)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise refuse("STMT-41", _("Its bytes are not the bytes that were kept."), _("Tell the system administrator."))
    return content


def found_in(file: StatementFile, shape: CsvShape | None, today: date) -> Found:
    """What an import of this file would do; nothing is written."""
    try:
        read = read_file(content_of(file), shape)
        if isinstance(read, StatusReportRead):
            return Found(read.format, report=read)
        return Found(read.format, plans=[plan_of(sheet) for sheet in sheets_of(read, today)])
    except Refusal as refusal:
        return Found(file.format, refusal=refusal)


def report_in(file: StatementFile, shape: CsvShape | None) -> tuple[bytes, StatusReportRead | None]:
    """The bytes of a file, and the status report that it is, if it is one. Raises as `content_of`, and StatementRefused
    where it cannot be read."""
    content = content_of(file)
    read = read_file(content, shape)
    return content, read if isinstance(read, StatusReportRead) else None


def shape_of(mapping: CsvMapping | None) -> CsvShape | None:
    """A saved mapping as the reader takes it."""
    if mapping is None:
        return None
    return CsvShape(
        account=mapping.bank_account.number,
        currency=mapping.bank_account.currency,
        delimiter=mapping.delimiter,
        decimal_mark=mapping.decimal_mark,
        date_order=mapping.date_order,
        columns=mapping.columns,
    )


@in_one_piece
def save_mapping(*, bank_account: BankAccount, facts: dict[str, Any], actor: User, at: datetime) -> CsvMapping:
    """Save how a bank writes its lists; a name that is used already gets a new version. Raises Refusal STMT-42 where a
    column is missing or named twice."""
    policy.MAY_IMPORT_STATEMENT.require(Question(_NewFile(), "import_statement", actor))
    columns = {name: heading for name, heading in facts["columns"].items() if heading}
    _check_columns(columns)
    versions = CsvMapping.objects.filter(name=facts["name"]).count()
    return CsvMapping.objects.create(
        name=facts["name"],
        version=versions + 1,
        bank_account=bank_account,
        delimiter=facts["delimiter"],
        decimal_mark=facts["decimal_mark"],
        date_order=facts["date_order"],
        columns=columns,
        made_by=actor,
        made_at=at,
    )


def _check_columns(columns: dict[str, str]) -> None:
    amounts = "amount" in columns or {"credit", "debit"} <= set(columns)
    both = "amount" in columns and ("credit" in columns or "debit" in columns)
    twice = len(set(columns.values())) < len(columns)
    if "booked_on" in columns and amounts and not both and not twice and set(columns) <= set(COLUMNS):
        return
    raise Refusal(
        "STMT-42",
        _("The mapping was not saved."),
        _("It needs a booking day, and an amount or a pair of credit and debit, each in a column of its own."),
        _("Write the headings as they stand in the bank's list."),
    )
