"""Which of our records a statement line is: by its exact reference, or because somebody named the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from finance import postings
from finance.actions.chart import cash_of_receipt
from finance.models import Attempt, BankAccount, Disbursement, Match, Receipt, RefundDue, StatementLine
from finance.states import DisbursementState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.gate import acting_on_each
from gaf.money import Money
from gaf.references import is_valid_rf
from gaf.refusals import Refusal

S = DisbursementState
K = Match.Kind
OURS, THEIRS = "ours", "theirs"  # by whose reference a line calls a record


@dataclass(frozen=True)
class Candidate:
    """What a line is by its own reference: a disbursement, its return, a refund, a donor's receipt, a bank fee."""

    kind: str
    disbursement: Disbursement | None = None
    refund: RefundDue | None = None
    receipt: Receipt | None = None
    matches: list[Match] = field(default_factory=list, compare=False, repr=False)  # that stand for the disbursement

    def has(self, kind: str) -> bool:
        """Whether a match of this kind stands for the disbursement."""
        return any(match.kind == kind for match in self.matches)

    def __str__(self) -> str:
        record = self.disbursement or self.refund or self.receipt
        return str(getattr(record, "number", "") or getattr(record, "key", ""))


def candidate(line: StatementLine, *, locked: bool = False) -> Candidate | None:
    """The one record this line's exact reference names, with the amount it should have; None when there is not one.

    `locked` locks a disbursement that it names, before its matches are read.
    """
    return candidates([line], locked=locked).get(line.pk)


def candidates(lines: Sequence[StatementLine], *, locked: bool = False) -> dict[int, Candidate]:
    """The same of many lines of one account, by their numbers in the database, in a fixed number of questions."""
    named = {pk: rows[0] for pk, rows in _by_reference(lines, locked=locked).items() if len(rows) == 1}
    matches = _matches_of({row.pk: row for row in named.values()}.values())
    found: dict[int, Candidate | None] = {}
    for line in lines:
        disbursement = named.get(line.pk)
        if line.is_charge and line.minor < 0:
            its_own = matches[disbursement.pk] if disbursement is not None else []
            found[line.pk] = Candidate(K.FEE, disbursement, matches=its_own)
        elif disbursement is not None:
            found[line.pk] = _disbursement_candidate(line, disbursement, matches[disbursement.pk])
    coming = [line for line in lines if line.minor > 0 and line.pk not in found]
    refunds = _refund_candidates(coming)
    receipts = _receipt_candidates([line for line in coming if line.pk not in refunds])
    return {pk: one for pk, one in {**found, **refunds, **receipts}.items() if one is not None}


def _disbursements(account: BankAccount, *, locked: bool) -> QuerySet[Disbursement]:
    """Those that leave this account, with what an act on them needs; locked in the order of their numbers."""
    rows = Disbursement.objects.filter(bank_account=account)
    rows = rows.select_related("bank_account", "payee_version__payee").order_by("number")
    return rows.select_for_update(of=("self",)) if locked else rows


def _reference_in(line: StatementLine) -> str:
    """The reference that the line gives in its own field, where its check digits are right."""
    return line.end_to_end.replace(" ", "").upper() if line.end_to_end and is_valid_rf(line.end_to_end) else ""


def _by_reference(lines: Sequence[StatementLine], *, locked: bool) -> dict[int, list[Disbursement]]:
    """The disbursements that each line names: by our reference, or by a provider's where none went by a file."""
    ours = {_reference_in(line) for line in lines} - {""}
    theirs = sorted({line.bank_reference for line in lines} - {""})
    named = Q(end_to_end__in=ours) if ours else Q()
    if theirs:
        attempts = Attempt.objects.filter(
            Q(steps__transfer__in=theirs) | Q(steps__reversal__in=theirs) | Q(provider_reference__in=theirs)
        )
        named |= Q(Exists(attempts.filter(disbursement=OuterRef("pk"))), payment_file=None)
    if not named:
        return {}
    rows = list(_disbursements(lines[0].statement.bank_account, locked=locked).filter(named))
    if len(lines) == 1:
        return {lines[0].pk: rows}
    by_name = _by_name(rows, theirs)
    return {
        line.pk: list({row.pk: row for name in _names_in(line) for row in by_name.get(name, [])}.values())
        for line in lines
    }


def _names_in(line: StatementLine) -> list[tuple[str, str]]:
    return [(OURS, _reference_in(line)), (THEIRS, line.bank_reference)]


def _by_name(rows: list[Disbursement], theirs: Collection[str]) -> dict[tuple[str, str], list[Disbursement]]:
    """Disbursements by what a line may call them."""
    found: dict[tuple[str, str], list[Disbursement]] = defaultdict(list)
    for row in rows:
        found[OURS, row.end_to_end].append(row)
    by_provider = [row for row in rows if row.payment_file_id is None] if theirs else []
    prefetch_related_objects(by_provider, "attempts")
    for row in by_provider:
        for name in {name for attempt in row.attempts.all() for name in _names_of(attempt)}.intersection(theirs):
            found[THEIRS, name].append(row)
    return found


def _names_of(attempt: Attempt) -> list[str]:
    return [attempt.provider_reference, attempt.steps.get("transfer", ""), attempt.steps.get("reversal", "")]


