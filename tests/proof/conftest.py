"""Everything in this folder is proof, and the stage is built once for each worker of the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proof.simulator import Theatre, theatre
from tests.remembering import watch_no_more


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The one long test begins first, so that the other worker does the rest meanwhile and neither waits at the end."""
    items.sort(key=lambda item: "TestWhatHypothesisThinksOf" not in item.nodeid)


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker) -> Iterator[Theatre]:
    """The fund on its morning, on a database in memory; put back for each schedule."""
    with django_db_blocker.unblock(), theatre() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _followed_by_nobody(_no_memory_of_other_tests: None) -> None:
    """Here no story is told again, and following a hundred thousand statements costs time and room."""
    watch_no_more()
