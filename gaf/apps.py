"""The house itself: commands, template tags, guards."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class GafConfig(AppConfig):
    """Foundations every other room stands on."""

    name = "gaf"

    def ready(self) -> None:
        from gaf.guards import install_after_migrate
        from gaf.pragmas import read_back

        post_migrate.connect(install_after_migrate, sender=self)
        connection_created.connect(read_back)
