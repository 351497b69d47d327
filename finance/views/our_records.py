"""Our records that a page of lines may mean: read once for all lines, suggestions and batches of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value

from finance.models import Attempt, BankAccount, Disbursement, Match, Proposal, Receipt, RefundDue, StatementLine
from finance.states import Rail
from gaf.money import Money
from gaf.references import is_valid_rf

K = Match.Kind


@dataclass(frozen=True)
class Coming:
    """Money we wait for: a refund that is due, or a donor's receipt that no line has matched."""

    kind: str
    key: str
    end_to_end: str
    money: Money


@dataclass
class OurRecords:
    """What was read. Each disbursement is told whether a line `debited` it and whether one `returned` it."""

    disbursements: list[Disbursement] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    providers: dict[str, set[int]] = field(default_factory=dict)  # by the provider's reference

    def named(self, reference: str) -> set[Disbursement]:
        """The disbursements whose own reference, or the provider's, this is."""
        keys = self.providers.get(reference, set())
        return {row for row in self.disbursements if row.end_to_end == reference or row.pk in keys}

    def refund_of(self, reference: str) -> Coming | None:
        """The refund that was asked for under this reference."""
        found = (one for one in self.coming if one.kind == K.REFUND and one.end_to_end == reference)
        return next(found, None) if reference else None


def compact(reference: str) -> str:
    """A reference without the spaces and small letters a bank may put into it."""
    return reference.replace(" ", "").upper()


def our_records(
    lines: Sequence[StatementLine],
    account: BankAccount,
    proposals: Iterable[Proposal] = (),
    batched: Iterable[str] = (),
) -> OurRecords:
    """The records that these lines name, that are suggested for them, or that batches consist of."""
    keys = {one["key"] for row in proposals for one in (*row.items, *row.rivals)}
    ends = {compact(line.end_to_end) for line in lines if line.end_to_end}
    valid = {end for end in ends if is_valid_rf(end)}
    providers = _providers(lines, account)
    tried = {pk for found in providers.values() for pk in found}
    rows = Disbursement.objects.filter(
        Q(end_to_end__in=valid | set(batched)) | Q(pk__in=tried) | Q(number__in=keys), bank_account=account
    )
    standing = Match.objects.filter(disbursement=OuterRef("pk"))
    rows = rows.annotate(
        debited=Exists(standing.filter(kind=K.DISBURSEMENT)), returned=Exists(standing.filter(kind=K.RETURN))
    )
    incoming = {compact(line.end_to_end) for line in lines if line.end_to_end and line.minor > 0}
    return OurRecords(list(rows.order_by("number")), _coming(incoming, keys), providers)


def _providers(lines: Sequence[StatementLine], account: BankAccount) -> dict[str, set[int]]:
    """By the provider's reference; orders in a file are named by their own reference alone."""
    banks = {line.bank_reference for line in lines if line.bank_reference}
    if account.rail != Rail.STRIPE or not banks:
        return {}
    attempts = Attempt.objects.filter(
        Q(steps__transfer__in=list(banks)) | Q(steps__reversal__in=list(banks)) | Q(provider_reference__in=banks),
        disbursement__payment_file=None,
        disbursement__bank_account=account,
    )
    found: dict[str, set[int]] = {}
    for pk, provider, steps in attempts.values_list("disbursement_id", "provider_reference", "steps"):
        for reference in {provider, steps.get("transfer", ""), steps.get("reversal", "")} - {""}:
            found.setdefault(reference, set()).add(pk)
    return found


def _coming(ends: set[str], keys: set[str]) -> list[Coming]:
    """Refunds and receipts in one question."""
    refunds = RefundDue.objects.filter(Q(end_to_end__in=ends) | Q(key__in=keys), received_at=None)
    matched = Match.objects.filter(receipt__isnull=False).values("receipt")
    receipts = Receipt.objects.filter(key__in=keys).exclude(pk__in=matched)
    told = _told(refunds, K.REFUND, F("end_to_end")).union(_told(receipts, K.RECEIPT, _text("")), all=True)
    return [Coming(kind, key, end, Money(minor, currency)) for kind, key, end, minor, currency in told]


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _told(rows: QuerySet[RefundDue] | QuerySet[Receipt], kind: str, end: F | Value) -> QuerySet[RefundDue, tuple]:
    named = rows.order_by().annotate(told_kind=_text(kind), told_end=end)
    return named.values_list("told_kind", "key", "told_end", "minor", "currency")  # type: ignore[return-value]
