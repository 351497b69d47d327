"""Which of our records a statement line is: by its exact reference, or because somebody named the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from finance import postings
from finance.actions.chart import cash_of_receipt
from finance.models import Attempt, Disbursement, Match, Receipt, RefundDue, StatementLine
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

    def __str__(self) -> str:
        record = self.disbursement or self.refund or self.receipt
        return str(getattr(record, "number", "") or getattr(record, "key", ""))


def candidate(line: StatementLine) -> Candidate | None:
    """The one record this line's exact reference names, with the amount it should have; None when there is not one."""
    if line.is_charge and line.minor < 0:
        return Candidate(K.FEE, _by_reference(line))
    disbursement = _by_reference(line)
    if disbursement is not None:
        return _disbursement_candidate(line, disbursement)
    return _refund_candidate(line) or _receipt_candidate(line)


def _by_reference(line: StatementLine) -> Disbursement | None:
    named = Q()
    if line.end_to_end and is_valid_rf(line.end_to_end):
        named |= Q(end_to_end=line.end_to_end.replace(" ", "").upper())
    if line.bank_reference:
        attempts = Attempt.objects.filter(
            Q(steps__transfer=line.bank_reference)
            | Q(steps__reversal=line.bank_reference)
            | Q(provider_reference=line.bank_reference)
        ).exclude(disbursement__payment_file__isnull=False)
        named |= Q(attempts__in=attempts)
    if not named:
        return None
    rows = Disbursement.objects.filter(named, bank_account=line.statement.bank_account).distinct()
    found = list(rows.select_related("bank_account")[:2])
    return found[0] if len(found) == 1 else None


def _disbursement_candidate(line: StatementLine, disbursement: Disbursement) -> Candidate | None:
    if line.minor > 0:
        already = disbursement.matches.filter(kind=K.RETURN).exists()
        returnable = disbursement.state in (S.SENT, S.CONFIRMED, S.RETURNED) and not already
        return Candidate(K.RETURN, disbursement) if returnable else None
    if disbursement.matches.filter(kind=K.DISBURSEMENT).exists() or disbursement.sent_at is None:
        return None
    if line.original_minor is not None and line.original_currency == disbursement.currency:
        same = line.original_minor == disbursement.minor
    else:
        same = -line.minor == disbursement.account_minor
    return Candidate(K.DISBURSEMENT, disbursement) if same else None


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
    """The records with these keys, in this order, as this line may be them. Raises Refusal MATCH-05 for any other."""
    account = line.statement.bank_account
    rows = Disbursement.objects.filter(number__in=keys, bank_account=account).select_related("bank_account")
    disbursements = {row.number: row for row in rows}
    refunds = {row.key: row for row in RefundDue.objects.filter(key__in=keys, received_at=None)}
    receipts = {row.key: row for row in Receipt.objects.filter(key__in=keys, bank_account=account)}
    found = []
    for key in keys:
        one = _named(line, disbursements.get(key), refunds.get(key), receipts.get(key))
        if one is None or one in found:
            raise Refusal(
                "MATCH-05",
                _("The line was not matched."),
                _("%(key)s is not open for a line of this account and direction.") % {"key": key},
                _("Look at the line as it is now, and choose again."),
            )
        found.append(one)
    return found


def _named(
    line: StatementLine, disbursement: Disbursement | None, refund: RefundDue | None, receipt: Receipt | None
) -> Candidate | None:
    if disbursement is not None and line.minor > 0:
        back = _disbursement_candidate(line, disbursement)
        expected = disbursement.account_minor or 0
        return back if line.minor <= expected or disbursement.currency != line.currency else None
    if disbursement is not None:
        matched = disbursement.matches.filter(kind=K.DISBURSEMENT).exists()
        gone = disbursement.sent_at is not None and disbursement.state in (S.SENT, S.CONFIRMED, S.RETURNED)
        return Candidate(K.DISBURSEMENT, disbursement) if gone and not matched else None
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
