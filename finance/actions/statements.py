"""Taking in statements: the whole file or nothing. What proves itself is imported; what does not waits for a second
look, and nothing is matched from it until then."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.matching import lines_under_lock
from finance.actions.statement_plan import NewLine, Plan, our_account, plan_of
from finance.actions.statement_sheets import DetailLine, LineRead, Sheet, refuse, sheets_of
from finance.actions.suggestions import propose
from finance.chain import import_facts, opening_balance
from finance.gateways.statements.csv_lists import CsvShape
from finance.gateways.statements.formats import read_file
from finance.gateways.statements.reading import FileRead
from finance.models import (
    BankAccount,
    LineDetail,
    PendingLine,
    RepeatedLine,
    Statement,
    StatementFile,
    StatementLine,
)
from finance.states import StatementLineState, StatementState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.decisions.models import Decision
from gaf.decisions.record import decision_of, record_all
from gaf.gate import acting, acting_on_each, in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import fingerprint, seal

__all__ = ["LineRead", "Sheet", "TakenIn", "accept_statement", "import_sheets", "import_statement", "opening_balance",
           "refuse", "take_in"]  # fmt: skip


@dataclass(frozen=True)
class TakenIn:
    """What became of one sheet: the statement, how many lines were new, how many were here before."""

    statement: Statement
    new: int
    known: int
    pending: int = 0
    suggested: int = 0
    was_here: bool = False


@in_one_piece
def import_statement(
    *, content: bytes, actor: User, at: datetime, shape: CsvShape | None = None, file: StatementFile | None = None
) -> list[Statement]:
    """Import a file of statements. Raises StatementRefused or Refusal STMT-3x naming the first wrong thing."""
    return [one.statement for one in import_sheets(content=content, actor=actor, at=at, shape=shape, file=file)]


@in_one_piece
def import_sheets(
    *, content: bytes, actor: User, at: datetime, shape: CsvShape | None = None, file: StatementFile | None = None
) -> list[TakenIn]:
    """The same, telling of each sheet what was new. Nothing is new when everything was imported before."""
    digest = hashlib.sha256(content).hexdigest()
    read = read_file(content, shape)
    if not isinstance(read, FileRead):
        raise refuse("STMT-36", _("It is a status report, not a statement."), _("Import it as a status report."))
    return [_taken(sheet, digest, actor, at, file) for sheet in sheets_of(read, at.date())]


def take_in(sheet: Sheet, digest: str, actor: User, at: datetime) -> Statement:
    """Keep one statement with its lines, and suggest what its exact references say."""
    return _taken(sheet, digest, actor, at, None).statement


def _taken(sheet: Sheet, digest: str, actor: User, at: datetime, file: StatementFile | None) -> TakenIn:
    account = locked_account_of(sheet)
    plan = plan_of(sheet, account)
    if plan.same_as is not None:
        policy.MAY_IMPORT_STATEMENT.require(Question(plan.same_as, "import_statement", actor))
        return TakenIn(plan.same_as, 0, len(sheet.lines), was_here=True)
    statement = _statement(plan, account, digest, actor, at, file)
    # Nobody has decided anything on a statement that is not there yet.
    role = policy.MAY_IMPORT_STATEMENT.require(Question(statement, "import_statement", actor, decisions=[]))
    lines = [_line(statement, new) for new in plan.new]
    record_all([_decision(plan, statement, actor, role, at), *(_first(line, actor, role, at) for line in lines)])
    statement.save(force_insert=True)
    _keep(lines, plan.new)
    RepeatedLine.objects.bulk_create(
        [RepeatedLine(statement=statement, line=line, number=number) for number, line in plan.known]
    )
    PendingLine.objects.bulk_create([_pending(statement, identity, line) for identity, line in plan.pending])
    for booked, line in plan.enriched:
        _tell_more(booked, line)
    suggested = propose(statement, lines, at) if statement.state == StatementState.IMPORTED else 0
    return TakenIn(statement, len(plan.new), len(plan.known), len(plan.pending), suggested)


def locked_account_of(sheet: Sheet) -> BankAccount:
    """The account, so that two imports for it stand in line. Raises Refusal STMT-31 where it is not the fund's."""
    return BankAccount.objects.select_for_update().get(pk=our_account(sheet).pk)


def _statement(
    plan: Plan, account: BankAccount, digest: str, actor: User, at: datetime, file: StatementFile | None
) -> Statement:
    sheet = plan.sheet
    return Statement(
        bank_account=account,
        kind=Statement.Kind.STATEMENT if sheet.proves else Statement.Kind.REPORT,
        state=StatementState.NEEDS_REVIEW if plan.needs_review else StatementState.IMPORTED,
        sequence=max((one.sequence for one in plan.earlier), default=0) + 1,
        statement_id=sheet.statement_id,
        bank_number=sheet.sequence,
        from_day=sheet.from_day,
        to_day=sheet.to_day,
        opening_minor=sheet.opening.minor if sheet.opening is not None else None,
        closing_minor=sheet.closing.minor if sheet.closing is not None else None,
        currency=sheet.currency,
        file_sha256=digest,
        file=file,
        content_hash=sheet.content_hash,
        findings=plan.findings,
        imported_by=actor,
        imported_at=at,
    )


