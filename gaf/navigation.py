"""The bar at the top: a few words by role, with the count of what waits. Each room says its own entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.own_devices import device_of, is_own
from gaf.accounts.queries import roles_of, telephone_for
from gaf.accounts.roles import MISSION_ROLES
from gaf.languages import public_address
from gaf.training import notice_of_training, who_one_is


@dataclass
class Entry:
    """One word of the bar, or of the foot of the page. `order` places it; the lowest is where the person lands."""

    label: str
    url: str
    order: int
    count: int | None = None
    primary: bool = False
    current: bool = False
    also: tuple[str, ...] = ()  # other addresses that belong to it
    foot: bool = False
    letter: str = ""  # with g before it, a key that leads there


Provider = Callable[[User], list[Entry]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Let a room add its entries."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def entries_for(person: User) -> list[Entry]:
    """The person's bar, in order, each page once."""
    found: dict[str, Entry] = {}
    for provider in _providers:
        for entry in provider(person):
            found.setdefault(entry.url, entry)
    found["/second-factor/"] = Entry(_("Second factor"), "/second-factor/", 99, foot=True)
    if not settings.TRAINING:
        found["/device/"] = Entry(_("This device"), "/device/", 98, foot=True)
    return sorted(found.values(), key=lambda entry: entry.order)


def uses_single_keys(person: User) -> bool:
    """Whether one letter alone does something: at headquarters, unless the person turned it off."""
    return person.single_keys and not roles_of(person) <= {str(role) for role in MISSION_ROLES}


def first_page(person: User) -> str:
    """Where the person lands after signing in."""
    landing = [entry for entry in entries_for(person) if not entry.primary and not entry.foot]
    return landing[0].url if landing else public_address()


def for_page(request: HttpRequest) -> dict[str, Any]:
    """Template context: the bar, and the duty officer's line."""
    person = getattr(request, "user", None)
    if request.path.startswith("/cms/") or person is None or not person.is_authenticated:
        return {"navigation": [], "duty_telephone": telephone_for(person), **_of_training(person)}
    entries = entries_for(person)
    with_keys = uses_single_keys(person)
    for entry in entries:
        entry.current = entry.url != "/" and request.path.startswith((entry.url, *entry.also))
    return {
        "navigation": [entry for entry in entries if not entry.foot],
        "footer_links": [entry for entry in entries if entry.foot],
        "may_search": bool(entries),
        "single_keys": with_keys,
        "own_device": is_own(request),
        "keeps_typed": bool(device_of(request)),
        "duty_telephone": telephone_for(person),
        **_of_training(person),
    }


def _of_training(person: Any) -> dict[str, Any]:
    """The band over every page where nothing is real: in words, and where roles can be switched, who one is."""
    may_switch = bool(settings.GAF_ROLE_SWITCHER and settings.TRAINING)
    is_somebody = may_switch and person is not None and person.is_authenticated
    return {
        "training_notice": notice_of_training(person),
        "may_switch": may_switch,
        "who_one_is": who_one_is(person) if is_somebody else "",
    }
