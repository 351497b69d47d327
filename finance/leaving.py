"""What is asked before money leaves by a rail, and what is done when its answer was none.

Before: is the rail open, did the provider ask us to wait, can it carry this at all, and is there enough on it for
everything that waits? After: wait, pause the rail, or leave the attempt to a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from finance.actions.rails import (
    BALANCE_TOO_LOW,
    LISTED,
    MENDED_BY_THE_PROVIDER,
    full_speed,
    hold,
    open_pause,
    open_pauses,
    pause_rail,
    resume_rail,
    slow_down,
    wait_of,
)
from finance.gateways.port import Answer, Instruction, Refused, SignedFile, Then, Unknown
from finance.gateways.rails import goes_by_file, rail_for
from finance.models import Attempt, Disbursement, RailBalance
from finance.states import DisbursementState
from gaf import clock
from gaf.accounts.queries import system_actor
from gaf.money import Money
from gaf.outbox.outbox import NotYet
from gaf.refusals import Refusal

S = DisbursementState
LOOK_AGAIN = timedelta(minutes=5)
RATE_LIMIT = "rate_limit"
_MOST_NAMED = 200
_MAY_HAVE_LEFT = (S.SENDING, S.UNKNOWN)


def instruction(disbursement: Disbursement, attempt: Attempt | None, signed: SignedFile | None = None) -> Instruction:
    """What the rail is told: numbers and amounts, nothing about a person or a case."""
    return Instruction(
        number=disbursement.number,
        key=attempt.key if attempt else "",
        money=disbursement.money,
        end_to_end=disbursement.end_to_end,
        statement_text="GAF " + disbursement.number.replace("-", ""),
        destination=disbursement.payee_version.account_number,
        file=signed,
        tries=attempt.tries if attempt else 1,
    )


def is_held(disbursement: Disbursement) -> bool:
    """Whether its attempt waits for a person's word. One that waits for a cleared hit is looked at by the worker."""
    return disbursement.attempts.exclude(held_code__in=["", LISTED]).exclude(state="FAILED").exists()


def leave_or_wait(disbursement: Disbursement) -> Refused | None:
    """Outside any transaction: None when it may leave now; a refusal when it certainly would be refused.

    Raises NotYet when it has to wait: the rail is paused, the provider asked for time, or the balance is too low for
    everything that waits. Then nothing has moved.
    """
    rail, at = disbursement.bank_account.rail, clock.now()
    pause = open_pause(rail)
    if pause is not None and (pause.code != BALANCE_TOO_LOW or disbursement.state == S.RELEASED):
        raise NotYet(LOOK_AGAIN)
    wait = wait_of(rail, at)
    if wait is not None:
        raise NotYet(wait)
    if disbursement.state != S.RELEASED:
        return None
    quote = rail_for(rail).quote(instruction(disbursement, None))
    if isinstance(quote, Unknown) and _keeps_waiting(quote):
        raise _waiting(rail, quote, at)
    if isinstance(quote, Refused):
        return quote
    _enough_for_all(disbursement, at)
    return None


def _keeps_waiting(answer: Unknown) -> bool:
    """A question before sending that nobody answered stops nothing: the sending itself will be answered, or unknown."""
    return answer.then is Then.PAUSE_RAIL or answer.code == RATE_LIMIT


def _waiting(rail: str, answer: Unknown, at: datetime) -> NotYet:
    """What an answer that is none means for the whole rail."""
    if answer.then is Then.PAUSE_RAIL:
        pause_rail(rail=rail, code=answer.code, at=at)
        return NotYet(LOOK_AGAIN)
    if answer.code == RATE_LIMIT:
        return NotYet(slow_down(rail=rail, at=at))
    return NotYet(LOOK_AGAIN)


def after_answer(disbursement: Disbursement, attempt: Attempt, answer: Answer) -> None:
    """Once the answer is written: nothing more, or NotYet, or the attempt is left to a person."""
    rail, at = disbursement.bank_account.rail, clock.now()
    if not isinstance(answer, Unknown):
        full_speed(rail)
    elif answer.then is Then.CALL_A_PERSON:
        hold(attempt=attempt, code=answer.code, at=at)
    else:
        raise _waiting(rail, answer, at)


