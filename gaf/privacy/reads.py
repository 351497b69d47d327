"""The read log: who opened which page of which request, and when. A page that cannot be logged is not shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse

from gaf import clock
from gaf.accounts.models import User
from gaf.privacy.guessing import has_to_wait, missed, reference_in, too_many
from gaf.privacy.models import Purpose, Read
from gaf.privacy.sight import those_who_see
from gaf.sealing import mark, seal

# Pages without a reference in their address that carry many requests out of the house.
_EXPORTS = frozenset({"requests_export", "disbursements_export", "lines_export"})
_SEARCHED = "requests"
_OF_REQUESTS = "/requests/"
UNCOVERED_FOR = timedelta(minutes=60)
# Pages on which a request is read, and how long one visit lasts at most.
_LOOKS = ("record", "review", "approval", "changes")
_ONE_VISIT = timedelta(minutes=30)
Answer = Callable[[HttpRequest], HttpResponse]


class LogReads:
    """After a page was made and before it is sent: who read it. Acts are told by their decisions instead."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the page be made, then keep who read it; one that cannot be kept is not sent."""
        response = self.get_response(request)
        where = request.resolver_match
        if where is not None and isinstance(request.user, User):
            page, keys = (where.url_name or "")[:40], where.kwargs
            if response.status_code == 404:
                return _log_missed(request, request.user, page, keys) or response
            if response.status_code == 200 and request.method != "POST":
                _log(request.user, page, keys, request.GET.get("q", ""))
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, keys: dict[str, Any]) -> HttpResponse | None:
        """Pages of money ask no queryset of requests: what they say of a strict one is not there either.

        Whoever guesses references waits before anything is asked; that they knocked is kept, whatever it was.
        """
        if (knocked := reference_in(keys)) and isinstance(request.user, User) and has_to_wait(request):
            page = (request.resolver_match.url_name or "")[:40] if request.resolver_match else ""
            Read.objects.create(person=request.user, page=page, reference=knocked, refused=True, at=clock.now())
            return too_many(request)
        reference = str(keys.get("reference", ""))
        if not reference or request.path.startswith(_OF_REQUESTS) or not isinstance(request.user, User):
            return None
        if not those_who_see([request.user], reference):
            raise Http404
        return None


def _log(person: User, page: str, keys: dict[str, Any], searched: str) -> None:
    reference = str(keys.get("reference", ""))[:20]
    if reference:
        read(person, page, reference, str(keys.get("key", keys.get("number", "")))[:64])
    elif page in _EXPORTS or (page == _SEARCHED and searched):
        read(person, page, "", mark(searched)[:16] if searched else "")


def _log_missed(request: HttpRequest, person: User, page: str, keys: dict[str, Any]) -> HttpResponse | None:
    """Somebody was told “not there”: kept alike whatever it was, so that the work of it tells nothing."""
    reference = reference_in(keys)
    return missed(request, person, page, reference) if reference else None


def read(person: User, page: str, reference: str, detail: str = "") -> None:
    """Keep that somebody read a page."""
    Read.objects.create(person=person, page=page, reference=reference, detail=detail, at=clock.now())


def uncover(person: User, reference: str, owner: str, purpose: str, reason: str) -> None:
    """Keep that somebody uncovers the text of a request for a while, for what purpose and why in their own words."""
    Read.objects.create(
        person=person,
        page="uncovered",
        reference=reference,
        purpose=Purpose(purpose),
        reason=seal(owner, reason),
        at=clock.now(),
    )


def looked_at(person: User) -> Coalesce:
    """When this person last looked at a request, as a column of a query over rows that carry a reference.

    Looks within half an hour are one visit: the column tells the look before the visit, or else its first.
    """
    looks = Read.objects.filter(person=person, reference=OuterRef("reference"), page__in=_LOOKS, refused=False)
    before = looks.filter(at__lt=clock.now() - _ONE_VISIT).order_by("-id")
    return Coalesce(Subquery(before.values("at")[:1]), Subquery(looks.order_by("id").values("at")[:1]))


def has_uncovered(person: User, reference: str) -> bool:
    """Whether this person uncovered the text of this request within the last hour."""
    return _uncovered_by(person).filter(reference=reference).exists()


def uncovered_by(person: User) -> Exists:
    """The same as a condition of a query over rows that carry a reference."""
    return Exists(_uncovered_by(person).filter(reference=OuterRef("reference")))


def _uncovered_by(person: User) -> QuerySet[Read]:
    return Read.objects.filter(person=person, page="uncovered", at__gte=clock.now() - UNCOVERED_FOR)
