"""What happens to a disbursement once money may be on its way: sending, sent, unknown, confirmed, returned, failed.

These are acts of the system; each is a decision of the named system actor, and each moves the ledger with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from finance import postings
from finance.actions.disbursements import give_back
from finance.ledger import Entry, credit, debit, post
from finance.models import Attempt, BankAccount, Disbursement
from finance.queries import usd_rate
from finance.states import AttemptState
from gaf.accounts.queries import system_actor
from gaf.gate import ActsOnEach, acting, acting_on_each
from gaf.money import Money
from gaf.outbox.outbox import enqueue, enqueue_all
from gaf.versions import save_all_by


def in_account_currency(account: BankAccount, usd: Money, money: Money, at: datetime) -> Money:
    """What the fund's account should be charged for an amount: itself, or its worth at the rates of the day."""
    if account.currency == money.currency:
        return money
    if account.currency == "USD":
        return usd
    rate = usd_rate(account.currency, at.date())
    return usd.converted(
        account.currency,
        units_per_usd_from=usd_rate("USD", at.date()).units_per_usd,
        units_per_usd_to=rate.units_per_usd,
    )


def position_entries(account_money: Money, usd: Money) -> list[Entry]:
    """The two halves of the exchange position for a signed amount that leaves (positive) an account not in dollars."""
    if account_money.currency == "USD":
        return []
    return [
        debit(postings.position(account_money.currency), account_money),
        credit(postings.position("USD"), usd),
    ]


def budget_entries(disbursement: Disbursement, source: str, target: str) -> list[Entry]:
    """Move what a disbursement takes from one budget account to another, stream by stream and line by line."""
    entries = []
    for part in disbursement.parts.select_related("commitment__stream"):
        usd = Money(part.usd_minor, "USD")
        stream, key = part.commitment.stream, part.commitment.line_key
        entries += [debit(source, usd, stream, key), credit(target, usd, stream, key)]
    return entries


def begin_sending(*, disbursement_id: int, key: str, at: datetime) -> Attempt:
    """First phase: store the attempt and its key, book what is about to leave. From here on it may have left."""
    with acting(Disbursement, disbursement_id, act="begin_sending", actor=system_actor(), at=at) as doing:
        subject: Disbursement = doing.subject
        usd = subject.money.in_usd(usd_rate(subject.currency, at.date()).units_per_usd)
        expected = in_account_currency(subject.bank_account, usd, subject.money, at)
        subject.paid_usd_minor, subject.account_minor = usd.minor, expected.minor
        subject.begin_sending()
        attempt, _made = Attempt.objects.get_or_create(disbursement=subject, key=key, defaults={"created_at": at})
        post(
            kind="send",
            key=f"send:{subject.number}:{key}",
            at=at,
            reference=subject.reference,
            entries=[
                debit(postings.ADVANCES, subject.committed),
                credit(postings.in_transit(subject.bank_account.code), expected),
                *position_entries(expected, usd),
                credit(postings.EXCHANGE_DIFFERENCES, subject.committed - usd),
                *budget_entries(subject, postings.COMMITTED, postings.SPENT),
            ],
        )
        doing.facts = {"paid_usd_minor": usd.minor, "account_minor": expected.minor, "attempt": attempt.pk}
    return attempt


def mark_sent(*, attempt: Attempt, provider_reference: str, steps: dict[str, str], at: datetime) -> None:
    """Third phase: the bank or provider has it."""
    with acting(Disbursement, attempt.disbursement_id, act="mark_sent", actor=system_actor(), at=at) as doing:
        doing.subject.mark_sent(at=at)
        _answered(attempt, AttemptState.SENT, at, provider_reference=provider_reference, steps=steps)


def mark_unknown(*, attempt: Attempt, steps: dict[str, str], at: datetime, code: str) -> None:
    """Third phase: nobody can say. The attempt stays open under the same key; a person and the worker keep looking."""
    subject = Disbursement.objects.get(pk=attempt.disbursement_id)
    if subject.state == "UNKNOWN":
        _answered(attempt, AttemptState.UNKNOWN, at, steps=steps, code=code)
        return
    with acting(Disbursement, subject.pk, act="mark_unknown", actor=system_actor(), at=at) as doing:
        doing.subject.mark_unknown()
        _answered(attempt, AttemptState.UNKNOWN, at, steps=steps, code=code)


def _answered(attempt: Attempt, state: str, at: datetime, **changes: object) -> None:
    attempt.state, attempt.answered_at = state, at
    for name, value in changes.items():
        setattr(attempt, name, value)
    attempt.save()


