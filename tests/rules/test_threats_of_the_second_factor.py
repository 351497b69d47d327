"""The second factor: a stolen session signs nothing (T24), and no way leads past it (T54)."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pyotp
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from lxml import html

from finance.models import Disbursement
from gaf import clock
from gaf.accounts.models import SecondFactor
from gaf.accounts.second_factor import begin, confirm, secret_of, takes_code
from gaf.decisions.models import Decision
from gaf.outbox.outbox import drain
from tests import stories
from tests.cast import PASSWORD, people, person
from tests.rules.walking import addresses
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.pages, pytest.mark.django_db]
ANOTHER = "quite another long password"
# Every address by which somebody could come in; a new one is looked at here first.
WAYS = {
    "sign-in/",
    "sign-in/code/",
    "sign-in/password/",
    "sign-in/password/sent/",
    "sign-in/password/done/",
    "sign-in/password/<account:uidb36>-<str:key>/",
    "cms/login/",
    "^cms/password_reset/",
}


class App:
    """The authenticator app of one person."""

    def __init__(self, name: str) -> None:
        self.person = person(name)
        begun = begin(self.person)
        self.totp = pyotp.TOTP(secret_of(begun))
        self.on_paper = confirm(begun, self.code(-30))
        assert len(self.on_paper) == 10

    def code(self, seconds: int = 0) -> str:
        """The code that it shows now, or so many seconds from now."""
        return self.totp.at(clock.now() + timedelta(seconds=seconds))


def password(name: str) -> Client:
    """A browser in which the right password was given."""
    client = Client()
    client.post("/sign-in/?save=1", {"login": f"{name.lower()}@gaf.example", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def give(client: Client, code: str) -> int:
    return client.post("/sign-in/code/?save=1", {"code": code}).status_code


@pytest.mark.usefixtures("house")
class TestT24AStolenSession:
    """Whoever took a session over has neither the password nor the telephone."""

    def release(self, client: Client, made, **typed: str):
        numbers = [one.number for one in Disbursement.objects.filter(reference=made.reference)]
        data = {"numbers": numbers, "seen_version": stories.now(made).version, **typed}
        return client.post(f"/requests/{made.reference}/release/?save=1", data)

    def test_t24_signs_no_payment_without_password_and_code(self):
        people("Divya")
        made, app = stories.a_funded_request(), App("Divya")
        stories.prepare(made)
        client = password("Divya")
        assert give(client, app.code()) == 302
        assert is_in(client)

        for typed in (
            {},
            {"password": PASSWORD},
            {"password": PASSWORD, "code": "000000"},
            {"password": PASSWORD, "code": app.code()},  # used up at the sign-in
            {"password": ANOTHER, "code": app.code(30)},
        ):
            answer = self.release(client, made, **typed)
            assert answer.status_code == 422, typed
            assert {one.state for one in Disbursement.objects.all()} == {"PREPARED"}

        assert self.release(client, made, password=PASSWORD, code=app.code(30)).status_code == 302
        assert {one.state for one in Disbursement.objects.all()} == {"RELEASED"}

    def test_t24_what_is_signed_names_payee_amount_and_currency(self):
        people("Divya")
        made = stories.a_funded_request()
        stories.prepare(made)
        app, client = App("Divya"), password("Divya")
        give(client, app.code())
        row = Disbursement.objects.get()

        page = client.get(f"/requests/{made.reference}/release/").content.decode()
        self.release(client, made, password=PASSWORD, code=app.code(30))

        assert row.payee_key in page
        assert row.payee_version.account_number[-4:] in page
        assert str(row.money) in " ".join(html.fromstring(page).text_content().replace("\u00a0", " ").split())
        signed = Decision.objects.get(subject=row.number, act="release_disbursement")
        assert signed.related == row.payee_version.decision_subject()
        prepared = Decision.objects.get(subject=row.number, act="prepare_disbursement")
        assert (prepared.facts["minor"], prepared.facts["currency"]) == (row.minor, row.currency)

    def test_t24_is_asked_again_after_some_minutes(self, time_machine):
        people("Divya")
        made = stories.a_funded_request()
        stories.prepare(made)
        app, client = App("Divya"), password("Divya")
        give(client, app.code())
        self.release(client, made, numbers="none", password=PASSWORD, code=app.code(30))
        address = f"/requests/{made.reference}/release/"
        assert 'name="password"' not in client.get(address).content.decode()

        with clock.at(clock.now() + timedelta(minutes=6)):
            answer = self.release(client, made)

        assert answer.status_code == 422
        assert {one.state for one in Disbursement.objects.all()} == {"PREPARED"}


class TestT54TheSecondFactor:
    def test_t54_is_asked_on_every_way_that_signs_somebody_in(self):
        """The addresses at which somebody who is not signed in may send a password, or a link for a new one."""
        app = App("Tunde")
        for address in ("/sign-in/", "/cms/login/"):
            client = Client()
            client.post(
                f"{address}?save=1",
                {"login": "tunde@gaf.example", "username": "tunde@gaf.example", "password": PASSWORD},
                follow=True,
            )
            assert not is_in(client), address
        ways = {route for route in addresses().values() if re.search("sign-in|login|password|token|oidc", route)}
        assert ways == WAYS
        assert give(password("Tunde"), app.code()) == 302

    def test_t54_is_not_passed_at_any_address_of_the_site(self):
        App("Tunde")
        client = Client(raise_request_exception=False)
        client.post("/sign-in/?save=1", {"login": "tunde@gaf.example", "password": PASSWORD})
        typed = {"login": "tunde@gaf.example", "email": "tunde@gaf.example", "password": PASSWORD, "code": "000000"}
        for route in addresses().values():
            address = "/" + re.sub(r"<[^>]+>", "1", route.replace("^", ""))
            for answer in (client.get(address), client.post(address, typed)):
                assert answer.status_code < 500, address
                assert not is_in(client), address

    @pytest.mark.parametrize(
        "code", ["", "é", "\u0661\u0662\u0663\u0664\u0665\u0666", "12345\U0001d7d0", "null\x00", "x" * 5000]
    )
    def test_t54_takes_nothing_strange(self, code):
        App("Tunde")
        client = password("Tunde")

        assert give(client, code) == 422
        assert not is_in(client)

    def test_t54_takes_the_digits_of_another_script(self):
        app, client = App("Tunde"), password("Tunde")

        assert give(client, app.code().translate({ord(str(digit)): 0x0660 + digit for digit in range(10)})) == 302

    def test_t54_ends_every_other_session_when_it_is_turned_on_or_taken_off(self):
        people("Helena", "Tunde")
        stolen, own = password("Helena"), password("Helena")
        own.post("/second-factor/?save=1", {"act": "begin", "password": PASSWORD})
        secret = secret_of(SecondFactor.objects.get())
        own.post("/second-factor/?save=1", {"act": "confirm", "code": pyotp.TOTP(secret).at(clock.now())})

        assert own.get("/second-factor/").status_code == 200
        assert stolen.get("/second-factor/").status_code == 302
        by = {"by": "tunde@gaf.example", "why": "Seen on a call."}
        call_command("take_off_second_factor", "helena@gaf.example", **by, stdout=StringIO())
        assert own.get("/second-factor/").status_code == 302

    def test_t54_is_not_finished_by_who_took_the_session_over_later(self):
        person("Tunde")
        client = password("Tunde")
        client.post("/second-factor/?save=1", {"act": "begin", "password": PASSWORD})
        secret = secret_of(SecondFactor.objects.get())

        for minutes in (6, 16):
            with clock.at(clock.now() + timedelta(minutes=minutes)):
                session = client.session
                session["account_authentication_methods"] = []
                session.save()
                assert secret not in client.get("/second-factor/").content.decode().replace(" ", "")
                assert client.get("/second-factor/picture.svg").status_code == 302
                client.post("/second-factor/?save=1", {"act": "confirm", "code": pyotp.TOTP(secret).at(clock.now())})
                assert SecondFactor.objects.get().confirmed_at is None

    def test_t54_is_not_skipped_or_lost_by_a_new_password(self):
        app = App("Tunde")
        Client().post("/sign-in/password/?save=1", {"email": "tunde@gaf.example"})
        drain()
        link = re.search(r"/sign-in/password/\S+", mail.outbox[-1].body)[0]
        client = Client()
        form = client.get(link, follow=True)
        client.post(f"{form.request['PATH_INFO']}?save=1", {"password1": ANOTHER, "password2": ANOTHER})

        assert person("Tunde").check_password(ANOTHER)
        assert not is_in(client)
        client.post("/sign-in/?save=1", {"login": "tunde@gaf.example", "password": ANOTHER})
        assert not is_in(client)
        assert give(client, app.code()) == 302
        assert is_in(client)

    def test_t54_takes_each_code_once_in_whatever_browser(self):
        app = App("Tunde")
        first, second = password("Tunde"), password("Tunde")
        code = app.code()

        assert give(first, code) == 302
        assert give(second, code) == 422
        assert give(second, app.code(-30)) == 422  # older than one that was used
        assert [is_in(first), is_in(second)] == [True, False]

    def test_t54_takes_each_code_on_paper_once_and_new_ones_end_the_old(self):
        app = App("Tunde")
        paper = app.on_paper

        assert takes_code(app.person, paper[0].lower().replace("-", " "))
        assert not takes_code(app.person, paper[0])
        client = password("Tunde")
        assert give(client, paper[1]) == 302
        client.post("/second-factor/?save=1", {"act": "codes", "password": PASSWORD, "code": app.code()})
        assert not takes_code(app.person, paper[2])

    def test_t54_is_tried_a_few_times_only(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"second_factor": "5/5m/user"}
        app, client = App("Tunde"), password("Tunde")

        assert [give(client, f"{number:06d}") for number in range(5)] == [422] * 5
        assert give(client, app.code()) == 422
        assert not is_in(client)

    def test_t54_is_not_passed_by_another_language_or_the_front_door(self):
        App("Tunde")
        client = password("Tunde")
        client.post("/language/", {"language": "fr", "next": "/"})

        for address in ("/", "/second-factor/", "/requests/", "/cms/"):
            assert client.get(address).status_code in (302, 404)
            assert not is_in(client)

    def test_t54_is_not_turned_off_by_who_has_the_session_alone(self):
        app, client = App("Tunde"), password("Tunde")
        give(client, app.code())

        for typed in ({}, {"password": PASSWORD}, {"password": PASSWORD, "code": "123456"}):
            assert client.post("/second-factor/?save=1", {"act": "off", **typed}).status_code == 422
            assert SecondFactor.objects.filter(person=app.person).exists()
        off = {"act": "off", "password": PASSWORD, "code": app.code(30)}
        assert client.post("/second-factor/?save=1", off).status_code == 302
        assert not SecondFactor.objects.filter(person=app.person).exists()

    def test_t54_is_taken_off_by_another_administrator_alone_and_the_person_is_told(self):
        app = App("Helena")
        people("Tunde")
        by = {"by": "tunde@gaf.example", "why": "Seen on a call."}

        people("Farid")
        for wrong in ("helena", "nobody", "farid"):
            with pytest.raises(CommandError):
                call_command("take_off_second_factor", "helena@gaf.example", **{**by, "by": f"{wrong}@gaf.example"})
        assert SecondFactor.objects.filter(person=app.person).exists()
        drain()
        assert mail.outbox == []

        call_command("take_off_second_factor", "helena@gaf.example", **by, stdout=StringIO())
        drain()

        assert not SecondFactor.objects.filter(person=app.person).exists()
        kept = SecondFactor.history.filter(history_type="-").get()
        assert (kept.history_user.name, kept.history_change_reason) == ("Tunde", by["why"])
        assert [one.to for one in mail.outbox if "second factor" in one.subject] == [["helena@gaf.example"]]

    def test_t54_is_kept_sealed(self):
        app = App("Tunde")
        held = SecondFactor.objects.get()

        assert held.secret.startswith("s1:")
        assert app.totp.secret not in held.secret
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondFactor.objects.update(secret=app.totp.secret)
        assert not {one.replace("-", "") for one in app.on_paper} & set(
            held.recovery_codes.values_list("digest", flat=True)
        )


class TestTurningItOn:
    def test_goes_by_password_picture_and_first_code(self):
        person("Tunde")
        client = password("Tunde")
        assert client.get("/second-factor/picture.svg").status_code == 302
        assert client.post("/second-factor/?save=1", {"act": "begin", "password": ANOTHER}).status_code == 422
        assert client.post("/second-factor/?save=1", {"act": "begin", "password": PASSWORD}).status_code == 302

        page = client.get("/second-factor/").content.decode()
        secret = secret_of(SecondFactor.objects.get())
        assert secret in page.replace(" ", "")
        picture = client.get("/second-factor/picture.svg")
        assert picture.headers["Content-Type"] == "image/svg+xml"
        assert b'xmlns="http://www.w3.org/2000/svg"' in picture.content  # without it an <img> shows nothing
        assert "data:" not in page
        wrong = client.post("/second-factor/?save=1", {"act": "confirm", "code": "000000"})
        assert (wrong.status_code, SecondFactor.objects.get().confirmed_at) == (422, None)
        answer = client.post("/second-factor/?save=1", {"act": "confirm", "code": pyotp.TOTP(secret).at(clock.now())})

        assert len(re.findall(r"<code>[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}</code>", answer.content.decode())) == 10
        assert "no-store" in answer.headers["Cache-Control"]
        assert client.get("/second-factor/picture.svg").status_code == 302
        assert secret not in client.get("/second-factor/").content.decode().replace(" ", "")
        assert not any(secret in str(session.get_decoded()) for session in Session.objects.all())


class TestWhereEverybodyNeedsOne:
    @pytest.fixture(autouse=True)
    def _as_in_a_real_installation(self, settings):
        settings.GAF_SECOND_FACTOR_REQUIRED = True

    @pytest.mark.usefixtures("house")
    def test_nothing_else_opens_before(self):
        made = stories.a_submitted_request()
        people("Idriss", "Helena", "Tunde")
        for name in ("Amina", "Idriss", "Helena", "Tunde"):
            client = password(name)
            assert is_in(client), name
            for route in ("/desk/", "/requests/", f"/requests/{made.reference}/", "/fund/", "/search/", "/cms/"):
                answer = client.get(route)
                assert (answer.status_code, answer.headers.get("Location")) == (302, "/second-factor/"), route
            before = stories.everything()
            sent = client.post(f"/requests/{made.reference}/endorse/?save=1", {"seen_version": made.version})
            assert (sent.status_code, "FACTOR-01" in sent.content.decode()) == (403, True)
            assert stories.everything() == before
            assert client.get("/second-factor/").status_code == 200

    def test_who_has_one_works_and_does_not_turn_it_off(self):
        app, client = App("Tunde"), password("Tunde")
        give(client, app.code())

        assert client.get("/").status_code == 302
        client.post("/second-factor/?save=1", {"act": "off", "password": PASSWORD, "code": app.code(30)})
        assert SecondFactor.objects.filter(person=app.person).exists()

    def test_a_real_installation_asks_it_and_no_variable_turns_that_off(self):
        chosen = (settings.BASE_DIR / "gaf" / "settings" / "production.py").read_text()

        assert "\nGAF_SECOND_FACTOR_REQUIRED = True\n" in chosen
        assert chosen.count("GAF_SECOND_FACTOR_REQUIRED") == 1
