"""A word typed into every text field of every form, by everybody's own session: afterwards it is nowhere but sealed.

Each field gets a word of its own, so that a word that is found names the field it was typed into.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from finance.models import PaymentFile, StatementFile
from gaf.demo.playing import the_stage
from gaf.demo.stage import Stage
from gaf.demo.telling import path_of
from gaf.sealing import unseal
from tests.journeys import person as plain
from tests.journeys.journey import WHOLE_PATH, everybody_reads_english, plan, review, whole_life, write_the_request
from tests.rules.canary_channels import (
    Wanderer,
    backup_with,
    cache_with,
    disc_with,
    exports_with,
    files_with,
    held,
    mails_with,
    provider_with,
    queue_with,
    searches_with,
    sessions_with,
    tables_with,
)
from tests.rules.figures_told import tell_figure
from tests.workflow.test_documents import PDF
from workflow.models import AssistanceRequest

WORD = "Zanzibarqua"
# Boxes for numbers, days, codes and accounts: no free text passes their check. Everything else that takes text does.
CHECKED = re.compile(
    r"_(on|from|to|until)_[012]$|cost|quantity|amount|spent_|proofs_|accepted|limit|persons$|children$|months$|wbs$|gl$|account$|bic$|country$|birth_year$"
)
# Every box that must have had its word; a new one joins by itself, one that vanishes is missed here.
FREE_TEXT = {
    "consent-exception_reason",
    "situation",
    "tried-0-programme",
    "tried-0-note",
    "none_exists",
    "name of the file",
    "reason",
    "referral",
    "form-0-text",
    "answer_1",
    "note-1",
    "plan",
    "lines-0-description",
    "holder",
    "call_back_note",
    "narrative",
    "exception_reason",
    "text",
}
# What a payee's bank must read stands in the order to it, and there only.
FOR_THE_BANK = {"holder", "town", "bank"}


class Typist:
    """Thinks of a word for each field, and remembers where it went and where it was led."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.words: dict[str, str] = {}
        self.addresses: list[str] = []

    def word_for(self, page: str, field: str) -> str:
        """A word of its own for a field of a page; letters only, so that names of banks may hold it."""
        number = len(self.words)
        word = WORD + "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}") + "x"
        self.words[word] = f"{field} on {page}"
        return word

    def of_the(self, *fields: str) -> set[str]:
        """The words of these fields."""
        return {word for word, place in self.words.items() if place.split(" on ")[0] in fields}


class Form(plain.Form):
    """A form in which every box for text says its word, besides what was meant to be typed."""

    def values(self, button: str = "") -> dict[str, Any]:
        data, person = super().values(button), self.page.person
        for box in self.element.xpath(".//textarea[@name]|.//input[@name and (not(@type) or @type='text')]"):
            name = box.get("name")
            if not self._is_for_words(name, data):
                continue
            typed = data.get(name, [""])[0]
            word = person.typist.word_for(self.page.url, name)
            data[name] = [f"{typed} {word}".strip()[: int(box.get("maxlength") or 4000)]]
            assert word in data[name][0], name
        return data

    def _is_for_words(self, name: str, data: dict[str, Any]) -> bool:
        """Whether a box takes free text now: not one that is checked, and none of a row that is left empty."""
        if name == "pasted":  # it is put into the boxes of rows, which have words of their own, and is kept nowhere
            return False
        if CHECKED.search(name) or (name == "none_exists" and data.get("tried-0-programme", [""]) != [""]):
            return False
        row = re.match(r"(.+-\d+-)", name)
        others = [values for other, values in data.items() if row and other.startswith(row[1]) and other != name]
        return row is None or any(value for values in others for value in values if value != "on")


class Page(plain.Page):
    """A page whose forms are filled in by somebody who types into everything."""

    def form(self, button: str = "") -> Form:
        found = super().form(button)
        return Form(self, found.element)


class Person(plain.Person):
    """Somebody of the cast, whose every address is remembered."""

    def __init__(self, name: str, typist: Typist) -> None:
        self.typist = typist
        super().__init__(name)

    def open(self, url: str) -> Page:
        return self._seen(super().open(url))

    def post(self, url: str, action: str, data: dict[str, Any]) -> Page:
        return self._seen(super().post(url, action, data))

    def _seen(self, page: plain.Page) -> Page:
        led = [address for address, _status in getattr(page.response, "redirect_chain", [])]
        self.typist.addresses += [page.url, str(page.response.request["PATH_INFO"]), *led]
        self.typist.addresses.append(str(page.response.request.get("QUERY_STRING", "")))
        return Page(self, page.url, page.response)


