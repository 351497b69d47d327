"""References as banks and people give them back: much is forgiven, a wrong digit never."""

import pytest

from finance.matching.reading import References, valid_readings
from gaf.references import rf_reference

OURS = rf_reference("P-2026-00031")
OTHER = rf_reference("P-2026-00130")
GIVEN = References({OURS, OTHER})


def grouped(reference: str) -> str:
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


class TestAReference:
    @pytest.mark.parametrize(
        "text",
        [
            OURS,
            OURS.lower(),
            grouped(OURS),
            f"/ROC/{grouped(OURS)}/EUR",
            f"Invoice of {OURS[:6]}-{OURS[6:]}, thank you",
            OURS[:2] + OURS[2:].replace("0", "O").replace("1", "I"),
            f"{OURS[:2]} {OURS[2:].replace('0', 'o')}",
            f"RF RF {OURS}",
        ],
    )
    def test_is_found_however_it_is_spaced_and_misread(self, text):
        assert GIVEN.find(text) == [OURS]

    @pytest.mark.parametrize("place", range(2, len(OURS)))
    def test_with_one_wrong_digit_names_nothing_of_ours(self, place):
        if OURS[place].isdigit():
            wrong = OURS[:place] + str((int(OURS[place]) + 1) % 10) + OURS[place + 1 :]

            assert GIVEN.find(wrong) == []

    def test_is_found_beside_another(self):
        assert GIVEN.find(f"{OTHER} and {grouped(OURS)}") == [OTHER, OURS]

    def test_that_is_cut_short_names_what_begins_like_it_and_never_by_less_than_ten_characters(self):
        assert GIVEN.cut(f"RETURN {OURS[:11]}") == [OURS]
        assert GIVEN.cut(f"RETURN {OURS[:9]}") == []

    def test_that_no_text_ever_held_is_not_made_up(self):
        for text in ("", "RF", "RF00", "=RF18", "RF" * 400, "\u202eFR", "１２３"):
            assert GIVEN.find(text) == []


class TestAFieldThatOnlyTheCheckDigitsCanDecide:
    def test_has_one_reading(self):
        assert valid_readings(OURS[:2] + OURS[2:].replace("0", "O")) == [OURS]

    def test_has_none_when_a_digit_is_wrong(self):
        assert valid_readings(OURS[:-1] + str((int(OURS[-1]) + 1) % 10)) == []
