"""Search by anything: each room says what it finds, only among what the person who asks may see.

A reference typed whole leads straight to its record. What a person may not see is answered like what does not exist:
the rooms search what is visible and count afterwards. Sealed text is never searched; it could not be.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience

MOST_SHOWN = 10
LONGEST = 80
_SHORTEST = 2
_ALIKE = 0.75


@dataclass(frozen=True)
class Hit:
    """One thing that was found: what it is, where it stands, and why it was found; `language` when it has its own."""

    label: str
    url: str
    why: str = ""
    language: str = ""


@dataclass(frozen=True)
class Found:
    """What one room found of one kind: the first hits, how many there are, and where all of them stand."""

    title: str | Promise
    hits: list[Hit]
    count: int
    all_url: str = ""


@dataclass(frozen=True)
class Source:
    """How one kind of thing is searched. `order` places it; of two exact answers the earlier source's counts.

    `exact` gives the addresses of what bears this very reference, `find` what else the text fits, `words` names that
    may have been meant.
    """

    order: int
    exact: Callable[[User, str], list[str]]
    find: Callable[[User, str], Found | None]
    words: Callable[[User], Iterable[str]] = field(default=lambda person: ())


_sources: list[Source] = []


def register(source: Source) -> Source:
    """Let a room be searched."""
    _sources.append(source)
    _sources.sort(key=lambda one: one.order)
    return source


def exact_address(person: User, text: str) -> str:
    """Where the one record with this reference stands; empty when there is none in sight, or more than one."""
    for source in _sources:
        addresses = list(dict.fromkeys(source.exact(person, text)))
        if addresses:
            return addresses[0] if len(addresses) == 1 else ""
    return ""


def meant(person: User, text: str) -> str:
    """A name that is nearly what was typed; empty when nothing is."""
    names = {name.lower(): name for source in _sources for name in source.words(person)}
    near = difflib.get_close_matches(text.lower(), names, n=1, cutoff=_ALIKE)
    return names[near[0]] if near and near[0] != text.lower() else ""


@audience(*(role for role in Role if role != Role.SYSTEM))
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The page: straight to the record of a whole reference, else what each room found, else what was perhaps meant."""
    person = cast(User, request.user)
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    long_enough = len(text) >= _SHORTEST or text.isdecimal()
    context: dict[str, object] = {"text": text, "too_short": bool(text) and not long_enough}
    if long_enough:
        address = exact_address(person, text)
        if address:
            return redirect(address)
        found = [one for source in _sources if (one := source.find(person, text)) is not None and one.count]
        context["found"] = found
        context["meant"] = "" if found else meant(person, text)
    return render(request, "search.html", context)