def _decision(plan: Plan, statement: Statement, actor: User, role: str, at: datetime) -> Decision:
    return decision_of(
        act="import_statement",
        actor=actor,
        role=role,
        at=at,
        subject=statement.decision_subject(),
        reference=statement.decision_reference(),
        to_state=str(statement.state),
        facts=import_facts(statement, lines=len(plan.new), known=len(plan.known)),
    )


def _first(line: StatementLine, actor: User, role: str, at: datetime) -> Decision:
    """The decision that opens a line of the statement."""
    return decision_of(
        act="import_line",
        actor=actor,
        role=role,
        at=at,
        subject=line.decision_subject(),
        reference=line.decision_reference(),
        to_state=str(line.state),
        facts={"minor": line.minor},
    )


def _original(money: Money | None) -> dict[str, Any]:
    return {
        "original_minor": money.minor if money else None,
        "original_currency": money.currency if money else "",
    }


def _hash(account_number: str) -> str:
    """The keyed hash by which a counterparty's account is compared with a payee's, without being kept."""
    return fingerprint(account_number) if account_number else ""


def _line(statement: Statement, new: NewLine) -> StatementLine:
    line, told = new.line, new.announced
    held = statement.state == StatementState.NEEDS_REVIEW
    kept = StatementLine(
        statement=statement,
        number=new.number,
        identity=new.identity,
        state=StatementLineState.HELD if held else StatementLineState.UNMATCHED,
        minor=line.money.minor,
        currency=line.money.currency,
        booked_on=line.booked_on,
        value_on=line.value_on,
        end_to_end=(line.end_to_end or (told.end_to_end if told else ""))[:40],
        bank_reference=line.bank_reference[:80],
        return_code=(line.return_code or (told.return_code if told else ""))[:10],
        is_return=line.is_return or (told is not None and told.is_return),
        is_charge=line.is_charge,
        is_reversal=line.is_reversal,
        charges_minor=line.charges.minor if line.charges else None,
        charges_currency=line.charges.currency if line.charges else "",
        batch_key=line.batch_key[:80],
        counterparty_account_hash=_hash(line.counterparty_account),
        **_original(line.original),
    )
    kept.counterparty = seal(kept.seal_owner(), line.counterparty)
    kept.text = seal(kept.seal_owner(), line.text)
    return kept


def _keep(lines: list[StatementLine], new: list[NewLine]) -> None:
    """Write the lines, what is inside them, and which announcements they replace."""
    StatementLine.objects.bulk_create(lines)
    LineDetail.objects.bulk_create(
        [row for line, one in zip(lines, new, strict=True) for row in _details(line, one.line.details)]
    )
    replaced = []
    for line, one in zip(lines, new, strict=True):
        if one.announced is not None:
            one.announced.replaced_by = line
            replaced.append(one.announced)
    PendingLine.objects.bulk_update(replaced, ["replaced_by"])


def _details(line: StatementLine, details: tuple[DetailLine, ...]) -> list[LineDetail]:
    owner = line.seal_owner()
    return [
        LineDetail(
            line=line,
            number=number,
            minor=one.money.minor if one.money else None,
            currency=line.currency,
            end_to_end=one.end_to_end[:40],
            bank_reference=one.bank_reference[:80],
            return_code=one.return_code[:10],
            is_return=one.is_return,
            counterparty=seal(owner, one.counterparty),
            counterparty_account_hash=_hash(one.counterparty_account),
            text=seal(owner, one.text),
            **_original(one.original),
        )
        for number, one in enumerate(details, start=1)
    ]


def _pending(statement: Statement, identity: str, line: LineRead) -> PendingLine:
    owner = statement.seal_owner()
    return PendingLine(
        bank_account=statement.bank_account,
        statement=statement,
        identity=identity,
        minor=line.money.minor,
        currency=line.money.currency,
        booked_on=line.booked_on,
        end_to_end=line.end_to_end[:40],
        bank_reference=line.bank_reference[:80],
        return_code=line.return_code[:10],
        is_return=line.is_return,
        counterparty=seal(owner, line.counterparty),
        text=seal(owner, line.text),
    )


def _tell_more(booked: StatementLine, line: LineRead) -> None:
    """An advice may name what the statement left out: the original reference, and why money came back. What the line
    says already stays."""
    more = {
        "end_to_end": booked.end_to_end or line.end_to_end[:40],
        "return_code": booked.return_code or line.return_code[:10],
        "is_return": booked.is_return or line.is_return,
        "batch_key": booked.batch_key or line.batch_key[:80],
    }
    StatementLine.objects.filter(pk=booked.pk).update(**more)
    if line.details and not booked.details.exists():
        LineDetail.objects.bulk_create(_details(booked, line.details))


@in_one_piece
def accept_statement(
    *, statement_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Statement:
    """The second look: another person says what was found out, and the lines may be matched from now on.

    Raises Refusal STMT-38 without a reason.
    """
    if not reason.strip():
        raise Refusal(
            "STMT-38",
            _("The statement was not accepted."),
            _("The reason is missing."),
            _("Write what you found out, and from whom."),
        )
    with acting(
        Statement, statement_id, act="accept_statement", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        statement: Statement = doing.subject
        statement.accept_statement(reviewed_by=actor, at=at)
        doing.facts = {"findings": [one["code"] for one in statement.findings]}
    lines, system = lines_under_lock(statement.lines.filter(state=StatementLineState.HELD)), system_actor()
    with acting_on_each(lines, act="let_line_go", actor=system, at=at) as each:
        for letting in each:
            letting.subject.let_line_go()
    propose(statement, lines, at, system)
    return statement
