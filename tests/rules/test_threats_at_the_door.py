"""Signing in, staying signed in, and what a stranger may send: T50 to T53, T56, T59."""

from __future__ import annotations

import logging
import re
from datetime import date

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client, override_settings

from gaf.accounts.models import RoleAssignment, User
from tests.cast import PASSWORD, person
from tests.stories import a_taken_request
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

ANOTHER = "quite another long password"


def signed_in(name: str = "Helena") -> Client:
    """A browser that came through the door."""
    person(name)
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in/?save=1", {"login": f"{name.lower()}@gaf.example", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def try_to_sign_in(address: str, password: str, client: Client | None = None) -> tuple[int, str]:
    answer = (client or Client()).post("/sign-in/?save=1", {"login": address, "password": password})
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    return answer.status_code, token.sub("", answer.content.decode()).replace(address, "")


def is_let_in(client: Client) -> bool:
    return client.get("/requests/").status_code == 200


class TestT50ASession:
    def test_t50_is_a_new_one_after_the_sign_in(self):
        person("Helena")
        client = Client()
        client.get("/sign-in/")
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key

        client.post("/sign-in/?save=1", {"login": "helena@gaf.example", "password": PASSWORD})

        assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
        with_the_old_one = Client()
        with_the_old_one.cookies[settings.SESSION_COOKIE_NAME] = planted
        assert (is_let_in(client), is_let_in(with_the_old_one)) == (True, False)

    def test_t50_ends_with_the_sign_out_the_new_password_and_the_account(self):
        def sign_out(client: Client, _who: User) -> None:
            copy = client.cookies.copy()
            client.post("/sign-out/?save=1")
            client.cookies = copy

        def new_password(_client: Client, who: User) -> None:
            who.set_password(ANOTHER)
            who.save()

        def leave(_client: Client, who: User) -> None:
            User.objects.filter(pk=who.pk).update(is_active=False)

        for end in (sign_out, new_password, leave):
            client = signed_in()
            assert is_let_in(client)
            end(client, person("Helena"))
            answer = client.get("/requests/")
            assert (answer.status_code, answer.headers["Location"][:9]) == (302, "/sign-in/"), end.__name__
            User.objects.filter(name="Helena").update(is_active=True)
            who = person("Helena")
            who.set_password(PASSWORD)
            who.save()

    def test_t50_opens_nothing_more_when_the_role_has_ended(self):
        client = signed_in()
        assert is_let_in(client)

        RoleAssignment.objects.filter(person=person("Helena")).update(ends_on=date(2026, 1, 2))

        assert client.get("/requests/").status_code == 404

    def test_t50_ends_after_half_a_day(self):
        assert settings.SESSION_COOKIE_AGE <= 12 * 3600
        assert settings.SESSION_COOKIE_HTTPONLY


class Counting(hashers.MD5PasswordHasher):
    """Counts how often a password was looked at."""

    looked: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        type(self).looked.append(password)
        return super().encode(password, salt)


COUNTED = ["tests.rules.test_threats_at_the_door.Counting"]


@pytest.fixture
def looked(settings):
    settings.PASSWORD_HASHERS = COUNTED
    Counting.looked.clear()
    return Counting.looked


@pytest.fixture
def with_limits(settings):
    """The limits of allauth, as in production; the suite's settings switch them off."""
    settings.ACCOUNT_RATE_LIMITS = {}


class TestT51Passwords:
    def test_t51_are_tried_a_few_times_only_of_a_thousand(self, looked, with_limits):
        person("Helena")
        looked.clear()

        answers = [try_to_sign_in("helena@gaf.example", f"wrong password {turn}") for turn in range(1000)]

        tried = {word for word in looked if word.startswith("wrong")}
        assert 1 <= len(tried) <= 60
        assert "Too many" in answers[-1][1] or answers[-1][0] == 429

    def test_t51_of_many_people_from_one_place_are_tried_a_few_times_only(self, looked, with_limits):
        looked.clear()

        for turn in range(200):
            try_to_sign_in(f"somebody{turn}@gaf.example", f"wrong password {turn}")

        assert len({word for word in looked if word.startswith("wrong")}) <= 60

    def test_t51_tried_by_others_do_not_shut_out_who_comes_from_elsewhere_later(self, with_limits):
        """No account is locked: what was tried against it is forgotten after five minutes."""
        from django.core.cache import cache

        person("Helena")
        for turn in range(30):
            try_to_sign_in("helena@gaf.example", f"wrong password {turn}")
        cache.clear()

        assert try_to_sign_in("helena@gaf.example", PASSWORD)[0] == 302
        assert User.objects.get(name="Helena").is_active


class TestT52TheDoor:
    def test_t52_says_the_same_of_somebody_and_of_nobody(self):
        person("Helena")

        somebody = try_to_sign_in("helena@gaf.example", "not her password")
        nobody = try_to_sign_in("nobody@gaf.example", "not her password")

        assert somebody == nobody
        assert somebody[0] == 200

    def test_t52_takes_as_much_work_for_nobody_as_for_somebody(self, looked):
        person("Helena")
        works = []
        for address in ("helena@gaf.example", "nobody@gaf.example"):
            looked.clear()
            try_to_sign_in(address, "not her password")
            works.append(looked.count("not her password"))

        assert works[0] == works[1] >= 1

    def test_t52_says_the_same_when_a_new_password_is_asked_for(self):
        person("Helena")

        def ask(address: str) -> tuple[int, str, str]:
            answer = Client().post("/sign-in/password/?save=1", {"email": address}, follow=True)
            token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
            return answer.status_code, answer.request["PATH_INFO"], token.sub("", answer.content.decode())

        assert ask("helena@gaf.example") == ask("nobody@gaf.example")


