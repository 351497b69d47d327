"""What Stripe sends: kept raw with its verdict, believed once when it is genuine, and never when it is not."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from finance.actions import messages as door
from finance.gateways.stripe_signature import sign
from finance.models import GatewayEvent, ReceivedMessage
from finance.webhooks import MOST_BYTES
from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from tests.finance.pages.visits import Visit

ADDRESS = "/webhooks/stripe/"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payout.paid",
    "data": {"object": {"id": "po_1", "object": "payout"}},
}
pytestmark = pytest.mark.usefixtures("db", "at_noon")


@pytest.fixture(autouse=True)
def _two_secrets(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = "whsec_new, whsec_old"


def send(body: str, header: str | None) -> HttpResponse:
    """A message as Stripe sends it: no session, no form token."""
    headers = {} if header is None else {"Stripe-Signature": header}
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json", headers=headers)


def signed(body: str, secret: str = "whsec_new", late: timedelta = timedelta(0)) -> str:
    """Stripe's signature of a message."""
    return sign(body, secret, clock.now() - late)


class TestAGenuineMessage:
    def test_is_kept_raw_and_promised_to_be_looked_at(self) -> None:
        body = json.dumps(EVENT)
        answer = send(body, signed(body))
        kept = GatewayEvent.objects.get()
        assert (answer.status_code, kept.event_id, kept.body, kept.handled_at) == (200, "evt_1", body, None)
        assert OutboxMessage.objects.filter(topic="provider_event").count() == 1

    def test_f25_sent_twice_is_kept_once_and_answered_twice(self) -> None:
        body = json.dumps(EVENT)
        assert [send(body, signed(body)).status_code for _time in range(2)] == [200, 200]
        assert (GatewayEvent.objects.count(), OutboxMessage.objects.count()) == (1, 1)
        assert [kept.event.event_id for kept in ReceivedMessage.objects.all()] == ["evt_1", "evt_1"]

    def test_f33_may_be_signed_with_either_secret_while_it_is_changed_and_with_the_new_one_only_after(
        self, settings
    ) -> None:
        body = json.dumps(EVENT)
        old, new = signed(body, "whsec_old"), signed(body)
        both = f"{old},{new.partition(',')[2]}"
        answers = [send(body, header).status_code for header in (old, new, both)]
        settings.STRIPE_WEBHOOK_SECRETS = "whsec_new"
        assert [*answers, send(body, old).status_code, send(body, new).status_code] == [200, 200, 200, 400, 200]


V0_ONLY = "v0 only"


