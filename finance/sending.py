"""The worker's side of disbursing: handing files and instructions to their rail, and looking again when no answer came.

Three phases, never mixed: (1) a transaction stores the attempt and its key, (2) the world is spoken to outside any
transaction, (3) a transaction writes the answer. A worker that dies anywhere is resumed by state, not by memory. Which
rail carries a disbursement is known to `gateways/rails.py` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from finance.actions import settlement
from finance.actions.files import content_of, recall_file
from finance.gateways.port import Accepted, Answer, Refused, SignedFile, Then, Unknown
from finance.gateways.rails import goes_by_file, rail_for
from finance.leaving import after_answer, instruction, is_held, leave_or_wait
from finance.models import Attempt, Disbursement, PaymentFile
from finance.restoring import key_of_a_forgotten_attempt
from finance.screened import is_objected_to, may_leave, require_screened
from finance.states import AttemptState, DisbursementState, PaymentFileState
from gaf import clock, ids
from gaf.accounts.queries import system_actor
from gaf.gate import acting, in_one_piece
from gaf.outbox.outbox import enqueue, handles
from gaf.outbox.sweeps import sweeps

S = DisbursementState
_TO_BE_SENT = (S.RELEASED, S.SENDING, S.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt about to be called. `asked_before`: it may have been called already, and nobody knows the answer."""

    disbursement: Disbursement
    attempt: Attempt
    asked_before: bool


@handles("send_disbursement")
def send_disbursement(payload: dict[str, Any]) -> None:
    """Send one disbursement, or go on where an earlier try stopped; stays due while its result is unknown, and while
    a name of its payee is like one on the newest list."""
    disbursement = Disbursement.objects.select_related("payee_version__payee", "bank_account").get(
        number=payload["number"]
    )
    if disbursement.state not in _TO_BE_SENT or is_held(disbursement):
        return
    refused = leave_or_wait(disbursement)
    forgotten = key_of_a_forgotten_attempt(disbursement)
    if not forgotten:
        require_screened(disbursement)
    call = _begin(disbursement, forgotten=forgotten)
    answer = refused or _ask(call)
    if _is_worth_writing(answer):
        write_answer(call.attempt, answer, at=clock.now())
    after_answer(call.disbursement, call.attempt, answer)


def _is_worth_writing(answer: Answer) -> bool:
    """A rail that let nobody in did nothing: the state stays, and the same call is made once it lets us in again."""
    return not (isinstance(answer, Unknown) and answer.then is Then.PAUSE_RAIL and not answer.steps)


@handles("send_payment_file")
def send_payment_file(payload: dict[str, Any]) -> None:
    """Hand over a file signed by two: each of its disbursements by its own attempt, all of them in one set of bytes."""
    payment_file = PaymentFile.objects.get(message_id=payload["message_id"])
    if payment_file.state != PaymentFileState.SIGNED or any(map(is_held, payment_file.disbursements.all())):
        return
    if is_objected_to(payment_file):
        recall_file(file_id=payment_file.pk, at=clock.now(), reason_code="objected")
        return
    if not may_leave(payment_file):
        recall_file(file_id=payment_file.pk, at=clock.now())
        return
    calls = _begin_file(payment_file)
    signed = SignedFile(payment_file.message_id, content_of(payment_file))
    answers = [(call.attempt, _ask(call, signed)) for call in calls]
    if _answer_file(payment_file, answers):
        for call, (attempt, answer) in zip(calls, answers, strict=True):
            after_answer(call.disbursement, attempt, answer)


@in_one_piece
def _begin(disbursement: Disbursement, forgotten: str = "") -> Call:
    """First phase: the attempt to call with, its key stored, and whether it may have been called before.

    `forgotten` is the key under which it left before the database was put back: that attempt is taken up again.
    """
    at = clock.now()
    asked_before = disbursement.state != S.RELEASED
    if asked_before:
        attempt = disbursement.attempts.get(state__in=[AttemptState.INTENT, AttemptState.UNKNOWN])
    else:
        prepared = disbursement.attempts.filter(state=AttemptState.INTENT).first()
        key = forgotten or (prepared.key if prepared else ids.random_key())
        attempt = settlement.begin_sending(disbursement_id=disbursement.pk, key=key, at=at)
    if attempt.first_called_at is None:
        attempt.first_called_at = at
        attempt.save(update_fields=["first_called_at"])
    return Call(disbursement, attempt, asked_before or bool(forgotten))


@in_one_piece
def _begin_file(payment_file: PaymentFile) -> list[Call]:
    """First phase for a file: every one of its disbursements is being sent, under the key that stands in the file."""
    rows = payment_file.disbursements.filter(state__in=_TO_BE_SENT).select_related(
        "payee_version__payee", "bank_account"
    )
    return [_begin(disbursement) for disbursement in rows.order_by("number")]


def _ask(call: Call, signed: SignedFile | None = None) -> Answer:
    """Second phase, outside any transaction: the only place where money is asked to leave."""
    return rail_for(call.disbursement.bank_account.rail).create(
        instruction(call.disbursement, call.attempt, signed),
        first_called_at=call.attempt.first_called_at if call.asked_before else None,
        now=clock.now(),
        asked_before=call.asked_before,
    )


@in_one_piece
def _answer_file(payment_file: PaymentFile, answers: list[tuple[Attempt, Answer]]) -> bool:
    """Third phase for a file: all its answers; it is at the bank once none is unknown. True while one is."""
    at = clock.now()
    for attempt, answer in answers:
        write_answer(attempt, answer, at=at)
    if any(isinstance(answer, Unknown) for _attempt, answer in answers):
        return True
    with acting(PaymentFile, payment_file.pk, act="mark_file_sent", actor=system_actor(), at=at) as doing:
        doing.subject.mark_file_sent(at=at)
    return False


@in_one_piece
def write_answer(attempt: Attempt, answer: Answer, *, at: datetime) -> None:
    """Third phase: write what the provider said, once; a later answer than one already written changes nothing."""
    state = Disbursement.objects.select_for_update().get(pk=attempt.disbursement_id).state
    if state not in (S.SENDING, S.UNKNOWN):
        return
    steps = dict(answer.steps)
    if isinstance(answer, Accepted):
        settlement.mark_sent(attempt=attempt, provider_reference=answer.provider_ref, steps=steps, at=at)
    elif isinstance(answer, Refused):
        settlement.mark_failed(attempt=attempt, code=answer.code, at=at)
    else:
        settlement.mark_unknown(attempt=attempt, steps=steps, at=at, code=answer.code or "no_answer")


@sweeps
def resume_all() -> int:
    """The sweep's part: promise again every disbursement that is due and may have been left between two phases."""
    count = 0
    with transaction.atomic():
        for disbursement in Disbursement.objects.filter(state__in=_TO_BE_SENT).select_related("bank_account"):
            if not goes_by_file(disbursement.bank_account.rail):
                enqueue("send_disbursement", key=disbursement.number, number=disbursement.number)
                count += 1
        for payment_file in PaymentFile.objects.filter(state=PaymentFileState.SIGNED):
            enqueue("send_payment_file", key=payment_file.message_id, message_id=payment_file.message_id)
            count += 1
    return count
