"""Our records that are open for a line, searched by number, amount or payee's key."""

from __future__ import annotations

from django.db.models import Q

from finance.models import Disbursement, Match, Receipt, RefundDue, StatementLine
from finance.states import DisbursementState
from finance.views.suggested import Record
from gaf.amounts import read_amount
from gaf.money import Money, WrongAmount

S = DisbursementState
K = Match.Kind
MOST = 25


def found_records(line: StatementLine, asked: str) -> list[Record]:
    """At most 25, oldest first; with nothing asked, what is open for this account and direction."""
    if line.minor < 0:
        return _gone(line, asked)
    return [*_returnable(line, asked), *_coming(line, asked)][:MOST]


def _minor(asked: str, currency: str) -> int | None:
    try:
        return read_amount(asked, currency).minor if asked else None
    except WrongAmount:
        return None


def _like(asked: str, currency: str) -> Q:
    if not asked:
        return Q()
    minor = _minor(asked, currency)
    named = Q(number__iexact=asked) | Q(payee_version__payee__key__iexact=asked) | Q(reference__iexact=asked)
    return named | Q(account_minor=minor) | Q(minor=minor) if minor is not None else named


def _disbursements(line: StatementLine, asked: str, states: tuple[str, ...]) -> list[Disbursement]:
    rows = Disbursement.objects.filter(
        _like(asked, line.currency), bank_account=line.statement.bank_account, state__in=states, sent_at__isnull=False
    )
    return list(rows.prefetch_related("matches").order_by("number")[: MOST * 4])


def _record(kind: str, row: Disbursement) -> Record:
    return Record(kind, row.number, f"/disbursements/{row.number}/", row.money)


def _gone(line: StatementLine, asked: str) -> list[Record]:
    rows = _disbursements(line, asked, (S.SENT, S.CONFIRMED, S.RETURNED))
    kept = [row for row in rows if not any(match.kind == K.DISBURSEMENT for match in row.matches.all())]
    return [_record(K.DISBURSEMENT, row) for row in kept[:MOST]]


def _returnable(line: StatementLine, asked: str) -> list[Record]:
    if not asked:
        return []
    rows = _disbursements(line, asked, (S.SENT, S.CONFIRMED, S.RETURNED))
    kinds = [(row, {match.kind for match in row.matches.all()}) for row in rows]
    return [_record(K.RETURN, row) for row, known in kinds if known == {K.DISBURSEMENT}]


def _coming(line: StatementLine, asked: str) -> list[Record]:
    minor = _minor(asked, line.currency)
    like = Q(key__iexact=asked) | (Q(minor=minor) if minor is not None else Q(pk=None)) if asked else Q()
    refunds = RefundDue.objects.filter(like, received_at=None)[:MOST]
    account = line.statement.bank_account
    matched = Match.objects.filter(receipt__isnull=False).values("receipt")
    coming = Receipt.objects.filter(like, bank_account=account, received_on__gt=account.opened_on)
    receipts = coming.exclude(pk__in=matched)[:MOST]
    return [
        *(Record(K.REFUND, row.key, money=row.money) for row in refunds),
        *(Record(K.RECEIPT, row.key, money=Money(row.minor, row.currency)) for row in receipts),
    ]