def mark_failed(*, attempt: Attempt, code: str, at: datetime) -> None:
    """Third phase: refused for certain, nothing left. What was booked is reversed and the commitment is whole again."""
    with acting(Disbursement, attempt.disbursement_id, act="mark_failed", actor=system_actor(), at=at) as doing:
        subject: Disbursement = doing.subject
        subject.mark_failed(code=code[:40])
        undo_sending(subject, attempt, code=code, at=at)
        doing.reason_code = code[:40]


def undo_sending(subject: Disbursement, attempt: Attempt, *, code: str, at: datetime) -> None:
    """Inside the act that says nothing left: reverse what was booked, open the commitment again, tell the process."""
    _reverse_sending(subject, attempt, at)
    give_back(subject)
    _answered(attempt, AttemptState.FAILED, at, code=code[:60], held_code="")
    enqueue("disbursement_failed", key=subject.number, reference=subject.reference, number=subject.number)


def _reverse_sending(subject: Disbursement, attempt: Attempt, at: datetime) -> None:
    usd = Money(subject.paid_usd_minor or 0, "USD")
    expected = Money(subject.account_minor or 0, subject.bank_account.currency)
    post(
        kind="unsend",
        key=f"unsend:{subject.number}:{attempt.key}",
        at=at,
        reference=subject.reference,
        entries=[
            credit(postings.ADVANCES, subject.committed),
            debit(postings.in_transit(subject.bank_account.code), expected),
            *position_entries(-expected, -usd),
            debit(postings.EXCHANGE_DIFFERENCES, subject.committed - usd),
            *budget_entries(subject, postings.SPENT, postings.COMMITTED),
        ],
    )


def mark_confirmed(*, disbursement_id: int, at: datetime) -> None:
    """The statement or the provider says that it was paid; the process is told by outbox."""
    with acting(Disbursement, disbursement_id, act="mark_confirmed", actor=system_actor(), at=at) as doing:
        subject: Disbursement = doing.subject
        subject.mark_confirmed(at=at)
        enqueue("disbursement_confirmed", key=subject.number, reference=subject.reference, number=subject.number)


def confirm_each(disbursements: Sequence[Disbursement], at: datetime, within: ActsOnEach) -> None:
    """The same of several that are locked, inside an act on lines of the bank that is written with it."""
    if not disbursements:
        return
    with _each(disbursements, "mark_confirmed", at, within) as each:
        for doing in each:
            doing.subject.mark_confirmed(at=at)
    told = {row.number: {"reference": row.reference, "number": row.number} for row in disbursements}
    enqueue_all("disbursement_confirmed", told)


def take_back_confirmations(disbursement_ids: Collection[int], at: datetime, within: ActsOnEach) -> None:
    """The bank has said nothing of these disbursements after all: the matches that confirmed them are undone."""
    if not disbursement_ids:
        return
    rows = Disbursement.objects.select_for_update(of=("self",)).select_related("payee_version__payee")
    held = list(rows.filter(pk__in=disbursement_ids).order_by("number"))
    with _each(held, "take_back_confirmation", at, within) as each:
        for doing in each:
            doing.subject.take_back_confirmation()


@contextmanager
def _each(disbursements: Sequence[Disbursement], act: str, at: datetime, within: ActsOnEach) -> Iterator[ActsOnEach]:
    """An act of the system on whether several locked disbursements are confirmed."""
    system = system_actor()

    def save(rows: Sequence[Disbursement]) -> None:
        save_all_by(rows, ["state", "version", "confirmed_at"], system, act)

    with acting_on_each(disbursements, act=act, actor=system, at=at, save=save, within=within) as each:
        yield each


def mark_returned(*, disbursement_id: int, code: str, at: datetime, locked: Disbursement | None = None) -> Disbursement:
    """The money came back: its commitment is whole again, here and in the ledger's budget accounts.

    What the bank or provider gave back is booked when that line of the statement is matched. `locked` is the
    disbursement where it was locked before.
    """
    system = system_actor()
    with acting(Disbursement, disbursement_id, act="mark_returned", actor=system, at=at, locked=locked) as doing:
        subject: Disbursement = doing.subject
        subject.mark_returned(code=code)
        give_back(subject)
        post(
            kind="give_back",
            key=f"give_back:{subject.number}",
            at=at,
            reference=subject.reference,
            entries=budget_entries(subject, postings.SPENT, postings.COMMITTED),
        )
        for attempt in subject.attempts.exclude(state=AttemptState.FAILED):
            _answered(attempt, AttemptState.FAILED, at, code=code)
        doing.reason_code = code[:40]
        enqueue("disbursement_returned", key=subject.number, reference=subject.reference, number=subject.number)
    return subject
