"""The key of one's own device: for one person on one device, for three days, and gone once the device is forgotten."""

from __future__ import annotations

import gzip
from base64 import b64decode
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.html import escape

from gaf import clock
from gaf.accounts.models import OwnDevice, User
from gaf.sealing import has_key, unseal
from tests.cast import PASSWORD, people, person
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.mission.browsing import signed_in, words

pytestmark = pytest.mark.usefixtures("house", "in_earnest")
KEY = "/device/key/"
COOKIE = "own_device"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def in_earnest(house, settings, tmp_path) -> None:  # noqa: F811
    """Not in training; with a key store of this test's own."""
    people("Amina", "Sofía", "Tunde", "Farid")
    settings.TRAINING = False
    settings.GAF_KEY_FOLDER = tmp_path / "keys"


@pytest.fixture
def amina() -> Client:
    """Amina at a device that she called her own."""
    window = signed_in("Amina")
    window.post("/device/?save=1", {"own": "yes"})
    return window


def at_the_same_device(window: Client, name: str) -> Client:
    other = signed_in(name)
    other.cookies[COOKIE] = window.cookies[COOKIE].value
    return other


def sign_in(window: Client, name: str, **more: str):
    return window.post("/sign-in/?save=1", {"login": person(name).email, "password": PASSWORD, **more})


def is_refused(answer, code: str) -> bool:
    return answer.status_code == 422 and f"Rule {code}" in words(answer)


class TestTheKey:
    def test_is_given_to_the_person_whose_device_it_is_and_is_the_same_the_next_time(self, amina):
        first, again = amina.post(KEY), amina.post(KEY)

        assert (first.status_code, len(first.content)) == (200, 32)
        assert first.content == again.content
        assert (first["Cache-Control"], first["Content-Type"]) == ("no-store", "application/octet-stream")

    def test_is_another_on_every_device(self, amina):
        second = signed_in("Amina")
        second.post("/device/?save=1", {"own": "yes"})

        assert amina.cookies[COOKIE].value != second.cookies[COOKIE].value
        assert amina.post(KEY).content != second.post(KEY).content

    def test_is_given_to_nobody_else_at_the_device_and_then_to_nobody_any_more(self, amina):
        device, key = amina.cookies[COOKIE].value, amina.post(KEY).content
        answer = at_the_same_device(amina, "Sofía").post(KEY)

        assert is_refused(answer, "DEVICE-01")
        assert key not in answer.content
        assert answer.cookies[COOKIE].value == ""
        assert not OwnDevice.objects.exists()
        assert is_refused(amina.post(KEY), "DEVICE-01")
        assert OwnDevice.history.filter(history_type="-").get().history_user.name == "Sofía"
        assert len(device) == 32

    @pytest.mark.parametrize("said", ["", "yes", "0" * 32, "../../etc", "f" * 31])
    def test_is_not_given_at_a_device_that_is_nobodys(self, said):
        window = signed_in("Amina")
        if said:
            window.cookies[COOKIE] = said

        assert is_refused(window.post(KEY), "DEVICE-01")

    def test_is_not_given_to_whoever_is_not_signed_in(self, amina, client):
        client.cookies[COOKIE] = amina.cookies[COOKIE].value

        assert client.post(KEY)["Location"].startswith("/sign-in/")

    def test_is_not_given_to_somebody_whose_account_was_closed(self, amina):
        User.objects.filter(name="Amina").update(is_active=False)

        assert amina.post(KEY)["Location"].startswith("/sign-in/")

    def test_is_given_to_no_other_site_and_by_no_link(self, amina):
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = amina.cookies

        assert strict.post(KEY).status_code == 403
        assert amina.get(KEY).status_code == 405

    def test_is_not_given_in_training(self, amina, settings):
        settings.TRAINING = True

        assert is_refused(amina.post(KEY), "DEVICE-01")

    @pytest.mark.both
    def test_lies_sealed_in_the_database(self, amina):
        key = amina.post(KEY).content
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM accounts_owndevice")
            row = " ".join(str(value) for value in cursor.fetchone())

        held = OwnDevice.objects.get()
        assert b64decode(unseal(held.key)) == key
        assert unseal(held.key) not in row
        assert key.hex() not in row
        with pytest.raises(IntegrityError, match="key_of_device_is_sealed"), transaction.atomic():
            OwnDevice.objects.update(key=key.hex())
        with pytest.raises(IntegrityError, match="device_has_a_random_number"), transaction.atomic():
            OwnDevice.objects.update(device="1")

    def test_is_another_after_three_days_in_which_nobody_asked_for_it(self, amina):
        key = amina.post(KEY).content
        with clock.at(clock.now() + timedelta(hours=71)):
            assert amina.post(KEY).content == key
        with clock.at(clock.now() + timedelta(hours=71 + 73)):
            assert amina.post(KEY).content not in (key, b"")

    def test_is_another_after_signing_out(self, amina):
        key = amina.post(KEY).content
        answer = amina.post("/sign-out/?save=1")
        sign_in(amina, "Amina")

        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        again = amina.post(KEY)
        assert (again.status_code, again.content == key) == (200, False)


