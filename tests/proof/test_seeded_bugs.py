"""The control: each mistake that is put into the code is found by the harness it names, within its budget."""

from __future__ import annotations

import pytest

from tests.proof.bugs import BUGS
from tests.proof.hunting import hunt

pytestmark = pytest.mark.proof


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
class TestABugPutIn:
    def test_is_found(self, stage, bug, record_property):
        found = hunt(stage, bug, budget=400, first=bug.first)
        record_property("found", found.in_words())

        assert found.by, found.in_words()


class TestThereAreEnough:
    def test_bugs_of_different_names(self):
        assert len({bug.name for bug in BUGS}) == len(BUGS) >= 30
