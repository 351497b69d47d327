"""Which names are stopped for two people to compare, and which are not. Everything here is invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finance.screening.consolidated_list import ListRefused, read_list
from finance.screening.invented import invented_list
from finance.screening.matching import Candidate, NameIndex
from finance.screening.names import tokens

MADE = datetime(2026, 11, 22, 6, tzinfo=UTC)
LIST = read_list(invented_list(MADE))
INDEX = NameIndex(LIST.entries)
HEAD = b'<?xml version="1.0"?>\n'
ONE = (
    b"<INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>TARVEK</FIRST_NAME>"
    b"<REFERENCE_NUMBER>ZZi.009</REFERENCE_NUMBER></INDIVIDUAL></INDIVIDUALS>"
)


def hits(name: str, born: int | None = None) -> list[Candidate]:
    return INDEX.candidates(name, born)


def references(name: str) -> list[str]:
    return [one.entry.reference for one in hits(name)]


class TestAName:
    @pytest.mark.parametrize(
        "name",
        [
            "Tarvek Osmarello Drinnov",
            "DRINNOV, Tarvek",
            "Tarvek Osmarelo",
            "Tarvec Osmarello",
            "Tarvek Osmarelllo-Drinnov",
            "TarvekOsmarello Drinnov",
            "тарвек осмарелло",
        ],
    )
    def test_is_found_reordered_cut_misspelt_joined_and_in_its_own_script(self, name):
        assert references(name) == ["ZZi.001"]

    def test_is_found_without_its_accents_and_with_other_hyphens(self):
        assert references("YELINDRA AL QUORVASH") == ["ZZi.002"]

    @pytest.mark.parametrize("name", ["Quillford Dray Holdings Ltd", "Dray Holdings Quillford", "Zorvane Trust Bank"])
    def test_of_an_entity_is_found_under_its_former_names_too(self, name):
        assert references(name) == ["ZZe.001"]

    @pytest.mark.parametrize(
        "name",
        ["Shelter House", "Tarvek Mining", "Safe Trust Bank", "Osmar Drinkwater", "Lamplighter Hostel", "", "…"],
    )
    def test_that_shares_a_word_or_nothing_is_not_stopped(self, name):
        assert references(name) == []

    def test_that_is_a_weak_alias_is_found_only_whole_and_scores_lower(self):
        (found,) = hits("The Lamplighter")

        assert (found.entry.reference, found.score, found.reasons["name_is"]) == ("ZZi.001", 90, "weak")
        assert references("Lamplighter") == []

    @pytest.mark.parametrize(
        ("born", "says"), [(1971, "agrees"), (1973, "agrees"), (1990, "differs"), (None, "not_known")]
    )
    def test_is_stopped_whatever_the_year_of_birth_says(self, born, says):
        (found,) = hits("Tarvek Osmarello", born)

        assert found.reasons["born"] == says

    def test_tells_why_it_was_stopped(self):
        (found,) = hits("Tarvec Osmarello")

        assert found.listed_name == "Tarvek Osmarelo"
        assert found.reasons["weakest_word"] == 85
        assert 90 <= found.score < 100


class TestWords:
    def test_are_compared_without_case_accents_and_points(self):
        assert tokens("Éloïse  O'Brien-Łaska, St.") == ("eloise", "obrien", "laska", "st")

    def test_in_arabic_are_the_same_with_and_without_vowel_signs(self):
        assert tokens("أَحْمَد") == tokens("احمد")


class TestAList:
    def test_says_when_it_was_made_and_what_it_holds(self):
        assert LIST.generated_at == MADE
        assert (len(LIST.entries), LIST.name_count) == (4, 8)
        assert {entry.kind for entry in LIST.entries} == {"INDIVIDUAL", "ENTITY"}
        assert [entry.born for entry in LIST.entries[:3]] == [((1971, 1971),), ((1980, 1983),), ((1965, 1965),)]

    def test_made_on_another_day_says_the_same(self):
        later = read_list(invented_list(datetime(2026, 11, 23, tzinfo=UTC)))

        assert later.content_sha256 == LIST.content_sha256
        assert later.sha256 != LIST.sha256

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "SANCTIONS-01"),
            (b"names;of;people", "SANCTIONS-01"),
            (HEAD + b"<CONSOLIDATED_LIST dateGenerated='2026-11-01'>", "SANCTIONS-01"),
            (HEAD + b"<!DOCTYPE x [<!ENTITY a 'b'>]><CONSOLIDATED_LIST/>", "SANCTIONS-01"),
            (HEAD + b"<CONSOLIDATED_LIST dateGenerated='2026-11-01'>" + b"<a>" * 200, "SANCTIONS-01"),
            (HEAD + b"<Document/>", "SANCTIONS-02"),
            (HEAD + b"<CONSOLIDATED_LIST>" + ONE + b"</CONSOLIDATED_LIST>", "SANCTIONS-02"),
            (HEAD + b"<CONSOLIDATED_LIST dateGenerated='2026-11-01'/>", "SANCTIONS-02"),
            (
                HEAD
                + b"<CONSOLIDATED_LIST dateGenerated='2026-11-01'>"
                + ONE.replace(b"TARVEK", b" ")
                + b"</CONSOLIDATED_LIST>",
                "SANCTIONS-03",
            ),
        ],
    )
    def test_that_cannot_be_used_is_refused(self, content, code):
        with pytest.raises(ListRefused) as refusal:
            read_list(content)

        assert refusal.value.code == code
