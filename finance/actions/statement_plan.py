"""What an import would do, worked out before anything is written: which lines are new, which known, what is wrong."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from finance.actions.statement_sheets import LineRead, Sheet, account_of, refuse
from finance.chain import Chain, chain_of, statements_of
from finance.models import BankAccount, PendingLine, Statement, StatementLine
from gaf.money import Money, total
from gaf.refusals import Refusal


@dataclass(frozen=True)
class NewLine:
    """A line that is not here yet: its number in the statement, its identity, and what announced it."""

    number: int
    identity: str
    line: LineRead
    announced: PendingLine | None = None


@dataclass
class Plan:
    """One sheet beside what is known: the account's statements and reports of `earlier`. `same_as` is the one that was
    imported with exactly this content."""

    sheet: Sheet
    account: BankAccount
    chain: Chain
    earlier: list[Statement]
    same_as: Statement | None = None
    new: list[NewLine] = field(default_factory=list)
    known: list[tuple[int, StatementLine]] = field(default_factory=list)
    pending: list[tuple[str, LineRead]] = field(default_factory=list)
    enriched: list[tuple[StatementLine, LineRead]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def needs_review(self) -> bool:
        """Whether something was found that a second person must look at."""
        return bool(self.findings)

    @property
    def is_nothing(self) -> bool:
        """Whether everything of it was imported before."""
        return self.same_as is not None

    def sum_of(self, sign: int) -> Money:
        """What came in (1) or went out (-1) by its booked lines."""
        moved = [line.money for line in self.sheet.lines if line.money.minor * sign > 0]
        return total(moved, self.account.currency)


def not_ours() -> Refusal:
    """The statement is of somebody else's account, or in another currency than the account has."""
    return refuse(
        "STMT-31",
        _("It is not for one of the fund's accounts."),
        _("Check that this is the right file; the account is named in it."),
    )


def our_account(sheet: Sheet) -> BankAccount:
    """The account of the fund that a sheet is of. Raises Refusal STMT-31 for an account or a currency that is not."""
    account = account_of(sheet)
    if account is None or account.currency != sheet.currency:
        raise not_ours()
    return account


def plan_of(sheet: Sheet, account: BankAccount | None = None) -> Plan:
    """Work out the import; `account` is that of the sheet, where it was looked for before. Raises as `our_account`."""
    account = account or our_account(sheet)
    statements = statements_of(account)
    plan = Plan(sheet, account, chain_of(account, statements), statements)
    plan.same_as = next((one for one in statements if one.content_hash == sheet.content_hash), None)
    if plan.same_as is None:
        _sort_lines(plan)
        _sort_pending(plan)
        plan.findings = [*_of_reader(sheet), *(_of_proof(plan) if sheet.proves else [])]
    return plan


# Which lines are new


def _key(code: str, line: LineRead) -> str:
    """What makes a line itself: the bank's own number where it gives one, else everything it says of it."""
    reference = line.external_id or line.bank_reference
    if reference and reference.upper() not in {"NONREF", "NOTPROVIDED", "NOREF"}:
        return "|".join([code, "ref", reference, str(line.money.minor)])
    said = " ".join([line.end_to_end, line.counterparty, line.text]).split()
    return "|".join([code, line.booked_on.isoformat(), str(line.money.minor), " ".join(said)])


def _identity(key: str, ordinal: int) -> str:
    return hashlib.sha256(f"{key}|{ordinal}".encode()).hexdigest()


def first_identity(account_code: str, line: LineRead) -> str:
    """What a line is known by, where no other line of its account says the same."""
    return _identity(_key(account_code, line), 1)


def _sort_lines(plan: Plan) -> None:
    """Each line is new or known. Where the opening says that the account stood here before any of them, all are new:
    two equal lines on two sheets of one day are two."""
    numbered = _numbered(plan)
    known = {
        line.identity: line
        for line in StatementLine.objects.filter(identity__in=[identity for _n, identity, _l in numbered])
    }
    waiting = _waiting(plan)
    all_new = _continues_beyond(plan, list(known.values()))
    taken = set(known) if all_new else set()
    for number, identity, line in numbered:
        if identity in known and not all_new:
            plan.known.append((number, known[identity]))
            continue
        key, ordinal = _key(plan.account.code, line), 1
        while all_new and identity in taken:
            ordinal += 1
            identity = _identity(key, ordinal)
            if identity not in taken and StatementLine.objects.filter(identity=identity).exists():
                taken.add(identity)
        taken.add(identity)
        plan.new.append(NewLine(number, identity, line, _announced(plan, line, waiting)))


def _numbered(plan: Plan) -> list[tuple[int, str, LineRead]]:
    seen: Counter[str] = Counter()
    found = []
    for number, line in enumerate(plan.sheet.lines, start=1):
        key = _key(plan.account.code, line)
        seen[key] += 1
        found.append((number, _identity(key, seen[key]), line))
    return found


