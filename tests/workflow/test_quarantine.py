"""A document waits until the virus scanner answered; before that nobody opens it, and one that is not clean is gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail

from gaf import clock
from gaf.outbox.outbox import drain
from tests.refused import refused
from tests.stories import a_draft, by
from tests.workflow.pages.mission.browsing import signed_in, url_of, words
from tests.workflow.test_documents import PDF, add, stored_files
from workflow.actions.documents import keep_verdict, read_document
from workflow.models import Document, Verdict

pytestmark = pytest.mark.usefixtures("house")


class Scanner:
    """Stands in for clamd: takes what it is sent and answers what it is told to."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.received, self.answer = [], answer
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.line.bind(str(path))
        self.line.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _address = self.line.accept()
            except OSError:
                return
            with caller:
                self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        stream, content = caller.makefile("rb"), b""
        assert stream.read(10) == b"zINSTREAM\0"
        while size := int.from_bytes(stream.read(4), "big"):
            content += stream.read(size)
        self.received.append(content)
        caller.sendall(self.answer)


@pytest.fixture
def scanner(tmp_path, settings) -> Iterator[Scanner]:
    settings.GAF_CLAMD_SOCKET = str(tmp_path / "clamd")
    standing = Scanner(tmp_path / "clamd", b"stream: OK\0")
    yield standing
    standing.line.close()


class TestADocumentThatWasAdded:
    def test_is_open_at_once_where_no_scanner_is_installed(self):
        assert add(a_draft()).verdict == Verdict.CLEAN

    def test_is_opened_by_nobody_before_the_scanner_answered(self, scanner):
        document = add(a_draft())

        assert document.verdict == Verdict.WAITING
        with refused("DOC-05"):
            read_document(document)
        assert scanner.received == []

    def test_is_not_brought_by_its_page_either(self, scanner):
        made = a_draft()
        document = add(made)
        amina = signed_in("Amina")

        answer = amina.get(url_of(made, f"documents/{document.key}/"))

        assert (answer.status_code, PDF[:20] in answer.content) == (422, False)
        assert "It is still being checked for viruses." in words(answer)
        assert "being checked" in words(amina.get(url_of(made, "documents/")))
        assert f"documents/{document.key}/" not in amina.get(url_of(made, "")).content.decode()

    def test_is_open_once_the_scanner_found_it_clean(self, scanner):
        document = add(a_draft())
        drain()

        document.refresh_from_db()
        assert (document.verdict, read_document(document)) == (Verdict.CLEAN, PDF)
        assert scanner.received == [PDF]

    def test_is_destroyed_when_it_is_not_and_whoever_brought_it_is_told(
        self, scanner, django_capture_on_commit_callbacks
    ):
        scanner.answer = b"stream: Eicar-Test-Signature FOUND\0"
        document = add(a_draft())
        with django_capture_on_commit_callbacks(execute=True):
            drain()

        document.refresh_from_db()
        assert (document.verdict, document.found) == (Verdict.INFECTED, "Eicar-Test-Signature")
        assert stored_files() == []
        with refused("DOC-05"):
            read_document(document)
        (told,) = [one for one in mail.outbox if "a document was not kept" in one.subject]
        assert told.to == ["amina@gaf.example"]
        assert "consent of the woman" not in told.body

    @pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"hello\0"])
    def test_waits_on_while_the_scanner_says_nothing_that_means_anything(self, scanner, answer):
        scanner.answer = answer
        document = add(a_draft())
        drain()

        document.refresh_from_db()
        assert document.verdict == Verdict.WAITING
        scanner.answer = b"stream: OK\0"
        with clock.at(clock.now() + timedelta(minutes=1)):
            drain()
        document.refresh_from_db()
        assert document.verdict == Verdict.CLEAN

    def test_waits_on_while_no_scanner_stands_there(self, settings, tmp_path):
        settings.GAF_CLAMD_SOCKET = str(tmp_path / "nobody")
        document = add(a_draft())
        drain()

        document.refresh_from_db()
        assert document.verdict == Verdict.WAITING

    def test_keeps_its_first_verdict(self, scanner):
        document = add(a_draft())
        drain()

        keep_verdict(key=document.key, found="Too late", at=clock.now())

        document.refresh_from_db()
        assert (document.verdict, document.found) == (Verdict.CLEAN, "")


def test_the_same_file_brought_twice_is_stored_once():
    made = a_draft()

    assert add(made).pk == add(made).pk
    assert (Document.objects.count(), len(stored_files())) == (1, 1)
    assert by("Amina")["actor"] == made.author
