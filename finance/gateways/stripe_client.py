"""Stripe's own library, set up with nothing left to its defaults, and its errors sorted into the port's answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from finance.gateways.port import Refused, Then, Unknown
from finance.gateways.stripe_pace import Bucket, kept_back
from gaf import clock

if TYPE_CHECKING:
    import stripe

API_VERSION = "2026-10-28.endive"
CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 30.0
NETWORK_RETRIES = 2

# Refusals are final only with these statuses; everything else may hide a payment that went through.
_FINAL_STATUSES = frozenset({400, 402, 404})
_PASSING_CODES = frozenset({"lock_timeout", "rate_limit", "idempotency_key_in_use"})
_WORDS_LENGTH = 200


def build_http(
    *,
    is_stand_in: bool,
    connect_timeout: float = CONNECT_TIMEOUT_SECONDS,
    read_timeout: float = READ_TIMEOUT_SECONDS,
    calls_per_second: int = 0,
) -> stripe.RequestsClient:
    """The connection to Stripe, with time-outs in seconds of our own: the library would wait 80.

    No more than `calls_per_second` are made, those that the library repeats among them; 0 sets no limit.
    """
    import requests
    import stripe

    session = None
    if is_stand_in:
        session = requests.Session()
        session.trust_env = False  # a proxy of the machine must not carry calls meant for the stand-in
    timeout = (connect_timeout, read_timeout)
    if not calls_per_second:
        return stripe.RequestsClient(timeout=timeout, session=session)
    return _paced(calls_per_second)(timeout=timeout, session=session)


def _paced(calls_per_second: int) -> type[stripe.RequestsClient]:
    """Stripe's own connection, which asks our bucket first. Made here because importing the library is slow."""
    import stripe

    bucket = Bucket(calls_per_second)

    class PacedClient(stripe.RequestsClient):
        def request(  # type: ignore[override]  # as the library's own connection over requests has it
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
        ) -> tuple[bytes, int, Mapping[str, str]]:
            is_question = method.lower() == "get"
            if not bucket.take(clock.now(), leave=kept_back(calls_per_second) if is_question else 0):
                body = {"error": {"code": "rate_limit"}}
                raise stripe.RateLimitError("Held back here.", http_status=429, json_body=body)
            return super().request(method, url, headers, post_data)

    return PacedClient


def build_client(
    api_key: str, api_base: str | None, http: stripe.RequestsClient, *, network_retries: int = NETWORK_RETRIES
) -> stripe.StripeClient:
    """A client of Stripe, or of a stand-in at `api_base`; then all four of Stripe's hosts are the stand-in.

    Retries are set because the library makes none by default. Its telemetry is off: it would write an identifier into
    the home folder and tell Stripe about earlier calls.
    """
    import stripe

    stripe.enable_telemetry = False
    api_base = (api_base or "").rstrip("/")
    return stripe.StripeClient(
        api_key,
        stripe_version=API_VERSION,
        max_network_retries=network_retries,
        http_client=http,
        base_addresses=(
            {"api": api_base, "connect": api_base, "files": api_base, "meter_events": api_base} if api_base else None
        ),
    )


def ask(call: Callable[[], Any]) -> dict[str, Any] | Refused | Unknown:
    """Stripe's answer as a plain dictionary, or what became of the question.

    An answer that came but cannot be read counts as unknown: Stripe may have acted on the question.
    """
    import stripe

    try:
        values: dict[str, Any] = call().to_dict(for_json=True)
    except stripe.StripeError as error:
        return classify(error)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Unknown(_("Stripe's answer could not be read."), code="answer_not_understood")
    if not isinstance(values.get("id", ""), str):
        return Unknown(_("Stripe's answer could not be read."), code="answer_not_understood")
    return values


def on_page(asked: dict[str, Any], page: dict[str, Any]) -> Any:
    """The parameters of a list, and what names the page (untyped: the library's own types know no such thing)."""
    return {**asked, **page}


