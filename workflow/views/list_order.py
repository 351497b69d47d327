"""The order of the list of requests: each heading sorts by its column, and the address remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

_COLUMNS: dict[str, tuple[str | Promise, str]] = {
    "reference": (_("Reference"), "reference"),
    "mission": (_("Mission"), "mission__name"),
    "priority": (_("Priority"), "priority"),
    "state": (_("State"), "state"),
    "asked": (_("Asked"), "asked_usd_minor"),
    "approved": (_("Approved"), "granted_usd_minor"),
    "since": (_("Since"), "moved_at"),
    "due": (_("Due"), "due_at"),
}
_NUMERIC = ("asked", "approved")
_MAY_BE_EMPTY = ("asked", "approved", "due")
NEWEST_MOVED_FIRST = "-since"


@dataclass(frozen=True)
class Heading:
    """One heading of the list: where it leads, and how the list is sorted by it now."""

    label: str | Promise
    url: str
    sorted: str
    numeric: bool

    @property
    def arrow(self) -> str:
        """The direction as a sign for those who see it; screen readers are told by `aria-sort`."""
        return {"ascending": "▲", "descending": "▼"}.get(self.sorted, "")


def orders() -> list[tuple[str, str]]:
    """Every order of the list with its words, for those who see no headings; the usual one first."""
    found = [(NEWEST_MOVED_FIRST, str(_("Newest moved first")))]
    for name, (label, _column) in _COLUMNS.items():
        found.append((name, str(_("%(column)s, ascending") % {"column": label})))
        if name != "since":
            found.append((f"-{name}", str(_("%(column)s, descending") % {"column": label})))
    return found


def _known(sort: str) -> str:
    return sort if sort.removeprefix("-") in _COLUMNS else NEWEST_MOVED_FIRST


def order_of(sort: str) -> list[OrderBy]:
    """The order an address asks for; the newest moved first when it asks for none that exists. Empty amounts last."""
    wanted = _known(sort)
    name = wanted.removeprefix("-")
    column = F(_COLUMNS[name][1])
    # Said only where something can be empty: no index gives an order in which it is said.
    last = True if name in _MAY_BE_EMPTY else None
    if wanted.startswith("-"):
        return [column.desc(nulls_last=last), F("pk").desc()]
    return [column.asc(nulls_last=last), F("pk").asc()]


def headings_for(address: Mapping[str, str]) -> list[Heading]:
    """The headings; pressing the one that sorts already turns the order round. The words stay, the page does not."""
    now = _known(address.get("sort", ""))
    kept = {"q": address["q"]} if address.get("q") else {}
    found = []
    for name, (label, _column) in _COLUMNS.items():
        state = {name: "ascending", f"-{name}": "descending"}.get(now, "")
        url = f"{reverse('requests')}?{urlencode({**kept, 'sort': f'-{name}' if now == name else name})}"
        found.append(Heading(label, url, state, name in _NUMERIC))
    return found