class TestAMessageThatIsNotGenuine:
    def case(self, name: str, body: str) -> tuple[str, str | None]:
        """The body and the header of one way of not being genuine."""
        header: str | None = {
            "unsigned": None,
            "nonsense": "t=abc,v1=é",
            "another secret": signed(body, "whsec_else"),
            "changed": signed(body),
            V0_ONLY: signed(body).replace("v1=", "v0="),
            "too old": signed(body, late=timedelta(minutes=6)),
            "from the future": signed(body, late=-timedelta(minutes=6)),
            "no event": signed("[]"),
        }[name]
        return {"changed": body.replace("paid", "fail"), "no event": "[]"}.get(name, body), header

    def nothing_is_trusted(self, name: str) -> None:
        """Refused in two words, kept with its verdict, and nothing follows from it."""
        answer = send(*self.case(name, json.dumps(EVENT)))
        assert (answer.status_code, answer.content) == (400, b"not accepted")
        assert (GatewayEvent.objects.count(), OutboxMessage.objects.count()) == (0, 0)
        assert ReceivedMessage.objects.get().event is None

    @pytest.mark.parametrize("name", ["unsigned", "nonsense", "another secret", "changed", V0_ONLY, "no event"])
    def test_f31_is_refused_and_nothing_in_it_is_trusted(self, name: str) -> None:
        self.nothing_is_trusted(name)

    @pytest.mark.parametrize("name", ["too old", "from the future"])
    def test_f32_an_old_or_future_signature_is_refused(self, name: str) -> None:
        self.nothing_is_trusted(name)

    def test_f34_a_clock_that_is_wrong_by_ten_minutes_is_told_apart_from_forgery(self) -> None:
        body = json.dumps(EVENT)
        for minutes in (10, -10):
            send(body, signed(body, late=timedelta(minutes=minutes)))
        send(body, signed(body, "whsec_else"))
        found = [(kept.verdict, kept.signed_at is not None) for kept in ReceivedMessage.objects.order_by("id")]
        assert found == [("too_old", True), ("from_the_future", True), ("not_signed_by_stripe", True)]
        assert GatewayEvent.objects.count() == 0

    def test_of_the_refused_only_the_beginning_is_kept_and_only_so_many_an_hour(self, monkeypatch) -> None:
        monkeypatch.setattr(door, "_MOST_REFUSED_AN_HOUR", 3)
        long = json.dumps({**EVENT, "padding": "x" * 5000})
        answers = {send(long, "t=1,v1=00").status_code for _time in range(5)}
        kept = list(ReceivedMessage.objects.all())
        assert (answers, len(kept)) == ({400}, 3)
        assert (len(kept[0].body), kept[0].size) == (2000, len(long))

    def test_is_refused_where_no_secret_is_set(self, settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = ""
        body = json.dumps(EVENT)
        assert send(body, sign(body, "", clock.now())).status_code == 400

    def test_that_is_larger_than_any_of_stripes_is_not_read(self) -> None:
        body = json.dumps({**EVENT, "padding": "x" * MOST_BYTES})
        assert (send(body, signed(body)).status_code, GatewayEvent.objects.count()) == (413, 0)


class TestTheAddress:
    def test_answers_to_post_only(self) -> None:
        assert Client().get(ADDRESS).status_code == 405

    def test_f35_answers_with_an_error_of_its_own_when_nothing_can_be_written(self, monkeypatch) -> None:
        def broken(**_: object) -> None:
            raise OperationalError("the database is away")

        monkeypatch.setattr("finance.webhooks.store_event", broken)
        body = json.dumps(EVENT)
        client = Client(raise_request_exception=False)
        headers = {"Stripe-Signature": signed(body)}
        answer = client.post(ADDRESS, body, content_type="application/json", headers=headers)
        assert (answer.status_code, GatewayEvent.objects.count(), OutboxMessage.objects.count()) == (500, 0, 0)
        monkeypatch.undo()
        assert send(body, signed(body)).status_code == 200

    def test_f37_takes_a_thin_event_without_falling_over(self) -> None:
        thin = {
            "id": "evt_thin",
            "object": "v2.core.event",
            "type": "v1.payout.paid",
            "related_object": {"id": "po_1", "type": "payout", "url": "/v1/payouts/po_1"},
        }
        body = json.dumps(thin)
        assert send(body, signed(body)).status_code == 200
        assert GatewayEvent.objects.get().object_id == "po_1"

    @pytest.mark.parametrize(
        "strange",
        [
            {
                "id": "evt_2",
                "object": "event",
                "type": "moon.landed",
                "data": {"object": {"id": "x", "object": "moon"}},
            },
            {"id": "evt_2", "object": "event", "type": "payout.paid"},
            {"id": "evt_2", "object": "event", "type": "payout.paid", "data": None, "api_version": "2011-01-01"},
            {"id": "evt_2", "object": "event"},
        ],
    )
    def test_f36_keeps_what_it_does_not_know_and_goes_on(self, strange: dict[str, object]) -> None:
        body = json.dumps(strange)
        assert send(body, signed(body)).status_code == 200
        drain()
        assert GatewayEvent.objects.get().handled_at is not None


class TestAGenuineMessageThatIsNoneOfOurs:
    @pytest.mark.parametrize(
        ("changes", "why"),
        [({"livemode": True}, "OTHER_MODE"), ({"account": "acct_unheard"}, "UNKNOWN_ACCOUNT")],
    )
    def test_f29_is_kept_apart_and_told(self, changes: dict[str, object], why: str) -> None:
        tunde = User.objects.create_user("tunde@gaf.example", "Tunde")
        assign_role(person=tunde, role=Role.SYSTEM_ADMINISTRATOR, mission=None, starts_on=clock.today())
        body = json.dumps({**EVENT, **changes})
        assert send(body, signed(body)).status_code == 200
        event = GatewayEvent.objects.get()
        assert (event.quarantine, event.handled_at) == (why, None)
        assert [one.payload["notice"] for one in OutboxMessage.objects.all()] == ["message_quarantined"]
        page = Visit.of(tunde).get("/disbursements/rails/").content.decode()
        assert "evt_1" in page
        assert event.get_quarantine_display() in html.unescape(page)
