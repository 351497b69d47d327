"""Privacy: the read log, strict cases, canaries."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Who may look at a case, and who did."""

    name = "gaf.privacy"
    label = "privacy"

    def ready(self) -> None:
        import_module("gaf.privacy.alarms")
