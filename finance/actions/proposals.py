"""Which of our records a statement line is: by its exact reference, or because somebody named the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from finance import postings
from finance.actions.chart import cash_of_receipt
from finance.models import Attempt, BankAccount, Disbursement, Match, Receipt, RefundDue, StatementLine
from finance.states import DisbursementState
from gaf.accounts.queries import system_actor
from gaf.gate import acting
from gaf.money import Money
from gaf.references import is_valid_rf
from gaf.refusals import Refusal

S = DisbursementState
K = Match.Kind


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
    disbursement = _by_reference(line, locked=locked)
    matches = list(disbursement.matches.all()) if disbursement is not None else []
    if line.is_charge and line.minor < 0:
        return Candidate(K.FEE, disbursement, matches=matches)
    if disbursement is not None:
        return _disbursement_candidate(line, disbursement, matches)
    return _refund_candidate(line) or _receipt_candidate(line)


def _disbursements(account: BankAccount, *, locked: bool) -> QuerySet[Disbursement]:
    """Those that leave this account, with what an act on them needs; locked in the order of their numbers."""
    rows = Disbursement.objects.filter(bank_account=account)
    rows = rows.select_related("bank_account", "payee_version__payee").order_by("number")
    return rows.select_for_update(of=("self",)) if locked else rows


def _by_reference(line: StatementLine, *, locked: bool) -> Disbursement | None:
    named = Q()
    if line.end_to_end and is_valid_rf(line.end_to_end):
        named |= Q(end_to_end=line.end_to_end.replace(" ", "").upper())
    if line.bank_reference:
        attempts = Attempt.objects.filter(
            Q(steps__transfer=line.bank_reference)
            | Q(steps__reversal=line.bank_reference)
            | Q(provider_reference=line.bank_reference)
        )
        named |= Q(Exists(attempts.filter(disbursement=OuterRef("pk"))), payment_file=None)
    if not named:
        return None
    found = list(_disbursements(line.statement.bank_account, locked=locked).filter(named)[:2])
    return found[0] if len(found) == 1 else None


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


def _refund_candidate(line: StatementLine) -> Candidate | None:
    if line.minor <= 0 or not is_valid_rf(line.end_to_end or ""):
        return None
    refund = RefundDue.objects.filter(end_to_end=line.end_to_end.replace(" ", "").upper(), received_at=None).first()
    if refund is None:
        return None
    return _due_as_told(line, refund)


def _due_as_told(line: StatementLine, refund: RefundDue) -> Candidate | None:
    """A refund comes whole or in parts, in its own currency, and never more of it than is still due."""
    told = Money(line.original_minor, line.original_currency) if line.original_minor else line.money
    fits = told.currency == refund.currency and 0 < told.minor <= refund.open.minor
    return Candidate(K.REFUND, refund=refund) if fits else None


def _receipt_candidate(line: StatementLine) -> Candidate | None:
    """A donor's cash recorded under the reference the bank gives, for exactly this amount, and not in the bank yet."""
    keys = [key for key in (line.end_to_end, line.bank_reference) if key]
    if line.minor <= 0 or not keys:
        return None
    account = line.statement.bank_account
    rows = Receipt.objects.filter(key__in=keys, bank_account=account, minor=line.minor)
    rows = rows.exclude(pk__in=Match.objects.filter(receipt__isnull=False).values("receipt"))
    receipt = rows.select_related("bank_account").first()
    if receipt is None or cash_of_receipt(receipt) != postings.in_transit(account.code):
        return None
    return Candidate(K.RECEIPT, receipt=receipt)


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


def mark_exact(lines: Iterable[StatementLine], at: datetime) -> int:
    """Mark the lines whose exact reference and amount are ours as suggested; a person still matches them."""
    count = 0
    actor = system_actor()
    for line in lines:
        found = candidate(line)
        if found is None:
            continue
        with acting(StatementLine, line.pk, act="propose_match", actor=actor, at=at) as doing:
            doing.subject.propose_match()
            doing.facts = {"kind": found.kind}
        count += 1
    return count
