"""Where Stripe tells us that something happened. What comes is kept raw with its verdict; nobody believes it yet."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from finance.actions.messages import keep_message, store_event
from finance.gateways.stripe_signature import verify
from gaf import clock
from gaf.audience import audience

MOST_BYTES = 256 * 1024  # Stripe's largest messages are a fraction of this


@csrf_exempt
@audience(public=True)
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Keep what came with the verdict on its signature; then keep the event of a genuine one, and answer at once.

    A database that cannot be written answers 500 by itself, so that Stripe sends it again; nothing is half kept.
    """
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _answer(413, "too large")
    secrets = [secret.strip() for secret in settings.STRIPE_WEBHOOK_SECRETS.split(",")]
    signature, at = request.headers.get("Stripe-Signature", ""), clock.now()
    verdict = verify(body, signature, secrets, at)
    message = keep_message(body=body, signature=signature, verdict=verdict, at=at)
    if not verdict.is_genuine or store_event(body=body, at=at, message=message) is None:
        return _answer(400, "not accepted")
    return _answer(200, "kept")


def _answer(status: int, word: str) -> HttpResponse:
    """A word for the log of whoever called; it says nothing about why."""
    return HttpResponse(word, status=status, content_type="text/plain; charset=utf-8")
