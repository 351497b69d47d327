"""The stage of specifications about money: Monday noon, 23 November 2026, and folders of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gaf import clock
from tests.finance.builders import NOON, Fund, open_fund


@pytest.fixture
def at_noon(settings, tmp_path: Path) -> Iterator[Path]:
    """Let everything happen at noon, with a private folder and a bank's folder of the test's own."""
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    with clock.at(NOON):
        yield tmp_path


@pytest.fixture
def fund(db: None, at_noon: Path) -> Fund:
    """The fund on its first day: USD 10,000.00 of one unearmarked stream, in Geneva."""
    return open_fund()
