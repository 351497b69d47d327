"""Seals text about a case: AES-256-GCM under the case's own key, which a key from the environment wraps.

The wrapped keys lie in a store outside the database (`gaf/vault/store.py`); `erase_key` takes one out of it for good.

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
from django.utils.translation import gettext as _

from gaf.refusals import Refusal
from gaf.vault import store
from gaf.vault.store import WrappedKey

_MARK = "s1"
_FINGERPRINTS = "fingerprint"
_OF_PERSONS = "persons"
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


def _wrapped(owner: str, key: bytes, ring: dict[str, bytes]) -> WrappedKey:
    name = next(iter(ring))
    return WrappedKey(owner, _encrypt(ring[name], key, owner), name)


def _sealing_key(owner: str) -> bytes:
    """The owner's key, made at the first use."""
    ring = _ring()
    try:
        row = store.get(owner) or store.get_or_put(_wrapped(owner, AESGCM.generate_key(256), ring))
    except store.Shut as cause:
        raise Refusal("SEAL-02", _("Nothing was written."), _("This case was erased."), "") from cause
    return _decrypt(ring[row.wrapped_by], row.wrapped, owner)


def _reading_keys(owners: set[str]) -> dict[str, bytes]:
    """The keys of these owners that still exist and unwrap, with one look for those not at hand."""
    held = _at_hand.get()
    keys = {owner: held[owner] for owner in owners if owner in held} if held else {}
    missing = owners - set(keys)
    ring = _ring() if missing else {}
    for owner in missing:
        row = store.get(owner)
        if row is not None:
            try:
                keys[owner] = _decrypt(ring[row.wrapped_by], row.wrapped, owner)
            except (InvalidTag, KeyError, ValueError):
                continue
    if held is not None:
        held.update(keys)
    return keys


def destroy_key(owner: str) -> bool:
    """Make everything sealed for this owner unreadable for good, in every copy however old. False: it had no key."""
    held = _at_hand.get()
    if held is not None:
        held.pop(owner, None)
    return store.destroy(owner)


def erase_key(owner: str) -> None:
    """The same, and nothing is ever sealed for this owner again. Done twice, it is done."""
    held = _at_hand.get()
    if held is not None:
        held.pop(owner, None)
    store.shut(owner)


def is_erased(owner: str) -> bool:
    """Whether what was sealed for this owner was erased."""
    return store.is_shut(owner)


def erased_owners() -> list[str]:
    """Everybody for whom what was sealed was erased."""
    return list(store.shut_owners())


def has_key(owner: str) -> bool:
    """Whether what was sealed for this owner can still be read."""
    return store.get(owner) is not None


def wrap_anew() -> tuple[int, list[str]]:
    """Wrap every key by the first key of the ring; returns how many were, and the owners whose key does not open.

    Sealed texts stay as they are. Afterwards the older keys of the ring can be taken out of it.
    """
    ring = _ring()
    first, done, shut = next(iter(ring)), 0, []
    for owner in store.owners():
        row = store.get(owner)
        if row is None or row.wrapped_by == first:
            continue
        try:
            key = _decrypt(ring[row.wrapped_by], row.wrapped, owner)
        except (InvalidTag, KeyError, ValueError):
            shut.append(owner)
            continue
        store.replace(_wrapped(owner, key, ring))
        done += 1
    return done, shut


def _owner_of(sealed: str) -> str:
    return sealed.split(":", 2)[1] if sealed.count(":") >= 2 else ""


def _open(sealed: str, keys: dict[str, bytes]) -> str:
    mark, owner, token = sealed.split(":", 2)
    if mark != _MARK:
        raise ValueError(mark)
    return _decrypt(keys[owner], token, owner).decode()


def seal(owner: str, text: str) -> str:
    """Seal a text under the owner's key (made at the first use). An empty text stays empty.

    Raises Refusal SEAL-02 for an owner whose texts were erased.
    """
    if not text:
        return ""
    return f"{_MARK}:{owner}:{_encrypt(_sealing_key(owner), text.encode(), owner)}"


def seal_many(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Seal texts of many owners, as (owner, text), who get their keys now where they have none: one writing to the disc
    for all of them. Raises Refusal SEAL-02 for an owner whose texts were erased."""
    wanted = list(texts)
    ring, keys, fresh = _ring(), {}, []
    for owner in dict.fromkeys(owner for owner, _text in wanted):
        row = store.get(owner)
        if row is not None:
            keys[owner] = _decrypt(ring[row.wrapped_by], row.wrapped, owner)
            continue
        keys[owner] = AESGCM.generate_key(256)
        fresh.append(_wrapped(owner, keys[owner], ring))
    try:
        store.put_all(fresh)
    except store.Shut as cause:
        raise Refusal("SEAL-02", _("Nothing was written."), _("This case was erased."), "") from cause
    return [f"{_MARK}:{owner}:{_encrypt(keys[owner], text.encode(), owner)}" for owner, text in wanted]


def unseal(sealed: str) -> str:
    """The text again; of one that was erased, that it was.

    Raises Unreadable (SEAL-01) when the key is gone otherwise or the bytes were changed.
    """
    if not sealed:
        return ""
    try:
        return _open(sealed, _reading_keys({_owner_of(sealed)}))
    except (InvalidTag, KeyError, ValueError) as cause:
        if is_erased(_owner_of(sealed)):
            return _("(erased)")
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
        return _("(erased)") if is_erased(_owner_of(sealed)) else _("(cannot be read any more)")


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
    fresh = hashlib.sha256(b"fingerprint" + next(iter(ring.values()))).digest()
    row = store.get_or_put(_wrapped(_FINGERPRINTS, fresh, ring))
    return _decrypt(ring[row.wrapped_by], row.wrapped, _FINGERPRINTS)


def person_fingerprint(kind: str, text: str) -> str:
    """A keyed hash (HMAC-SHA-256) of something about a person, by which two missions find the same person without
    either telling who it is; `kind` keeps hashes of different things apart.

    Its key is random, made at the first use, and lies where the keys of cases do: never in the database.
    """
    return hmac.new(_sealing_key(_OF_PERSONS), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()
