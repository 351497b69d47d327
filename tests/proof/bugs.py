"""Mistakes put into the real code, one at a time, as a control: a harness that finds nothing must find these.

Each is a small change of the project's own functions while a `with` lasts; no copy of the code is made. Each names the
harness that must find it, and where it would take long by chance, the acts and faults that are always on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

import gaf.gate
import gaf.policy
from finance import notices, sending, webhooks
from finance.actions import events, matching, messages, releasing, settlement
from finance.gateways import stripe_signature
from finance.gateways.port import BroughtBack, ProviderStatus, Refused, Unknown
from finance.gateways.stripe_connect import StripeRail
from finance.models import Attempt, PayeeVersion
from gaf.ids import random_key
from gaf.money import Money
from gaf.outbox import outbox, sweeps
from tests.proof import world as acts
from tests.proof.bugs_in_books import LEDGER, PEOPLE, RESTORES
from tests.proof.seeding import Bug, Patch, around, instead_of, together

# Sending


def _new_key(real: Any, *told: Any) -> Any:
    return replace(real(*told), key=random_key())


def _never_looks(real: Any, rail: Any, order: Any, *, now: Any, **_said: Any) -> Any:
    return real(rail, order, first_called_at=None, now=now, asked_before=False)


def _silence_is_no(real: Any, attempt: Any, answer: Any, *, at: Any) -> Any:
    return real(attempt, Refused("no_answer", "") if isinstance(answer, Unknown) else answer, at=at)


def _gives_up(real: Any, attempt: Any, answer: Any, *, at: Any) -> Any:
    tried = Attempt.objects.get(pk=attempt.pk).state == "UNKNOWN"
    return real(attempt, Refused("gave_up", "") if tried and isinstance(answer, Unknown) else answer, at=at)


def _in_a_transaction(real: Any, *args: Any) -> Any:
    with transaction.atomic():
        return real(*args)


def _newest_details(real: Any, disbursement: Any, *told: Any) -> Any:
    newest = PayeeVersion.objects.filter(payee=disbursement.payee_version.payee).order_by("-number").first()
    return replace(real(disbursement, *told), destination=newest.account_number)


def _a_cent_less(real: Any, *told: Any) -> Any:
    order = real(*told)
    cut = order.money.minor - order.money.minor % 100 or order.money.minor
    return replace(order, money=Money(cut, order.money.currency))


def _wrong_reference(real: Any, *, attempt: Any, provider_reference: str, steps: Any, at: Any) -> Any:
    return real(attempt=attempt, provider_reference=steps.get("transfer", provider_reference), steps=steps, at=at)


def _not_the_second(real: Any, attempt: Any, answer: Any, *, at: Any) -> Any:
    return None if attempt.state == "UNKNOWN" else real(attempt, answer, at=at)


def _says_brought_back(_real: Any, _rail: Any, order: Any, **_said: Any) -> Any:
    return BroughtBack("trr_none", order.money)


SENDING = [
    Bug("a new key at each try", "simulator", around(sending, "instruction", _new_key), on_wire=("dropped_after",)),
    Bug(
        "no answer is taken for a refusal",
        "simulator",
        around(sending, "write_answer", _silence_is_no),
        on_wire=("dropped_after",),
    ),
    Bug(
        "the second silence is taken for a refusal",
        "simulator",
        around(sending, "write_answer", _gives_up),
        on_wire=("dropped_after", "unavailable", "truncated"),
        first=25,
    ),
    Bug("the provider is called inside a transaction", "simulator", around(sending, "_ask", _in_a_transaction)),
    Bug(
        "nobody looks before paying again",
        "simulator",
        around(StripeRail, "create", _never_looks),
        on_wire=("dropped_after", "stored_500"),
        first=45,
    ),
    Bug(
        "paid to the payee's newest details",
        "simulator",
        around(sending, "instruction", _newest_details),
        acts=(acts.change_payee,),
    ),
    Bug("paid without the cents", "simulator", around(sending, "instruction", _a_cent_less)),
    Bug(
        "the transfer is kept in the payout's place",
        "simulator",
        around(settlement, "mark_sent", _wrong_reference),
        acts=(acts.stripe_reports,),
    ),
    Bug(
        "money is said to be back and was not fetched",
        "simulator",
        around(StripeRail, "bring_back", _says_brought_back),
    ),
    Bug(
        "the answer is not written when it is the second",
        "simulator",
        together(around(sending, "write_answer", _not_the_second), around(events, "write_answer", _not_the_second)),
        on_wire=("dropped_after", "stored_500"),
    ),
    Bug(
        "a file's attempts get new keys when it is sent",
        "sweep bank",
        around(
            settlement,
            "begin_sending",
            lambda real, *, disbursement_id, key, at: real(disbursement_id=disbursement_id, key=random_key(), at=at),
        ),
    ),
]


# Messages


def _believes(real: Any, rail: Any, event: Any) -> Any:
    about = real(rail, event)
    said = {"payout.paid": ProviderStatus.PAID, "payout.failed": ProviderStatus.FAILED}.get(event.type)
    if said is None or getattr(about, "payout", None) is None:
        return about
    return replace(about, payout=replace(about.payout, status=said))


def _without_sweep(name: str) -> Patch:
    return lambda: patch.object(sweeps, "_sweeps", [one for one in sweeps._sweeps if one.__name__ != name])


_GENUINE = stripe_signature.Verdict(stripe_signature.Finding.GENUINE)
MESSAGES = [
    Bug(
        "a message's own words are believed",
        "simulator",
        around(StripeRail, "fetch_event_object", _believes),
        acts=(acts.lying_message_comes,),
        first=20,
    ),
    Bug(
        "no signature is looked at",
        "simulator",
        instead_of(webhooks, "verify", lambda *_args: _GENUINE),
        acts=(acts.forged_message_comes,),
    ),
    Bug(
        "a message may be an hour old or early",
        "simulator",
        instead_of(stripe_signature, "TOLERANCE", timedelta(hours=1)),
        acts=(acts.forged_message_comes,),
    ),
    Bug("nobody asks about messages that never came", "simulator", _without_sweep("watch_the_rails")),
    Bug(
        "a message once stored is never handled",
        "simulator",
        instead_of(messages, "enqueue", lambda *_args, **_more: None),
        acts=(acts.message_comes,),
    ),
    Bug(
        "a transfer on the statement is taken for a payment",
        "simulator",
        instead_of(matching, "Rail", type("Rail", (), {"STRIPE": "none"})),
        acts=(acts.stripe_reports, acts.match),
        first=20,
    ),
]


# Promises, decisions, history


def _after_commit(real: Any, topic: str, **more: Any) -> None:
    def promise() -> None:
        with transaction.atomic():
            real(topic, **more)

    transaction.on_commit(promise)


def _mails_at_once(people: Any, notice: str, *, reference: str, path: str, key: str, to_all: bool = False) -> None:
    for person in people:
        EmailMessage(notice, settings.GAF_SITE_ADDRESS + path, to=[person.email]).send()


def _only_ready(real: Any, moment: Any) -> Any:
    return real(moment).filter(state="READY")


def _done_first(real: Any, number: int) -> bool:
    message = outbox.OutboxMessage.objects.get(pk=number)
    handler = dict(outbox._handlers.get(message.topic, [])).get(message.payload.get("_receiver", ""))
    message.state, message.attempts = "DONE", 1
    message.save(update_fields=["state", "attempts"])
    handler({name: value for name, value in message.payload.items() if name != "_receiver"})
    return True


def _forgets_to_decide(act: str) -> Patch:
    def how(real: Any, decisions: list[Any]) -> Any:
        return real([one for one in decisions if one.act != act])

    return around(gaf.gate, "record_all", how)


PROMISES = [
    Bug(
        "the promise is made after the commit, and no sweep looks",
        "sweep stripe",
        together(around(releasing, "enqueue", _after_commit), _without_sweep("resume_all")),
        first=18,
    ),
    Bug("mails go before the commit", "simulator", instead_of(notices, "tell", _mails_at_once)),
    Bug("a claim never runs out", "simulator", around(outbox, "_due", _only_ready)),
    Bug(
        "a promise is ticked off before it is kept",
        "sweep stripe",
        around(outbox, "deliver", _done_first),
        first=18,
    ),
    Bug("one failure parks a promise", "simulator", instead_of(outbox, "MOST_ATTEMPTS", 1)),
    Bug("a decision is forgotten", "simulator", _forgets_to_decide("mark_sent")),
    Bug("history is off", "simulator", lambda: patch.object(settings, "SIMPLE_HISTORY_ENABLED", False, create=True)),
]


BUGS = [*SENDING, *MESSAGES, *PROMISES, *LEDGER, *PEOPLE, *RESTORES]
