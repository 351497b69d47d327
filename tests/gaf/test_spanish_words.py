"""The Spanish texts: written as Spanish is, and in the words of the glossary."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).resolve().parent.parent.parent / "gaf" / "locale" / "es" / "LC_MESSAGES" / "django.po"

with CATALOGUE.open("rb") as lines:
    READ = read_po(lines)
MESSAGES = [message for message in READ if message.id]


def forms(of: Message) -> list[tuple[str, str]]:
    """Each English form beside its Spanish one; a text without a number has one."""
    if isinstance(of.id, str):
        return [(of.id, str(of.string))]
    return list(zip(of.id, of.string, strict=True))


PAIRS = [pair for message in MESSAGES for pair in forms(message)]


class TestTheSpanishTexts:
    def test_have_one_form_for_one_and_one_for_all_other_numbers(self) -> None:
        assert READ.plural_expr == "(n != 1)"
        assert READ.num_plurals == 2

    def test_open_each_question_they_close(self) -> None:
        assert [spanish for _, spanish in PAIRS if spanish.count("¿") != spanish.count("?")] == []

    def test_quote_as_spanish_quotes(self) -> None:
        assert [spanish for _, spanish in PAIRS if re.search("[“”]", spanish)] == []

    @pytest.mark.parametrize(
        "avoided",
        ["ilegal", "por favor", "con éxito", "exitosamente", "vosotros", "vuestr", "inválid", "tráfico de personas"],
    )
    def test_avoid_words_that_are_not_ours(self, avoided: str) -> None:
        assert [spanish for _, spanish in PAIRS if avoided in spanish.lower()] == []


class TestOneWordForOneThing:
    @pytest.mark.parametrize(
        ("english", "spanish"),
        [
            (r"trafficking", r"\btrata\b"),
            (r"smuggled", r"tráfico ilícito"),
            (r"disbursements?\b", r"desembolso"),
            (r"commitments?\b", r"compromiso"),
            (r"call-back", r"llamada de verificación"),
            (r"bank lines?\b", r"línea"),
            (r"unearmarked", r"sin asignación específica"),
            (r"tranches?\b", r"tramo"),
            (r"amendments?\b", r"enmienda"),
            (r"budget lines?\b", r"líneas? presupuestaria"),
            (r"head of unit", r"jefe de unidad"),
            (r"duty officer", r"oficial de guardia"),
            (r"certifying officer", r"oficial certificador"),
            (r"fund manager", r"gerente del fondo"),
            (r"rates? of exchange|exchange rate", r"tipos? de cambio"),
            (r"WBS element", r"elemento PEP"),
            (r"ledger account", r"cuenta de mayor"),
            (r"refunds?\b", r"reembolso"),
            (r"second look", r"segunda revisión"),
        ],
    )
    def test_is_kept_wherever_the_english_word_stands(self, english: str, spanish: str) -> None:
        other = [
            (said, told)
            for said, told in PAIRS
            if re.search(rf"\b{english}", said, re.IGNORECASE) and not re.search(spanish, told, re.IGNORECASE)
        ]

        assert other == []
