"""Two at the same moment, one statement at a time, in 25 orders each, on PostgreSQL and on an SQLite file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections

from finance.models import Balance
from tests.proof.racing_bugs import RACING, hunt, unlocked
from tests.proof.scenarios import SCENARIOS, Ring, race, ring_open, two_commit_the_last_money
from tests.template_database import PostgreSQLTemplate, SQLiteTemplate, use

pytestmark = pytest.mark.proof
SCHEDULES = int(os.environ.get("GAF_PROOF_SCHEDULES", "25"))


@pytest.fixture(scope="module")
def ring(django_db_setup: None, django_db_blocker, tmp_path_factory, worker_id) -> Iterator[Ring]:
    """A database of this module's own; each schedule makes new records on it."""
    before = connections.settings["default"]["NAME"]
    folder = tmp_path_factory.mktemp("races")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "GAF_PRIVATE_FILES", folder / "private")
        patch.setattr(settings, "GAF_BANK_FOLDER", folder / "bank")
        on_sqlite = connection.vendor == "sqlite"
        own = SQLiteTemplate(str(folder / "races.sqlite3")) if on_sqlite else PostgreSQLTemplate(f"races_{worker_id}")
        own.lend_copy()
        with ring_open() as opened:
            yield opened
        own.take_back()
        use(str(before))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
class TestTogether:
    def test_they_leave_the_money_right_in_every_order_on_a_file(self, ring, scenario):
        for seed in range(SCHEDULES):
            race(ring, scenario, seed)

    @pytest.mark.postgres
    def test_they_leave_the_money_right_in_every_order_on_postgresql(self, ring, scenario):
        for seed in range(SCHEDULES):
            race(ring, scenario, seed)


@pytest.mark.postgres
@pytest.mark.parametrize("bug", RACING, ids=lambda bug: bug.name)
class TestABugOfTwo:
    def test_is_found_on_postgresql(self, ring, bug):
        tried, by = hunt(ring, bug)

        assert by, f"{bug.name}: not in {tried} schedules"


@pytest.mark.postgres
class TestTheLockOnTheBooks:
    def test_alone_keeps_balances_when_their_rows_are_not_locked(self, ring):
        with unlocked(Balance)():
            for seed in range(SCHEDULES):
                race(ring, two_commit_the_last_money, seed)
