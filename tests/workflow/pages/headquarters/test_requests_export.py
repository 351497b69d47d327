"""The list of requests for a spreadsheet: what one sees, in the order one sees it, and nothing else."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from gaf.accounts.models import Mission
from tests import stories
from tests.workflow.pages.headquarters.visits import signed_in

pytestmark = pytest.mark.usefixtures("house")


def table_for(name: str, **address: str) -> list[list[str]]:
    """The rows of the CSV a person gets, below the headings."""
    answer = signed_in(name).get("/requests/export/", address)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).removeprefix(b"\xef\xbb\xbf").decode()
    return list(csv.reader(io.StringIO(content, newline="")))[1:]


class TestTheExport:
    def test_holds_what_the_words_keep_in_the_order_of_the_heading(self):
        late, soon = stories.a_submitted_request(priority="P4"), stories.a_submitted_request(priority="P2")
        stories.a_draft()
        rows = table_for("Omar", q="state:submitted", sort="priority")
        assert [row[0] for row in rows] == [soon.reference, late.reference]
        assert rows[0][1:4] == ["Niger", "P2", "With the head of unit"]

    def test_never_holds_what_another_mission_has_nor_drafts_for_headquarters(self):
        stories.a_submitted_request(author="Sofía", code="MX")
        draft = stories.a_draft()
        assert [row[0] for row in table_for("Amina")] == [draft.reference]
        assert table_for("Helena", q="state:draft") == []

    @pytest.mark.parametrize("name", ["Farid", "Tunde"])
    def test_does_not_exist_for_those_who_have_no_list(self, name):
        assert signed_in(name).get("/requests/export/").status_code == 404

    def test_leads_back_to_the_list_when_a_word_is_not_understood(self):
        answer = signed_in("Omar").get("/requests/export/", {"q": "misson:NE"})
        assert (answer.status_code, answer["Location"]) == (302, "/requests/?q=misson%3ANE")

    def test_of_an_unknown_kind_does_not_exist(self):
        assert signed_in("Omar").get("/requests/export/", {"as": "exe"}).status_code == 404

    def test_runs_no_formula_in_either_kind(self):
        stories.a_submitted_request()
        Mission.objects.filter(code="NE").update(name="=1+1")
        assert table_for("Omar")[0][1] == "'=1+1"
        answer = signed_in("Omar").get("/requests/export/", {"as": "xlsx"})
        cell = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))["requests"]["B2"]
        assert (cell.data_type, cell.value) == ("s", "'=1+1")

    def test_is_offered_below_the_list_with_the_same_words(self):
        stories.a_submitted_request()
        page = signed_in("Omar").get("/requests/", {"q": "is:open", "sort": "state"}).content.decode()
        assert 'href="/requests/export/?q=is%3Aopen&amp;sort=state&amp;as=xlsx"' in page
