"""What Stripe sends: kept raw once when it is genuine, kept nowhere when it is not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from finance.gateways.stripe_signature import sign
from finance.models import GatewayEvent
from finance.webhooks import MOST_BYTES
from gaf import clock
from gaf.outbox.models import OutboxMessage

ADDRESS = "/webhooks/stripe/"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payout.paid",
    "account": "acct_payee",
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

    def test_sent_twice_is_kept_once_and_answered_twice(self) -> None:
        body = json.dumps(EVENT)
        assert [send(body, signed(body)).status_code for _time in range(2)] == [200, 200]
        assert (GatewayEvent.objects.count(), OutboxMessage.objects.count()) == (1, 1)

    def test_may_be_signed_with_the_older_secret_while_it_is_changed(self) -> None:
        body = json.dumps(EVENT)
        assert send(body, signed(body, "whsec_old")).status_code == 200


class TestAMessageThatIsNotGenuine:
    @pytest.mark.parametrize("case", ["unsigned", "nonsense", "another secret", "changed", "too old", "no event"])
    def test_is_kept_nowhere(self, case: str) -> None:
        body = json.dumps(EVENT)
        header: str | None = {
            "unsigned": None,
            "nonsense": "t=abc,v1=é",
            "another secret": signed(body, "whsec_else"),
            "changed": signed(body),
            "too old": signed(body, late=timedelta(minutes=6)),
            "no event": signed("[]"),
        }[case]
        sent = {"changed": body.replace("paid", "failed"), "no event": "[]"}.get(case, body)
        answer = send(sent, header)
        assert (answer.status_code, answer.content) == (400, b"not accepted")
        assert (GatewayEvent.objects.count(), OutboxMessage.objects.count()) == (0, 0)

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
