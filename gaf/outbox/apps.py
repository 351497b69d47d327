"""The outbox: the only way out of the house."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What has been promised to the world and not yet said."""

    name = "gaf.outbox"
    label = "outbox"

    def ready(self) -> None:
        import_module("gaf.outbox.ages")
        import_module("gaf.outbox.backups")
