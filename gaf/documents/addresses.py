"""Every address of the site, with the roles its page is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, Role
from gaf.documents.markdown import code, page, table
from gaf.documents.source import ROOMS

INTRODUCTION = (
    "Whoever holds none of a page's roles is answered 404, as if it did not exist; what somebody among them may not do "
    "is answered 403 with the reasons. Which requests a person sees is one query (`visible_to` in "
    "`workflow/queries.py`); which acts are open to her is the permit's answer: "
    "[permission-matrix.md](permission-matrix.md)."
)
EVERYBODY = "everybody"
SIGNED_IN = "whoever is signed in"
WORKS_ON_REQUESTS = "everybody who works on requests"


# The document says the same whoever writes it, on a real installation or where people practise.
ONLY_WHERE_NOBODY_IS_REAL = ("switch_role",)


@dataclass(frozen=True)
class Address:
    """One address: its route, its name, the function behind it, and for whom it is."""

    route: str
    name: str
    view: str
    audience: str


def addresses() -> list[Address]:
    """Every address in the order in which they are tried; another package's addresses stand as one."""
    return [one for one in _below(get_resolver().url_patterns, "/") if one.name not in ONLY_WHERE_NOBODY_IS_REAL]


def _below(patterns: list[Any], prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLPattern):
            yield Address(route, pattern.name or "", _view(pattern.callback), audience_of(pattern.callback))
        elif _is_ours(pattern):
            yield from _below(pattern.url_patterns, route)
        else:
            audiences = sorted({one.audience for one in _below_everything(pattern, route)})
            yield Address(f"{route}…", "", str(getattr(pattern.urlconf_name, "__name__", "")), "; ".join(audiences))


def _is_ours(resolver: URLResolver) -> bool:
    return str(getattr(resolver.urlconf_name, "__name__", "")).partition(".")[0] in ROOMS


def _below_everything(resolver: URLResolver, prefix: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield Address(prefix, pattern.name or "", "", audience_of(pattern.callback))
        else:
            yield from _below_everything(pattern, prefix)


def _view(callback: Any) -> str:
    view = getattr(callback, "view_class", callback)
    return f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"


def audience_of(callback: Any) -> str:
    """For whom a page is, in words."""
    if not getattr(callback, "login_required", True):
        return EVERYBODY
    roles: tuple[Role, ...] | None = getattr(callback, "audience", None)
    if not roles:
        return SIGNED_IN
    if set(roles) == {*MISSION_ROLES, *READS_ALL_REQUESTS}:
        return WORKS_ON_REQUESTS
    return ", ".join(str(Role(role).label) for role in dict.fromkeys(roles))


def address_list() -> str:
    """The document."""
    rows = [(code(one.route), code(one.name) if one.name else "", code(one.view), one.audience) for one in addresses()]
    return page("Addresses", INTRODUCTION, table(("Address", "Name", "Page", "For"), rows))
