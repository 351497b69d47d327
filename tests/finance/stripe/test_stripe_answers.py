"""What Stripe's errors mean: only a clear no counts as one, and anything that may hide a payment is unknown."""

from __future__ import annotations

import pytest
import stripe

from finance.gateways.port import Refused, Then, Unknown
from finance.gateways.stripe_client import ask, classify


def error(kind, status, code=""):
    """An error as the library makes it from an answer of this status and code."""
    body = {"error": {"type": "invalid_request_error", "message": "Stripe's words", "code": code}}
    if kind in (stripe.InvalidRequestError, stripe.CardError):
        return kind("Stripe's words", None, code, http_status=status, json_body=body)
    return kind("Stripe's words", http_status=status, json_body=body)


class TestAnErrorOfStripe:
    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [
            (stripe.InvalidRequestError, 400, "balance_insufficient"),
            (stripe.InvalidRequestError, 404, "resource_missing"),
            (stripe.CardError, 402, "card_declined"),
            (stripe.PermissionError, 403, "account_invalid"),
        ],
    )
    def test_is_a_refusal_when_it_says_no_for_good(self, kind, status, code):
        assert classify(error(kind, status, code)) == Refused(code, "Stripe's words")

    @pytest.mark.parametrize(
        ("kind", "status", "code", "then"),
        [
            (stripe.APIConnectionError, None, "", Then.ASK_AGAIN),
            (stripe.APIError, 200, "", Then.ASK_AGAIN),
            (stripe.APIError, 400, "", Then.ASK_AGAIN),
            (stripe.APIError, 409, "idempotency_key_in_use", Then.ASK_AGAIN),
            (stripe.APIError, 500, "", Then.ASK_AGAIN),
            (stripe.RateLimitError, 429, "", Then.ASK_AGAIN),
            (stripe.InvalidRequestError, 400, "lock_timeout", Then.ASK_AGAIN),
            (stripe.InvalidRequestError, 400, "idempotency_key_in_use", Then.ASK_AGAIN),
            (stripe.InvalidRequestError, 409, "balance_insufficient", Then.ASK_AGAIN),
            (stripe.AlreadyCanceledError, 400, "", Then.ASK_AGAIN),
            (stripe.AuthenticationError, 401, "", Then.PAUSE_RAIL),
            (stripe.PermissionError, 403, "", Then.PAUSE_RAIL),
            (stripe.IdempotencyError, 400, "", Then.CALL_A_PERSON),
        ],
    )
    def test_leaves_the_outcome_unknown_otherwise(self, kind, status, code, then):
        answer = classify(error(kind, status, code))

        assert (type(answer), answer.then) == (Unknown, then)


class TestAnAnswerThatCannotBeRead:
    @pytest.mark.parametrize("wrong", [ValueError, TypeError, KeyError, AttributeError])
    def test_leaves_the_outcome_unknown(self, wrong):
        def call():
            raise wrong("unexpected")

        assert ask(call).code == "answer_not_understood"
