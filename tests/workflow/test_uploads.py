"""A file sent in pieces: gone on with where it stopped, by whoever began it, and on file once it is whole."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.ages import Overdue
from gaf.outbox.sweeps import sweep_everything
from gaf.sealing import destroy_key
from tests import stories
from tests.cast import mission
from tests.gaf.uploads.pictures import drawing
from tests.stories import by
from tests.workflow.pages.mission.browsing import signed_in, url_of, words
from tests.workflow.test_documents import PDF, stored_files
from workflow.actions import intake
from workflow.actions.documents import read_document
from workflow.actions.uploads import MOST_AT_ONCE, begin_upload, take_piece
from workflow.models import LARGEST_DOCUMENT, LARGEST_PIECE, Document, Upload, UploadPiece

pytestmark = pytest.mark.usefixtures("house")
LONG = PDF + b"\n%" + b"x" * (2 * LARGEST_PIECE) + b"\n%%EOF\n"  # in three pieces


@pytest.fixture
def draft():
    return stories.a_draft()


def begin(made, content: bytes = LONG, who: str = "Amina", **said: Any) -> HttpResponse:
    """What a device says before it sends anything."""
    stated = {"kind": "QUOTE", "mission": mission("NE").pk, "filename": "quote.pdf", "size": len(content)}
    stated["sha256"] = hashlib.sha256(content).hexdigest()
    return signed_in(who).post(f"{url_of(made, 'documents/uploads/')}?save=1", {**stated, **said})


def send(client: Client, address: str, content: bytes, begins: object) -> HttpResponse:
    """One piece."""
    headers = {"Upload-Offset": str(begins)}
    return client.post(f"{address}?save=1", content, content_type="application/octet-stream", headers=headers)


def go_on(who: str, address: str, content: bytes = LONG) -> HttpResponse:
    """Ask how much is here, and send the rest."""
    client = signed_in(who)
    answer = client.get(address)
    while "arrived" not in answer.json() and answer.status_code == 200:
        begins = answer.json()["received"]
        answer = send(client, address, content[begins : begins + LARGEST_PIECE], begins)
    return answer


class TestAFileInPieces:
    def test_is_one_document_of_the_same_bytes(self, draft):
        answer = go_on("Amina", begin(draft).json()["url"])

        assert answer.json()["arrived"] == url_of(draft, "documents/")
        document = draft.documents.get()
        assert (document.kind, document.filename_text, document.uploaded_by.name) == ("QUOTE", "quote.pdf", "Amina")
        assert read_document(document) == LONG
        assert UploadPiece.objects.count() == 0

    def test_is_told_on_the_next_page(self, draft):
        amina, address = signed_in("Amina"), begin(draft, PDF).json()["url"]
        answer = send(amina, address, PDF, 0)

        assert "the document is on file" in words(amina.get(answer.json()["arrived"]))

    def test_lies_sealed_under_the_key_of_the_case_meanwhile(self, draft):
        amina, address = signed_in("Amina"), begin(draft).json()["url"]
        send(amina, address, LONG[:LARGEST_PIECE], 0)

        piece = UploadPiece.objects.get()
        assert piece.content.startswith(f"s1:{draft.case_id}:")
        assert "quote" not in Upload.objects.get().filename
        assert stored_files() == []
        destroy_key(draft.case_id)
        assert go_on("Amina", address).status_code == 422
        assert (Upload.objects.count(), Document.objects.count()) == (0, 0)

    def test_goes_on_where_it_stopped_when_it_is_begun_again(self, draft):
        first = begin(draft).json()
        send(signed_in("Amina"), first["url"], LONG[:LARGEST_PIECE], 0)

        again = begin(draft).json()
        assert again == {"url": first["url"], "received": LARGEST_PIECE}
        go_on("Amina", again["url"])
        assert read_document(draft.documents.get()) == LONG

    def test_takes_a_piece_whose_answer_was_lost_once(self, draft):
        amina, address = signed_in("Amina"), begin(draft).json()["url"]
        send(amina, address, LONG[:LARGEST_PIECE], 0)

        answer = send(amina, address, LONG[:LARGEST_PIECE], 0)
        assert (answer.status_code, answer.json()["received"]) == (409, LARGEST_PIECE)
        assert UploadPiece.objects.count() == 1

    def test_says_so_again_when_the_last_answer_was_lost(self, draft):
        address = begin(draft).json()["url"]
        arrived = go_on("Amina", address).json()

        assert signed_in("Amina").get(address).json() == arrived
        assert send(signed_in("Amina"), address, LONG[-5:], len(LONG) - 5).json() == arrived
        assert Document.objects.count() == 1

    def test_is_kept_once_when_it_is_brought_twice(self, draft):
        go_on("Amina", begin(draft).json()["url"])
        go_on("Amina", begin(draft).json()["url"])

        assert (Document.objects.count(), len(stored_files())) == (1, 1)


class TestAPiece:
    @pytest.mark.parametrize(
        ("begins", "content"),
        [
            (LARGEST_PIECE, LONG[LARGEST_PIECE : LARGEST_PIECE + 9]),
            (0, b""),
            (0, LONG[: LARGEST_PIECE + 1]),
            ("", LONG[:9]),
            ("-1", LONG[:9]),
            ("1e3", LONG[:9]),
            ("9" * 30, LONG[:9]),
        ],
        ids=["out of turn", "empty", "too long", "nowhere", "before the file", "no number", "far away"],
    )
    def test_is_not_kept_and_the_device_hears_where_to_go_on(self, draft, begins, content):
        address = begin(draft).json()["url"]
        before = stories.everything()

        answer = send(signed_in("Amina"), address, content, begins)
        assert (answer.status_code, answer.json()["received"]) == (409, 0)
        assert (stories.everything(), UploadPiece.objects.count()) == (before, 0)

    def test_is_not_kept_beyond_the_length_that_was_said(self, draft):
        amina, address = signed_in("Amina"), begin(draft, PDF).json()["url"]

        assert send(amina, address, PDF + b"more", 0).status_code == 409
        assert UploadPiece.objects.count() == 0

    @pytest.mark.parametrize("name", ["Idriss", "Moussa", "Sofía", "Omar"])
    def test_is_sent_and_asked_about_by_nobody_else(self, draft, name):
        address = begin(draft).json()["url"]
        somebody = signed_in(name)

        assert somebody.get(address).status_code == 404
        assert send(somebody, address, LONG[:LARGEST_PIECE], 0).status_code == 404
        assert UploadPiece.objects.count() == 0

    def test_is_not_taken_once_the_request_was_sent(self, draft):
        address = begin(draft).json()["url"]
        intake.submit(request_id=draft.pk, **stories.by("Amina"))

        assert send(signed_in("Amina"), address, LONG[:LARGEST_PIECE], 0).status_code == 422
        assert UploadPiece.objects.count() == 0


class TestAFileThatIsNotTaken:
    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"size": LARGEST_DOCUMENT + 1}, "larger than 5 MB"),
            ({"size": 0}, "It is empty"),
            ({"size": -1}, "did not arrive"),
            ({"sha256": "x"}, "did not arrive"),
            ({"filename": "x" * 201}, "did not arrive"),
            ({"kind": ""}, "Answer “What is it?”."),
            ({"mission": 999999}, "did not arrive"),
        ],
    )
    def test_is_not_begun_and_the_reason_is_told(self, draft, said, why):
        answer = begin(draft, **said)

        assert answer.status_code == 422
        assert why in answer.json()["error"]
        assert Upload.objects.count() == 0

    def test_is_told_by_its_first_bytes_and_leaves_nothing(self, draft):
        page = b"<html>" + b"x" * LARGEST_PIECE
        address = begin(draft, page).json()["url"]

        answer = send(signed_in("Amina"), address, page[:LARGEST_PIECE], 0)
        assert (answer.status_code, Upload.objects.count(), UploadPiece.objects.count()) == (422, 0, 0)
        assert "It is not a PDF, JPEG or PNG file." in answer.json()["error"]

    @pytest.mark.parametrize("content", [drawing()[:-40], PDF[:-6]], ids=["picture", "PDF"])
    def test_is_looked_at_whole_as_every_other_and_leaves_nothing(self, draft, content):
        answer = go_on("Amina", begin(draft, content).json()["url"], content)

        assert answer.status_code == 422
        assert (Upload.objects.count(), Document.objects.count(), stored_files()) == (0, 0, [])

    def test_has_another_sum_than_was_said_and_leaves_nothing(self, draft):
        address = begin(draft, sha256="0" * 64).json()["url"]

        answer = go_on("Amina", address)
        assert (answer.status_code, answer.json()["error"]) == (422, "It arrived damaged. Add it again.")
        assert (Upload.objects.count(), Document.objects.count()) == (0, 0)

    def test_is_the_sixth_at_once(self, draft):
        for place in range(MOST_AT_ONCE):
            begin(draft, PDF + b"%d" % place)

        answer = begin(draft)
        assert (answer.status_code, Upload.objects.count()) == (422, MOST_AT_ONCE)
        assert "five files already" in answer.json()["error"]

    def test_is_one_of_too_many_within_the_hour(self, draft, settings):
        settings.ACCOUNT_RATE_LIMITS = {"upload": "1/h/user"}
        begin(draft)

        answer = begin(draft, PDF)
        assert (answer.status_code, Upload.objects.count()) == (422, 1)
        assert "within the hour" in answer.json()["error"]

    def test_is_headquarters(self):
        made = stories.a_budget_to_approve()

        assert begin(made, who="Chen").status_code == 403
        assert Upload.objects.count() == 0


class TestAFileThatDoesNotArrive:
    def test_is_forgotten_after_a_day_with_its_pieces(self, draft):
        stated = {"kind": "QUOTE", "filename": "quote.pdf", "size": len(LONG), "sha256": "0" * 64}
        upload = begin_upload(request_id=draft.pk, mission_id=mission("NE").pk, **stated, **by("Amina"))
        take_piece(upload_id=upload.pk, begins=0, content=LONG[:LARGEST_PIECE], **by("Amina"))
        with clock.at(upload.begun_at + timedelta(hours=23)):
            sweep_everything()
        assert UploadPiece.objects.count() == 1

        with clock.at(upload.begun_at + timedelta(hours=24)):
            sweep_everything()
        assert (Upload.objects.count(), UploadPiece.objects.count()) == (0, 0)

    def test_is_on_the_page_of_what_waits_too_long_when_nobody_forgets_it(self, draft):
        begin(draft)
        upload = Upload.objects.get()

        late = Overdue(now=upload.begun_at + timedelta(hours=25)).oldest(10)
        assert [(one.kind.name, one.url) for one in late] == [("upload", url_of(draft, "documents/"))]
        go_on("Amina", url_of(draft, f"documents/uploads/{upload.key}/"))
        assert Overdue(now=upload.begun_at + timedelta(hours=25)).oldest(10) == []
