"""Reads the consolidated list as the United Nations publish it (CONSOLIDATED_LIST, XML), as if it were hostile.

Only what screening needs is taken: reference, kind, every name with its quality, years of birth. Nothing is executed,
fetched or expanded; a document type or an entity is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file.hardened_xml import walk
from finance.gateways.bank_file.refusals import StatementRefused
from gaf.refusals import Refusal

INDIVIDUAL: Final = "INDIVIDUAL"
ENTITY: Final = "ENTITY"
STRONG, WEAK, ORIGINAL = "strong", "weak", "original"
MOST_NAME: Final = 300
_PARTS: Final = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_YEAR: Final = re.compile(r"\b(1[89]|20)\d\d\b", re.ASCII)


class ListRefused(Refusal):
    """A file that is not a consolidated list which can be used."""


@dataclass(frozen=True)
class ListedName:
    """One name of an entry: its own or an alias (strong), an alias of low quality (weak), or in its own script."""

    text: str
    quality: str = STRONG


@dataclass(frozen=True)
class Listed:
    """One person or entity on the list. `born` holds first and last possible years of birth, as far as known."""

    reference: str
    number: str
    kind: str
    names: tuple[ListedName, ...]
    born: tuple[tuple[int, int], ...] = ()
    listed_on: str = ""


@dataclass(frozen=True)
class ConsolidatedList:
    """A list as read: when it was made, the hash of its bytes, and the hash of what it says."""

    generated_at: datetime
    sha256: str
    content_sha256: str
    entries: tuple[Listed, ...]

    @property
    def name_count(self) -> int:
        """How many names there are to compare with."""
        return sum(len(entry.names) for entry in self.entries)


def _refuse(code: str, why: str) -> ListRefused:
    return ListRefused(
        code,
        _("The sanctions list was not loaded."),
        why,
        _("Fetch the consolidated list (XML) again from the United Nations."),
    )


def read_list(content: bytes) -> ConsolidatedList:
    """Read the bytes of a list.

    Raises ListRefused: SANCTIONS-01 the file is not safe or whole XML, SANCTIONS-02 it is not a consolidated list,
    SANCTIONS-03 an entry has no name or no reference.
    """
    generated_at, entries = None, []
    try:
        for event, path, element in walk(content):
            if event == "start" and len(path) == 1:
                generated_at = _generated_at(element)
            if event == "end" and len(path) == 3 and path[2] in (INDIVIDUAL, ENTITY):
                entries.append(_entry(element))
                element.clear()
    except StatementRefused as refusal:
        raise _refuse("SANCTIONS-01", refusal.why) from None
    if generated_at is None or not entries:
        raise _refuse("SANCTIONS-02", _("The file has no entries."))
    said = json.dumps(sorted((asdict(entry) for entry in entries), key=lambda entry: str(entry["number"])))
    return ConsolidatedList(
        generated_at, hashlib.sha256(content).hexdigest(), hashlib.sha256(said.encode()).hexdigest(), tuple(entries)
    )


def _generated_at(root: _Element) -> datetime:
    if root.tag != "CONSOLIDATED_LIST":
        raise _refuse("SANCTIONS-02", _("The file is not a consolidated list of the United Nations."))
    try:
        made = datetime.fromisoformat(root.get("dateGenerated", "").replace("Z", "+00:00"))
    except ValueError:
        raise _refuse("SANCTIONS-02", _("The list does not say when it was made.")) from None
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)


def _text(element: _Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def _entry(element: _Element) -> Listed:
    kind = str(element.tag)
    reference, number = _text(element, "REFERENCE_NUMBER"), _text(element, "DATAID")
    names = _names(element, kind)
    if not reference or not names:
        raise _refuse("SANCTIONS-03", _("An entry has no name or no reference number."))
    return Listed(reference, number or reference, kind, names, _born(element), _text(element, "LISTED_ON"))


def _names(element: _Element, kind: str) -> tuple[ListedName, ...]:
    own = " ".join(filter(None, (_text(element, part) for part in _PARTS)))
    found = [ListedName(own)]
    for alias in element.iterfind(f"{kind}_ALIAS"):
        weak = _text(alias, "QUALITY").casefold() == "low"
        found.append(ListedName(_text(alias, "ALIAS_NAME"), WEAK if weak else STRONG))
    found.append(ListedName(_text(element, "NAME_ORIGINAL_SCRIPT"), ORIGINAL))
    kept = {name.text: name for name in reversed(found) if name.text}
    return tuple(ListedName(name.text[:MOST_NAME], name.quality) for name in reversed(kept.values()))


def _born(element: _Element) -> tuple[tuple[int, int], ...]:
    years = []
    for birth in element.iterfind(f"{INDIVIDUAL}_DATE_OF_BIRTH"):
        said = [_YEAR.search(_text(birth, tag)) for tag in ("DATE", "YEAR", "FROM_YEAR", "TO_YEAR")]
        found = sorted(int(year[0]) for year in said if year)
        if found:
            years.append((found[0], found[-1]))
    return tuple(years)
