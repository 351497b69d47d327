"""The twenty-five points of docs/usability.md: complete, and a yes only where a test that exists is named."""

from __future__ import annotations

import re

from tests.rules.test_threats import NAMED, ROOT, names_in

ROW = re.compile(r"\| (\d+) \| ([^|]+) \| ([YPN]) \| (.+) \|")
ROWS = [found.groups() for found in map(ROW.fullmatch, (ROOT / "docs/usability.md").read_text().splitlines()) if found]


class TestThePoints:
    def test_are_twenty_five_in_their_order(self) -> None:
        assert [int(number) for number, *_rest in ROWS] == list(range(1, 26))

    def test_say_yes_only_where_a_test_is_named(self) -> None:
        assert [number for number, _point, verdict, shown in ROWS if verdict == "Y" and not NAMED.search(shown)] == []

    def test_name_tests_that_exist(self) -> None:
        named = [one for *_rest, shown in ROWS for one in NAMED.findall(shown)]

        assert len(named) > 25
        assert [one for one in named if one[1] not in names_in(one[0])] == []
