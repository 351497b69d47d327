"""The vault: the keys under which the text of each case is sealed."""

from __future__ import annotations

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Keys of cases and payees."""

    name = "gaf.vault"
    label = "vault"
