"""docs/coverage.md: every code of the lists has its row, and every test named there exists."""

from __future__ import annotations

import re

from tests.rules.test_threats import NAMED, ROOT, names_in
from workflow.codelists import AssistanceType, MigrantCategory, ProfileTag

ROW = re.compile(r"\| (category|tag|help|practice) \| (\w+) \| ([^|]+) \| (.+) \|")
ROWS = [found.groups() for found in map(ROW.fullmatch, (ROOT / "docs/coverage.md").read_text().splitlines()) if found]


class TestTheCoverage:
    def test_has_a_row_for_every_code_once(self) -> None:
        codes = [(kind, code) for kind, code, _what, _shown in ROWS]
        lists = {"category": MigrantCategory, "tag": ProfileTag, "help": AssistanceType}

        assert len(codes) == len(set(codes))
        for kind, listed in lists.items():
            assert {code for of, code in codes if of == kind} >= set(listed.values)

    def test_has_the_areas_of_practice(self) -> None:
        wanted = "DATA RETURN VULNERABLE CHILDREN TRAFFICKING BUSINESS FUND VIRTUAL GUIDANCE"

        assert {code for kind, code, _what, _shown in ROWS if kind == "practice"} >= set(wanted.split())

    def test_names_tests_that_exist_or_says_that_something_is_not_there_yet(self) -> None:
        named = [one for *_rest, shown in ROWS for one in NAMED.findall(shown)]

        assert [one for one in named if one[1] not in names_in(one[0])] == []
        assert [code for _k, code, _w, shown in ROWS if not NAMED.search(shown) and "not there yet" not in shown] == []
