"""Screening once more right before money leaves: what has waited since its release may go to somebody listed since.

A hit holds the attempt: nothing leaves, and those who must clear it are told. Once two people have cleared it, the
worker lets it go by itself. One whose hit is confirmed never goes: the payer stops it while it is released, and where
its result is unknown it ends as failed, by what the provider's books say.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from finance.actions.rails import LISTED, hold, let_go, note_reading, note_stranded
from finance.actions.screening import screen_again
from finance.actions.settlement import mark_unknown
from finance.gateways.port import Found, NotFound, Refused, Unknown
from finance.gateways.rails import rail_for
from finance.leaving import LOOK_AGAIN, instruction
from finance.models import Attempt, Disbursement, PaymentFile
from finance.notices import tell_clearers
from finance.objections import objections_of
from finance.screening.standing import hits_that_stop, is_known_to_be_listed, list_refusal
from finance.states import AttemptState, DisbursementState
from gaf import clock, ids
from gaf.gate import in_one_piece
from gaf.outbox.outbox import NotYet

_OPEN = (AttemptState.INTENT, AttemptState.UNKNOWN)
_SOON, _AN_HOUR = timedelta(seconds=10), timedelta(hours=1)


def require_screened(disbursement: Disbursement) -> None:
    """Outside any transaction: raises NotYet, and nothing leaves, when its payee may not be paid by the newest list.

    What has left whole already is not kept from being written down. Of what may have left, the provider's books are
    read each time; what lies half-way is fetched back once somebody confirmed that the payee is the one on the list.
    """
    at = clock.now()
    screen_again(version=disbursement.payee_version, at=at)
    if disbursement.state == DisbursementState.RELEASED and objections_of([disbursement], at)[disbursement.pk]:
        raise NotYet(LOOK_AGAIN)
    if list_refusal(at) is not None or hits_that_stop(disbursement.payee_version):
        found = _in_the_providers_books(disbursement)
        if not isinstance(found, Found) or not found.complete:
            attempt = _hold_while_listed(disbursement, at)
            raise NotYet(_act_on(found, disbursement, attempt, at) if attempt else LOOK_AGAIN)
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


def is_objected_to(payment_file: PaymentFile) -> bool:
    """Whether a room above says no to anything in a file that certainly has not left yet."""
    rows = list(payment_file.disbursements.order_by("number"))
    if any(row.state != DisbursementState.RELEASED for row in rows):
        return False
    return any(objections_of(rows, clock.now()).values())


def _in_the_providers_books(disbursement: Disbursement) -> Found | NotFound | Unknown | None:
    """What the provider holds of it; None where it never left, so that nobody asks."""
    if disbursement.state == DisbursementState.RELEASED:
        return None
    attempt = disbursement.attempts.get(state__in=_OPEN)
    return rail_for(disbursement.bank_account.rail).find(instruction(disbursement, attempt))


def _act_on(found: Found | NotFound | Unknown | None, row: Disbursement, attempt: Attempt, at: datetime) -> timedelta:
    """Note that nothing was found; fetch back what lies half-way to a payee that is listed; say when to look next."""
    if isinstance(found, NotFound):
        note_reading(attempt=attempt, at=at)
    if not isinstance(found, Found) or not is_known_to_be_listed(row.payee_version):
        return LOOK_AGAIN
    answer = rail_for(row.bank_account.rail).bring_back(instruction(row, attempt), attempt=attempt.return_tries)
    if isinstance(answer, Refused):
        note_stranded(attempt=attempt, code=answer.code, at=at)
        return _AN_HOUR
    return LOOK_AGAIN if isinstance(answer, Unknown) else _SOON


@in_one_piece
def _hold_while_listed(disbursement: Disbursement, at: datetime) -> Attempt | None:
    """Hold its attempt, made here if it has none yet, and tell the payers and those who clear hits, once.

    One that a worker died with, between two phases, is unknown from here on: nobody asks for it until it is cleared.
    """
    stopping = hits_that_stop(disbursement.payee_version)
    if not stopping:
        return None  # the list itself is missing or too old; nobody can clear that, and loading one ends it
    row = Disbursement.objects.select_for_update(of=("self",)).get(pk=disbursement.pk)
    attempt = row.attempts.filter(state__in=_OPEN).first()
    if attempt is None:
        if row.state != DisbursementState.RELEASED:
            return None
        attempt = Attempt.objects.create(disbursement=row, key=ids.random_key(), created_at=at)
    if row.state == DisbursementState.SENDING:
        mark_unknown(attempt=attempt, steps={}, at=at, code="no_answer")
    if hold(attempt=attempt, code=LISTED, at=at):
        tell_clearers(row.payee_version, stopping[0], key=f"{stopping[0].key}:{row.number}")
    return attempt
