"""What must be true between our books and the bank's: statements prove themselves, each line is in the ledger once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Sum

from finance import postings
from finance.books_registry import Broken, Reading, check
from finance.chain import Gap, import_facts
from finance.models import BankAccount, JournalLine, Match, Receipt, RefundDue, Statement, StatementLine
from finance.states import DisbursementState, Rail, StatementLineState, StatementState
from gaf.money import Money

S, L = DisbursementState, StatementLineState
_BOOKED = (L.MATCHED, L.SET_ASIDE)


@check(
    "STATEMENTS",
    "each statement opens where the last one closed, and its lines lead to its closing balance",
    part_of="I9",
)
def statements_prove_themselves(reading: Reading) -> Iterator[Broken]:
    """As imported: the decision of the import and of each line says the same as the row.

    A gap that was found at the import, and waits for or had its second look, is not hidden and not broken; the account
    does not agree with its statement then.
    """
    for account in reading.accounts:
        for gap in reading.chain(account).gaps:
            if gap.statement.state == StatementState.IMPORTED:
                yield _of_gap(gap, account)
    rows = Statement.objects.select_related("bank_account").prefetch_related("lines", "repeated")
    for statement in rows.order_by("bank_account_id", "sequence"):
        yield from _as_imported(reading, statement, f"statement {statement.bank_account.code} {statement.sequence}")


def _of_gap(gap: Gap, account: BankAccount) -> Broken:
    name = f"statement {account.code} {gap.statement.sequence}"
    if not gap.adds_up:
        return Broken(name, "its opening balance and lines do not lead to its closing balance")
    expected = Money(gap.expected_minor, account.currency)
    return Broken(name, f"opens with {gap.statement.opening}, the account stood at {expected}")


def _held_at_first(account: BankAccount) -> int:
    """What the account held on its first day here."""
    receipts = Receipt.objects.filter(bank_account=account, received_on__lte=account.opened_on)
    return int(receipts.aggregate(sum=Sum("minor"))["sum"] or 0)


def _receipts_on_their_way(account: BankAccount) -> int:
    """Donors' cash recorded later that no statement line is matched with yet."""
    matched = Match.objects.filter(receipt__isnull=False).values("receipt")
    receipts = Receipt.objects.filter(bank_account=account, received_on__gt=account.opened_on).exclude(pk__in=matched)
    return int(receipts.aggregate(sum=Sum("minor"))["sum"] or 0)


def _as_imported(reading: Reading, statement: Statement, name: str) -> Iterator[Broken]:
    decision = reading.last(f"STMT-{statement.bank_account.code}-{statement.sequence}", "import_statement")
    lines = list(statement.lines.all())
    now = import_facts(statement, lines=len(lines), known=len(statement.repeated.all()))
    if decision is None or decision.facts != now:
        yield Broken(name, "is not the statement that was imported")
    for line in lines:
        kept = reading.last(line.decision_subject(), "import_line")
        if kept is None or kept.facts.get("minor") != line.minor:
            yield Broken(f"statement line {line.decision_subject()}", "is not the line that was imported")


@check("I9", "each bank, transit and suspense account is what receipts, disbursements and statement lines make of it")
def accounts_agree(reading: Reading) -> Iterator[Broken]:
    """Three ledger accounts for each of the fund's own, to the minor unit."""
    booked, aside, transit = _of_the_bank(reading), _set_aside(reading), _in_transit(reading)
    for account in reading.accounts:
        given, coming = _held_at_first(account), _receipts_on_their_way(account)
        for code, expected, why in (
            (postings.bank(account.code), given + booked[account.pk], "receipts and booked statement lines"),
            (postings.suspense(account.code), -aside[account.pk], "the lines set aside"),
            (
                postings.in_transit(account.code),
                coming - transit[account.pk],
                "disbursements and receipts on their way",
            ),
        ):
            found = reading.booked.get(code, 0)
            if found != expected:
                yield Broken(f"account {code}", _says(found, expected, account.currency, why))
    yield from _agrees_with_statement(reading, booked)


def _says(found: int, expected: int, currency: str, why: str) -> str:
    return f"says {Money(found, currency)}, {why} say {Money(expected, currency)}"


