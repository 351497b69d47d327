"""Lines copied out of a spreadsheet go into rows; each says what is wrong with it, and nothing is saved by that."""

from __future__ import annotations

import pytest

from tests import stories
from tests.cast import rate
from tests.workflow.pages.mission.browsing import fill, forms_of, send, signed_in, url_of, words
from workflow.models import BudgetLine

pytestmark = pytest.mark.usefixtures("house")
HEADINGS = "Type\tDescription\tQuantity\tUnit\tUnit cost\tCurrency"
NIGHTS = "Shelter and accommodation\tTransit centre\t21\tperson-night\t16 000\tXOF"
CARE = "hlth\tExamination\t1\ttreatment\t340.00\tusd"


@pytest.fixture
def eligible():
    rate("XOF")
    return stories.an_eligible_request()


@pytest.fixture
def amina():
    return signed_in("Amina")


def pasted(client, made, *lines: str, **more: str):
    return fill(client, url_of(made, "plan/budget/"), {"pasted": "\r\n".join(lines), **more}, paste="1")


def rows_of(answer) -> dict[str, list[str]]:
    return forms_of(answer)[-1][1]


class TestPastedLines:
    def test_go_into_rows_and_are_saved_by_the_button_for_that(self, eligible, amina):
        before = stories.everything()
        page = pasted(amina, eligible, HEADINGS, NIGHTS, CARE)
        assert page.status_code == 200
        assert "2 lines were put into the rows. Nothing is saved yet." in words(page)
        assert rows_of(page)["pasted"] == [""]
        assert stories.everything() == before
        assert send(amina, page).status_code == 302
        shown = [(line.assistance_type, str(line.local), line.persons.count()) for line in eligible.lines.all()]
        assert shown == [("SHEL", "XOF 336,000", 1), ("HLTH", "USD 340.00", 1)]

    def test_stand_below_what_was_typed(self, eligible, amina):
        typed = {
            "lines-0-assistance_type": "FOOD",
            "lines-0-description": "Meals",
            "lines-0-unit": "person-day",
            "lines-0-quantity": "3",
            "lines-0-unit_cost": "2 000",
        }
        page = pasted(amina, eligible, NIGHTS, **typed)
        assert rows_of(page)["lines-TOTAL_FORMS"] == ["2"]
        send(amina, page)
        assert [line.assistance_type for line in eligible.lines.all()] == ["FOOD", "SHEL"]

    def test_may_name_kinds_and_units_in_any_of_the_languages(self, eligible, amina):
        page = pasted(amina, eligible, "ABRI ET HEBERGEMENT;Centre;21;Nuit-personne;16 000;XOF")
        fields = rows_of(page)
        assert (fields["lines-0-assistance_type"], fields["lines-0-unit"]) == (["SHEL"], ["person-night"])

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (
                NIGHTS.replace("Shelter and accommodation", "Gold"),
                "Select a valid choice. Gold is not one of the available choices",
            ),
            (NIGHTS.replace("person-night", "boat"), "boat is not one of the available choices"),
            (NIGHTS.replace("21", "many"), "Write a number such as 12 or 2.5"),
            (NIGHTS.replace("16 000", "-5"), "It is below nought."),
            (NIGHTS.replace("XOF", "KWD"), "KWD is not one of the available choices"),
            ("Shelter and accommodation\tTransit centre\t21", "Line 2: Answer “Unit”."),
        ],
    )
    def test_each_say_what_is_wrong_and_the_others_stay(self, eligible, amina, line, why):
        before = stories.everything()
        page = pasted(amina, eligible, CARE, line)
        assert page.status_code == 422
        assert why in words(page)
        assert rows_of(page)["lines-0-description"] == ["Examination"]
        assert stories.everything() == before

    def test_that_were_not_put_into_rows_are_not_lost_by_saving(self, eligible, amina):
        page = fill(amina, url_of(eligible, "plan/budget/"), {"pasted": NIGHTS})
        assert page.status_code == 200
        assert rows_of(page)["lines-0-description"] == ["Transit centre"]
        assert BudgetLine.objects.count() == 0

    def test_stay_in_the_box_when_there_are_more_than_rows(self, eligible, amina):
        page = pasted(amina, eligible, *[CARE] * 61)
        assert page.status_code == 422
        assert "These are 61 lines, and there is room for 60 more." in words(page)
        assert rows_of(page)["pasted"] != [""]

    def test_stay_in_the_box_when_a_row_is_added(self, eligible, amina):
        page = fill(amina, url_of(eligible, "plan/budget/"), {"pasted": CARE}, add="lines")
        assert rows_of(page)["pasted"] == [CARE]

    def test_that_are_none_change_nothing(self, eligible, amina):
        before = stories.everything()
        assert pasted(amina, eligible, "").status_code == 200
        assert stories.everything() == before
