"""Seals text about a case: AES-256-GCM under the case's own key, which a key from the environment wraps.

A sealed text reads `s1:<owner>:<base64>`. The owner is authenticated with it, so no text can be moved to another case.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from gaf.refusals import Refusal
from gaf.vault.models import SealKey

_MARK = "s1"
_FINGERPRINTS = "fingerprint"
_at_hand: ContextVar[dict[str, bytes] | None] = ContextVar("keys_at_hand", default=None)


@contextmanager
def keys_at_hand() -> Iterator[None]:
    """Inside, a key that was looked up for reading stays at hand, so that a page asks for each key once.

    Only reading uses it: a key made by a transaction that is rolled back must never seal anything.
    """
    token = _at_hand.set({})
    try:
        yield
    finally:
        _at_hand.reset(token)


class Unreadable(Refusal):
    """A sealed text whose key is gone or whose bytes were changed."""


def _ring() -> dict[str, bytes]:
    """The wrapping keys by name, the sealing one first."""
    ring: dict[str, bytes] = {}
    for part in filter(None, settings.GAF_SEALING_KEYS.split(",")):
        name, _colon, key = part.strip().partition(":")
        ring[name] = bytes.fromhex(key)
        if len(ring[name]) != 32:
            raise ImproperlyConfigured(f"GAF_SEALING_KEYS: the key {name} is not 32 bytes.")
    if not ring:
        raise ImproperlyConfigured("GAF_SEALING_KEYS is empty: no case could be sealed.")
    return ring


def _encrypt(key: bytes, text: bytes, owner: str) -> str:
    nonce = os.urandom(12)
    return b64encode(nonce + AESGCM(key).encrypt(nonce, text, owner.encode())).decode()


def _decrypt(key: bytes, token: str, owner: str) -> bytes:
    raw = b64decode(token)
    return AESGCM(key).decrypt(raw[:12], raw[12:], owner.encode())


def _sealing_key(owner: str) -> bytes:
    """The owner's key, made at the first use."""
    ring = _ring()
    name = next(iter(ring))
    fresh = _encrypt(ring[name], AESGCM.generate_key(256), owner)
    row, _made = SealKey.objects.get_or_create(owner=owner, defaults={"wrapped": fresh, "wrapped_by": name})
    return _decrypt(ring[row.wrapped_by], row.wrapped, owner)


def _reading_keys(owners: set[str]) -> dict[str, bytes]:
    """The keys of these owners that still exist and unwrap, with one look for those not at hand."""
    held = _at_hand.get()
    keys = {owner: held[owner] for owner in owners if owner in held} if held else {}
    missing = owners - set(keys)
    if missing:
        ring = _ring()
        for row in SealKey.objects.filter(owner__in=missing):
            try:
                keys[row.owner] = _decrypt(ring[row.wrapped_by], row.wrapped, row.owner)
            except (InvalidTag, KeyError, ValueError):
                continue
    if held is not None:
        held.update(keys)
    return keys


def _owner_of(sealed: str) -> str:
    return sealed.split(":", 2)[1] if sealed.count(":") >= 2 else ""


def _open(sealed: str, keys: dict[str, bytes]) -> str:
    mark, owner, token = sealed.split(":", 2)
    if mark != _MARK:
        raise ValueError(mark)
    return _decrypt(keys[owner], token, owner).decode()


def seal(owner: str, text: str) -> str:
    """Seal a text under the owner's key (made at the first use). An empty text stays empty."""
    if not text:
        return ""
    return f"{_MARK}:{owner}:{_encrypt(_sealing_key(owner), text.encode(), owner)}"


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable (SEAL-01) when the key is gone or the bytes were changed."""
    if not sealed:
        return ""
    try:
        return _open(sealed, _reading_keys({_owner_of(sealed)}))
    except (InvalidTag, KeyError, ValueError) as cause:
        raise Unreadable(
            "SEAL-01",
            _("This text cannot be read."),
            _("Its key was destroyed or its bytes were changed."),
            _("Tell the data steward which record it was."),
        ) from cause


def unseal_all(texts: Iterable[str]) -> list[str]:
    """Many texts again, in their order, with one look at the keys; one that cannot be read says so instead."""
    wanted = list(texts)
    keys = _reading_keys({_owner_of(sealed) for sealed in wanted if sealed})
    return [_or_gone(sealed, keys) for sealed in wanted]


def _or_gone(sealed: str, keys: dict[str, bytes]) -> str:
    if not sealed:
        return ""
    try:
        return _open(sealed, keys)
    except (InvalidTag, KeyError, ValueError):
        return _("(cannot be read any more)")


def _keyed(purpose: bytes, text: str, ring_key: bytes) -> str:
    key = hashlib.sha256(purpose + ring_key).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def mark(text: str) -> str:
    """A keyed hash (HMAC-SHA-256) of a text to the letter, by which a later change of it is noticed."""
    return _keyed(b"mark", text, next(iter(_ring().values())))


def bears_mark(text: str, made_before: str) -> bool:
    """Whether a mark was made of this very text, under any key of the ring."""
    return any(hmac.compare_digest(_keyed(b"mark", text, key), made_before) for key in _ring().values())


def fingerprint(text: str) -> str:
    """A keyed hash (HMAC-SHA-256) of a normalised text, to find equal account numbers without storing them."""
    normal = "".join(text.split()).upper()
    return hmac.new(_fingerprint_key(), normal.encode(), hashlib.sha256).hexdigest()


def _fingerprint_key() -> bytes:
    """The one key of all fingerprints: wrapped as a case's own is, and never changed, so that accounts that were equal
    stay equal when the ring gets a new first key. It is made of the ring at its first use."""
    held = _reading_keys({_FINGERPRINTS})
    if _FINGERPRINTS in held:
        return held[_FINGERPRINTS]
    ring = _ring()
    name = next(iter(ring))
    fresh = hashlib.sha256(b"fingerprint" + ring[name]).digest()
    wrapped = {"wrapped": _encrypt(ring[name], fresh, _FINGERPRINTS), "wrapped_by": name}
    try:
        with transaction.atomic():
            row, _made = SealKey.objects.get_or_create(owner=_FINGERPRINTS, defaults=wrapped)
    except DatabaseError:  # inside a transaction that may only read, where nothing has a fingerprint yet
        return fresh
    return _decrypt(ring[row.wrapped_by], row.wrapped, _FINGERPRINTS)