def waiting_on(rail: str, currency: str) -> list[Disbursement]:
    """What is released on a rail and not on its way for certain, in the order of release."""
    rows = Disbursement.objects.filter(bank_account__rail=rail, currency=currency)
    open_rows = rows.filter(state__in=[S.RELEASED, *_MAY_HAVE_LEFT]).prefetch_related("attempts")
    return [row for row in open_rows.order_by("number") if not _has_left(row)]


def _has_left(disbursement: Disbursement) -> bool:
    return any(attempt.steps for attempt in disbursement.attempts.all())


def _needed(rail: str, currency: str) -> int:
    """What `waiting_on` adds up to, in minor units, without reading every row that waits."""
    rows = Disbursement.objects.filter(bank_account__rail=rail, currency=currency)
    released: int = rows.filter(state=S.RELEASED).aggregate(sum=Sum("minor"))["sum"] or 0
    under_way = rows.filter(state__in=_MAY_HAVE_LEFT).prefetch_related("attempts")
    return released + sum(row.minor for row in under_way if not _has_left(row))


def _enough_for_all(disbursement: Disbursement, at: datetime) -> None:
    """The balance covers everything that waits, or none of it leaves: a batch is not sent in part.

    Raises NotYet after pausing the rail, with the list of what waits.
    """
    rail, currency = disbursement.bank_account.rail, disbursement.currency
    funds = rail_for(rail).funds(currency)
    if isinstance(funds, Unknown) and _keeps_waiting(funds):
        raise _waiting(rail, funds, at)
    if not isinstance(funds, Money):
        return
    remember_funds(rail, funds, at)
    needed = _needed(rail, currency)
    if funds.minor >= needed:
        return
    pause_rail(rail=rail, code=BALANCE_TOO_LOW, at=at, facts=_shortage(waiting_on(rail, currency), funds, needed))
    raise NotYet(LOOK_AGAIN)


def _shortage(rows: list[Disbursement], funds: Money, needed: int) -> dict[str, Any]:
    numbers = [row.number for row in rows]
    return {
        "currency": funds.currency,
        "available": funds.minor,
        "needed": needed,
        "count": len(numbers),
        "numbers": numbers[:_MOST_NAMED],
    }


def remember_funds(rail: str, funds: Money, at: datetime) -> None:
    """Keep what the provider said it holds for us, for the page; it is asked again before anything leaves."""
    RailBalance.objects.update_or_create(
        rail=rail, currency=funds.currency, defaults={"minor": funds.minor, "seen_at": at}
    )


def resume_what_is_mended() -> int:
    """Ask each paused rail whether what stopped it is over; let those go on where it is. Returns how many did."""
    resumed = 0
    for pause in open_pauses():
        rail = pause.rail
        if goes_by_file(rail) or pause.code not in MENDED_BY_THE_PROVIDER:
            continue
        if _is_mended(rail, pause.code):
            resume_rail(pause_id=pause.pk, actor=system_actor(), at=clock.now())
            resumed += 1
    return resumed


def _is_mended(rail: str, code: str) -> bool:
    """The provider lets us in again, and its balance covers what waits in each currency."""
    try:
        port = rail_for(rail)
    except Refusal:
        return False
    waiting = Disbursement.objects.filter(bank_account__rail=rail, state__in=[S.RELEASED, *_MAY_HAVE_LEFT])
    currencies = sorted(set(waiting.order_by().values_list("currency", flat=True)))
    for currency in currencies or ["USD"]:
        funds = port.funds(currency)
        if isinstance(funds, Unknown):
            return False
        if funds is None:
            continue
        remember_funds(rail, funds, clock.now())
        if code == BALANCE_TOO_LOW and funds.minor < _needed(rail, currency):
            return False
    return True
