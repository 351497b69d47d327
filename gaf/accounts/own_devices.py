"""Devices that people called their own, and the key of each, which opens what is kept there while its person types.

The device holds a number in a cookie and what it closed with the key, never the key itself. What is forgotten here is
dead there: the key is destroyed with the key it was sealed by, so that no old copy of the database has it either.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gaf import clock, ids
from gaf.accounts.models import OwnDevice, User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.records import delete_by, save_by
from gaf.refusals import Refusal
from gaf.sealing import Unreadable, destroy_key, seal, unseal

COOKIE = "own_device"
KEPT_FOR = timedelta(hours=72)  # nothing on a device can be opened longer; draft.js throws it away by the same figure
_A_YEAR = timedelta(days=366)
_WISH = "device_is_own"  # in the session, between the form of the sign-in and the page after it
_NUMBER = re.compile(r"[0-9a-f]{32}")


def is_own(request: HttpRequest) -> bool:
    """Whether somebody said that the device is hers alone; in training nothing is kept on any.

    Cookies from before devices had numbers say “yes”: such a device keeps files of the site, and nothing typed.
    """
    return bool(device_of(request)) or (not settings.TRAINING and request.COOKIES.get(COOKIE) == "yes")


def device_of(request: HttpRequest) -> str:
    """The number of a device that somebody called her own; empty on every other, and in training."""
    said = request.COOKIES.get(COOKIE, "")
    return said if not settings.TRAINING and _NUMBER.fullmatch(said) else ""


def devices_of(person: User) -> list[OwnDevice]:
    """The devices this person called her own, the last used first."""
    return list(OwnDevice.objects.filter(person=person).order_by("-used_at", "-pk"))


def note_as_own(request: HttpRequest, person: User, answer: HttpResponse) -> None:
    """From now on this device is the person's own: it gets a number, and the number a key. Whoever called it theirs
    before does so no more."""
    known, now = device_of(request), clock.now()
    _forget_unless_of(person, known)
    if is_of(person, known):
        return
    for unused in OwnDevice.objects.filter(person=person, used_at__lt=now - _A_YEAR):
        forget(unused, person)  # its cookie has run out
    device = ids.random_key()
    save_by(OwnDevice(person=person, device=device, key=_new_key(device), said_at=now, used_at=now), person)
    age, secure = int(_A_YEAR.total_seconds()), bool(settings.SESSION_COOKIE_SECURE)
    answer.set_cookie(COOKIE, device, max_age=age, secure=secure, httponly=True, samesite="Lax")


def clear_away(answer: HttpResponse) -> None:
    """The browser forgets that the device is somebody's own, and whatever it kept."""
    answer.delete_cookie(COOKIE, samesite="Lax")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'


def is_of(person: User, device: str) -> bool:
    """Whether this person called the device with this number her own."""
    return bool(device) and OwnDevice.objects.filter(person=person, device=device).exists()


@transaction.atomic
def forget(held: OwnDevice, by: User, why: str = "") -> None:
    """The key of a device is gone for good, and with it what the device kept; history keeps who did it."""
    device = held.device
    held._change_reason = why[:100]
    delete_by(held, by)
    transaction.on_commit(lambda: destroy_key(_owner(device)))


def forget_one(person: User, key: str) -> str:
    """Forget one of a person's own devices, as chosen from the list; returns its number.

    Raises Refusal DEVICE-02 for one that is not in it.
    """
    held = OwnDevice.objects.filter(person=person, pk=key).first() if key.isascii() and key.isdecimal() else None
    if held is None:
        what, why = _("Nothing was forgotten."), _("This device is not among yours, or it is forgotten already.")
        raise Refusal("DEVICE-02", what, why, _("Look at the list under “This device”."))
    forget(held, person)
    return held.device


def forget_this_one(request: HttpRequest, person: User) -> None:
    """Forget the device at which the person sits, if it is noted as hers."""
    held = OwnDevice.objects.filter(person=person, device=device_of(request)).first()
    if held is not None:
        forget(held, person)


def forget_all(*, person: User, by: User, why: str) -> int:
    """Forget every device of somebody who lost one or left; history keeps who did it and why. Returns how many.

    Raises Refusal DEVICE-03 for who is no system administrator, DEVICE-04 where there is none.
    """
    nothing = _("Nothing was forgotten.")
    if not by.is_active or Role.SYSTEM_ADMINISTRATOR not in roles_of(by):
        raise Refusal("DEVICE-03", nothing, _("Only a system administrator forgets devices of others."), _("Ask one."))
    with transaction.atomic():
        held = devices_of(person)
        if not held:
            why_not = _("%(person)s called no device their own.") % {"person": person}
            raise Refusal("DEVICE-04", nothing, why_not, _("There is nothing to do."))
        for one in held:
            forget(one, by, why)
    return len(held)


def key_for(person: User, device: str) -> bytes:
    """The key of a person's own device: 32 bytes. One that was not asked for in three days is another one by now.

    Raises Refusal DEVICE-01 for a device that is not this person's; then whoever it belonged to has it no more either.
    """
    _forget_unless_of(person, device)
    with transaction.atomic():
        held = OwnDevice.objects.select_for_update().filter(person=person, device=device).first()
        if held is None:
            raise Refusal(
                "DEVICE-01",
                _("No key is given, and what this device kept is thrown away."),
                _("It is not noted as your own device, or it was forgotten."),
                _("If it is yours alone, say so under “This device”."),
            )
        if clock.now() - held.used_at > KEPT_FOR:
            _renew(held)
        held.used_at = clock.now()
        OwnDevice.objects.filter(pk=held.pk).update(used_at=held.used_at)
        try:
            return b64decode(unseal(held.key))
        except Unreadable:  # the database was put back, or a key was destroyed and its row stayed
            _renew(held)
            return b64decode(unseal(held.key))


def wish_at_sign_in(request: HttpRequest, *, own: bool) -> None:
    """What was chosen beside the password counts once the person is signed in."""
    request.session[_WISH] = own


def after_sign_in(request: HttpRequest, person: User, answer: HttpResponse) -> None:
    """A device that is another person's keeps nothing from here on; one that this person called her own does."""
    wished, device = request.session.pop(_WISH, False), device_of(request)
    if device and not is_of(person, device):
        _forget_unless_of(person, device)
        clear_away(answer)
    elif wished and not settings.TRAINING:
        note_as_own(request, person, answer)


def before_sign_out(request: HttpRequest) -> None:
    """What the device kept is dead, also where a browser does not clear it away when it is told to."""
    held = OwnDevice.objects.filter(device=device_of(request), person_id=request.user.pk).first()
    if held is not None:
        _renew(held)


def _owner(device: str) -> str:
    return f"own-device-{device}"


def _new_key(device: str) -> str:
    """256 random bits, sealed."""
    return seal(_owner(device), b64encode(os.urandom(32)).decode())


def _renew(held: OwnDevice) -> None:
    destroy_key(_owner(held.device))
    held.key = _new_key(held.device)
    OwnDevice.objects.filter(pk=held.pk).update(key=held.key)


def _forget_unless_of(person: User, device: str) -> None:
    anothers = OwnDevice.objects.filter(device=device).exclude(person=person).first() if device else None
    if anothers is not None:
        forget(anothers, person)
