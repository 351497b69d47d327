"""The outbox: the only way out of the house."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What has been promised to the world and not yet said."""

    name = "gaf.outbox"
    label = "outbox"
