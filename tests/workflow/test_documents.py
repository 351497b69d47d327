"""Documents: told by their bytes, stored sealed under random names, and never for another mission."""

from __future__ import annotations

import pytest
from django.conf import settings

from gaf.refusals import NotPermitted
from gaf.sealing import Unreadable, destroy_key
from tests.cast import mission
from tests.gaf.uploads.pictures import drawing
from tests.refused import refused
from tests.stories import a_draft, a_submitted_request, an_approved_request, an_eligible_request, by
from workflow.actions.documents import add_document, read_document, remove_document
from workflow.models import LARGEST_DOCUMENT, Document

pytestmark = pytest.mark.usefixtures("house")

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def add(assistance, content: bytes = PDF, name: str = "consent of the woman.pdf", who: str = "Amina", code: str = "NE"):
    """Somebody of a mission adds a document."""
    return add_document(
        request_id=assistance.pk,
        mission_id=mission(code).pk,
        kind="CONSENT",
        filename=name,
        content=content,
        **by(who),
    )


def stored_files() -> list[bytes]:
    """The bytes of every stored file."""
    folder = settings.GAF_PRIVATE_FILES / "documents"
    return [path.read_bytes() for path in sorted(folder.glob("*"))] if folder.exists() else []


class TestAddingADocument:
    def test_stores_it_sealed_under_a_random_name(self):
        document = add(a_draft())

        assert (document.content_type, document.size) == ("application/pdf", len(PDF))
        assert document.filename_text == "consent of the woman.pdf"
        assert "woman" not in document.filename + document.key
        assert len(stored_files()) == 1
        assert b"%PDF" not in stored_files()[0]
        assert read_document(document) == PDF

    def test_becomes_unreadable_when_the_key_of_the_case_is_destroyed(self):
        document = add(a_draft())

        destroy_key(document.assistance.case_id)

        with pytest.raises(Unreadable):
            read_document(document)

    def test_tells_the_type_by_the_bytes_and_not_by_the_name(self):
        assert add(a_draft(), drawing(), "scan.pdf").content_type == "image/png"

    @pytest.mark.parametrize(
        "content",
        [
            b"<html><script>alert(1)</script></html>",
            b"MZ\x90\x00 not a document",
            b"PK\x03\x04 archive",
            b"%!PS-Adobe",
            b"GIF89a....",
            b"plain words",
        ],
    )
    def test_is_refused_for_other_types_whatever_the_name_says(self, content):
        made = a_draft()

        with refused("DOC-01"):
            add(made, content)
        assert stored_files() == []

    @pytest.mark.parametrize("content", [b"", b"%PDF-" + b"0" * LARGEST_DOCUMENT])
    def test_is_refused_when_empty_or_too_large(self, content):
        made = a_draft()

        with refused("DOC-02"):
            add(made, content)

    def test_is_refused_to_another_mission_and_to_headquarters(self):
        made = a_draft()

        for name, code in (("Rima", "LB"), ("Rima", "NE"), ("Helena", "NE")):
            with refused("ROLE-02", NotPermitted):
                add(made, who=name, code=code)

    def test_is_refused_while_others_have_the_request(self):
        sent = a_submitted_request()

        with refused("DOC-03"):
            add(sent)

    def test_goes_on_with_quotes_and_proofs(self):
        add(an_eligible_request())
        add(an_approved_request(), who="Moussa")

        assert Document.objects.count() == 2


class TestRemovingADocument:
    def test_takes_the_file_with_it_while_the_request_is_a_draft(self, django_capture_on_commit_callbacks):
        document = add(a_draft())

        with django_capture_on_commit_callbacks(execute=True):
            remove_document(document_id=document.pk, **by("Amina"))

        assert Document.objects.count() == 0
        assert stored_files() == []

    def test_is_refused_once_the_request_was_sent(self):
        document = add(an_eligible_request())

        with refused("DOC-03"):
            remove_document(document_id=document.pk, **by("Amina"))
