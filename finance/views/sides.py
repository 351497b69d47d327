"""What of ours stands beside each line of the bank, for a whole page of lines in a fixed number of questions.

It shows what the exact references name and how far the amounts agree. Whether a line may be matched is asked again of
`finance.actions.proposals.candidate` when somebody matches it; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finance.models import BankAccount, Disbursement, Match, StatementLine
from finance.states import DisbursementState, StatementLineState
from finance.views.our_records import OurRecords, compact, our_records
from gaf.figures import colon
from gaf.money import Money
from gaf.references import is_valid_rf
from gaf.templatetags.formats import plain_money

S = DisbursementState
K = Match.Kind


@dataclass
class Ours:
    """Our side of one line: what it is, where it is shown, how it compares, and whether it can be matched."""

    kind: str
    key: str = ""
    url: str = ""
    money: Money | None = None
    reasons: list[str] = field(default_factory=list)
    can_match: bool = False
    more: int = 0  # how many other records the line is matched with

    @property
    def label(self) -> str:
        """The record in words: “disbursement P-2026-00031”."""
        return f"{K(self.kind).label} {self.key}".strip()


def ours_of(lines: Sequence[StatementLine], account: BankAccount, records: OurRecords | None = None) -> dict[int, Ours]:
    """Our side of each line of one account, by the line's number in the database; lines nobody knows are left out."""
    known = records or our_records(lines, account)
    found: dict[int, Ours] = {}
    for line in lines:
        ours = _matched(line) if line.state == StatementLineState.MATCHED else _beside(line, known)
        if ours is not None:
            found[line.pk] = ours
    return found


def _matched(line: StatementLine) -> Ours | None:
    matches = list(line.matches.all())
    if not matches:
        return None
    match = matches[0]
    if match.refund is not None:
        return Ours(match.kind, match.refund.key, money=match.refund.money)
    by = [_("by rule %(rule)s") % {"rule": match.rule}] if match.rule is not None else []
    if match.disbursement is None:
        return Ours(match.kind, reasons=by)
    ours = _of(match.kind, match.disbursement)
    ours.reasons = by
    ours.more = len(matches) - 1
    if match.difference_minor and match.books_to:
        rest = plain_money(Money(abs(match.difference_minor), line.currency))
        ours.reasons = [f"{rest}{colon()} {Match.BooksTo(match.books_to).label}", *by]
    return ours


def _of(kind: str, row: Disbursement) -> Ours:
    money = None if kind == K.FEE else row.money
    return Ours(kind, row.number, f"/disbursements/{row.number}/", money)


def _beside(line: StatementLine, known: OurRecords) -> Ours | None:
    rows: set[Disbursement] = set()
    if line.end_to_end and is_valid_rf(line.end_to_end):
        rows |= known.named(compact(line.end_to_end))
    if line.bank_reference:
        rows |= known.named(line.bank_reference)
    row = next(iter(rows)) if len(rows) == 1 else None
    if line.is_charge and line.minor < 0:
        ours = _of(K.FEE, row) if row else Ours(K.FEE)
        ours.can_match, ours.reasons = True, [_("a charge of the bank, borne by unearmarked money")]
        return ours
    if row is not None:
        return _return(line, row) if line.minor > 0 else _disbursement(line, row)
    return _refund(line, known)


def _return(line: StatementLine, row: Disbursement) -> Ours:
    ours = _of(K.RETURN, row)
    ours.reasons = [_("reference equal"), _("money came in")]
    already = row.returned  # type: ignore[attr-defined]
    ours.can_match = row.state in (S.SENT, S.CONFIRMED, S.RETURNED) and not already
    if already:
        ours.reasons.append(_("its return is matched already"))
    return ours


def _disbursement(line: StatementLine, row: Disbursement) -> Ours:
    ours = _of(K.DISBURSEMENT, row)
    if line.original_minor is not None and line.original_currency == row.currency:
        told, wanted = Money(line.original_minor, row.currency), row.money
    else:
        told, wanted = -line.money, Money(row.account_minor or 0, line.currency)
    already = row.debited  # type: ignore[attr-defined]
    ours.reasons = [_("reference equal")]
    if row.sent_at is None:
        ours.reasons.append(_("it is not sent yet"))
    elif told == wanted:
        ours.reasons += [_("amount equal"), _days_apart(line.booked_on, row.sent_at.date())]
    else:
        ours.reasons.append(_("amount differs by %(money)s") % {"money": plain_money(told - wanted)})
    if already:
        ours.reasons.append(_("it is matched already"))
    ours.can_match = told == wanted and row.sent_at is not None and not already
    return ours


def _refund(line: StatementLine, known: OurRecords) -> Ours | None:
    refund = known.refund_of(compact(line.end_to_end or ""))
    if refund is None or line.minor <= 0 or not is_valid_rf(line.end_to_end):
        return None
    told = Money(line.original_minor, line.original_currency) if line.original_minor else line.money
    ours = Ours(K.REFUND, refund.key, money=refund.money, reasons=[_("reference equal")])
    ours.can_match = told == refund.money
    ours.reasons.append(_("amount equal") if ours.can_match else _("amount differs"))
    return ours


def _days_apart(one: date, other: date) -> str:
    days = abs((one - other).days)
    if not days:
        return _("same day")
    return ngettext("%(n)s day apart", "%(n)s days apart", days) % {"n": days}
