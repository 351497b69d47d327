"""A match by a script brings back only what changed, as the books have it; without the script comes the page."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client
from lxml import html

from finance.models import StatementLine
from tests.finance.builders import Fund
from tests.finance.matching.lines import fresh, import_lines, read, sent

pytestmark = pytest.mark.django_db
LIST = "/reconciliation/GVA/"


class Script:
    """What the script of the page does: it presses a button of a row, names the rows it shows, and reads the answer."""

    def __init__(self, fund: Fund, query: str = "") -> None:
        self.client = Client()
        self.client.force_login(fund.esi)
        self.page = self.client.get(f"{LIST}{query}")
        self.tree = html.fromstring(self.page.content)
        self.shown = [row.get("data-line") for row in self.tree.xpath("//tr[@data-line]")]

    def press(self, line: StatementLine, *, part: bool = True):
        form = self.tree.xpath(f"//tr[@data-line='{line.identity[:16]}']//form[@data-part]")[0]
        headers = {"X-Part": "lines", "X-Lines": ",".join(self.shown)} if part else {}
        return self.client.post(form.get("action"), dict(form.form_values()), headers=headers)


@pytest.fixture
def exact(fund: Fund) -> list[StatementLine]:
    made = sent(fund, *(f"{n}.00" for n in range(10, 30)))
    return import_lines(fund, *(read(f"-{one.money.decimal}", end_to_end=one.end_to_end) for one in made))


def rows(answer) -> list[str]:
    return [row.get("data-line") for row in html.fromstring(answer.content).xpath("//tr[@data-line]")]


class TestAPart:
    def test_says_which_row_went_which_comes_next_and_the_figures(self, fund: Fund, exact) -> None:
        answer = Script(fund).press(exact[3])

        part = html.fromstring(answer.content)
        assert (answer.status_code, fresh(exact[3]).state) == (200, "MATCHED")
        assert part.get("data-gone") == exact[3].identity[:16]
        assert part.get("data-next") == exact[4].identity[:16]
        assert rows(answer) == []
        said = " ".join(part.text_content().split())
        assert "1 of 20" in said
        assert "Last: matched" in said
        assert "is matched." in said

    def test_is_a_fraction_of_the_page(self, fund: Fund, exact) -> None:
        script = Script(fund)
        answer = script.press(exact[0])
        whole, part = (len(gzip.compress(one.content, 6)) for one in (script.page, answer))
        assert part * 3 < whole

    def test_of_all_lines_brings_the_row_as_it_is_now(self, fund: Fund, exact) -> None:
        answer = Script(fund, "?show=all").press(exact[0])
        assert rows(answer) == [exact[0].identity[:16]]
        assert "Matched" in html.fromstring(answer.content).xpath("//tr")[0].text_content()

    def test_brings_the_other_rows_that_meant_the_same_record(self, fund: Fund) -> None:
        one, two = sent(fund, "300.00", "300.00")
        lines = import_lines(
            fund,
            read("-300.00", text=f"{one.end_to_end} {two.end_to_end}"),
            read("-300.00", end_to_end=one.end_to_end),
            read("-7.00", text="CARD FEE"),
        )
        answer = Script(fund).press(lines[1])

        assert fresh(lines[1]).state == "MATCHED"
        assert rows(answer) == [lines[0].identity[:16]]
        assert one.number not in html.fromstring(answer.content).xpath("//tr")[0].text_content()

    def test_without_the_script_is_the_list_as_before(self, fund: Fund, exact) -> None:
        answer = Script(fund).press(exact[0], part=False)
        assert answer.status_code == 302
        assert answer["Location"].endswith(f"#line-{exact[1].identity[:16]}")

    def test_of_a_line_somebody_else_matched_is_the_page_that_says_so(self, fund: Fund, exact) -> None:
        script = Script(fund)
        fund.match(exact[0])
        answer = script.press(exact[0])
        assert answer.status_code == 409
        assert b"data-onward" not in answer.content

    @pytest.mark.parametrize("told", ["", "nonsense", "0" * 16, ",".join(["f" * 16] * 500)])
    def test_asks_nothing_of_rows_that_no_page_has(self, fund: Fund, exact, told) -> None:
        script = Script(fund)
        script.shown = [told]
        answer = script.press(exact[0])
        assert (answer.status_code, rows(answer)) == (200, [])

    def test_takes_no_more_questions_than_a_page(self, fund: Fund, exact, django_assert_max_num_queries) -> None:
        script = Script(fund)
        with django_assert_max_num_queries(75):
            script.press(exact[0])
