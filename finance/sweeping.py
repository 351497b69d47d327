"""Looks for what never arrived: the provider's list of messages, the objects themselves, and what lies on the rail."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q

from finance.actions.events import apply_state, watch_funds
from finance.actions.messages import store_event
from finance.gateways.port import ProviderState, RailSilent
from finance.gateways.rails import rail_for, stripe_rail
from finance.leaving import instruction, resume_what_is_mended
from finance.models import Attempt, BankAccount, Disbursement, GatewayEvent, RailBalance, RailPace
from finance.states import DisbursementState, Rail
from gaf import clock
from gaf.outbox.outbox import NotYet
from gaf.outbox.sweeps import sweeps
from gaf.refusals import Refusal

S = DisbursementState
# A payee's bank may send money back weeks after it was paid, and Stripe keeps its messages as long.
STILL_WATCHED = timedelta(days=30)
_EVENTS_EVERY = timedelta(hours=1)
_OVERLAP = timedelta(hours=1)
_SENT_EVERY, _CONFIRMED_EVERY = timedelta(minutes=10), timedelta(hours=12)
_MOST_AT_ONCE = 200


@sweeps
def watch_the_rails() -> None:
    """The worker's part, every minute: let mended rails go on, and look at what is due to be looked at."""
    if not _is_in_use():
        return
    resume_what_is_mended()
    moment = clock.now()
    swept_at = _swept_at()
    if swept_at is None or moment - swept_at >= _EVENTS_EVERY:
        sweep_events()
        watch_funds(Rail.STRIPE, currencies())
    sweep_objects(_due(moment)[:_MOST_AT_ONCE])


def _is_in_use() -> bool:
    """Whether the fund has an account on the rail that sends messages, and may ask about it."""
    try:
        stripe_rail()
    except Refusal:
        return False
    return BankAccount.objects.filter(rail=Rail.STRIPE).exists()


def sweep_stripe() -> int:
    """Ask about every disbursement on its way or paid lately, at once. Returns how many were asked about."""
    return sweep_objects(_watched())


def _watched() -> list[Attempt]:
    lately = Q(disbursement__state=S.CONFIRMED, disbursement__confirmed_at__gte=clock.now() - STILL_WATCHED)
    rows = Attempt.objects.filter(
        Q(disbursement__state=S.SENT) | lately, disbursement__bank_account__rail=Rail.STRIPE, state="SENT"
    )
    return list(rows.select_related("disbursement__payee_version__payee", "disbursement__bank_account"))


def _due(moment: datetime) -> list[Attempt]:
    """Those not looked at for a while: soon again on its way, seldom once it was paid; the longest ago first."""
    every = {S.SENT: _SENT_EVERY, S.CONFIRMED: _CONFIRMED_EVERY}
    due = [
        one for one in _watched() if one.looked_at is None or moment - one.looked_at >= every[S(one.disbursement.state)]
    ]
    return sorted(due, key=lambda one: (one.looked_at is not None, one.looked_at or moment, one.pk))


def sweep_objects(attempts: list[Attempt]) -> int:
    """Ask where each is now. One that cannot be settled yet does not keep the others waiting."""
    looked = 0
    for attempt in attempts:
        disbursement = attempt.disbursement
        rail = rail_for(disbursement.bank_account.rail)
        state = rail.status(instruction(disbursement, attempt), attempt.provider_reference)
        if isinstance(state, ProviderState):
            Attempt.objects.filter(pk=attempt.pk).update(looked_at=clock.now())
            with suppress(NotYet):
                apply_state(attempt, state)
            looked += 1
    return looked


def sweep_events() -> tuple[int, int]:
    """Read the provider's own list since the last time, ours and each payee's. Returns how many were new, and how
    many lists could not be read.

    Each account is asked with an hour's overlap, at most thirty days back.
    """
    moment = clock.now()
    since = max((_swept_at() or moment - STILL_WATCHED) - _OVERLAP, moment - STILL_WATCHED)
    before, unread = GatewayEvent.objects.count(), 0
    for account in ["", *_accounts(since)]:
        try:
            rows = stripe_rail().event_rows_since(since, account)
        except RailSilent:
            unread += 1
            continue
        for row in rows:
            store_event(body=json.dumps(row).encode(), at=moment, was_fetched=True)
    if not unread:
        RailPace.objects.update_or_create(
            rail=Rail.STRIPE, defaults={"swept_at": moment}, create_defaults={"swept_at": moment, "not_before": moment}
        )
    return GatewayEvent.objects.count() - before, unread


def _swept_at() -> datetime | None:
    pace = RailPace.objects.filter(rail=Rail.STRIPE).first()
    return pace.swept_at if pace else None


def _accounts(since: datetime) -> list[str]:
    """The payees' accounts that anything of ours may have happened on."""
    rows = Disbursement.objects.filter(bank_account__rail=Rail.STRIPE).filter(
        Q(state__in=[S.SENDING, S.UNKNOWN, S.SENT]) | Q(sent_at__gte=since - STILL_WATCHED)
    )
    return sorted({row.payee_version.account_number for row in rows.select_related("payee_version__payee")})


def currencies() -> set[str]:
    """Every currency something of ours was ever in on the rail."""
    accounts = set(BankAccount.objects.filter(rail=Rail.STRIPE).values_list("currency", flat=True))
    return accounts | set(RailBalance.objects.filter(rail=Rail.STRIPE).values_list("currency", flat=True))
