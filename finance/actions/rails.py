"""Pausing a rail and letting it go on; and what a person decides about a disbursement the worker left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from finance import policy
from finance.models import Attempt, Disbursement, RailPace, RailPause
from finance.notices import tell_of_held, tell_of_pause, tell_of_stranded
from finance.screening.standing import is_known_to_be_listed
from finance.states import AttemptState, RailPauseState
from gaf import ids
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.decisions.record import record_decision
from gaf.gate import acting, in_one_piece
from gaf.outbox.outbox import enqueue, hurry
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import seal

# Stops that end by themselves once the provider answers again, or the money is there.
MENDED_BY_THE_PROVIDER = frozenset({"key_refused", "forbidden", "balance_too_low"})
# Only this one concerns money that has not left yet; what is on its way is still asked about.
BALANCE_TOO_LOW = "balance_too_low"
NOT_AT_THE_PROVIDER = "too_old_to_resend"
# Held while a name of its payee is like one on a sanctions list; goes on by itself once two people have cleared it.
LISTED = "like_a_listed_name"
# Held because a step behind the first one was refused for certain, or waits for a person's word.
_TRIED_ANEW = frozenset({"held_at_account", "needs_confirmation"})
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)
_LOOKED_LATELY = timedelta(hours=1)
# A call that was made may still arrive at the provider; books read later than this after it hold what it did.
_MAY_STILL_ARRIVE = timedelta(hours=1)


def open_pause(rail: str) -> RailPause | None:
    """The pause a rail is in, if it is in one."""
    return RailPause.objects.filter(rail=rail, state=RailPauseState.PAUSED).first()


def open_pauses() -> list[RailPause]:
    """Every pause that has not ended, the oldest first."""
    return list(RailPause.objects.filter(state=RailPauseState.PAUSED).order_by("id"))


@in_one_piece
def pause_rail(
    *,
    rail: str,
    code: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> RailPause:
    """Let nothing new leave by a rail, and tell the payers why. A rail that is paused already stays as it is."""
    paused = open_pause(rail)
    if paused is not None:
        return paused
    by = actor or system_actor()
    pause = RailPause(key=issue("PAUSE"), rail=rail, code=code[:60], facts=facts or {}, paused_at=at)
    role = policy.MAY_PAUSE_RAIL.require(Question(pause, "pause_rail", by))
    record_decision(
        act="pause_rail",
        actor=by,
        role=role,
        at=at,
        subject=pause.key,
        reference=pause.key,
        to_state=str(pause.state),
        reason_code=pause.code[:40],
        sealed_reason=seal(pause.seal_owner(), reason),
        facts={"rail": rail, "code": pause.code, **pause.facts},
    )
    pause.save(force_insert=True)
    tell_of_pause(pause)
    return pause


@in_one_piece
def resume_rail(*, pause_id: int, actor: User, at: datetime, reason: str = "") -> RailPause:
    """Let a rail go on: what waits is due at once, in the order in which it was released, under the same keys."""
    with acting(RailPause, pause_id, act="resume_rail", actor=actor, at=at, reason=reason) as doing:
        doing.subject.resume_rail(at=at)
    hurry("send_disbursement")
    return doing.subject


def wait_of(rail: str, at: datetime) -> timedelta | None:
    """How long the provider still wants us to wait; None when the rail may be asked now."""
    pace = RailPace.objects.filter(rail=rail, not_before__gt=at).first()
    return pace.not_before - at if pace else None


@in_one_piece
def slow_down(*, rail: str, at: datetime) -> timedelta:
    """The provider asked for fewer calls: the whole rail waits, twice as long each time, never exactly as long.

    Returns the wait. The part that is drawn by lot (up to half) keeps several workers from coming back together.
    """
    pace = RailPace.objects.select_for_update().filter(rail=rail).first() or RailPace(rail=rail, not_before=at)
    if pace.not_before > at and pace.pk is not None:
        return pace.not_before - at
    longest = min(_FIRST_WAIT * 2**pace.streak, _LONGEST_WAIT)
    lot = int(ids.random_key()[:4], 16) / 0xFFFF
    wait = longest * (0.5 + lot / 2)
    pace.streak, pace.not_before = min(pace.streak + 1, 12), at + wait
    pace.save()
    return wait


def full_speed(rail: str) -> None:
    """The provider answered: the next wait is a short one again."""
    RailPace.objects.filter(rail=rail, streak__gt=0).update(streak=0)


@in_one_piece
def hold(*, attempt: Attempt, code: str, at: datetime) -> bool:
    """Leave an attempt alone until a person has looked, and tell the payers. True when it was not held so before."""
    fresh = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if fresh.held_code == code:
        return False
    fresh.held_code = code[:60]
    fresh.save(update_fields=["held_code"])
    tell_of_held(Disbursement.objects.get(pk=fresh.disbursement_id), fresh)
    return True


def let_go(disbursement: Disbursement) -> None:
    """No hit stands against its payee any more: what was held because of one goes on under its key."""
    disbursement.attempts.filter(held_code=LISTED).update(held_code="")


@in_one_piece
def note_reading(*, attempt: Attempt, at: datetime) -> None:
    """The provider's books were read for a held attempt and hold nothing of it."""
    Attempt.objects.filter(pk=attempt.pk).update(looked_at=at)