def _continues_beyond(plan: Plan, known: list[StatementLine]) -> bool:
    """The statement adds up, opens where the account stands, and what looks known in it would not fit there."""
    opening = plan.sheet.opening
    if (
        not plan.sheet.proves
        or opening is None
        or opening.minor != plan.chain.stands_at
        or _reached(plan) != plan.sheet.closing
    ):
        return False
    return sum(line.minor for line in known if line.pk in plan.chain.proven) != 0


def _reached(plan: Plan) -> Money:
    opening = plan.sheet.opening or Money.zero(plan.account.currency)
    return total([opening, *(line.money for line in plan.sheet.lines)], plan.account.currency)


def _waiting(plan: Plan) -> list[PendingLine]:
    """What was announced for the account and is not booked yet, of the amounts of this sheet."""
    amounts = {line.money.minor for line in plan.sheet.lines}
    rows = PendingLine.objects.filter(bank_account=plan.account, replaced_by=None, minor__in=amounts)
    return list(rows) if amounts else []


def _announced(plan: Plan, line: LineRead, waiting: list[PendingLine]) -> PendingLine | None:
    """What was announced and is booked with this line: the same amount under the same reference, and only one such."""
    used = {one.announced.pk for one in plan.new if one.announced is not None}
    found = [
        one
        for one in waiting
        if one.minor == line.money.minor and one.pk not in used
        if (line.bank_reference and one.bank_reference == line.bank_reference)
        or (line.end_to_end and one.end_to_end == line.end_to_end)
        or one.identity == _identity("pending|" + _key(plan.account.code, line), 1)
    ]
    return found[0] if found else None


def _sort_pending(plan: Plan) -> None:
    """What is announced: of a line that is booked already it may tell more; else it waits for that line."""
    seen: Counter[str] = Counter()
    told = []
    for line in plan.sheet.pending:
        key = _key(plan.account.code, line)
        seen[key] += 1
        told.append((_identity(key, seen[key]), _identity(f"pending|{key}", seen[key]), line))
    if not told:
        return
    booked = {row.identity: row for row in StatementLine.objects.filter(identity__in=[one[0] for one in told])}
    waiting = PendingLine.objects.filter(identity__in=[one[1] for one in told]).values_list("identity", flat=True)
    announced = set(waiting)
    for identity, pending, line in told:
        if identity in booked:
            plan.enriched.append((booked[identity], line))
        elif pending not in announced:
            plan.pending.append((pending, line))


# What is wrong with it


def _of_reader(sheet: Sheet) -> list[dict[str, Any]]:
    return [{"code": note} for note in sheet.notes]


def _of_proof(plan: Plan) -> list[dict[str, Any]]:
    """Whether it adds up, continues, and lists what reports brought before."""
    sheet, found = plan.sheet, []
    if sheet.closing is not None and _reached(plan) != sheet.closing:
        found.append({"code": "unbalanced", "reached": _reached(plan).minor, "closing": sheet.closing.minor})
    gap = _gap(plan)
    if gap is not None:
        found.append(gap)
    unlisted = _unlisted(plan)
    if unlisted:
        found.append({"code": "unlisted", "lines": unlisted})
    if any(one.statement_id == sheet.statement_id for one in plan.earlier):
        found.append({"code": "same_id"})
    return found


def _gap(plan: Plan) -> dict[str, Any] | None:
    """The opening against where the account stands, and the bank's numbers against each other."""
    opening = plan.sheet.opening
    if opening is None:
        return None
    proven = [line for _n, line in plan.known if line.pk in plan.chain.proven]
    before = opening.minor + sum(line.minor for line in proven)
    known_days = plan.chain.has_walked(plan.sheet.to_day) and opening.minor in plan.chain.passed
    covered = known_days and not plan.new and len(proven) == len(plan.known)
    if before != plan.chain.stands_at and not covered:
        return {"code": "gap", "expected": plan.chain.stands_at, "found": before}
    last = plan.chain.last.bank_number if plan.chain.last is not None else None
    number = plan.sheet.sequence
    if last and number and number > last + 1 and not covered:
        return {"code": "number_gap", "expected": last + 1, "found": number}
    return None


def _unlisted(plan: Plan) -> int:
    """How many lines that reports brought for these days the statement does not list."""
    if all(one.kind == Statement.Kind.STATEMENT for one in plan.earlier):
        return 0
    listed = {line.pk for _n, line in plan.known}
    rows = StatementLine.objects.filter(
        statement__bank_account=plan.account,
        statement__kind=Statement.Kind.REPORT,
        booked_on__range=(plan.sheet.from_day, plan.sheet.to_day),
    )
    return sum(pk not in listed and pk not in plan.chain.proven for pk in rows.values_list("pk", flat=True))
