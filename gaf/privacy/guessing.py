"""Guessing is slowed down: references are given out in order, so whoever tries many that are not there has to wait.

Every “not there” of a reference is a row of the read log, whether it never was or is only not this person's; both cost
the same. The rows are counted when one is added and at no other time; meanwhile the session says until when to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import people_with
from gaf.accounts.roles import Role
from gaf.notices import tell
from gaf.privacy.models import Guessing, Read

MOST = 20  # different references that are not there, within the time below; a page opened again counts once
WITHIN = timedelta(minutes=10)
_UNTIL = "references_wait_until"


def reference_in(keys: dict[str, Any]) -> str:
    """The reference an address asks for, of a request or of a disbursement; empty when it asks for none."""
    asked = keys.get("reference", keys.get("number", ""))
    return asked[:20] if isinstance(asked, str) else ""


@transaction.atomic
def missed(request: HttpRequest, person: User, page: str, reference: str) -> HttpResponse | None:
    """Keep that somebody asked for a reference that is not there for them; the page that slows them down, if it is due.

    When the limit is reached the privacy focal points are told, once.
    """
    last = Read.objects.create(person=person, page=page, reference=reference, refused=True, at=clock.now())
    if _tried_by(person, last.at) < MOST:
        return None
    _ring_once(last)
    request.session[_UNTIL] = (last.at + WITHIN).isoformat()
    return too_many(request)


def has_to_wait(request: HttpRequest) -> bool:
    """Whether this browser is slowed down now; asks the session that is at hand anyway."""
    until = request.session.get(_UNTIL)
    return until is not None and clock.now() < datetime.fromisoformat(until)


def too_many(request: HttpRequest) -> HttpResponse:
    """The page that says to wait, and how long; it says nothing about what was asked for."""
    answer = render(request, "too_many_references.html", {"minutes": int(WITHIN.total_seconds() // 60)}, status=429)
    answer.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
    return answer


def _tried_by(person: User, now: datetime) -> int:
    rows = Read.objects.filter(person=person, refused=True, at__gt=now - WITHIN)
    return rows.values("reference").distinct().count()


def _ring_once(last: Read) -> None:
    """One alarm for one person and stretch of guessing."""
    if Guessing.objects.filter(read__person=last.person, read__at__gt=last.at - WITHIN).exists():
        return
    Guessing.objects.create(read=last, until=last.at + WITHIN)
    people = people_with(Role.PRIVACY_FOCAL_POINT)
    tell(people, "references_guessed", reference="", path="/privacy/", key=f"{last.pk}", to_all=True)
