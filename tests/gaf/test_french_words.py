"""The French texts: whole, with every value in its place, typeset as French is, and in the words of the glossary."""

import re

import pytest

from gaf.texts import said_in

VALUE = re.compile(r"%\(\w+\)[sd]|%%|</?[a-z][^>]*>")
PAIRS = [pair for text in said_in("fr").values() for pair in zip(text.english, text.said, strict=True)]


class TestTheFrenchTexts:
    def test_say_every_message(self) -> None:
        assert [english for english, french in PAIRS if not french.strip()] == []

    def test_keep_every_value_and_tag(self) -> None:
        lost = [pair for pair in PAIRS if sorted(VALUE.findall(pair[0])) != sorted(VALUE.findall(pair[1]))]

        assert lost == []

    def test_end_as_the_english_ends(self) -> None:
        assert [pair for pair in PAIRS if pair[0][-1] in ".:?" and pair[0][-1] != pair[1][-1]] == []

    def test_have_a_space_that_does_not_break_before_high_signs(self) -> None:
        assert [french for _, french in PAIRS if re.search(r"[^\s\u00a0\u202f\d/(][;?!»]| [:;?!»]|« ", french)] == []

    def test_have_the_curved_apostrophe(self) -> None:
        assert [french for _, french in PAIRS if re.search(r"[a-zéA-Z]'[a-zé]", french)] == []

    @pytest.mark.parametrize(
        "avoided", ["veuillez", "s’il vous plaît", "avec succès", "clandestin", "illégal", "invalide"]
    )
    def test_avoid_words_that_are_not_ours(self, avoided: str) -> None:
        assert [french for _, french in PAIRS if avoided in french.lower()] == []

    @pytest.mark.parametrize(
        ("english", "french"),
        [
            (r"\bdisbursements?\b", "décaissement"),
            (r"\bunearmarked\b", "non affecté"),
            (r"\bamendments?\b", "avenant"),
            (r"\bpledges?\b", "promesse"),
            (r"\brevalue", "réévalue"),
            (r"\bhead of unit\b", "chef d’unité"),
            (r"\bduty officer\b", "permanence"),
            (r"\bquarantined\b", "quarantaine"),
            (r"\btranches?\b", "tranche"),
        ],
    )
    def test_say_one_thing_in_one_word(self, english: str, french: str) -> None:
        wanted = [pair for pair in PAIRS if re.search(english, pair[0], re.I)]

        assert [pair for pair in wanted if french not in pair[1].lower().replace("réévalu", "réévalue")] == []
        assert wanted
