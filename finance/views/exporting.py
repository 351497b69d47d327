"""Exports of what a person may see: the disbursements of the list, the lines of an account's statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.exports import Cell, as_csv, as_xlsx
from finance.models import BankAccount, Disbursement, StatementLine
from finance.views.disbursements import asked_for, states_of
from finance.visibility import (
    SEES_DISBURSEMENTS,
    SEES_PAYEES,
    SEES_STATEMENTS,
    belongs_to,
    visible_disbursements,
)
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.sealing import unseal_all

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_AT_ONCE = 200


def _answer(request: HttpRequest, name: str, head: list[str], rows: Iterable[list[Cell]]) -> HttpResponseBase:
    kind = request.GET.get("as", "csv")
    if kind not in _KINDS:
        raise Http404
    content = as_csv(head, rows) if kind == "csv" else as_xlsx(name, head, rows)
    answer = StreamingHttpResponse(content, content_type=_KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}-{clock.today().isoformat()}.{kind}"'
    return answer


def _in_batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The rows as they are read, some at a time, so that sealed names are opened together."""
    coming = rows.iterator(chunk_size=_AT_ONCE)
    while batch := list(islice(coming, _AT_ONCE)):
        yield batch


@audience(*SEES_DISBURSEMENTS)
@require_safe
def disbursements_export(request: HttpRequest) -> HttpResponseBase:
    """The disbursements of the list as filtered, `?as=csv` or `?as=xlsx`; holders for those who may read them."""
    person: User = request.user  # type: ignore[assignment]
    state, reference = asked_for(request)
    rows = visible_disbursements(person).order_by("number")
    rows = rows.filter(reference=reference) if reference else rows
    rows = rows.filter(state__in=states_of(state)) if state else rows
    named = belongs_to(person, SEES_PAYEES)
    head = [
        _("Number"),
        _("State"),
        _("Request"),
        _("Payee"),
        *([_("Account holder")] if named else []),
        _("Account ends in"),
        _("Mission"),
        _("Fund's account"),
        _("Amount"),
        _("Currency"),
        _("Committed, USD"),
        _("Prepared on"),
        _("Sent on"),
        _("Confirmed on"),
        _("Text on the statement"),
        _("Reason given by the bank"),
    ]
    return _answer(request, "disbursements", head, _disbursement_rows(rows, named=named))


def _disbursement_rows(rows: QuerySet[Disbursement], *, named: bool) -> Iterator[list[Cell]]:
    for batch in _in_batches(rows):
        holders = unseal_all(row.payee_version.holder if named else "" for row in batch)
        for row, holder in zip(batch, holders, strict=True):
            yield [
                row.number,
                row.get_state_display(),
                row.reference,
                row.payee_key,
                *([holder] if named else []),
                row.payee_version.account_hint,
                row.payee_version.payee.mission.code,
                row.bank_account.code,
                row.money.decimal,
                row.currency,
                row.committed.decimal,
                row.prepared_at.date(),
                row.sent_at.date() if row.sent_at else None,
                row.confirmed_at.date() if row.confirmed_at else None,
                row.end_to_end,
                row.return_code,
            ]


@audience(*SEES_STATEMENTS)
@require_safe
def lines_export(request: HttpRequest, code: str) -> HttpResponseBase:
    """Every statement line of one of the fund's accounts, with what the bank wrote."""
    account = get_object_or_404(BankAccount, code=code)
    rows = StatementLine.objects.filter(statement__bank_account=account).select_related("statement")
    head = [
        _("Account"),
        _("Line"),
        _("Booked on"),
        _("Value on"),
        _("Amount"),
        _("Currency"),
        _("State"),
        _("Reference"),
        _("Bank's reference"),
        _("Return code"),
        _("Counterparty"),
        _("Text of the bank"),
    ]
    return _answer(request, f"lines-{account.code}", head, _line_rows(rows.order_by("booked_on", "id"), account.code))


def _line_rows(rows: QuerySet[StatementLine], code: str) -> Iterator[list[Cell]]:
    for batch in _in_batches(rows):
        names = unseal_all(row.counterparty for row in batch)
        texts = unseal_all(row.text for row in batch)
        for row, name, text in zip(batch, names, texts, strict=True):
            yield [
                code,
                str(row),
                row.booked_on,
                row.value_on,
                row.money.decimal,
                row.currency,
                row.get_state_display(),
                row.end_to_end,
                row.bank_reference,
                row.return_code,
                name,
                text,
            ]
