"""The second factor: a code that only the person's own telephone knows, besides the password.

Codes are those of RFC 6238 (six digits, a new one every half minute), reckoned by pyotp. A code of the step before or
after counts too, for clocks that are a little off; none counts twice, on whichever server it is given.
"""

from __future__ import annotations

import hmac
import unicodedata
from datetime import datetime, timedelta

import pyotp
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.crypto import salted_hmac

from gaf import clock, ids
from gaf.accounts.models import RecoveryCode, SecondFactor, User
from gaf.records import delete_by, save_by
from gaf.sealing import destroy_key, seal, unseal

ISSUER = "Global Assistance Fund"
_STEP = 30  # seconds
_CODES, _CODE_LENGTH = 10, 12
_LEFT_LYING = timedelta(minutes=15)  # what was begun and not confirmed in this time has to be begun again


def has_second_factor(person: User) -> bool:
    """Whether this person is asked for a code."""
    return SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).exists()


def _owner(person: User) -> str:
    return f"second-factor-{person.pk}"


@transaction.atomic
def begin(person: User) -> SecondFactor:
    """A new secret for the person's app; it counts once the first code was given. What was begun before is dropped."""
    SecondFactor.objects.filter(person=person, confirmed_at=None).delete()
    made = SecondFactor(person=person, secret=seal(_owner(person), pyotp.random_base32()), begun_at=clock.now())
    save_by(made, person)
    return made


def begun(person: User) -> SecondFactor | None:
    """What this person has begun a short time ago and not confirmed."""
    since = clock.now() - _LEFT_LYING
    return SecondFactor.objects.filter(person=person, confirmed_at=None, begun_at__gt=since).first()


def secret_of(factor: SecondFactor) -> str:
    """The secret in the letters that apps take."""
    return unseal(factor.secret)


def address_of(factor: SecondFactor) -> str:
    """What the picture says to an app; it names the account."""
    return pyotp.TOTP(secret_of(factor)).provisioning_uri(name=factor.person.email, issuer_name=ISSUER)


@transaction.atomic
def confirm(factor: SecondFactor, code: str) -> list[str]:
    """The app's first code turns the second factor on; returns the recovery codes, or nothing for a wrong code."""
    held = SecondFactor.objects.select_for_update().get(pk=factor.pk)
    if held.confirmed_at is not None or not _takes(held, code, clock.now()):
        return []
    held.confirmed_at = clock.now()
    save_by(held, held.person)
    return new_recovery_codes(held.person)


def end_sessions(person: User, but: str = "") -> None:
    """Whoever else is signed in as this person is so no more; `but` is the key of the session that stays."""
    for session in Session.objects.filter(expire_date__gt=clock.now()).exclude(session_key=but):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


@transaction.atomic
def takes_code(person: User, code: str) -> bool:
    """Whether a code of the app or on paper is right now, and uses it up."""
    held = SecondFactor.objects.select_for_update().filter(person=person, confirmed_at__isnull=False).first()
    if held is None:
        return False
    return _takes_from_paper(held, code) or _takes(held, code, clock.now())


def _takes(held: SecondFactor, code: str, at: datetime) -> bool:
    given, totp = _digits(code), pyotp.TOTP(secret_of(held))
    now = int(at.timestamp()) // _STEP
    for step in (now - 1, now, now + 1):
        if step > held.last_step and hmac.compare_digest(totp.generate_otp(step), given):
            held.last_step = step
            SecondFactor.objects.filter(pk=held.pk).update(last_step=step)
            return True
    return False


def _digits(code: str) -> str:
    """What was typed, in the digits of ASCII: a keyboard may write those of another script."""
    return "".join(str(unicodedata.digit(sign)) for sign in code if unicodedata.digit(sign, None) is not None)


def _takes_from_paper(held: SecondFactor, code: str) -> bool:
    unused = held.recovery_codes.filter(digest=_digest(held.person, code), used_at=None)
    return unused.update(used_at=clock.now()) == 1


def _digest(person: User, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return salted_hmac(f"gaf.recovery-code.{person.pk}", plain, algorithm="sha256").hexdigest()


@transaction.atomic
def new_recovery_codes(person: User) -> list[str]:
    """Ten new codes in place of all older ones; they are shown this once."""
    held = SecondFactor.objects.select_for_update().get(person=person, confirmed_at__isnull=False)
    held.recovery_codes.all().delete()
    codes = [ids.random_letters(_CODE_LENGTH) for _code in range(_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=held, digest=_digest(person, code)) for code in codes)
    return ["-".join(code[place : place + 4] for place in range(0, _CODE_LENGTH, 4)) for code in codes]


def recovery_codes_left(person: User) -> int:
    """How many codes on paper still count."""
    return RecoveryCode.objects.filter(factor__person=person, used_at=None).count()


@transaction.atomic
def take_off(person: User, by: User, why: str = "") -> bool:
    """The second factor is gone, its secret and its codes with it; history keeps who did it. False where there was
    none."""
    held = SecondFactor.objects.select_for_update().filter(person=person).first()
    if held is None:
        return False
    held._change_reason = why[:100]
    delete_by(held, by)
    if by != person:
        end_sessions(person)
    transaction.on_commit(lambda: destroy_key(_owner(person)))
    return True