@pytest.fixture
def typist(tmp_path, settings, transactional_db):
    """The installation as it is set up, with folders of its own, and somebody who notes every word."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path) as stage:
        everybody_reads_english()
        yield Typist(stage)


SignIn = Callable[[str], Person]


def say(person: Person, address: str, button: str = "", **choices: str) -> plain.Page:
    """Open the page of an act, take the last of its reasons, type into everything, and press."""
    form = person.open(address).form(button)
    if "reason_code" in form.names:
        choices["reason_code"] = form.options("reason_code")[-1]
    return form.fill(choices).press(button)


def refused_after_questions(sign_in: SignIn) -> str:
    """A request sent back, mended, asked about, refused, looked at again, withdrawn."""
    amina, idriss, bruno = (sign_in(name) for name in ("amina", "idriss", "bruno"))
    reference = write_the_request(amina)
    record = f"/requests/{reference}"
    say(idriss, f"{record}/return-to-author/")
    asked = ("programme", "answer", "note", *(f"asked_on_{part}" for part in range(3)))
    blank = {f"tried-0-{box}": "" for box in asked}
    amina.open(f"{record}/edit/situation/").form("Continue").fill(blank).press("Continue")
    word = amina.typist.word_for(record, "name of the file")
    upload = SimpleUploadedFile(f"{word}.pdf", PDF + word.encode(), "application/pdf")
    amina.open(f"{record}/documents/").form("Add").fill(kind="CONSENT").attach("file", upload).press("Add")
    amina.open(f"{record}/edit/check/").form("Send").fill(declared=True).press()
    say(idriss, f"{record}/endorse/")
    bruno.open(f"{record}/take/").form().fill(no_tie=True).press()
    bruno.open(f"{record}/ask/").form("Send").fill({"form-0-section": "SITUATION"}).press("Send")
    say(amina, f"{record}/answer/")
    say(bruno, f"{record}/message/")
    say(amina, f"{record}/note/")
    form = bruno.open(f"{record}/review/").form("Save the answers")
    form.fill(dict.fromkeys([name for name in form.names if name.startswith("answer-")], "NO")).press(
        "Save the answers"
    )
    say(bruno, f"{record}/refuse-eligibility/")
    say(idriss, f"{record}/reopen/")
    too_late = amina.open(f"{record}/withdraw/").form()
    say(amina, f"{record}/withdraw/")
    answer = too_late.fill(reason_code="REFERRED", reason="A cousin came for him.").send()
    assert (answer.status, WORD in answer.text) == (409, True)
    return reference


def declined_after_a_pause(sign_in: SignIn) -> str:
    """A request whose budget is sent back, that rests and goes on, is declined, reviewed once more, and cancelled."""
    amina, idriss, bruno, chen, helena = (sign_in(name) for name in ("amina", "idriss", "bruno", "chen", "helena"))
    reference = write_the_request(amina)
    record = f"/requests/{reference}"
    say(idriss, f"{record}/endorse/")
    review(bruno, reference)
    plan(amina, reference)
    say(chen, f"{record}/return-budget/")
    amina.open(f"{record}/plan/check/").form().fill(declared=True).press()
    say(helena, f"{record}/hold/")
    say(helena, f"{record}/resume/")
    say(chen, f"{record}/decline/")
    say(idriss, f"{record}/reopen/")
    say(helena, f"{record}/cancel/")
    return reference


def urgent_at_night(sign_in: SignIn) -> str:
    """A request in one screen, spending allowed before anything else, and a reviewer who knows somebody."""
    form = sign_in("amina").open("/requests/new/urgent/").form()
    form.fill(primary="STRANDED", dangers=["NO_SHELTER"], needs=["SHEL"], rough_cost="60 000", consent="EXCEPTION")
    reference = form.press().url.split("/")[2]
    gloria = sign_in("gloria").open(f"/requests/{reference}/allow-urgent-spending/").form()
    gloria.fill(limit="100", assistance_types=["SHEL"]).press()
    bruno = sign_in("bruno")
    bruno.open(f"/requests/{reference}/take/").form().fill(no_tie=True).press()
    say(bruno, f"/requests/{reference}/recuse/")
    return reference


ENDS = {
    refused_after_questions: "WITHDRAWN",
    declined_after_a_pause: "CANCELLED",
    urgent_at_night: "ELIGIBILITY_REVIEW",
}


@pytest.mark.pages
@pytest.mark.django_db(transaction=True)
class TestAWordInEveryField:
    def test_is_nowhere_afterwards_except_what_the_bank_must_read(self, typist, caplog, mailoutbox, tmp_path):
        self.live_and_search(typist, caplog, mailoutbox, tmp_path, wandering=300)

    @pytest.mark.nightly
    def test_is_nowhere_after_ten_thousand_requests_by_lot(self, typist, caplog, mailoutbox, tmp_path):
        self.live_and_search(typist, caplog, mailoutbox, tmp_path, wandering=10_000)

    def live_and_search(self, typist, caplog, mailoutbox, tmp_path, *, wandering):
        caplog.set_level(logging.DEBUG)

        def sign_in(name: str) -> Person:
            return Person(name, typist)

        reference = whole_life(sign_in)
        others = {tell(sign_in): end for tell, end in ENDS.items()}
        call_command("worker", "--once")

        assert path_of(reference) == WHOLE_PATH
        assert {one: path_of(one).split()[-1] for one in others} == others
        words = set(typist.words)
        assert len(words) >= 40
        assert {place.split(" on ")[0] for place in typist.words.values()} >= FREE_TEXT
        for_the_bank = typist.of_the(*FOR_THE_BANK)
        self.only_the_bank_reads(words, for_the_bank, typist.of_the("holder"))

        wanderer = Wanderer(words - for_the_bank, {"reference": reference, "code": "GVA-USD"}, seed=wandering)
        fields = sorted({place.split(" on ")[0] for place in typist.words.values()})
        for _request in range(wandering):
            wanderer.send(fields)
        call_command("worker", "--once")
        found = {
            "database": set(tables_with(words)),
            "its file and log": disc_with(words),
            "backup": backup_with(words, tmp_path),
            "files": set().union(*files_with(words - for_the_bank, Path(settings.GAF_PRIVATE_FILES)).values()),
            "log": held(words, *caplog.messages),
            "mails": mails_with(words, mailoutbox),
            "addresses": held(words, *typist.addresses),
            "queue": queue_with(words),
            "cache": cache_with(words),
            "sessions": sessions_with(words),
            "search": searches_with(words),
            "providers": provider_with(words, typist.stage.stripe.seen),
            "exports": exports_with(words - for_the_bank),  # the reconciler reads whom the bank paid
            "error pages": wanderer.errors_with(words),
        }

        assert {place: words for place, words in found.items() if words} == {}
        assert (len(found), wanderer.sent, len(wanderer.refused) > wandering / 10) == (14, wandering, True)
        assert len(mailoutbox) >= 20
        assert any("/withdraw/" in line for line in caplog.messages)
        assert any(reference in address for address in typist.addresses)
        assert typist.stage.stripe.seen != []
        for what, figure in (
            ("words typed into fields", len(words)),
            ("requests by lot", wanderer.sent),
            ("places searched", len(found)),
            ("words found", sum(map(len, found.values()))),
        ):
            tell_figure(f"canary, {what}", figure)

    def only_the_bank_reads(self, words, for_the_bank, holder):
        """The order to the bank, as it was kept and as it was sent, and the bank's own statement."""
        ordered = PaymentFile.objects.get()
        answered = StatementFile.objects.get()  # the bank's own bytes, which name whom it paid
        assert files_with(words, Path(settings.GAF_PRIVATE_FILES)) == {
            ordered.stored_as: for_the_bank,
            answered.stored_as: holder,
        }
        sent = files_with(words, Path(settings.GAF_BANK_FOLDER) / "in")
        assert sent == {f"{ordered.message_id}.xml": for_the_bank}

    def test_can_be_read_again_by_who_may(self, typist):
        reference = write_the_request(Person("amina", typist))

        (word,) = typist.of_the("situation")
        made = AssistanceRequest.objects.get(reference=reference)
        assert word in unseal(made.situation)
        assert word in Person("idriss", typist).open(f"/requests/{reference}/").words
        assert tables_with({reference}) != {}
