"""One payment on each rail, struck at every point where a process can die or be refused, in every way."""

from __future__ import annotations

import pytest

from tests.proof.simulator import Theatre
from tests.proof.sweep import RAILS, rehearse, sweep

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
        found = sweep(writing, rail, rehearsal, range(1 + part, len(rehearsal.passed) + 1, PARTS))

        assert found.violations == []
        assert found.missed == []
        assert found.hit == found.cells

    @pytest.mark.parametrize("rail", RAILS)
    def test_passes_points_of_every_sort(self, writing, rail):
        passed = rehearse(writing, rail).passed

        assert {"sql", "commit", "disk" if rail == "bank" else "call"} <= set(passed)
        assert len(passed) > 80
