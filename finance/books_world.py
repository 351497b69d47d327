"""What must be true between our books and the world: paid once, nothing lost, nothing left lying, everything told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.apps import apps

from finance.books_registry import Broken, Reading, check
from finance.models import Attempt, Disbursement, GatewayEvent, StatementLine
from finance.states import HOLDS_COMMITMENT, AttemptState, DisbursementState
from gaf import clock
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import topics
from gaf.records import Record

S = DisbursementState
# What is still lying after so long, nobody is delivering.
LYING = timedelta(hours=24)
# Acts that open a record; every other act of a record is declared on it.
OPENING = {
    "prepare_disbursement",
    "prepare_file",
    "record_payee",
    "enter_rate",
    "import_line",
    "import_rates",
    "open_period",
    "ask_exception",
    "record_agreement",
    "propose_review",
}
# News that a decision owes, once for each receiver.
OWED = {
    "mark_confirmed": "disbursement_confirmed",
    "mark_failed": "disbursement_failed",
    "declare_unsent": "disbursement_failed",
    "mark_returned": "disbursement_returned",
    "sign_second": "send_payment_file",
}


@check("I4", "no disbursement was paid twice: not beside the one it replaces, not at the provider, not by the bank")
def paid_once(reading: Reading) -> Iterator[Broken]:
    """As far as the books can tell: payments the provider or the bank has, less those that came back."""
    at_the_bank = _debits_by_reference()
    at_the_provider: Counter[int] = Counter()
    for attempt in Attempt.objects.exclude(provider_reference=""):
        at_the_provider[attempt.disbursement_id] += attempt.state in (AttemptState.SENT, AttemptState.UNKNOWN)
    for disbursement in Disbursement.objects.select_related("replaces").order_by("number"):
        name, before = f"disbursement {disbursement.number}", disbursement.replaces
        if before is not None and _holds(reading, before) and _holds(reading, disbursement):
            yield Broken(name, f"replaces {before.number}, which has not come back")
        if at_the_provider[disbursement.pk] > 1:
            yield Broken(name, f"was accepted {at_the_provider[disbursement.pk]} times by its provider")
        if at_the_bank[disbursement.end_to_end] > 1:
            yield Broken(name, f"was charged {at_the_bank[disbursement.end_to_end]} times by the bank")


def _holds(reading: Reading, disbursement: Disbursement) -> bool:
    return reading.state_of(disbursement.number) in HOLDS_COMMITMENT


def _debits_by_reference() -> Counter[str]:
    """Debits of the bank under one of our references, less the credits that gave them back."""
    found: Counter[str] = Counter()
    rows = StatementLine.objects.filter(is_charge=False).exclude(end_to_end="")
    for end_to_end, minor in rows.values_list("end_to_end", "minor"):
        found[end_to_end.replace(" ", "").upper()] += 1 if minor < 0 else -1
    return found


@check("I7", "every record that was ever decided about is still there")
def nothing_is_lost(reading: Reading) -> Iterator[Broken]:
    """A decision about a record outlives it; a record that is gone was removed past every guard."""
    there = {record.subject for record in reading.standing}
    acts = _acts_of_records()
    for subject, decisions in sorted(reading.decided.items()):
        if subject not in there and any(decision.act in acts for decision in decisions):
            yield Broken(f"record {subject}", f"is gone; decision {decisions[0].number} says that it was there")


@cache
def _acts_of_records() -> frozenset[str]:
    found = set(OPENING)
    for model in apps.get_models():
        if issubclass(model, Record):
            state: Any = model._meta.get_field("state")  # type: ignore[misc]
            found |= {edge.name for edge in state.get_all_transitions(model)}
    return frozenset(found)


@check("I10", "nothing has been lying for a day: no promise, no message of a provider, no disbursement half sent")
def nothing_lies(reading: Reading) -> Iterator[Broken]:
    """And no promise was given up; a person has to look at each that was."""
    since = clock.now() - LYING
    open_states = (OutboxMessage.State.READY, OutboxMessage.State.CLAIMED)
    for message in OutboxMessage.objects.filter(state=OutboxMessage.State.PARKED).order_by("id"):
        yield Broken(f"promise {message.key}", f"was given up after {message.attempts} tries")
    for message in OutboxMessage.objects.filter(state__in=open_states, due_at__lt=since).order_by("id"):
        yield Broken(f"promise {message.key}", "is due for more than a day")
    for event in GatewayEvent.objects.filter(handled_at=None, received_at__lt=since).order_by("id"):
        yield Broken(f"event {event.event_id}", "was received more than a day ago and never processed")
    for disbursement in reading.disbursements:
        begun = reading.last(disbursement.number, "begin_sending")
        if reading.state_of(disbursement.number) == S.SENDING and begun is not None and begun.at < since:
            yield Broken(f"disbursement {disbursement.number}", "began to be sent more than a day ago")


@check("I13", "every change that owes news has promised it, and no news was promised of what never happened")
def news_is_promised(reading: Reading) -> Iterator[Broken]:
    """One promise for each receiver; its key is unique, so that there is never a second."""
    receivers = topics()
    promised = dict(OutboxMessage.objects.filter(topic__in=OWED.values()).values_list("key", "topic"))
    wanted: set[str] = set()
    for decision in reading.decisions:
        topic = OWED.get(decision.act)
        if topic is None:
            continue
        for receiver in receivers.get(topic, []):
            key = f"{topic}:{decision.subject}:{receiver.rsplit('.', 1)[-1]}"
            wanted.add(key)
            if key not in promised:
                yield Broken(f"decision {decision.number}", f"owes “{topic}” and has not promised it")
    for key in sorted(promised.keys() - wanted):
        yield Broken(f"promise {key}", "tells of something that was never decided")
