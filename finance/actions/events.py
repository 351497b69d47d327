"""What a provider's messages lead to: the object they name is asked for, and what is so now is written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from finance.actions import settlement
from finance.actions.messages import set_apart
from finance.actions.rails import note_stranded, open_pause, pause_rail
from finance.gateways.port import (
    Accepted,
    BroughtBack,
    Found,
    Instruction,
    NotFound,
    ProviderState,
    ProviderStatus,
    Refused,
    Unknown,
)
from finance.gateways.rails import rail_for, stripe_rail
from finance.gateways.stripe_events import read_event
from finance.gateways.stripe_reading import FetchedObject
from finance.leaving import instruction, remember_funds
from finance.models import Attempt, Disbursement, GatewayEvent, TopUp
from finance.sending import write_answer
from finance.states import DisbursementState, Quarantine, Rail
from gaf import clock
from gaf.outbox.outbox import NotYet, handles

S = DisbursementState
_A_MINUTE, _AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
# Nothing is to be fetched: there is none, or the bank sends it by itself and its statement says so.
_NOTHING_TO_FETCH = frozenset({"nothing_to_bring_back", "comes_by_statement"})
_GONE_WRONG = (ProviderStatus.FAILED, ProviderStatus.CANCELED)


@handles("provider_event")
def handle_event(payload: dict[str, Any]) -> None:
    """Look at the object an event names and write what is so now; the event's own words are not believed."""
    event = GatewayEvent.objects.get(pk=payload["event"])
    if event.handled_at is not None or event.quarantine:
        return
    read = read_event(event.body.encode())
    about = stripe_rail().fetch_event_object(read) if read is not None else None
    if isinstance(about, Unknown):
        raise NotYet(_A_MINUTE)
    why = _follow(about) if about is not None else None
    if why is not None:
        set_apart(event=event, why=why, at=clock.now())
        return
    event.handled_at = clock.now()
    event.save(update_fields=["handled_at"])


def _follow(about: FetchedObject | NotFound) -> Quarantine | None:
    """Write what is so of the object; or say why it is none of ours."""
    if isinstance(about, NotFound):
        return Quarantine.UNKNOWN_OBJECT
    if about.kind == "topup":
        note_top_up(about)
        return None
    attempt = _attempt_of(about)
    if attempt is None:
        return Quarantine.UNKNOWN_OBJECT
    if _was_called_off(attempt) and (about.payout is None or about.payout.status not in _GONE_WRONG):
        return Quarantine.NOT_EXPECTED
    if about.payout is None:  # a transfer: it says nothing about being paid
        return None
    _write_answer_first(attempt, about.ref)
    apply_state(attempt, about.payout)
    return None


def _attempt_of(about: FetchedObject) -> Attempt | None:
    """Our attempt behind an object: by the mark we put on it, or by the provider's number that we keep."""
    attempts = Attempt.objects.select_related("disbursement__payee_version__payee", "disbursement__bank_account")
    marked = attempts.filter(key=about.attempt, disbursement__number=about.disbursement).first()
    return marked or attempts.filter(provider_reference=about.ref).first()


def _was_called_off(attempt: Attempt) -> bool:
    """A person said that nothing left under it."""
    return attempt.disbursement.state == S.FAILED and attempt.disbursement.return_code == "never_arrived"


def _write_answer_first(attempt: Attempt, payout: str) -> None:
    """The message came before our own answer was stored: the provider's books are read, and the answer is written.

    Raises NotYet where they do not say yet that every step is made.
    """
    if attempt.disbursement.state not in (S.SENDING, S.UNKNOWN):
        return
    found = rail_for(attempt.disbursement.bank_account.rail).find(_told(attempt))
    if not isinstance(found, Found) or not found.complete or found.provider_ref != payout:
        raise NotYet(_A_MINUTE)
    write_answer(attempt, Accepted(payout, found.steps), at=clock.now())


def _told(attempt: Attempt) -> Instruction:
    return instruction(attempt.disbursement, attempt)


def apply_state(attempt: Attempt, state: ProviderState) -> None:
    """Write where the provider says a disbursement is: paid, or failed after all."""
    disbursement = Disbursement.objects.select_related("payee_version__payee", "bank_account").get(
        pk=attempt.disbursement_id
    )
    at = clock.now()
    if state.status == ProviderStatus.PAID and disbursement.state == S.SENT:
        settlement.mark_confirmed(disbursement_id=disbursement.pk, at=at)
    elif state.status in _GONE_WRONG and disbursement.state in (S.SENT, S.CONFIRMED):
        _bring_back(disbursement, attempt, state.failure_code or state.status, at)


def _bring_back(disbursement: Disbursement, attempt: Attempt, code: str, at: datetime) -> None:
    """The payee's bank sent it back: fetch the money to the fund's own balance, then say so in the books."""
    told = instruction(disbursement, attempt)
    answer = rail_for(disbursement.bank_account.rail).bring_back(told, attempt=attempt.return_tries)
    if isinstance(answer, Unknown):
        raise NotYet(timedelta(minutes=5))
    if isinstance(answer, Refused) and answer.code not in _NOTHING_TO_FETCH:
        note_stranded(attempt=attempt, code=answer.code, at=at)
        raise NotYet(_AN_HOUR)
    with transaction.atomic():
        if Disbursement.objects.select_for_update().get(pk=disbursement.pk).state == S.RETURNED:
            return
        settlement.mark_returned(disbursement_id=disbursement.pk, code=code, at=at)
        if isinstance(answer, BroughtBack):
            fresh = Attempt.objects.get(pk=attempt.pk)
            fresh.steps = {**fresh.steps, "reversal": answer.provider_ref}
            fresh.save(update_fields=["steps"])


def note_top_up(about: FetchedObject) -> TopUp:
    """Keep where a top-up is now. One that failed or was taken back after it counted may leave less than nothing."""
    at = clock.now()
    with transaction.atomic():
        row, _made = TopUp.objects.update_or_create(
            provider_reference=about.ref,
            defaults={"status": about.status[:20], "failure_code": about.failure_code[:60], "seen_at": at},
            create_defaults={
                "rail": Rail.STRIPE,
                "minor": about.money.minor,
                "currency": about.money.currency,
                "status": about.status[:20],
                "failure_code": about.failure_code[:60],
                "first_seen_at": at,
                "seen_at": at,
            },
        )
    watch_funds(Rail.STRIPE, {about.money.currency})
    return row


def watch_funds(rail: str, currencies: set[str]) -> None:
    """Read what a rail holds for us; less than nothing pauses it until a person has seen to it."""
    for currency in sorted(currencies):
        funds = rail_for(rail).funds(currency)
        if funds is None or isinstance(funds, Unknown):
            continue
        remember_funds(rail, funds, clock.now())
        if funds.minor < 0 and open_pause(rail) is None:
            facts = {"currency": currency, "available": funds.minor}
            pause_rail(rail=rail, code="balance_negative", at=clock.now(), facts=facts)
