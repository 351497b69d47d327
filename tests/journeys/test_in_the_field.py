"""In the field: a photo is made smaller and goes on where the line dropped; a device keeps no page of anybody."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from gaf.accounts.models import User
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.stories_asking import a_draft
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.actions.documents import read_document
from workflow.models import AssistanceRequest, Upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
# Everything in every cache of the browser, by its address.
KEPT = """async () => Object.fromEntries((await Promise.all((await caches.keys()).map(async (name) => {
  const cache = await caches.open(name);
  return Promise.all((await cache.keys()).map(async (one) =>
    [new URL(one.url).pathname, await (await cache.match(one)).text()]));
}))).flat())"""


@pytest.fixture
def draft() -> AssistanceRequest:
    """A request of Amina's; she reads English here, so that the test does."""
    made = a_draft()
    User.objects.filter(name="Amina").update(language="en")
    return made


def press(page) -> None:
    page.get_by_role("button", name="Add the document").click()


def test_a_photo_goes_smaller_and_goes_on_where_the_line_dropped(draft, open_window):  # noqa: F811
    page, sent = open_window("Amina", f"/requests/{draft.reference}/documents/"), list[str]()
    photo = a_photo(2400, 1200)
    page.locator("[name=kind]").select_option("QUOTE")
    page.locator("[name=file]").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.locator("[data-photo]:visible").wait_for()

    def drop(route) -> None:
        sent.append(route.request.headers["upload-offset"])
        if sent == ["0", "65536"]:
            route.abort()
        else:
            route.continue_()

    page.route("**/documents/uploads/*/?save=1", drop)
    press(page)
    page.locator("[data-stopped]:visible").wait_for()
    assert (Upload.objects.get().received, draft.documents.count()) == (65536, 0)
    with page.expect_navigation():
        press(page)
    upload, kept = Upload.objects.get(), draft.documents.get()
    assert sent == ["0", "65536", *(str(begins) for begins in range(65536, upload.size, 65536))]
    assert 131072 < upload.size < len(photo)
    with Image.open(io.BytesIO(read_document(kept))) as picture:
        assert (picture.size, dict(picture.getexif())) == ((1600, 800), {})


def test_a_device_of_ones_own_keeps_no_page_of_anybody(draft, open_window, settings):  # noqa: F811
    settings.TRAINING = False
    page, record = open_window("Amina", "/device/"), f"/requests/{draft.reference}/"
    with page.expect_navigation():
        page.get_by_role("button", name="This device is mine alone").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for address in (record, f"{record}documents/", f"{record}edit/situation/", "/desk/"):
        page.goto(address)
    kept = page.evaluate(KEPT)
    assert "/offline/" in kept
    assert [one for one in kept if one != "/offline/" and not one.startswith("/static/gaf/")] == []
    assert [one for one, text in kept.items() if draft.reference in text or "Amina" in text] == []
    assert "csrf" not in kept["/offline/"]
    page.context.set_offline(True)
    page.goto(record)
    assert page.locator("h1").inner_text() == "No line"
    page.context.set_offline(False)
    page.goto("/device/")
    with page.expect_navigation():
        page.get_by_role("button", name="Others use this device too").click()
    page.wait_for_function("caches.keys().then((all) => all.length === 0)")


def a_photo(width: int, height: int) -> bytes:
    """Points by chance, so that it is large, with the place where it was taken."""
    points = random.Random(7).randbytes(width * height // 16 * 3)
    place, taken = Image.Exif(), io.BytesIO()
    place[0x010E] = "At the well of Zinder"
    picture = Image.frombytes("RGB", (width // 4, height // 4), points).resize((width, height))
    picture.save(taken, "JPEG", quality=90, exif=place)
    return taken.getvalue()
