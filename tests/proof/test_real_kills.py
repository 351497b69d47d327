"""Workers that are really killed, again and again, while payments go on."""

from __future__ import annotations

import pytest

from tests.proof.killing import run

pytestmark = pytest.mark.proof
KILLS = 15


class TestFifteenKilledWorkers:
    def test_leave_every_payment_made_once(self, django_db_setup, django_db_blocker):
        with django_db_blocker.unblock():
            yard = run(KILLS, seed=1)

        assert yard.kills == KILLS
        assert yard.paid >= 2 * KILLS
