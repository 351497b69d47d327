"""Documents are private: told by their bytes, kept sealed, brought only to those who may read the request."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import stories
from tests.cast import criteria, mission
from tests.workflow.pages.mission.browsing import fill, send, signed_in, url_of, words
from workflow.actions import intake
from workflow.actions.endorsement import endorse
from workflow.models import LARGEST_DOCUMENT, Document

pytestmark = pytest.mark.usefixtures("house")

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PAGE = b"<html><script>alert(1)</script></html>"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"
ARCHIVE = b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00"
DRAWING = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def file(name: str = "quote.pdf", content: bytes = PDF, content_type: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def upload(name, made, **said):
    return fill(signed_in(name), url_of(made, "documents/"), {"kind": "QUOTE", "file": file(), **said})


def stored_files() -> list[Path]:
    return [path for path in Path(settings.GAF_PRIVATE_FILES).rglob("*") if path.is_file()]


@pytest.fixture
def draft():
    return stories.a_draft()


@pytest.fixture
def on_file(draft):
    upload("Amina", draft, file=file("Awa Diallo quote.pdf"))
    return draft.documents.get()


class TestAddingADocument:
    def test_keeps_it_sealed_and_lists_it(self, draft):
        answer = upload("Amina", draft)
        assert answer.url == url_of(draft, "documents/")
        document = draft.documents.get()
        assert (document.kind, document.content_type, document.size) == ("QUOTE", "application/pdf", len(PDF))
        assert [PDF in path.read_bytes() for path in stored_files()] == [False]
        page = words(signed_in("Amina").get(answer.url))
        assert "quote.pdf Quote Niger" in page

    def test_pressed_twice_keeps_it_once(self, draft):
        assert upload("Amina", draft).status_code == upload("Amina", draft).status_code == 302
        assert (draft.documents.count(), len(stored_files())) == (1, 1)

    def test_comes_back_to_the_step_it_was_called_from(self, draft):
        amina = signed_in("Amina")
        answer = fill(amina, url_of(draft, "edit/help/"), document="1")
        assert answer.url == url_of(draft, "documents/?then=help")
        answer = fill(amina, answer.url, {"kind": "QUOTE", "file": file()})
        assert answer.url == url_of(draft, "documents/?then=help")
        assert f'href="{url_of(draft, "edit/help/")}"' in amina.get(answer.url).content.decode()

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"file": None}, "Choose a file."),
            ({"file": file(content=b"")}, "The file is empty."),
            ({"file": file(content=b"%PDF-" + b"x" * LARGEST_DOCUMENT)}, "The file has 5.0 MB; at most 5 MB"),
            ({"file": file(content=PAGE)}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file("x.png", PAGE, "image/png")}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file("setup.pdf", PROGRAM)}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file("report.docx", ARCHIVE, "application/pdf")}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file("drawing.svg", DRAWING, "image/svg+xml")}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file(content=PAGE + PDF)}, "It is not a PDF, JPEG or PNG file."),
            ({"file": file("x" * 250 + ".pdf")}, "at most 200 characters"),
            ({"kind": ""}, "Answer “What is it?”."),
            ({"kind": "VIRUS"}, "Select a valid choice."),
            ({"mission": "999999"}, "Select a valid choice."),
        ],
    )
    def test_refuses_it_whole_with_the_reason(self, draft, said, why):
        before = stories.everything()
        answer = upload("Amina", draft, **said)
        assert answer.status_code == 422
        assert why in words(answer)
        assert (Document.objects.count(), stored_files()) == (0, [])
        assert stories.everything() == before

    def test_forgets_the_path_a_hostile_name_carries(self, draft):
        upload("Amina", draft, file=file("../../../etc/passwd.pdf"))
        assert draft.documents.get().filename_text == "passwd.pdf"

    def test_is_not_done_for_another_mission(self, draft):
        answer = upload("Amina", draft, mission=str(mission("MX").pk))
        assert answer.status_code == 422
        assert Document.objects.count() == 0

    def test_is_not_open_while_headquarters_reviews(self, draft):
        amina = signed_in("Amina")
        page = amina.get(url_of(draft, "documents/"))
        intake.submit(request_id=draft.pk, **stories.by("Amina"))
        assert "Add a document" not in words(amina.get(url_of(draft, "documents/")))
        assert send(amina, page, {"kind": "QUOTE", "file": file()}).status_code == 409
        assert Document.objects.count() == 0

    def test_is_not_for_headquarters(self):
        made = stories.a_budget_to_approve()
        chen = signed_in("Chen")
        assert chen.get(url_of(made, "documents/")).status_code == 200
        answer = chen.post(url_of(made, "documents/?save=1"), {"kind": "QUOTE", "file": file()})
        assert answer.status_code == 403
        assert Document.objects.count() == 0


class TestOpeningADocument:
    def test_brings_the_bytes_as_an_attachment_with_a_neutral_name(self, draft, on_file):
        answer = signed_in("Amina").get(url_of(draft, f"documents/{on_file.key}/"))
        assert (answer.status_code, answer.content) == (200, PDF)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        assert "sandbox" in answer["Content-Security-Policy"]
        name = f"{draft.reference}-quote-{on_file.key[:6]}.pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "Diallo" not in str(answer.headers)

    @pytest.mark.parametrize("name", ["Sofía", "Joaquín", "Bruno", "Divya", "Omar", "Tunde", "Farid"])
    def test_is_404_without_a_byte_for_who_may_not_see_a_draft_or_read_text(self, draft, on_file, name):
        answer = signed_in(name).get(url_of(draft, f"documents/{on_file.key}/"))
        assert answer.status_code == 404
        assert PDF[:20] not in answer.content

    def test_is_404_under_another_request_of_the_same_mission(self, on_file):
        other = stories.an_empty_draft()
        answer = signed_in("Amina").get(url_of(other, f"documents/{on_file.key}/"))
        assert (answer.status_code, PDF[:20] in answer.content) == (404, False)

    @pytest.mark.parametrize("key", ["0" * 32, "1", "..", "%2e%2e%2fpasswd"])
    def test_is_404_for_a_key_that_does_not_exist(self, draft, key):
        assert signed_in("Amina").get(url_of(draft, f"documents/{key}/")).status_code == 404

    def test_needs_a_person_who_is_signed_in(self, draft, on_file, client):
        answer = client.get(url_of(draft, f"documents/{on_file.key}/"))
        assert answer.url.startswith("/sign-in/")

    def test_is_for_the_reviewer_once_it_was_sent(self, draft, on_file):
        criteria()
        intake.submit(request_id=draft.pk, **stories.by("Amina"))
        endorse(request_id=draft.pk, **stories.by("Idriss"))
        for name, status in (("Bruno", 200), ("Divya", 404), ("Sofía", 404)):
            assert signed_in(name).get(url_of(draft, f"documents/{on_file.key}/")).status_code == status


class TestRemovingADocument:
    def test_takes_it_out_of_a_draft(self, draft, on_file, django_capture_on_commit_callbacks):
        url = url_of(draft, f"documents/{on_file.key}/remove/?save=1")
        with django_capture_on_commit_callbacks(execute=True):
            assert signed_in("Amina").post(url).status_code == 302
        assert (Document.objects.count(), stored_files()) == (0, [])
        assert signed_in("Amina").post(url).status_code == 302

    def test_is_not_done_by_following_a_link(self, draft, on_file):
        assert signed_in("Amina").get(url_of(draft, f"documents/{on_file.key}/remove/")).status_code == 405

    def test_is_refused_once_it_was_sent(self, draft, on_file):
        intake.submit(request_id=draft.pk, **stories.by("Amina"))
        answer = signed_in("Amina").post(url_of(draft, f"documents/{on_file.key}/remove/?save=1"))
        assert answer.status_code == 422
        assert Document.objects.count() == 1

    def test_is_404_for_another_mission(self, draft, on_file):
        answer = signed_in("Sofía").post(url_of(draft, f"documents/{on_file.key}/remove/?save=1"))
        assert answer.status_code == 404
        assert Document.objects.count() == 1