class TestForgetting:
    def test_a_device_from_another_one_leaves_it_without_a_key_in_the_store_too(
        self, amina, django_capture_on_commit_callbacks
    ):
        owner = f"own-device-{amina.cookies[COOKIE].value}"
        assert has_key(owner)
        other, held = signed_in("Amina"), OwnDevice.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            other.post("/device/?save=1", {"forget": held.pk})

        assert is_refused(amina.post(KEY), "DEVICE-01")
        assert not has_key(owner)

    def test_shows_ones_own_devices_by_their_days_alone(self, amina):
        sofia = signed_in("Sofía")
        sofia.post("/device/?save=1", {"own": "yes"})
        page = amina.get("/device/").content.decode()

        assert page.count('name="forget"') == 1
        assert "(this one)" in page
        for device in OwnDevice.objects.all():
            assert device.device not in page
            assert escape(device.key) not in page

    def test_another_persons_device_is_refused(self, amina):
        held = OwnDevice.objects.get()
        for key in (str(held.pk), "0", "x", ""):
            assert is_refused(signed_in("Sofía").post("/device/?save=1", {"forget": key}), "DEVICE-02")

        assert amina.post(KEY).status_code == 200

    def test_this_device_clears_it_away(self, amina):
        answer = amina.post("/device/?save=1", {"forget": OwnDevice.objects.get().pk})

        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert answer.cookies[COOKIE].value == ""
        assert not OwnDevice.objects.exists()

    def test_a_device_that_was_not_used_for_a_year_needs_nobody(self, amina):
        old, later = OwnDevice.objects.get(), signed_in("Amina")
        with clock.at(clock.now() + timedelta(days=365)):
            later.post("/device/?save=1", {"own": "yes"})
            assert OwnDevice.objects.count() == 2
        with clock.at(clock.now() + timedelta(days=367)):
            signed_in("Amina").post("/device/?save=1", {"own": "yes"})

        assert not OwnDevice.objects.filter(pk=old.pk).exists()

    def test_all_of_a_person_is_done_by_a_system_administrator_with_a_reason(self, amina):
        User.objects.filter(name="Amina").update(is_active=False)
        by = {"why": "She left.", "stdout": StringIO()}
        for wrong in ("farid", "sofia", "nobody"):
            with pytest.raises(CommandError):
                call_command("forget_devices", "amina@gaf.example", by=f"{wrong}@gaf.example", **by)
        assert OwnDevice.objects.exists()
        call_command("forget_devices", "amina@gaf.example", by="tunde@gaf.example", **by)

        assert not OwnDevice.objects.exists()
        kept = OwnDevice.history.filter(history_type="-").get()
        assert (kept.history_user.name, kept.history_change_reason) == ("Tunde", "She left.")
        with pytest.raises(CommandError, match="DEVICE-04"):
            call_command("forget_devices", "amina@gaf.example", by="tunde@gaf.example", **by)


