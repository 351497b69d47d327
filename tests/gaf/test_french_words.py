"""The French texts: set as French is set, and in the words of the glossary."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).resolve().parent.parent.parent / "gaf" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
NO_BREAK = "\u00a0"
VALUE = re.compile(r"%\(\w+\)[sd]|%%|</?[a-zA-Z][^>]*>")
# The text that is read: without tags, whose own marks are not set as French.
TAG = re.compile(r"<[^>]*>")

with CATALOGUE.open("rb") as lines:
    READ = read_po(lines, locale="fr")
MESSAGES = [message for message in READ if message.id]


def forms(of: Message) -> list[tuple[str, str]]:
    """Each English form beside its French one; a text without a number has one."""
    if isinstance(of.id, str):
        return [(of.id, str(of.string))]
    return list(zip(of.id, of.string, strict=True))


PAIRS = [pair for message in MESSAGES for pair in forms(message)]
READABLE = [TAG.sub("", french) for _, french in PAIRS]


class TestTheFrenchTexts:
    def test_use_one_form_for_nought_and_one_and_another_for_more(self) -> None:
        assert READ.plural_expr == "(n > 1)"
        assert READ.num_plurals == 2


class TestTheirTypography:
    def test_has_no_straight_apostrophe(self) -> None:
        assert [french for french in READABLE if "'" in french] == []

    def test_quotes_as_french_quotes(self) -> None:
        quoted = [french for french in READABLE if re.search('[“”"]', french)]
        uneven = [french for french in READABLE if french.count("«") != french.count("»")]

        assert quoted == []
        assert uneven == []

    def test_keeps_the_space_inside_quotes_from_breaking(self) -> None:
        assert [french for french in READABLE if re.search(f"«(?!{NO_BREAK})|(?<!{NO_BREAK})»", french)] == []

    def test_keeps_the_space_before_high_marks_from_breaking(self) -> None:
        # A mark in brackets is shown as itself, not set.
        assert [french for french in READABLE if re.search(rf"[^{NO_BREAK}(][:;?!](?= |$)", french)] == []

    def test_has_no_two_spaces_and_none_at_an_end(self) -> None:
        assert [french for french in READABLE if re.search(rf"[ {NO_BREAK}]{{2}}", french)] == []
        assert [french for english, french in PAIRS if english == english.strip() and french != french.strip()] == []


class TestTheWordsThatAreNotOurs:
    @pytest.mark.parametrize(
        "avoided",
        [
            r"clandestin",
            r"illégal",
            r"veuillez",
            r"s’il vous plaît",
            r"avec succès",
            r"\btu\b",
            r"\b(ton|tes)\b",
            r"traite des êtres humains",
            r"trafic (d’êtres humains|de personnes)",
            r"soumettre la demande",
            r"invalide",
            r"e-?mail",
        ],
    )
    def test_are_avoided(self, avoided: str) -> None:
        assert [french for french in READABLE if re.search(avoided, french, re.IGNORECASE)] == []


class TestOneWordForOneThing:
    @pytest.mark.parametrize(
        ("english", "french"),
        [
            (r"trafficking", r"\btraite\b"),
            (r"smuggled", r"trafic illicite"),
            (r"stranded", r"bloqué"),
            (r"unaccompanied", r"non accompagné"),
            (r"eligible", r"admissible"),
            (r"eligibility", r"admissibilité"),
            (r"endorsed?\b", r"avalis|\baval\b"),
            (r"duty officer", r"fonctionnaires? de permanence"),
            (r"head of unit", r"chef d’unité"),
            (r"certifying officer", r"agent certificateur"),
            (r"fund manager", r"gestionnaire du fonds"),
            (r"case worker", r"gestionnaire de cas"),
            (r"headquarters", r"siège|les finances"),
            (r"disbursements?\b", r"décaissement"),
            (r"commitments?\b", r"engagement"),
            (r"payees?\b", r"bénéficiaires? du paiement"),
            (r"payees?’? details|details confirmed", r"coordonnées"),
            (r"call-back", r"rappel de vérification"),
            (r"unearmarked", r"non affecté"),
            (r"streams?\b", r"source"),
            (r"tranches?\b", r"tranche"),
            (r"amendments?\b", r"avenant"),
            (r"budget lines?\b", r"lignes? budgétaire"),
            (r"assistance plan", r"plan d’assistance"),
            (r"delegation", r"délégation de pouvoir"),
            (r"rates? of exchange|exchange rate", r"taux de change"),
            (r"UN operational rates?", r"taux opérationnels? de l’ONU"),
            (r"WBS element", r"élément OTP"),
            (r"ledger account", r"compte général"),
            (r"refunds?\b", r"remboursement"),
            (r"lost receipt", r"reçu perdu"),
            (r"proofs? of spending", r"justificatifs? de dépense"),
            (r"pledges?\b", r"promesses? de contribution"),
            (r"second look", r"second examen"),
            (r"rails?\b", r"circuit"),
            (r"sanctions list", r"liste de sanctions"),
            (r"result unknown", r"résultat inconnu"),
            (r"set aside", r"de côté"),
            (r"guardian\b", r"tuteur"),
            (r"best-interests", r"intérêt supérieur"),
            (r"fit-to-travel", r"aptitude au voyage"),
            (r"referral", r"orientation"),
            (r"reintegration plan", r"plans? de réintégration"),
        ],
    )
    def test_is_kept_wherever_the_english_word_stands(self, english: str, french: str) -> None:
        other = [
            (said, told)
            for said, told in PAIRS
            if re.search(rf"\b{english}", VALUE.sub("", said), re.IGNORECASE)
            and not re.search(french, told, re.IGNORECASE)
        ]

        assert other == []
