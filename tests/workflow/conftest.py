"""The stage of specifications about requests: Tuesday 20 October 2026, nine in the morning, on the first day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gaf import clock
from tests.cast import open_house

MORNING = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def house(db: None, settings, tmp_path: Path) -> Iterator[None]:
    """The fund on its first day, with USD 100,000.00 in stream A and folders of the test's own."""
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    with clock.at(MORNING):
        open_house()
        yield
