"""The worker's side of disbursing: files to the bank, calls to Stripe, and looking again when no answer came.

Three phases, never mixed: (1) a transaction stores the attempt and its key, (2) the world is spoken to outside any
transaction, (3) a transaction writes the answer. A worker that dies anywhere is resumed by state, not by memory.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from finance.actions import settlement
from finance.actions.files import content_of
from finance.gateways.port import Accepted, Answer, Instruction, Refused, Unknown
from finance.gateways.rails import stripe_rail
from finance.gateways.stripe_amounts import NotPayableByStripe
from finance.models import Attempt, Disbursement, PaymentFile
from finance.private_files import write_whole
from finance.states import AttemptState, DisbursementState, PaymentFileState
from gaf import clock, ids
from gaf.accounts.queries import system_actor
from gaf.gate import acting, in_one_piece
from gaf.outbox.outbox import NotYet, enqueue, handles
from gaf.outbox.sweeps import sweeps

S = DisbursementState
LOOK_AGAIN = timedelta(minutes=5)


@handles("send_payment_file")
def send_payment_file(payload: dict[str, Any]) -> None:
    """Put a file signed by two into the bank's folder; doing it twice puts the same bytes under the same name."""
    payment_file = PaymentFile.objects.get(message_id=payload["message_id"])
    if payment_file.state == PaymentFileState.SENT:
        return
    _begin_file(payment_file)
    write_whole(Path(settings.GAF_BANK_FOLDER) / "in" / f"{payment_file.message_id}.xml", content_of(payment_file))
    _file_is_at_the_bank(payment_file)


@in_one_piece
def _begin_file(payment_file: PaymentFile) -> None:
    """First phase: every disbursement of the file is being sent, under the key that already stands in the file."""
    at = clock.now()
    for disbursement in payment_file.disbursements.filter(state=S.RELEASED).order_by("number"):
        attempt = disbursement.attempts.get(state=AttemptState.INTENT)
        settlement.begin_sending(disbursement_id=disbursement.pk, key=attempt.key, at=at)
    Attempt.objects.filter(disbursement__payment_file=payment_file, first_called_at=None, state="INTENT").update(
        first_called_at=at
    )


@in_one_piece
def _file_is_at_the_bank(payment_file: PaymentFile) -> None:
    """Third phase: the bank has the file, so each of its disbursements is sent."""
    at = clock.now()
    for disbursement in payment_file.disbursements.filter(state=S.SENDING).order_by("number"):
        attempt = disbursement.attempts.get(state=AttemptState.INTENT)
        settlement.mark_sent(attempt=attempt, provider_reference=payment_file.message_id, steps={}, at=at)
    with acting(PaymentFile, payment_file.pk, act="mark_file_sent", actor=system_actor(), at=at) as doing:
        doing.subject.mark_file_sent(at=at)


@handles("send_by_stripe")
def send_by_stripe(payload: dict[str, Any]) -> None:
    """Pay one disbursement through Stripe, or go on where an earlier try stopped; stays due while unknown."""
    disbursement = Disbursement.objects.select_related("payee_version__payee", "bank_account").get(
        number=payload["number"]
    )
    if disbursement.state not in (S.RELEASED, S.SENDING, S.UNKNOWN):
        return
    attempt, asked_before = _attempt_of(disbursement)
    answer = _ask_stripe(disbursement, attempt, asked_before)
    write_answer(attempt, answer, at=clock.now())
    if isinstance(answer, Unknown):
        raise NotYet(LOOK_AGAIN)


def _ask_stripe(disbursement: Disbursement, attempt: Attempt, asked_before: bool) -> Answer:
    """Second phase, outside any transaction. What the rail cannot carry at all is refused before it is called."""
    try:
        return stripe_rail().create(
            instruction(disbursement, attempt),
            first_called_at=attempt.first_called_at if asked_before else None,
            now=clock.now(),
            asked_before=asked_before,
        )
    except NotPayableByStripe as refusal:
        return Refused(refusal.code, refusal.why)


@in_one_piece
def _attempt_of(disbursement: Disbursement) -> tuple[Attempt, bool]:
    """First phase: the attempt to call with, and whether it may have been called before."""
    at = clock.now()
    if disbursement.state == S.RELEASED:
        attempt = settlement.begin_sending(disbursement_id=disbursement.pk, key=ids.random_key(), at=at)
        asked_before = False
    else:
        attempt = disbursement.attempts.get(state__in=[AttemptState.INTENT, AttemptState.UNKNOWN])
        asked_before = True
    if attempt.first_called_at is None:
        attempt.first_called_at = at
        attempt.save(update_fields=["first_called_at"])
    return attempt, asked_before


def instruction(disbursement: Disbursement, attempt: Attempt) -> Instruction:
    """What Stripe is told: numbers and amounts, nothing about a person or a case."""
    return Instruction(
        number=disbursement.number,
        key=attempt.key,
        money=disbursement.money,
        end_to_end=disbursement.end_to_end,
        statement_text="GAF " + disbursement.number.replace("-", ""),
        destination=disbursement.payee_version.account_number,
    )


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
    """The sweep's part: promise again every disbursement a killed worker left between two phases."""
    count = 0
    with transaction.atomic():
        stuck = Disbursement.objects.filter(state__in=[S.SENDING, S.UNKNOWN], bank_account__rail="STRIPE")
        for disbursement in stuck:
            enqueue("send_by_stripe", key=disbursement.number, number=disbursement.number)
            count += 1
        for payment_file in PaymentFile.objects.filter(state=PaymentFileState.SIGNED):
            enqueue("send_payment_file", key=payment_file.message_id, message_id=payment_file.message_id)
            count += 1
    return count