def _lines(reading: Reading, states: tuple[str, ...]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for line in reading.lines:
        if reading.state_of(line.decision_subject()) in states:
            sums[line.statement.bank_account_id] += line.minor
    return sums


def _of_the_bank(reading: Reading) -> dict[int, int]:
    return _lines(reading, _BOOKED)


def _set_aside(reading: Reading) -> dict[int, int]:
    return _lines(reading, (L.SET_ASIDE,))


def _in_transit(reading: Reading) -> dict[int, int]:
    """What has left by our books and no statement has shown: begun, not failed, and its debit not matched."""
    shown = set(Match.objects.filter(kind=Match.Kind.DISBURSEMENT).values_list("disbursement_id", flat=True))
    sums: dict[int, int] = defaultdict(int)
    for disbursement in reading.disbursements:
        begun = reading.last(disbursement.number, "begin_sending")
        failed = reading.state_of(disbursement.number) == S.FAILED
        if begun is not None and not failed and disbursement.pk not in shown:
            sums[disbursement.bank_account_id] += begun.facts.get("account_minor", 0)
    return sums


def _agrees_with_statement(reading: Reading, booked: dict[int, int]) -> Iterator[Broken]:
    """The bank's own balance, less the lines nobody has explained yet, is what our ledger says: asked only where the
    statements hang together, since a chain with a gap says no balance."""
    waiting = _lines(reading, (L.HELD, L.UNMATCHED, L.PROPOSED))
    for account in reading.accounts:
        chain = reading.chain(account)
        if chain.last is None or not chain.whole:
            continue
        expected = chain.stands_at + chain.open_minor - waiting[account.pk]
        code = postings.bank(account.code)
        found = reading.booked.get(code, 0)
        if found != expected:
            why = f"statement {chain.last.sequence} without its open lines"
            yield Broken(f"account {code}", _says(found, expected, account.currency, why))


@check("I8", "every matched line names records of the same account that add up to it, and is in the ledger as itself")
def matches_agree(reading: Reading) -> Iterator[Broken]:
    """And every disbursement confirmed by a statement has its whole debit there; what was undone is reversed."""
    rows = Match.objects.select_related("line__statement__bank_account", "disbursement", "refund", "journal")
    matches: dict[int, list[Match]] = defaultdict(list)
    for match in rows.order_by("id"):
        matches[match.line_id].append(match)
    for line in reading.lines:
        is_matched = reading.state_of(line.decision_subject()) == L.MATCHED
        found = matches.get(line.pk, [])
        name = f"statement line {line.decision_subject()}"
        if is_matched != bool(found):
            yield Broken(name, "is matched with nothing" if is_matched else "has a match and is not matched")
        elif found and sum(match.minor for match in found) != line.minor:
            yield Broken(name, "is another amount than what it is matched with")
        for match in found:
            yield from _match_agrees(match, line)
    standing = [match for found in matches.values() for match in found]
    yield from _confirmed_have_a_debit(reading, standing)
    yield from _refunds_have_their_lines(standing)
    yield from _undone_are_reversed()


def _refunds_have_their_lines(standing: list[Match]) -> Iterator[Broken]:
    """What came of a refund is what its lines of the bank say, and it is received when nothing of it is due."""
    came: dict[int, int] = defaultdict(int)
    for match in standing:
        if match.refund_id:
            came[match.refund_id] += match.item_minor
    for refund in RefundDue.objects.order_by("key"):
        by_lines = Money(came[refund.pk], refund.currency)
        if refund.received != by_lines:
            yield Broken(f"refund {refund.key}", f"says {refund.received} came, the bank's lines say {by_lines}")
        if (refund.received_at is None) != bool(refund.open):
            yield Broken(f"refund {refund.key}", "is called received while some is due, or the other way round")


def _match_agrees(match: Match, line: StatementLine) -> Iterator[Broken]:
    name = f"statement line {line.decision_subject()}"
    code = line.statement.bank_account.code
    cash = match.journal.lines.filter(account__code__in=[postings.bank(code), postings.suspense(code)])
    if [row.minor for row in cash] != [line.minor]:
        yield Broken(name, f"is {line.money}, journal {match.journal.number} books something else")
    disbursement = match.disbursement
    if disbursement is None or match.kind == Match.Kind.FEE:
        return
    if disbursement.bank_account_id != line.statement.bank_account_id:
        yield Broken(name, f"is of another account than disbursement {disbursement.number}")
    is_debit = match.kind == Match.Kind.DISBURSEMENT
    if is_debit and (line.minor > 0 or -match.minor != match.item_minor + match.difference_minor):
        yield Broken(name, f"is another amount than disbursement {disbursement.number}")


def _confirmed_have_a_debit(reading: Reading, matches: list[Match]) -> Iterator[Broken]:
    debits: dict[int, int] = defaultdict(int)
    for match in matches:
        if match.kind == Match.Kind.DISBURSEMENT and match.disbursement_id:
            debits[match.disbursement_id] += match.item_minor
    for disbursement in reading.disbursements:
        found, whole = debits[disbursement.pk], disbursement.account_minor or 0
        by_file = disbursement.bank_account.rail == Rail.BANK_FILE
        confirmed = reading.state_of(disbursement.number) == S.CONFIRMED
        if (found and found != whole) or (by_file and confirmed and not found):
            currency = disbursement.bank_account.currency
            says = f"has {Money(found, currency)} of {Money(whole, currency)} on statements"
            yield Broken(f"disbursement {disbursement.number}", says)


def _undone_are_reversed() -> Iterator[Broken]:
    """The journal of an undone match and the journal that undid it are nothing together, account by account."""
    for match in Match.ever.exclude(undone_at=None).select_related("journal", "undone_journal").order_by("id"):
        both = JournalLine.objects.filter(journal__in=[match.journal_id, match.undone_journal_id])
        rest = both.values("account", "stream", "line_key").annotate(sum=Sum("minor")).exclude(sum=0).order_by()
        if rest.exists():
            yield Broken(f"journal {match.journal.number}", "was undone, and its reversal is not its opposite")


def unexplained_lines(reading: Reading) -> int:
    """How many lines of the bank nobody has explained: neither matched nor set aside with a reason."""
    states = [reading.state_of(line.decision_subject()) for line in reading.lines]
    return sum(state in (L.HELD, L.UNMATCHED, L.PROPOSED) for state in states)
