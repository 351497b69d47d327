"""Unseals the texts of a whole list with one look at the keys, however many rows it has."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from django.utils.translation import gettext as _

from gaf.sealing import _decrypt, _ring
from gaf.vault.models import SealKey


def unseal_all(texts: Iterable[str]) -> list[str]:
    """The texts again, in their order; one whose key is gone or whose bytes were changed says so instead."""
    wanted = list(texts)
    owners = {sealed.split(":", 2)[1] for sealed in wanted if sealed.count(":") >= 2}
    ring = _ring()
    keys: dict[str, bytes] = {}
    for row in SealKey.objects.filter(owner__in=owners):
        try:
            keys[row.owner] = _decrypt(ring[row.wrapped_by], row.wrapped, row.owner)
        except (InvalidTag, KeyError, ValueError):
            continue
    return [_one(sealed, keys) for sealed in wanted]


def _one(sealed: str, keys: dict[str, bytes]) -> str:
    if not sealed:
        return ""
    try:
        _mark, owner, token = sealed.split(":", 2)
        return _decrypt(keys[owner], token, owner).decode()
    except (InvalidTag, KeyError, ValueError):
        return _("(cannot be read any more)")
