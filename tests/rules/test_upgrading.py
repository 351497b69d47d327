"""An installation that runs is brought to a newer version: its tables change, and every guard stands afterwards."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.db.models.signals import post_migrate, pre_migrate

from gaf.guards import install_after_migrate, missing_guards, take_off_before_migrate
from workflow.models import BudgetLine


def rebuild_the_lines() -> None:
    """What a migration of budget lines does on SQLite: the table is built anew, and the old one goes."""
    with connection.schema_editor() as editor:
        editor._remake_table(BudgetLine)


@pytest.mark.django_db(transaction=True)
class TestAnUpgradeOnSqlite:
    def test_rebuilds_a_table_that_guards_of_others_read_and_puts_every_guard_back(self):
        assert missing_guards() == []
        with pytest.raises(OperationalError, match=r"error in trigger \w+: no such table: main.workflow_budgetline"):
            rebuild_the_lines()

        take_off_before_migrate(plan=["a migration"])
        rebuild_the_lines()
        install_after_migrate()

        assert missing_guards() == []

    def test_with_nothing_to_migrate_takes_no_guard_off(self):
        take_off_before_migrate(plan=[])
        assert missing_guards() == []


def test_django_tells_both_sides_of_migrating():
    decisions = apps.get_app_config("decisions")
    assert take_off_before_migrate in pre_migrate._live_receivers(decisions)[0]
    assert install_after_migrate in post_migrate._live_receivers(decisions)[0]
