"""Screening once more right before money leaves: what has waited since its release may go to somebody listed since.

A hit holds the attempt: nothing leaves, and those who must clear it are told. Once two people have cleared it, the
worker lets it go by itself; a hit that is confirmed never goes, and the payer stops the disbursement.
"""

from __future__ import annotations

from datetime import datetime

from finance.actions.rails import LISTED, hold, let_go
from finance.actions.screening import screen_again
from finance.gateways.port import Found
from finance.gateways.rails import rail_for
from finance.leaving import LOOK_AGAIN, instruction
from finance.models import Attempt, Disbursement, PaymentFile
from finance.notices import tell_clearers
from finance.screening.standing import hits_that_stop, list_refusal
from finance.states import AttemptState, DisbursementState
from gaf import clock, ids
from gaf.gate import in_one_piece
from gaf.outbox.outbox import NotYet


def require_screened(disbursement: Disbursement) -> None:
    """Outside any transaction: raises NotYet, and nothing leaves, when its payee may not be paid by the newest list.

    What has left whole already is not kept from being written down.
    """
    at = clock.now()
    screen_again(version=disbursement.payee_version, at=at)
    may_be_paid = list_refusal(at) is None and not hits_that_stop(disbursement.payee_version)
    if not may_be_paid and not _has_left(disbursement):
        _hold_while_listed(disbursement, at)
        raise NotYet(LOOK_AGAIN)
    let_go(disbursement)


def may_leave(payment_file: PaymentFile) -> bool:
    """The same for a file: False when a payee in it may not be paid by the newest list. One that may have left does.

    Raises NotYet while there is no list that anybody may go by.
    """
    at = clock.now()
    rows = list(payment_file.disbursements.select_related("payee_version__payee").order_by("number"))
    if any(row.state != DisbursementState.RELEASED for row in rows):
        return True
    for row in rows:
        screen_again(version=row.payee_version, at=at)
    if list_refusal(at) is not None:
        raise NotYet(LOOK_AGAIN)
    return not any(hits_that_stop(row.payee_version) for row in rows)


def _has_left(disbursement: Disbursement) -> bool:
    """Whether the provider's books hold all of it, asked about only when it may have left."""
    if disbursement.state == DisbursementState.RELEASED:
        return False
    attempt = disbursement.attempts.get(state__in=[AttemptState.INTENT, AttemptState.UNKNOWN])
    found = rail_for(disbursement.bank_account.rail).find(instruction(disbursement, attempt))
    return isinstance(found, Found) and found.complete


@in_one_piece
def _hold_while_listed(disbursement: Disbursement, at: datetime) -> None:
    """Hold its attempt, made here if it has none yet, and tell the payers and those who clear hits, once."""
    stopping = hits_that_stop(disbursement.payee_version)
    if not stopping:
        return  # the list itself is missing or too old; nobody can clear that, and loading one ends it
    row = Disbursement.objects.select_for_update(of=("self",)).get(pk=disbursement.pk)
    open_ones = row.attempts.filter(state__in=[AttemptState.INTENT, AttemptState.UNKNOWN])
    attempt = open_ones.first()
    if attempt is None:
        if row.state != DisbursementState.RELEASED:
            return
        attempt = Attempt.objects.create(disbursement=row, key=ids.random_key(), created_at=at)
    if hold(attempt=attempt, code=LISTED, at=at):
        tell_clearers(row.payee_version, stopping[0], key=f"{stopping[0].key}:{row.number}")