@in_one_piece
def note_stranded(*, attempt: Attempt, code: str, at: datetime) -> None:
    """The money is at the payee's account at the provider and cannot be fetched: people are told.

    The provider repeats a refusal for a day under one key, so the next try has a key of its own.
    """
    fresh = Attempt.objects.select_for_update().get(pk=attempt.pk)
    fresh.return_tries += 1
    fresh.code, fresh.looked_at = f"stranded:{code}"[:60], at
    fresh.save(update_fields=["return_tries", "code", "looked_at"])
    tell_of_stranded(Disbursement.objects.get(pk=fresh.disbursement_id))


def _open_attempt(disbursement: Disbursement) -> Attempt:
    return disbursement.attempts.get(state__in=[AttemptState.INTENT, AttemptState.UNKNOWN])


@in_one_piece
def look_again(*, number: str, reason: str, actor: User, at: datetime) -> Disbursement:
    """A person looked into what stopped it: the worker asks the provider once more, looking before it does anything.

    Where the provider had said a definite no to a later step, that step is tried under a key of its own.
    """
    pk = Disbursement.objects.get(number=number).pk
    with acting(Disbursement, pk, act="look_again", actor=actor, at=at, reason=reason) as doing:
        attempt = _open_attempt(doing.subject)
        doing.reason_code = attempt.held_code[:40]
        if attempt.held_code in _TRIED_ANEW:
            attempt.tries += 1
        attempt.held_code = ""
        attempt.save(update_fields=["held_code", "tries"])
        _promise_again(doing.subject)
    return doing.subject


def _promise_again(disbursement: Disbursement) -> None:
    """The first promise was kept when the worker left it to a person, so this is a new one."""
    once = ids.random_key()[:12]
    if disbursement.payment_file is not None:
        message_id = disbursement.payment_file.message_id
        enqueue("send_payment_file", key=f"{message_id}:{once}", message_id=message_id)
    else:
        enqueue("send_disbursement", key=f"{disbursement.number}:{once}", number=disbursement.number)


@in_one_piece
def declare_unsent(*, number: str, reason: str, actor: User, at: datetime) -> Disbursement:
    """A person says that nothing left, because the provider's books were read within the hour and hold nothing of it.

    Its key must be too old to be sent again, or its payee confirmed to be on a sanctions list, so that nobody sends it
    again. Raises Refusal RAIL-03 when nobody has looked so lately, RAIL-06 while a listed name waits for two people.
    What was booked is reversed; the commitment is whole again.
    """
    from finance.actions.settlement import undo_sending

    pk = Disbursement.objects.get(number=number).pk
    with acting(Disbursement, pk, act="declare_unsent", actor=actor, at=at, reason=reason) as doing:
        attempt = _open_attempt(doing.subject)
        refusal = _why_not_unsent(doing.subject, attempt, at)
        if refusal is not None:
            raise refusal
        doing.facts = {"held": attempt.held_code}
        doing.subject.declare_unsent(code="never_arrived")
        undo_sending(doing.subject, attempt, code="never_arrived", at=at)
        doing.reason_code = "never_arrived"
    return doing.subject


def _why_not_unsent(disbursement: Disbursement, attempt: Attempt, at: datetime) -> Refusal | None:
    """What is missing before anybody may say that nothing left."""
    stays = _("%(number)s stays unknown.") % {"number": disbursement.number}
    if attempt.held_code == LISTED and not is_known_to_be_listed(disbursement.payee_version):
        return Refusal(
            "RAIL-06",
            stays,
            _("A name of the payee is like one on the sanctions list, and nobody has said yet whether it is the same."),
            _("If two people clear it, it goes on by itself. If it is confirmed, say then that it never left."),
        )
    looked = _read_and_not_found(attempt)
    if looked is None or at - looked > _LOOKED_LATELY:
        return Refusal(
            "RAIL-03",
            stays,
            _("The provider's books were not read in the last hour, or they hold something of it."),
            _("Look again first; then say so within the hour."),
        )
    return None


def _read_and_not_found(attempt: Attempt) -> datetime | None:
    """When the provider's books were read and held nothing, late enough after the last call to say so for certain."""
    if attempt.held_code == NOT_AT_THE_PROVIDER:
        return attempt.answered_at
    called, looked = attempt.answered_at, attempt.looked_at
    if attempt.held_code != LISTED or called is None or looked is None or looked - called < _MAY_STILL_ARRIVE:
        return None
    return looked
