"""Seals text about a case: AES-256-GCM under the case's own key, which a key from the environment wraps.

A sealed text reads `s1:<owner>:<base64>`. The owner is authenticated with it, so a text cannot be moved to another case.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from gaf.refusals import Refusal
from gaf.vault.models import SealKey

_MARK = "s1"


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


def _key_of(owner: str, *, create: bool) -> bytes:
    ring = _ring()
    if create:
        name = next(iter(ring))
        fresh = _encrypt(ring[name], AESGCM.generate_key(256), owner)
        row, _created = SealKey.objects.get_or_create(owner=owner, defaults={"wrapped": fresh, "wrapped_by": name})
    else:
        row = SealKey.objects.get(owner=owner)
    return _decrypt(ring[row.wrapped_by], row.wrapped, owner)


def seal(owner: str, text: str) -> str:
    """Seal a text under the owner's key (made at the first use). An empty text stays empty."""
    if not text:
        return ""
    return f"{_MARK}:{owner}:{_encrypt(_key_of(owner, create=True), text.encode(), owner)}"


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable (SEAL-01) when the key is gone or the bytes were changed."""
    if not sealed:
        return ""
    try:
        mark, owner, token = sealed.split(":", 2)
        if mark != _MARK:
            raise ValueError(mark)
        return _decrypt(_key_of(owner, create=False), token, owner).decode()
    except (SealKey.DoesNotExist, InvalidTag, KeyError, ValueError) as cause:
        raise Unreadable(
            "SEAL-01",
            _("This text cannot be read."),
            _("Its key was destroyed or its bytes were changed."),
            _("Tell the data steward which record it was."),
        ) from cause


def fingerprint(text: str) -> str:
    """A keyed hash (HMAC-SHA-256) of a normalised text, to find equal account numbers without storing them."""
    normal = "".join(text.split()).upper()
    key = hashlib.sha256(b"fingerprint" + next(iter(_ring().values()))).digest()
    return hmac.new(key, normal.encode(), hashlib.sha256).hexdigest()
