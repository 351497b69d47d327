"""Stripe's messages: signed, repeated until taken, and only a reason to ask Stripe what is true now."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from finance.gateways.port import NotFound, ProviderStatus
from finance.gateways.stripe_events import read_event
from finance.gateways.stripe_signature import verify
from finance.stand_ins.stripe_server import StripeStandIn

SECRET = "whsec_specification"


@pytest.fixture
def receiver():
    """A door of the fund's own for messages; `answers` are the statuses it gives, then 200."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((body, self.headers["Stripe-Signature"]))
            self.send_response(server.answers.pop(0) if server.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    server.received, server.answers = [], []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def paid(receiver, make_rail, instruct_for, noon):
    """A stand-in that sends messages, a payment made through it, and the payee's account."""
    stand_in = StripeStandIn(
        api_key="sk",
        clock=lambda: noon,
        webhook_secret=SECRET,
        webhook_url=f"http://127.0.0.1:{receiver.server_port}/in",
    )
    with stand_in as address:
        rail = make_rail(api_key="sk", api_base=address)
        stand_in.top_up(100_000, "usd")
        payee = stand_in.connect_account("CH9300762011623850007", currency="usd")
        answer = rail.create(instruct_for(payee), first_called_at=None, now=noon)
        yield stand_in, rail, answer, payee


class TestAMessageFromStripe:
    def test_is_signed_so_that_the_fund_believes_it(self, paid, receiver, noon):
        stand_in, _, answer, payee = paid

        delivered = stand_in.deliver()

        assert delivered == len(receiver.received) == 4
        assert all(verify(body, header, [SECRET], noon).is_genuine for body, header in receiver.received)
        events = [read_event(body) for body, _ in receiver.received]
        assert [event.type for event in events] == [
            "topup.created",
            "topup.succeeded",
            "transfer.created",
            "payout.created",
        ]
        assert (events[3].object_ref, events[3].account) == (answer.provider_ref, payee)
        assert (events[2].object_ref, events[2].account) == (answer.steps["transfer"], "")

    def test_comes_again_until_it_is_taken(self, paid, receiver):
        stand_in, *_ = paid
        receiver.answers += [500, 200, 200, 503]

        rounds = [stand_in.deliver(), stand_in.deliver(), stand_in.deliver()]

        assert rounds == [2, 2, 0]
        assert len(receiver.received) == 6

    def test_holds_no_account_number_and_no_name(self, paid, receiver):
        stand_in, *_ = paid
        stand_in.advance(6 * 86400)
        stand_in.deliver()

        assert all(b"CH93" not in body for body, _ in receiver.received)

    def test_is_only_a_reason_to_ask_what_is_true_now(self, paid, receiver):
        """The message says pending; Stripe says failed by the time it is read."""
        stand_in, rail, answer, payee = paid
        stand_in.deliver()
        event = read_event(receiver.received[3][0])
        stand_in.advance(5 * 86400)

        fetched = rail.fetch_event_object(event)

        assert (fetched.kind, fetched.ref, fetched.account) == ("payout", answer.provider_ref, payee)
        assert (fetched.disbursement, fetched.attempt) == ("P-2026-00031", "0123456789abcdef0123456789abcdef")
        assert (fetched.payout.status, fetched.payout.failure_code) == (ProviderStatus.FAILED, "account_closed")

    def test_about_a_transfer_says_nothing_of_being_paid(self, paid, receiver):
        stand_in, rail, answer, _ = paid
        stand_in.deliver()

        fetched = rail.fetch_event_object(read_event(receiver.received[2][0]))

        assert (fetched.kind, fetched.ref, fetched.payout) == ("transfer", answer.steps["transfer"], None)

    def test_about_nothing_of_ours_leads_nowhere(self, paid):
        _, rail, *_ = paid
        unheard = _named("payout.paid", "payout", "po_unheard")
        customer = _named("customer.created", "customer", "cus_1")

        assert rail.fetch_event_object(read_event(unheard)) == NotFound()
        assert rail.fetch_event_object(read_event(customer)) is None


class TestMessagesThatNeverCame:
    def test_are_found_in_the_list_of_each_account(self, paid, noon):
        stand_in, rail, answer, payee = paid
        stand_in.advance(5 * 86400)

        missed = rail.events_since(noon, payee)

        assert [event.type for event in missed] == [
            "payout.created",
            "payout.updated",
            "payout.updated",
            "payout.paid",
            "payout.updated",
            "payout.failed",
        ]
        assert {event.object_ref for event in missed} == {answer.provider_ref}
        assert {event.account for event in missed} == {payee}
        assert {event.type for event in rail.events_since(noon)} == {
            "topup.created",
            "topup.succeeded",
            "transfer.created",
        }


def _named(kind, about, ref):
    values = {"id": "evt_9", "object": "event", "type": kind, "data": {"object": {"object": about, "id": ref}}}
    return json.dumps(values).encode()
