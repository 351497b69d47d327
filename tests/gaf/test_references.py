"""References: given out without gaps, and with check digits where they travel with money."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as some

from gaf.references import is_valid_rf, issue, rf_reference


class TestAnIssuedReference:
    @pytest.mark.both
    @pytest.mark.django_db
    def test_follows_the_last_of_its_kind_and_year(self):
        first, second, other = issue("GAF"), issue("GAF"), issue("P")

        assert int(second.rsplit("-", 1)[1]) == int(first.rsplit("-", 1)[1]) + 1
        assert other.startswith("P-")

    @pytest.mark.both
    @pytest.mark.django_db
    def test_is_given_out_again_when_its_record_was_never_kept(self):
        first = issue("GAF")
        with transaction.atomic():
            issue("GAF")
            transaction.set_rollback(True)

        assert int(issue("GAF").rsplit("-", 1)[1]) == int(first.rsplit("-", 1)[1]) + 1


class TestAReferenceOfMoney:
    def test_has_the_check_digits_of_iso_11649(self):
        assert rf_reference("539007547034") == "RF18539007547034"

    @pytest.mark.parametrize("text", ["RF18 5390 0754 7034", "rf18539007547034"])
    def test_is_recognised_however_it_is_spaced(self, text):
        assert is_valid_rf(text)

    @given(some.integers(1, 99999), some.integers(0, 9), some.integers(4, 12))
    def test_with_one_digit_wrong_is_not_a_reference(self, number, digit, place):
        good = rf_reference(f"P2026{number:05d}")
        wrong = good[:place] + str(digit) + good[place + 1 :]

        assert is_valid_rf(wrong) == (wrong == good)

    @pytest.mark.parametrize("text", ["", "RF", "RF00", "XX18539007547034", "RF18539007547035", "RF1853900754703;"])
    def test_is_nothing_else(self, text):
        assert not is_valid_rf(text)
