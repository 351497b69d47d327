"""A file chosen in a browser: a photo is made smaller there, and what is sent goes on where the line dropped."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from gaf.accounts.models import User
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.stories_asking import a_draft
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.test_documents import PDF
from workflow.actions.documents import read_document
from workflow.models import AssistanceRequest, Upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
LONG = PDF + b"\n%" + b"x" * 150_000 + b"\n%%EOF\n"  # in three pieces


@pytest.fixture
def draft() -> AssistanceRequest:
    """A request of Amina's; she reads English here, so that the test does."""
    made = a_draft()
    User.objects.filter(name="Amina").update(language="en")
    return made


def choose(page, name: str, content_type: str, content: bytes) -> None:
    page.locator("[name=kind]").select_option("QUOTE")
    page.locator("[name=file]").set_input_files({"name": name, "mimeType": content_type, "buffer": content})


def press(page) -> None:
    page.get_by_role("button", name="Add the document").click()


def test_a_line_that_drops_in_the_middle_costs_no_piece_that_arrived(draft, open_window):  # noqa: F811
    page, sent = open_window("Amina", f"/requests/{draft.reference}/documents/"), list[str]()
    page.on("request", lambda one: sent.append(one.headers.get("upload-offset", "")))
    choose(page, "quote.pdf", "application/pdf", LONG)
    page.route(
        "**/documents/uploads/*/?save=1", lambda route: route.abort() if sent[-1] == "65536" else route.continue_()
    )
    press(page)
    page.locator("[data-stopped]:visible").wait_for()
    assert Upload.objects.get().received == 65536
    page.unroute_all()
    with page.expect_navigation():
        press(page)
    assert read_document(draft.documents.get()) == LONG
    assert [one for one in sent if one] == ["0", "65536", "65536", "131072"]


@pytest.mark.parametrize("as_it_is", [False, True], ids=["smaller", "as it is"])
def test_a_photo_goes_smaller_and_without_its_place_unless_the_person_wishes(as_it_is, draft, open_window):  # noqa: F811
    page = open_window("Amina", f"/requests/{draft.reference}/documents/")
    photo = a_photo(2400, 1200)
    choose(page, "photo.jpg", "image/jpeg", photo)
    page.locator("[data-photo]:visible").wait_for()
    if as_it_is:
        page.get_by_label("Send the photo as large as it is").check()
    with page.expect_navigation():
        press(page)
    kept, upload = draft.documents.get(), Upload.objects.get()
    with Image.open(io.BytesIO(read_document(kept))) as picture:
        assert picture.size == ((2400, 1200) if as_it_is else (1600, 800))
    assert (upload.size == len(photo)) is as_it_is


def a_photo(width: int, height: int) -> bytes:
    """Points by chance, so that it is large, with the place where it was taken."""
    points = random.Random(7).randbytes(width * height // 16 * 3)
    place, taken = Image.Exif(), io.BytesIO()
    place[0x010E] = "At the well of Zinder"
    picture = Image.frombytes("RGB", (width // 4, height // 4), points).resize((width, height))
    picture.save(taken, "JPEG", quality=90, exif=place)
    return taken.getvalue()
