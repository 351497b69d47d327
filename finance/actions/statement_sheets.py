"""A statement of whatever format as the import sees it: in minor units, for one of the fund's own accounts."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from finance.gateways.statements.reading import DetailRead, EntryRead, FileRead, StatementRead
from finance.models import BankAccount
from gaf.money import Money
from gaf.refusals import Refusal

_ADVICE = "camt.054"
# Tomorrow has begun at banks east of here.
_EASTERN = timedelta(days=1)


@dataclass(frozen=True)
class DetailLine:
    """One payment inside a batch, as the bank tells it."""

    money: Money | None
    end_to_end: str = ""
    bank_reference: str = ""
    original: Money | None = None
    return_code: str = ""
    is_return: bool = False
    counterparty: str = ""
    counterparty_account: str = ""
    text: str = ""


@dataclass(frozen=True)
class LineRead:
    """One line as any kind of statement gives it; `money` is signed, what came in is positive.

    `external_id` is the bank's own number of the line, where it is unique in itself.
    """

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
    is_reversal: bool = False
    charges: Money | None = None
    batch_key: str = ""
    counterparty_account: str = ""
    external_id: str = ""
    details: tuple[DetailLine, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One statement of one account. Without both balances it is a report: it brings lines and proves nothing.

    `pending` holds what is announced and not booked; `notes` what the reader noticed.
    """

    account_number: str
    currency: str
    statement_id: str
    sequence: int | None
    from_day: date
    to_day: date
    opening: Money | None
    closing: Money | None
    lines: list[LineRead]
    pending: list[LineRead] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def proves(self) -> bool:
        """Whether it has both balances."""
        return self.opening is not None and self.closing is not None

    @property
    def content_hash(self) -> str:
        """The same for the same content, whatever the file's name, line endings or format of numbers were."""
        plain = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()


def refuse(code: str, why: str, next_step: str) -> Refusal:
    """A statement file that is not taken in; nothing of it is kept."""
    return Refusal(code, _("The statement was not imported, and nothing was changed."), why, next_step)


def sheets_of(read: FileRead, today: date) -> list[Sheet]:
    """Every statement of a file. Raises Refusal STMT-37 for days that have not come, StatementRefused for amounts that
    are no money (STMT-12 to STMT-14)."""
    return [_sheet(one, read.format, today) for one in read.statements]


def _sheet(read: StatementRead, file_format: str, today: date) -> Sheet:
    if read.is_mixed:
        raise refuse(
            "STMT-14",
            _("Statement %(id)s is in %(currency)s and holds an amount in another currency.")
            % {"id": read.statement_id, "currency": read.currency},
            _("Ask the bank for one statement for each currency."),
        )
    advice = file_format.startswith(_ADVICE)
    moving = [entry for entry in read.entries if entry.amount.value]
    last = read.to_date or max((entry.booking_date for entry in moving if entry.booking_date), default=today)
    sheet = Sheet(
        account_number=read.account,
        currency=read.currency,
        statement_id=read.statement_id or f"{file_format} {last}"[:40],
        sequence=read.number,
        from_day=read.from_date or last,
        to_day=last,
        opening=read.opening_money,
        closing=read.closing_money,
        lines=[line_of(entry, last) for entry in moving if entry.is_booked and not advice],
        pending=[line_of(entry, last) for entry in moving if advice or not entry.is_booked],
        notes=tuple(sorted({*read.notes, *(note for entry in read.entries for note in entry.notes)})),
    )
    _check_days(sheet, today)
    return sheet


def _check_days(sheet: Sheet, today: date) -> None:
    late = max(
        [sheet.from_day, sheet.to_day if sheet.lines else sheet.from_day, *(one.booked_on for one in sheet.lines)]
    )
    if late > today + _EASTERN:
        raise refuse(
            "STMT-37",
            _("It books on a day that has not come: %(day)s.") % {"day": late.isoformat()},
            _("Ask the bank for a correct file."),
        )


def line_of(entry: EntryRead, day_if_none: date) -> LineRead:
    """An entry in minor units."""
    return LineRead(
        money=entry.money,
        booked_on=entry.booking_date or day_if_none,
        value_on=entry.value_date,
        end_to_end=entry.end_to_end,
        bank_reference=entry.bank_reference,
        original=entry.original_money,
        return_code=entry.return_reason,
        is_return=entry.is_return,
        is_charge=entry.is_bank_charge,
        counterparty=entry.counterparty_name,
        text=entry.remittance,
        is_reversal=entry.is_reversal,
        charges=entry.charges.money if entry.charges else None,
        batch_key=entry.batch_key or entry.msg_id,
        counterparty_account=entry.counterparty_account,
        details=tuple(_detail(one) for one in entry.details),
    )


def _detail(read: DetailRead) -> DetailLine:
    return DetailLine(
        money=read.money,
        end_to_end=read.end_to_end,
        bank_reference=read.bank_reference,
        original=read.original_money,
        return_code=read.return_reason,
        is_return=read.is_return,
        counterparty=read.counterparty_name,
        counterparty_account=read.counterparty_account,
        text=read.remittance,
    )


def account_of(sheet: Sheet) -> BankAccount | None:
    """The fund's own account that the bank means; banks put their code before the number or the currency behind it."""
    forms = _forms(sheet.account_number)
    for account in BankAccount.objects.order_by("code"):
        if _compact(account.number) in forms:
            return account
    return None


def _forms(written: str) -> set[str]:
    plain = written.strip().upper()
    without_currency = re.sub(r"[/ ]?[A-Z]{3}$", "", plain) if re.search(r"[0-9][/ ]?[A-Z]{3}$", plain) else plain
    found = {plain, without_currency}
    found |= {one.rpartition("/")[2] for one in list(found)}
    return {_compact(one) for one in found} - {""}


def _compact(number: str) -> str:
    return re.sub(r"[ \-./]", "", number).upper()