def _disbursement_candidate(line: StatementLine, disbursement: Disbursement, matches: list[Match]) -> Candidate | None:
    found = Candidate(K.RETURN if line.minor > 0 else K.DISBURSEMENT, disbursement, matches=matches)
    if found.kind == K.RETURN:
        returnable = disbursement.state in (S.SENT, S.CONFIRMED, S.RETURNED) and not found.has(K.RETURN)
        return found if returnable else None
    if found.has(K.DISBURSEMENT) or disbursement.sent_at is None:
        return None
    if line.original_minor is not None and line.original_currency == disbursement.currency:
        same = line.original_minor == disbursement.minor
    else:
        same = -line.minor == disbursement.account_minor
    return found if same else None


def _refund_candidates(lines: list[StatementLine]) -> dict[int, Candidate]:
    ours = {line.pk: _reference_in(line) for line in lines}
    wanted = set(ours.values()) - {""}
    rows = RefundDue.objects.filter(end_to_end__in=wanted, received_at=None) if wanted else ()
    refunds = {row.end_to_end: row for row in rows}
    due = [(line, refunds.get(ours[line.pk])) for line in lines]
    found = [(line.pk, _due_as_told(line, refund)) for line, refund in due if refund is not None]
    return {pk: one for pk, one in found if one is not None}


def _due_as_told(line: StatementLine, refund: RefundDue) -> Candidate | None:
    """A refund comes whole or in parts, in its own currency, and never more of it than is still due."""
    told = Money(line.original_minor, line.original_currency) if line.original_minor else line.money
    fits = told.currency == refund.currency and 0 < told.minor <= refund.open.minor
    return Candidate(K.REFUND, refund=refund) if fits else None


def _receipt_candidates(lines: list[StatementLine]) -> dict[int, Candidate]:
    """A donor's cash recorded under the reference the bank gives, for exactly this amount, and not in the bank yet."""
    keys = {line.pk: {line.end_to_end, line.bank_reference} - {""} for line in lines}
    wanted = {key for one in keys.values() for key in one}
    if not wanted:
        return {}
    account = lines[0].statement.bank_account
    rows = Receipt.objects.filter(key__in=wanted, bank_account=account, minor__in={line.minor for line in lines})
    rows = rows.exclude(pk__in=Match.objects.filter(receipt__isnull=False).values("receipt"))
    receipts = list(rows.select_related("bank_account"))
    found: dict[int, Candidate] = {}
    for line in lines:
        fitting = (one for one in receipts if one.key in keys[line.pk] and one.minor == line.minor)
        receipt = next(fitting, None)
        if receipt is not None and cash_of_receipt(receipt) == postings.in_transit(account.code):
            found[line.pk] = Candidate(K.RECEIPT, receipt=receipt)
    return found


def records_named(line: StatementLine, keys: Sequence[str]) -> list[Candidate]:
    """The records with these keys, in this order, as this line may be them. Raises Refusal MATCH-05 for any other.

    Disbursements are locked, before their matches are read.
    """
    account = line.statement.bank_account
    disbursements = {row.number: row for row in _disbursements(account, locked=True).filter(number__in=keys)}
    matches = _matches_of(disbursements.values())
    others = [key for key in keys if key not in disbursements]
    refunds = {row.key: row for row in RefundDue.objects.filter(key__in=others, received_at=None)}
    others = [key for key in others if key not in refunds]
    receipts = {row.key: row for row in Receipt.objects.filter(key__in=others, bank_account=account)}
    found = []
    for key in keys:
        disbursement = disbursements.get(key)
        if disbursement is not None:
            one = _named_disbursement(line, disbursement, matches[disbursement.pk])
        else:
            one = _named_coming(line, refunds.get(key), receipts.get(key))
        if one is None or one in found:
            raise Refusal(
                "MATCH-05",
                _("The line was not matched."),
                _("%(key)s is not open for a line of this account and direction.") % {"key": key},
                _("Look at the line as it is now, and choose again."),
            )
        found.append(one)
    return found


def _matches_of(disbursements: Collection[Disbursement]) -> dict[int, list[Match]]:
    """What stands for each of these disbursements."""
    found: dict[int, list[Match]] = {row.pk: [] for row in disbursements}
    for match in Match.objects.filter(disbursement__in=found) if found else ():
        found[match.disbursement_id or 0].append(match)
    return found


def _named_disbursement(line: StatementLine, disbursement: Disbursement, matches: list[Match]) -> Candidate | None:
    if line.minor > 0:
        back = _disbursement_candidate(line, disbursement, matches)
        expected = disbursement.account_minor or 0
        return back if line.minor <= expected or disbursement.currency != line.currency else None
    found = Candidate(K.DISBURSEMENT, disbursement, matches=matches)
    gone = disbursement.sent_at is not None and disbursement.state in (S.SENT, S.CONFIRMED, S.RETURNED)
    return found if gone and not found.has(K.DISBURSEMENT) else None


def _named_coming(line: StatementLine, refund: RefundDue | None, receipt: Receipt | None) -> Candidate | None:
    if refund is not None and line.minor > 0:
        return _due_as_told(line, refund)
    if receipt is not None and receipt.minor == line.minor and not receipt.matches.exists():
        coming = cash_of_receipt(receipt) == postings.in_transit(line.statement.bank_account.code)
        return Candidate(K.RECEIPT, receipt=receipt) if coming else None
    return None


def mark_exact(lines: Sequence[StatementLine], at: datetime, system: User | None = None) -> int:
    """Mark the lines whose exact reference and amount are ours as suggested; a person still matches them.

    They are of one account, and locked.
    """
    found = candidates(lines)
    exact = [line for line in lines if line.pk in found]
    if exact:
        with acting_on_each(exact, act="propose_match", actor=system or system_actor(), at=at) as each:
            for doing in each:
                doing.subject.propose_match()
                doing.facts = {"kind": found[doing.subject.pk].kind}
    return len(exact)
