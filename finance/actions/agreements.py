"""Pledges and agreements of donors: recorded by one person, agreements confirmed by a second with the signed paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from finance import policy, postings
from finance.ledger import credit, debit, post
from finance.models import Agreement, FundingStream, JournalLine, Pledge, Receipt
from finance.queries import usd_rate
from finance.states import AgreementState
from gaf.accounts.models import User
from gaf.decisions.record import record_decision
from gaf.gate import acting, first_decision, in_one_piece
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal


class _PledgeKey:
    """A pledge as separation of duties sees it: a record of its own."""

    def __init__(self, key: str) -> None:
        self.key = key

    def decision_reference(self) -> str:
        """The pledge's key."""
        return self.key

    def mission_ids(self) -> set[int]:
        """No mission: headquarters records pledges."""
        return set()


@in_one_piece
def record_pledge(
    *,
    key: str,
    donor: str,
    money: Money,
    pledged_on: date,
    actor: User,
    at: datetime,
    stream: FundingStream | None = None,
) -> Pledge:
    """Record what a donor promised. It is shown, and never spendable."""
    role = policy.MAY_RECORD_AGREEMENT.require(Question(_PledgeKey(key), "record_pledge", actor))
    usd = money.in_usd(usd_rate(money.currency, pledged_on).units_per_usd)
    facts = {"minor": money.minor, "currency": money.currency, "usd_minor": usd.minor}
    record_decision(
        act="record_pledge",
        actor=actor,
        role=role,
        at=at,
        subject=key,
        reference=key,
        to_state="RECORDED",
        facts=facts,
    )
    return Pledge.objects.create(
        key=key,
        donor=donor,
        stream=stream,
        minor=money.minor,
        currency=money.currency,
        usd_minor=usd.minor,
        pledged_on=pledged_on,
    )


@dataclass(frozen=True)
class Terms:
    """What a signed agreement says."""

    key: str
    donor: str
    stream: FundingStream
    money: Money
    signed_on: date
    starts_on: date
    ends_on: date | None = None
    final_payment_on: date | None = None
    spend_before_receipt: bool = False
    pledge: Pledge | None = None


@in_one_piece
def record_agreement(*, terms: Terms, actor: User, at: datetime) -> Agreement:
    """Record a signed agreement; it counts once a second person confirms it. Raises Refusal AGREE-02, AGREE-04."""
    _require_days_in_order(terms)
    usd = terms.money.in_usd(usd_rate(terms.money.currency, terms.signed_on).units_per_usd)
    made = Agreement(
        key=terms.key,
        donor=terms.donor,
        stream=terms.stream,
        pledge=terms.pledge,
        minor=terms.money.minor,
        currency=terms.money.currency,
        usd_minor=usd.minor,
        signed_on=terms.signed_on,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        final_payment_on=terms.final_payment_on,
        spend_before_receipt=terms.spend_before_receipt,
        recorded_by=actor,
    )
    role = policy.MAY_RECORD_AGREEMENT.require(Question(made, "record_agreement", actor))
    first_decision(subject=made, act="record_agreement", actor=actor, role=role, at=at, facts=facts_of(made))
    made.save(force_insert=True)
    return made


def facts_of(agreement: Agreement) -> dict[str, object]:
    """What was recorded, as decisions keep it."""
    return {
        "stream": agreement.stream.code,
        "minor": agreement.minor,
        "currency": agreement.currency,
        "usd_minor": agreement.usd_minor,
        "ends_on": agreement.ends_on.isoformat() if agreement.ends_on else "",
        "final_payment_on": agreement.final_payment_on.isoformat() if agreement.final_payment_on else "",
        "spend_before_receipt": agreement.spend_before_receipt,
    }


def _require_days_in_order(terms: Terms) -> None:
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        raise _not_recorded(_("It would end before it starts."))
    if terms.final_payment_on is not None and (terms.ends_on is None or terms.final_payment_on < terms.ends_on):
        raise _not_recorded(_("The day of the final payment comes after the day it ends."))
    if Agreement.objects.filter(key=terms.key).exists():
        raise Refusal(
            "AGREE-04",
            _("The agreement was not recorded."),
            _("An agreement with this number is recorded already."),
            _("Look at it, or write the number of this one."),
        )


def _not_recorded(why: str) -> Refusal:
    return Refusal("AGREE-02", _("The agreement was not recorded."), why, _("Compare the days with the paper."))


def confirm_agreement(*, agreement_id: int, actor: User, at: datetime) -> Agreement:
    """A second person compared the record with the paper. Where it was agreed, money is free before it is received."""
    with acting(Agreement, agreement_id, act="confirm_agreement", actor=actor, at=at) as doing:
        agreement: Agreement = doing.subject
        agreement.confirm_agreement(by=actor)
        doing.facts = facts_of(agreement)
        if agreement.spend_before_receipt:
            usd = Money(agreement.usd_minor, "USD")
            post(
                kind="advance_authority",
                key=f"advance_authority:{agreement.key}",
                at=at,
                entries=[
                    debit(postings.AUTHORITY, usd, agreement.stream, _line_key(agreement)),
                    credit(postings.AVAILABLE, usd, agreement.stream, _line_key(agreement)),
                ],
            )
    return agreement


def discard_agreement(*, agreement_id: int, reason: str, actor: User, at: datetime) -> Agreement:
    """The record does not say what the paper says; it never counted."""
    with acting(Agreement, agreement_id, act="discard_agreement", actor=actor, at=at, reason=reason) as doing:
        doing.subject.discard_agreement()
    return doing.subject


def require_agreement_for(agreement: Agreement, stream: FundingStream) -> None:
    """Raises Refusal AGREE-05 when cash of this stream cannot come under this agreement."""
    if agreement.stream_id == stream.pk and agreement.state == AgreementState.IN_FORCE:
        return
    raise Refusal(
        "AGREE-05",
        _("The receipt was not recorded."),
        _("Agreement %(key)s is not a confirmed one of this stream.") % {"key": agreement.key},
        _("Choose an agreement of the stream, or none."),
    )


def cover_authority(receipt: Receipt, at: datetime) -> None:
    """Take back what could be spent before this receipt; the receipt itself has just made it free again."""
    agreement = receipt.agreement
    if agreement is None or not agreement.spend_before_receipt:
        return
    rest = advanced(agreement)
    received = agreement.receipts.aggregate(sum=Sum("minor"), usd=Sum("usd_minor"))
    is_whole = receipt.currency == agreement.currency and (received["sum"] or 0) >= agreement.minor
    usd = rest if is_whole else min(rest, Money(receipt.usd_minor, "USD"))
    if not usd:
        return
    post(
        kind="cover_authority",
        key=f"cover_authority:{receipt.key}",
        at=at,
        entries=[
            debit(postings.AVAILABLE, usd, agreement.stream, _line_key(agreement)),
            credit(postings.AUTHORITY, usd, agreement.stream, _line_key(agreement)),
        ],
    )


def advanced(agreement: Agreement) -> Money:
    """What of an agreement may be spent although it has not been received."""
    lines = JournalLine.objects.filter(
        account__code=postings.AUTHORITY, stream=agreement.stream, line_key=_line_key(agreement)
    )
    return Money(lines.aggregate(sum=Sum("minor"))["sum"] or 0, "USD")


def _line_key(agreement: Agreement) -> str:
    return f"AGR-{agreement.pk}"
