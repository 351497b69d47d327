"""One payment on each rail, struck at every point where a process can die or be refused, in every way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

import gaf.ids
from gaf.outbox.models import OutboxMessage
from tests.proof.simulator import Theatre
from tests.proof.sweep import RAILS, mark_of, rehearse, sweep

pytestmark = pytest.mark.proof
PARTS = 6


@pytest.fixture
def writing(stage: Theatre) -> Theatre:
    """Reads are left out: dying at one is dying at the next write."""
    stage.faults.reads_count = False
    yield stage
    stage.faults.reads_count = True


class TestAPayment:
    @pytest.mark.parametrize("part", range(PARTS))
    @pytest.mark.parametrize("rail", RAILS)
    def test_survives_every_fault_at_every_point(self, writing, rail, part):
        rehearsal = rehearse(writing, rail)
        first, last = (round(len(rehearsal.passed) * share / PARTS) for share in (part, part + 1))
        found = sweep(writing, rail, rehearsal, range(first + 1, last + 1))

        assert found.violations == []
        assert found.missed == []
        assert found.hit == found.cells

    @pytest.mark.parametrize("rail", RAILS)
    def test_passes_points_of_every_sort(self, writing, rail):
        passed = rehearse(writing, rail).passed

        assert {"sql", "commit", "disk" if rail == "bank" else "call"} <= set(passed)
        assert len(passed) > 80


def _an_hour_passes(world):
    world.moment += timedelta(hours=1)


def _somebody_is_told(world):
    world.told.append(("released", "P-2026-00001"))


def _a_row_changes(_world):
    assert OutboxMessage.objects.update(attempts=7)


def _a_file_appears(_world):
    folder = Path(settings.GAF_BANK_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "one.xml").write_text("<one/>")


def _a_mail_leaves(_world):
    mail.outbox.append(mail.EmailMessage("GAF-2026-00042", "Look at it."))


def _stripe_hears_of_money(world):
    world.outside.stripe.top_up(1, "usd")


def _a_key_is_drawn(_world):
    gaf.ids.secrets.token_hex(4)


CHANGES = (
    _an_hour_passes,
    _somebody_is_told,
    _a_row_changes,
    _a_file_appears,
    _a_mail_leaves,
    _stripe_hears_of_money,
    _a_key_is_drawn,
)


class TestAWorldThatWasMetBefore:
    """A sweep plays it on once: so nothing that can change how it goes on may be missing from its mark."""

    @pytest.fixture
    def released(self, writing):
        """A payment that is released and not yet sent."""
        return lambda: rehearse(writing, "stripe").doorsteps[2].begin(writing).world

    def test_has_the_same_mark(self, released):
        assert mark_of(released()) == mark_of(released())

    @pytest.mark.parametrize("change", CHANGES)
    def test_has_another_mark_once_anything_is_different(self, released, change):
        world = released()
        before = mark_of(world)

        change(world)

        assert mark_of(world) != before
