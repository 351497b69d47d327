"""Suggestions for the open lines of one account: our records as matching reads them, its answers with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import Exists, F, OuterRef, Value, prefetch_related_objects

from finance.actions.choosing import BOOKED_ALONE, match_by_rule
from finance.actions.matching import match_by_itself
from finance.actions.proposals import mark_exact
from finance.actions.rules_in_force import as_rule, lines_of, rows_in_force
from finance.actions.settlement import in_account_currency
from finance.actions.terms import terms_of
from finance.matching import engine
from finance.matching.shapes import OpenItem, Proposal, Terms, Tier
from finance.models import (
    BankAccount,
    Disbursement,
    ExchangeRate,
    LineDetail,
    Match,
    MatchRule,
    Receipt,
    RefundDue,
    Statement,
    StatementLine,
)
from finance.models import Proposal as Kept
from finance.queries import usd_rate
from finance.states import DisbursementState, Rail, StatementLineState
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.sealing import unseal_all

S = DisbursementState
K = Match.Kind
OPEN = (StatementLineState.UNMATCHED, StatementLineState.PROPOSED)
MAY_STAND_ON_A_LINE = (S.SENT, S.CONFIRMED, S.RETURNED)


def propose(statement: Statement, fresh: Sequence[StatementLine], at: datetime, system: User | None = None) -> int:
    """Suggest what the lines of a fresh statement are, which are locked; returns how many are left suggested as exact.

    Exact lines are marked, and matched by the system where the fund's own limit lets them; the others are only told.
    """
    exact, terms = mark_exact(fresh, at, system), terms_of(statement.bank_account)
    suggest(statement.bank_account, at, terms)
    if not terms.limit:
        return exact
    _match_by_themselves(statement, at)
    return statement.lines.filter(state=StatementLineState.PROPOSED).count()


def _match_by_themselves(statement: Statement, at: datetime) -> None:
    rows = Kept.objects.filter(line__statement=statement, line__state=StatementLineState.PROPOSED, automatic=True)
    for row in rows.filter(tier__in=[Tier.IDENTITY, Tier.REFERENCE]).order_by("line__number"):
        match_by_itself(line_id=row.line_id, actor=system_actor(), at=at)
    told = Kept.objects.filter(line__statement=statement, automatic=True, tier=Tier.RULE, classified__in=BOOKED_ALONE)
    for row in told.order_by("line__number"):
        with suppress(Refusal):  # larger than what goes by itself: it stays suggested
            match_by_rule(line_id=row.line_id, actor=system_actor(), at=at, act="match_by_itself")


def suggest(
    account: BankAccount, at: datetime, terms: Terms | None = None, in_force: list[MatchRule] | None = None
) -> None:
    """Think anew about every open line of an account; what was suggested before is replaced.

    `terms` are those of the account and `in_force` the rules, where they were read before.
    """
    lines = _open_lines(account)
    Kept.objects.filter(line__statement__bank_account=account).delete()
    if not lines:
        return
    items, names = items_of(account, coming=any(line.minor > 0 for line in lines))
    in_force = rows_in_force() if in_force is None else in_force
    found = engine.propose(lines_of(lines), items, terms or terms_of(account), [as_rule(row) for row in in_force])
    by_pk = {line.pk: line for line in lines}
    rules = {row.decision_subject(): row.pk for row in in_force}
    Kept.objects.bulk_create(row for proposal in found for row in _rows(proposal, by_pk, names, rules, at))


def _open_lines(account: BankAccount) -> list[StatementLine]:
    """The open lines in the bank's order; what is inside them is asked for only where there is something."""
    rows = StatementLine.objects.filter(statement__bank_account=account, state__in=OPEN)
    rows = rows.select_related("statement__bank_account").order_by("statement__sequence", "number")
    lines: list[Any] = list(rows.annotate(has_details=Exists(LineDetail.objects.filter(line=OuterRef("pk")))))
    prefetch_related_objects([line for line in lines if line.has_details], "details")
    return lines


def items_of(account: BankAccount, *, coming: bool = True) -> tuple[list[OpenItem], list[tuple[str, str]]]:
    """Our records that may stand on a line of this account, and each one's kind and key, by the item's number.

    What should come in is left out where no line came in: it stands on no other.
    """
    items: list[OpenItem] = []
    names: list[tuple[str, str]] = []
    rows = _disbursements(account)
    holders = unseal_all([row.payee_version.holder for row in rows])
    for row, holder in zip(rows, holders, strict=True):
        names.append((K.DISBURSEMENT, row.number))
        items.append(_disbursement(row, account, len(items), holder, settled=row.is_debited))
    if coming:
        _add_coming(account, items, names)
    return items, names