class TestTheSignIn:
    def test_asks_whose_the_device_is_and_takes_it_for_shared(self, client):
        page = client.get("/sign-in/").content.decode()
        answer = sign_in(client, "Amina", device="shared")

        assert 'value="shared" id="id_device_0" checked' in page or 'checked id="id_device_0"' in page
        assert answer.status_code == 302
        assert COOKIE not in answer.cookies
        assert not OwnDevice.objects.exists()

    def test_makes_it_ones_own_when_that_is_said_and_the_password_is_right(self, client):
        client.post("/sign-in/?save=1", {"login": "amina@gaf.example", "password": "wrong", "device": "own"})
        assert COOKIE not in client.cookies
        answer = sign_in(client, "Amina", device="own")

        cookie = answer.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], len(cookie.value)) == (True, "Lax", 32)
        assert len(client.post(KEY).content) == 32

    def test_forgets_a_wish_of_somebody_who_did_not_get_in(self, client):
        sign_in(client, "Amina", device="own", password="wrong")
        answer = sign_in(client, "Sofía", device="shared")

        assert COOKIE not in answer.cookies

    def test_is_not_asked_where_it_was_said_and_ends_it_for_another_person(self, amina):
        amina.post("/sign-out/?save=1")
        assert "id_device" not in amina.get("/sign-in/").content.decode()
        answer = sign_in(amina, "Sofía", device="own")

        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert answer.cookies[COOKIE].value == ""
        assert not OwnDevice.objects.exists()

    def test_leaves_it_as_it_is_for_its_own_person(self, amina):
        amina.post("/sign-out/?save=1")
        answer = sign_in(amina, "Amina")

        assert "Clear-Site-Data" not in answer
        assert OwnDevice.objects.count() == 1

    def test_asks_nothing_in_training(self, client, settings):
        settings.TRAINING = True
        assert "id_device" not in client.get("/sign-in/").content.decode()
        sign_in(client, "Amina", device="own")

        assert not OwnDevice.objects.exists()


class TestTheScript:
    FORM = "/requests/new/urgent/"

    def test_comes_on_ones_own_device_with_forms_of_writing_only(self, amina):
        assert b"draft.js" in amina.get(self.FORM).content
        assert b"draft.js" not in amina.get("/device/").content

    def test_comes_on_no_other_device(self, amina, settings):
        assert b"draft.js" not in signed_in("Amina").get(self.FORM).content
        said_before = signed_in("Amina")
        said_before.cookies[COOKIE] = "yes"
        page = said_before.get(self.FORM).content
        assert b"offline.js" in page
        assert b"draft.js" not in page
        settings.TRAINING = True
        assert b"draft.js" not in amina.get(self.FORM).content

    def test_gives_a_device_that_was_said_before_a_key_when_it_is_said_again(self):
        window = signed_in("Amina")
        window.cookies[COOKIE] = "yes"
        assert "This device is mine alone" in words(window.get("/device/"))
        window.post("/device/?save=1", {"own": "yes"})

        assert window.post(KEY).status_code == 200

    def test_is_small_and_with_all_others_of_its_page_within_eight_kilobytes(self):
        sizes = {name: _packed(name) for name in ("site", "offline", "keys", "keep", "draft")}

        assert sizes["draft"] <= 2048
        assert sum(sizes.values()) <= 8 * 1024

    def test_never_stands_beside_a_box_for_a_file(self):
        # A file makes keep.js send the ordinary way, where nobody tells the script that the server has it.
        writing = [
            path
            for path in (ROOT / "templates").rglob("*.html")
            if "<form" in path.read_text() and "data-keep" in path.read_text()
        ]

        assert len(writing) > 10
        assert [
            path.name for path in writing if "data-upload" in path.read_text() or "enctype" in path.read_text()
        ] == []


def _packed(name: str) -> int:
    return len(gzip.compress((ROOT / "gaf" / "static" / "gaf" / f"{name}.js").read_bytes(), 9))
