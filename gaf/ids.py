"""Random identifiers, in one place so that nothing depends on order, time or the content of a record."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from uuid import UUID

_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0, 1: keys are read out over the phone


def random_key() -> str:
    """128 random bits as 32 hexadecimal characters: attempts, idempotency, stored file names."""
    return secrets.token_hex(16)


def spoken_key(prefix: str, length: int = 8) -> str:
    """A key without order that can be said aloud, for cases and persons: `C-7KQ2MXHA`."""
    return f"{prefix}-{random_letters(length)}"


def random_letters(length: int) -> str:
    """So many letters and digits that can be read out and typed again."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def as_uuid(key: str) -> str:
    """A random key in the shape of a UUID (version 4), for formats that demand one."""
    return str(UUID(hex=key, version=4))


def keys_without_end(begins: str, length: int = 12) -> Iterator[str]:
    """Keys of the same letters made of a text, always the same ones: for invented cases that can be made again."""
    for place in count():
        digest = int.from_bytes(sha256(f"{begins}:{place}".encode()).digest(), "big")
        yield "".join(_ALPHABET[digest // len(_ALPHABET) ** at % len(_ALPHABET)] for at in range(length))
