"""What other sites can make a signed-in person's browser send: T39 (forged requests) and T40 (led away, framed)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import PASSWORD, person
from tests.rules.walking import addresses, filled

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

# The provider's calls are believed by their signature and by nothing else.
BY_SIGNATURE = {"stripe_webhook"}
KEYS = {
    "number": "1",
    "place": "1",
    "line": "1",
    "version": "1",
    "year": "2026",
    "commitment": "1",
    "person": "1",
    "sequence": "1",
    "hit": "1",
    "pk": "1",
    "month": "2026-09",
    "months": "3",
    "day": "2026-10-01",
}


class _Anything(dict[str, str]):
    """A key for every place of an address; where it leads does not matter before the token is asked for."""

    def __missing__(self, key: str) -> str:
        return KEYS.get(key, "GAF-2026-00001")


class TestT39ARequestForgedByAnotherSite:
    def test_is_refused_at_every_address(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("Helena"))
        taken = []
        for name, route in addresses().items():
            if name in BY_SIGNATURE or route.startswith("^") or name.startswith("account_") or name == "wagtail_serve":
                continue
            answer = client.post(filled(route, _Anything()), {"reason": "forged"})
            if answer.status_code != 403:
                taken.append(f"{name}: {answer.status_code}")
        assert taken == []

    def test_is_refused_at_the_door_too(self):
        person("Helena")
        client = Client(enforce_csrf_checks=True)

        answer = client.post("/sign-in/", {"login": "helena@gaf.example", "password": PASSWORD})

        assert answer.status_code == 403
        assert "_auth_user_id" not in client.session


class TestT40APageOfOurs:
    @pytest.mark.parametrize(
        "elsewhere",
        ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example", "/\\evil.example"],
    )
    def test_leads_nowhere_else_after_the_sign_in(self, elsewhere):
        person("Helena")

        answer = Client().post(f"/sign-in/?next={elsewhere}", {"login": "helena@gaf.example", "password": PASSWORD})

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/")
        assert "evil" not in answer.headers["Location"]

    def test_is_shown_in_no_frame_of_another_site(self):
        policy = Client().get("/sign-in/").headers["Content-Security-Policy"]

        assert "frame-ancestors 'none'" in policy
