"""Mistakes put into the real code, one at a time, as a control: a harness that finds nothing must find these.

Each is a small change of the project's own functions while a `with` lasts; no copy of the code is made. Each names the
harness that must find it, and where it would take long by chance, the acts and faults that are always on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

import gaf.gate
import gaf.policy
from finance import ledger, notices, restoring, sending, webhooks
from finance.actions import commitments, disbursements, files, matching, messages, settlement
from finance.gateways import stripe_signature
from finance.gateways.port import BroughtBack, ProviderStatus, Refused, Unknown
from finance.gateways.stripe_connect import StripeRail
from finance.models import Attempt, Disbursement, PayeeVersion, PaymentFile
from gaf.ids import random_key
from gaf.money import Money
from gaf.outbox import outbox, sweeps
from tests.proof import world as acts

Patch = Callable[[], Any]


@dataclass(frozen=True)
class Bug:
    """One mistake: what it is called, who must find it, how it is put in, and what is always on while it is hunted."""

    name: str
    harness: str
    put_in: Patch
    acts: tuple[acts.Act, ...] = ()
    on_wire: tuple[str, ...] = ()
    on_points: tuple[str, ...] = ()
    forgets: bool | None = None


def _set(target: Any, name: str, value: Any) -> Patch:
    return lambda: patch.object(target, name, value)


def _around(target: Any, name: str, how: Callable[..., Any]) -> Patch:
    """`how` is called with the real function first."""
    real = getattr(target, name)

    def instead(*args: Any, **kwargs: Any) -> Any:
        return how(real, *args, **kwargs)

    return lambda: patch.object(target, name, instead)


def _all(*patches: Patch) -> Patch:
    @contextmanager
    def together() -> Iterator[None]:
        with ExitStack() as stack:
            for one in patches:
                stack.enter_context(one())
            yield

    return together


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


def _key_of_the_row(real: Any, disbursement: Any, *told: Any) -> Any:
    return replace(real(disbursement, *told), key=f"{disbursement.pk:032d}")


def _wrong_reference(real: Any, *, attempt: Any, provider_reference: str, steps: Any, at: Any) -> Any:
    return real(attempt=attempt, provider_reference=steps.get("transfer", provider_reference), steps=steps, at=at)


def _says_brought_back(_real: Any, _rail: Any, order: Any, **_said: Any) -> Any:
    return BroughtBack("trr_none", order.money)


SENDING = [
    Bug("a new key at each try", "simulator", _around(sending, "instruction", _new_key), on_wire=("dropped_after",)),
    Bug(
        "no answer is taken for a refusal",
        "simulator",
        _around(sending, "write_answer", _silence_is_no),
        on_wire=("dropped_after",),
    ),
    Bug(
        "the second silence is taken for a refusal",
        "simulator",
        _around(sending, "write_answer", _gives_up),
        on_wire=("dropped_after", "unavailable", "truncated"),
    ),
    Bug("the provider is called inside a transaction", "simulator", _around(sending, "_ask", _in_a_transaction)),
    Bug(
        "nobody looks before paying again",
        "simulator",
        _around(StripeRail, "create", _never_looks),
        on_wire=("dropped_after", "stored_500"),
    ),
    Bug(
        "paid to the payee's newest details",
        "simulator",
        _around(sending, "instruction", _newest_details),
        acts=(acts.change_payee,),
    ),
    Bug("paid without the cents", "simulator", _around(sending, "instruction", _a_cent_less)),
    Bug(
        "the transfer is kept in the payout's place",
        "simulator",
        _around(settlement, "mark_sent", _wrong_reference),
        acts=(acts.stripe_reports,),
    ),
    Bug(
        "money is said to be back and was not fetched",
        "simulator",
        _around(StripeRail, "bring_back", _says_brought_back),
    ),
    Bug(
        "the answer is not written when it is the second",
        "simulator",
        _around(
            sending,
            "write_answer",
            lambda real, attempt, answer, *, at: None if attempt.state == "UNKNOWN" else real(attempt, answer, at=at),
        ),
    ),
    Bug(
        "a file's attempts get new keys when it is sent",
        "sweep bank",
        _around(
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
        _around(StripeRail, "fetch_event_object", _believes),
        acts=(acts.lying_message_comes,),
    ),
    Bug(
        "no signature is looked at",
        "simulator",
        _set(webhooks, "verify", lambda *_args: _GENUINE),
        acts=(acts.forged_message_comes,),
    ),
    Bug(
        "a message may be an hour old or early",
        "simulator",
        _set(stripe_signature, "TOLERANCE", timedelta(hours=1)),
        acts=(acts.forged_message_comes,),
    ),
    Bug("nobody asks about messages that never came", "simulator", _without_sweep("watch_the_rails")),
    Bug(
        "a message once stored is never handled",
        "simulator",
        _set(messages, "enqueue", lambda *_args, **_more: None),
        acts=(acts.message_comes,),
    ),
    Bug(
        "a transfer on the statement is taken for a payment",
        "simulator",
        _set(matching, "Rail", type("Rail", (), {"STRIPE": "none"})),
        acts=(acts.stripe_reports, acts.match),
    ),
]


# Promises, decisions, history


def _after_commit(real: Any, topic: str, **more: Any) -> None:
    def promise() -> None:
        with transaction.atomic():
            real(topic, **more)

    transaction.on_commit(promise)


def _mails_at_once(people: Any, notice: str, *, reference: str, path: str, key: str) -> None:
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
    def how(real: Any, **said: Any) -> Any:
        return None if said["act"] == act else real(**said)

    return _around(gaf.gate, "record_decision", how)


PROMISES = [
    Bug(
        "the promise is made after the commit, and no sweep looks",
        "sweep stripe",
        _all(_around(disbursements, "enqueue", _after_commit), _without_sweep("resume_all")),
    ),
    Bug("mails go before the commit", "simulator", _set(notices, "tell", _mails_at_once)),
    Bug("a claim never runs out", "simulator", _around(outbox, "_due", _only_ready)),
    Bug(
        "a promise is ticked off before it is kept",
        "sweep stripe",
        _around(outbox, "deliver", _done_first),
    ),
    Bug("one failure parks a promise", "simulator", _set(outbox, "MOST_ATTEMPTS", 1)),
    Bug("a decision is forgotten", "simulator", _forgets_to_decide("mark_sent")),
    Bug("history is off", "simulator", lambda: patch.object(settings, "SIMPLE_HISTORY_ENABLED", False, create=True)),
]


# The ledger and commitments


def _same_number_other_currency(_real: Any, account: Any, _usd: Any, money: Any, _at: Any) -> Money:
    return Money(money.minor, account.currency)


def _no_last_cent(_real: Any, commitment: Any, local: Any) -> Any:
    usd = local.in_usd(commitment.units_per_usd)
    commitment.disbursed_local_minor += local.minor
    commitment.disbursed_usd_minor += usd.minor
    commitment.save()
    return usd


def _without_kind(kind: str) -> Callable[..., Any]:
    def how(real: Any, **said: Any) -> Any:
        return None if said["kind"] == kind else real(**said)

    return how


def _frees_all(real: Any, commitment: Any, _usd: Any, _local: Any, at: Any, reason_code: str) -> None:
    real(commitment, commitment.committed, Money(commitment.local_minor, commitment.currency), at, reason_code)


def _half_moved(real: Any, line: Any, minor: int) -> None:
    if minor > 0:
        real(line, minor)


def _twice(real: Any, *args: Any) -> None:
    real(*args)
    real(*args)


_NOTHING = lambda *_args, **_more: None  # noqa: E731
LEDGER = [
    Bug(
        "an amount changes its currency and keeps its number",
        "simulator",
        _around(settlement, "in_account_currency", _same_number_other_currency),
    ),
    Bug("the last cent is rounded away", "simulator", _around(disbursements, "_take", _no_last_cent)),
    Bug("what failed stays booked as sent", "simulator", _set(settlement, "_reverse_sending", _NOTHING)),
    Bug("what failed stays taken out of its line", "simulator", _set(settlement, "give_back", _NOTHING)),
    Bug(
        "what was stopped is given back twice",
        "simulator",
        _around(disbursements, "give_back", _twice),
        acts=(acts.stop,),
    ),
    Bug(
        "a commitment is not booked",
        "simulator",
        _around(commitments, "post", _without_kind("commit")),
        acts=(acts.commit,),
    ),
    Bug(
        "freeing frees what is already paid", "simulator", _around(commitments, "_free", _frees_all), acts=(acts.free,)
    ),
    Bug(
        "half of the running balances do not move",
        "simulator",
        _all(_around(ledger, "_move_balance", _half_moved), _set(ledger, "_prove", _NOTHING)),
    ),
    Bug(
        "a line may give more than it has",
        "simulator",
        _around(
            disbursements,
            "_open_commitment",
            lambda _real, reference, part: (
                disbursements.Commitment.objects.filter(reference=reference, line_key=part.line_key)
                .order_by("-round")
                .first()
            ),
        ),
    ),
]


# People


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def _also_from(model: Any, act: str, *sources: str) -> Patch:
    """The act is open from further states."""

    @contextmanager
    def opened() -> Iterator[None]:
        meta = getattr(model, act)._django_fsm
        before = dict(meta.transitions)
        like = next(iter(before.values()))
        for source in sources:
            meta.transitions[source] = type(like)(
                method=like.method,
                source=source,
                target=like.target,
                on_error=like.on_error,
                conditions=like.conditions,
                permission=like.permission,
                custom=like.custom,
            )
        try:
            yield
        finally:
            meta.transitions.clear()
            meta.transitions.update(before)

    return opened


PEOPLE = [
    Bug(
        "separation of duties is asked by no permit",
        "simulator",
        _set(gaf.policy, "separation_refusal", lambda _question: None),
    ),
    Bug(
        "released to details that are not confirmed",
        "simulator",
        _set(disbursements, "PayeeDetailsState", type("Any", (), {"CONFIRMED": _Anything()})),
        acts=(acts.change_payee,),
    ),
    Bug(
        "a disbursement can be stopped while it is sent",
        "simulator",
        _also_from(Disbursement, "stop_disbursement", "SENDING", "UNKNOWN", "SENT"),
        acts=(acts.stop,),
    ),
    Bug(
        "a signed file can be discarded",
        "simulator",
        _also_from(PaymentFile, "discard_file", "SIGNED", "SENT"),
        acts=(acts.discard, acts.make_file, acts.sign),
    ),
]

# Backups

RESTORES = [
    Bug(
        "after a restore nobody looks before paying",
        "restores",
        _set(sending, "key_of_a_forgotten_attempt", lambda _disbursement: ""),
        forgets=True,
    ),
    Bug(
        "after a restore a file takes what has left",
        "restores",
        _set(files, "require_not_left_before", _NOTHING),
        acts=(acts.make_file, acts.sign),
        forgets=True,
    ),
    Bug("after a restore numbers are given again", "restores", _set(restoring, "NUMBERS_LEFT_OUT", 0), forgets=True),
    Bug(
        "keys are made from the number of the row",
        "restores",
        _around(sending, "instruction", _key_of_the_row),
        forgets=True,
    ),
]

BUGS = [*SENDING, *MESSAGES, *PROMISES, *LEDGER, *PEOPLE, *RESTORES]