def link_in_the_mail() -> str:
    """The way to a new password, asked for Helena."""
    Client().post("/sign-in/password/?save=1", {"email": "helena@gaf.example"})
    return re.search(r"https?://[^/]+(/sign-in/password/\S+)", mail.outbox[-1].body)[1]


def set_password(link: str, password: str) -> bool:
    """Follow a link and set a new password; whether it was set."""
    client = Client()
    there = client.get(link, follow=True)
    client.post(there.request["PATH_INFO"] + "?save=1", {"password1": password, "password2": password})
    return User.objects.get(name="Helena").check_password(password)


class TestT53ALinkForANewPassword:
    def test_t53_works_once(self):
        person("Helena")
        link = link_in_the_mail()

        assert set_password(link, ANOTHER)
        assert not set_password(link, "a third password that is long")

    def test_t53_is_forgotten_after_an_hour(self, monkeypatch):
        person("Helena")
        link = link_in_the_mail()
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            assert not set_password(link, ANOTHER)

        assert settings.PASSWORD_RESET_TIMEOUT <= 3600
        assert set_password(link, ANOTHER)

    def test_t53_is_void_once_the_address_has_changed(self):
        who = person("Helena")
        link = link_in_the_mail()
        who.email = "helena.new@gaf.example"
        who.save()

        assert not set_password(link, ANOTHER)

    def test_t53_leaves_its_key_in_no_address_that_a_page_could_pass_on(self):
        person("Helena")
        link = link_in_the_mail()
        key = link.rstrip("/").rsplit("-", 1)[1]

        answer = Client().get(link, follow=True)

        assert key not in answer.request["PATH_INFO"]
        assert key not in answer.content.decode()
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")


@pytest.mark.usefixtures("house")
class TestT56ALineOfTheLog:
    HOSTILE = ("%0aINFO all is well", "%0d%0aERROR", "%1b[2J", "%e2%80%a8second", "x" * 3000)

    def test_t56_is_one_line_whatever_was_asked_for(self, caplog):
        caplog.set_level(logging.DEBUG)
        client = signed_in("Bruno")
        made = a_taken_request()
        for hostile in self.HOSTILE:
            client.get(f"/requests/{hostile}/")
            client.get(f"/requests/{made.reference}/history/?page={hostile}")
            client.post(f"/requests/{hostile}/take/?save=1", {"reason": "a\nb"}, headers={"User-Agent": "a b"})
            try_to_sign_in(f"a{hostile}@gaf.example", "x")

        lines = [logging.Formatter().format(record) for record in caplog.records if record.exc_info is None]
        assert [line for line in lines if "Not Found" in line]
        control = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]")
        assert [line for line in lines if control.search(line)] == []

    def test_t56_would_be_found(self):
        assert "\n" in logging.Formatter().format(logging.makeLogRecord({"msg": "a %s", "args": ("\nb",)}))


@pytest.mark.usefixtures("house")
class TestT59ARequestMadeToOverload:
    def post(self, **said) -> int:
        made = a_taken_request()
        return signed_in("Bruno").post(f"/requests/{made.reference}/ask/?save=1", **said).status_code

    def test_t59_with_too_many_fields_is_refused(self):
        content = "&".join(f"f{number}=1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 2))

        assert self.post(data=content, content_type="application/x-www-form-urlencoded") == 400

    def test_t59_that_is_too_long_is_refused(self):
        content = "reason=" + "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

        assert self.post(data=content, content_type="application/x-www-form-urlencoded") in (400, 413)

    def test_t59_with_too_many_files_is_refused(self):
        from django.core.files.uploadedfile import SimpleUploadedFile

        files = [SimpleUploadedFile(f"{number}.pdf", b"%PDF-") for number in range(150)]

        assert self.post(data={"file": files}) == 400

    def test_t59_of_the_provider_with_a_body_without_end_is_refused_and_not_kept(self):
        from finance.models import GatewayEvent

        answer = Client().post("/webhooks/stripe/", b"x" * 300_000, content_type="application/json")

        assert answer.status_code in (400, 413)
        assert not GatewayEvent.objects.exists()

    @pytest.mark.parametrize("page", ["1e9", "9" * 400, "-1", "0", "0x10", "١", "NaN", "' OR 1=1", "\x00"])
    def test_t59_for_a_page_that_is_none_is_answered_with_one_that_is(self, page):
        client, made = signed_in("Helena"), a_taken_request()
        for address in ("/requests/", f"/requests/{made.reference}/history/", "/disbursements/", "/fund/rates/"):
            answer = client.get(address, {"page": page})
            assert answer.status_code in (200, 302, 404), address

    def test_t59_never_makes_a_list_longer_than_a_page(self):
        client = signed_in("Helena")
        for _turn in range(3):
            a_taken_request()

        whole = client.get("/requests/", {"page_size": "100000", "limit": "100000", "per_page": "100000"})

        assert whole.content.count(b"<tr") == client.get("/requests/").content.count(b"<tr")