def _add_coming(account: BankAccount, items: list[OpenItem], names: list[tuple[str, str]]) -> None:
    """Refunds that are due, and receipts of this account that the bank has not shown yet."""
    rate = cache(lambda currency: usd_rate(currency, clock.today()))
    for kind, key, minor, currency, day, reference in _what_comes(account):
        told = Money(minor, currency)
        expected = told if kind == K.RECEIPT else _expected(account, told, rate)
        if expected is not None:
            names.append((kind, key))
            provider = key if kind == K.RECEIPT else ""
            items.append(_coming(account, len(items), expected, told, day.toordinal(), reference, provider))


def _what_comes(account: BankAccount) -> list[tuple[str, str, int, str, date, str]]:
    """Kind, key, amount, currency, day and reference of each, in one question: refunds first, then receipts by day."""
    told = ("what", "key", "minor", "currency", "day", "named")
    refunds = RefundDue.objects.filter(received_at=None).order_by()
    refunds = refunds.annotate(what=Value(K.REFUND.value), day=F("due_on"), named=F("end_to_end"))
    matched = Match.objects.filter(receipt__isnull=False).values("receipt")
    receipts = Receipt.objects.filter(bank_account=account, received_on__gt=account.opened_on).order_by()
    receipts = receipts.exclude(pk__in=matched)
    receipts = receipts.annotate(what=Value(K.RECEIPT.value), day=F("received_on"), named=Value(""))
    rows: list[Any] = list(refunds.values_list(*told).union(receipts.values_list(*told), all=True))
    return sorted(rows, key=lambda row: (row[0] == K.RECEIPT, row[4] if row[0] == K.RECEIPT else date.min, row[1]))


def _disbursements(account: BankAccount) -> list[Any]:
    """Those that went out and are not debited and returned already; `is_debited` says that their debit is matched.

    Attempts are asked for only where a provider's numbers count: not of what went by a file.
    """
    its_own = Match.objects.filter(disbursement=OuterRef("pk"))
    debited, returned = Exists(its_own.filter(kind=K.DISBURSEMENT)), Exists(its_own.filter(kind=K.RETURN))
    rows = Disbursement.objects.filter(
        ~(debited & returned),
        state__in=MAY_STAND_ON_A_LINE,
        bank_account=account,
        sent_at__isnull=False,
        account_minor__isnull=False,
    )
    found: list[Any] = list(
        rows.annotate(is_debited=debited).select_related("payee_version", "payment_file").order_by("number")
    )
    prefetch_related_objects([row for row in found if row.payment_file_id is None], "attempts")
    return found


def _disbursement(row: Disbursement, account: BankAccount, key: int, holder: str, *, settled: bool) -> OpenItem:
    providers: set[str] = set()
    for attempt in row.attempts.all() if row.payment_file_id is None else ():
        providers |= {attempt.provider_reference, attempt.steps.get("transfer", ""), attempt.steps.get("reversal", "")}
    return OpenItem(
        key=key,
        account=account.code,
        currency=account.currency,
        minor=-(row.account_minor or 0),
        day=row.sent_at.toordinal() if row.sent_at else 0,
        reference=row.end_to_end,
        provider=tuple(sorted(providers - {""})),
        group=row.payment_file.message_id if row.payment_file else "",
        counterparty_account=row.payee_version.account_fingerprint,
        name=holder,
        channel=account.rail,
        ordered_minor=row.minor,
        ordered_currency=row.currency,
        settled=settled,
    )


def _expected(account: BankAccount, money: Money, rate: Callable[[str], ExchangeRate]) -> Money | None:
    """What should reach this account; none where nobody approved a rate for it."""
    try:
        usd = money.in_usd(rate(money.currency).units_per_usd)
        return in_account_currency(account, usd, money, clock.now())
    except Refusal:
        return None


def _coming(
    account: BankAccount, key: int, expected: Money, ordered: Money, day: int, reference: str, provider: str = ""
) -> OpenItem:
    return OpenItem(
        key=key,
        account=account.code,
        currency=account.currency,
        minor=expected.minor,
        day=day,
        reference=reference,
        provider=(provider,) if provider else (),
        ordered_minor=ordered.minor,
        ordered_currency=ordered.currency,
        channel=Rail.BANK_FILE,
        returnable=False,
    )


def _rows(
    found: Proposal,
    lines: dict[int, StatementLine],
    names: list[tuple[str, str]],
    rules: dict[str, int],
    at: datetime,
) -> Iterable[Kept]:
    def told(keys: tuple[int, ...]) -> list[dict[str, str]]:
        named = [names[key] for key in keys]
        return [{"kind": K.RETURN if found.returns else kind, "key": key} for kind, key in named]

    for line_key in found.lines:
        yield Kept(
            line=lines[line_key],
            tier=found.tier,
            automatic=found.automatic,
            items=told(found.items),
            lines=[lines[other].identity[:16] for other in found.lines if other != line_key],
            rivals=told(found.rivals),
            reasons=[[reason.code, list(reason.values)] for reason in found.reasons],
            scores=[list(part) for part in found.scores],
            difference_minor=found.difference,
            books_to=found.books_to,
            rule_id=rules.get(found.rule),
            classified=found.classified,
            at=at,
        )
