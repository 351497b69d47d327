"""The house itself: commands, template tags, guards."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from simple_history.signals import pre_create_historical_record

from gaf import clock


class GafConfig(AppConfig):
    """Foundations every other room stands on."""

    name = "gaf"

    def ready(self) -> None:
        from gaf import checks, duty  # noqa: F401
        from gaf.guards import install_after_migrate, take_off_before_migrate
        from gaf.pragmas import read_back

        # Django tells only apps with models of their own of migrating, and `gaf` itself has none.
        decisions = apps.get_app_config("decisions")
        pre_migrate.connect(take_off_before_migrate, sender=decisions)
        post_migrate.connect(install_after_migrate, sender=decisions)
        connection_created.connect(read_back)
        pre_create_historical_record.connect(dated_by_our_clock)
        pre_create_historical_record.connect(named_by_its_act)


def dated_by_our_clock(history_instance: Any, **kwargs: object) -> None:
    """A row's history stands at the hour of the house's clock, as its decisions do."""
    history_instance.history_date = clock.now()


def named_by_its_act(history_instance: Any, **kwargs: object) -> None:
    """What an act wrote names the act, so that a look back can tell what was there before it."""
    from gaf.gate import act_under_way

    if not history_instance.history_change_reason:
        history_instance.history_change_reason = act_under_way() or None