def ask_all(call: Callable[[dict[str, Any]], Any], *, most: int = 10_000) -> list[dict[str, Any]] | Refused | Unknown:
    """Every page of a list, newest first. `call` is given what names the next page (`starting_after`).

    More than `most` rows, or a page that does not go on, is unknown rather than a list that only looks whole.
    """
    rows: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = ask(functools.partial(call, cursor))
        if not isinstance(page, dict):
            return page
        fresh = page.get("data")
        if not isinstance(fresh, list) or not all(isinstance(row, dict) and row.get("id") for row in fresh):
            return Unknown(_("Stripe's answer could not be read."), code="answer_not_understood")
        rows += fresh
        if page.get("has_more") is not True:
            return rows
        if len(rows) > most or not fresh or cursor.get("starting_after") == fresh[-1]["id"]:
            return Unknown(_("Stripe's list could not be read to its end."), code="list_not_whole")
        cursor = {"starting_after": fresh[-1]["id"]}


def ask_every(call: Callable[[], Any], *, most: int = 10_000) -> list[dict[str, Any]] | Refused | Unknown:
    """Every row of a list of Stripe's second interface, whose pages name the next one themselves."""
    rows: list[dict[str, Any]] = []

    def collect() -> Any:
        for item in call().auto_paging_iter():
            if len(rows) >= most:
                raise ValueError("too many rows")
            rows.append(item.to_dict(for_json=True))
        return _Nothing()

    outcome = ask(collect)
    return rows if isinstance(outcome, dict) else outcome


class _Nothing:
    """Stands where a list has been read already and no single object remains."""

    def to_dict(self, *, for_json: bool) -> dict[str, Any]:
        return {}


def classify(error: stripe.StripeError) -> Refused | Unknown:
    """Sort an error by its class, its HTTP status and Stripe's own code into "no, for good" or "nobody can say".

    A 429 counts as unknown too: Stripe did nothing, but a retry inside the library may have done something before it.
    It costs nothing, as the same key may be sent again.
    """
    import stripe

    code = _code(error)
    if isinstance(error, stripe.IdempotencyError):
        words = _("This key was used before with another amount or payee.")
        return Unknown(words, code="idempotency_error", then=Then.CALL_A_PERSON)
    if isinstance(error, stripe.AuthenticationError):
        return Unknown(_("Stripe did not accept our key."), code="key_refused", then=Then.PAUSE_RAIL)
    if isinstance(error, stripe.PermissionError):
        if code == "account_invalid":
            return Refused(code, _words(error))
        return Unknown(_("Stripe does not let our key do this."), code="forbidden", then=Then.PAUSE_RAIL)
    if isinstance(error, stripe.RateLimitError):
        return Unknown(_("Stripe asked us to slow down."), code="rate_limit")
    definite = (stripe.InvalidRequestError, stripe.CardError, *_definite_of_v2())
    is_final = isinstance(error, definite) and error.http_status in _FINAL_STATUSES and code not in _PASSING_CODES
    if is_final:
        return Refused(code or "invalid_request", _words(error))
    return Unknown(_("Stripe gave no clear answer."), code=code or f"http_{error.http_status or 'none'}")


def _definite_of_v2() -> tuple[type[Exception], ...]:
    """The second interface says no with a class for each reason; these mean that nothing was paid."""
    import stripe

    names = (
        "BlockedByStripeError",
        "CannotProceedError",
        "CapabilityNotEnabledError",
        "FeatureNotEnabledError",
        "FinancialAccountNotOpenError",
        "InsufficientFundsError",
        "InvalidPayoutMethodError",
        "QuotaExceededError",
    )
    return tuple(getattr(stripe, name) for name in names if hasattr(stripe, name))


def _code(error: stripe.StripeError) -> str:
    """Stripe's code from the body: the library leaves `code` empty on several of its classes."""
    body = error.json_body
    inner = body.get("error") if isinstance(body, Mapping) else None
    code = inner.get("code") if isinstance(inner, Mapping) else None
    return code if isinstance(code, str) else ""


def _words(error: stripe.StripeError) -> str:
    return (error.user_message or "")[:_WORDS_LENGTH]
