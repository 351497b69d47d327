"""What is searched of requests: references, and the words by which lists are narrowed. Text about a case is sealed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import missions_of, roles_of
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS
from gaf.search import MOST_SHOWN, Found, Hit, Source, register
from workflow.codelists import AssistanceType, Priority
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.request_words import WORDS
from workflow.states import RequestState

_REFERENCE = re.compile(r"(?:GAF)?[\s-]*(?:(20[0-9]{2})[\s-]+)?([0-9]{1,8})", re.IGNORECASE)
_PART = re.compile(r"(?=.*[0-9])[A-Z0-9-]{2,20}", re.IGNORECASE)
_FIRST_YEAR = 2020


def _reads_requests(person: User) -> bool:
    return bool(roles_of(person) & {*MISSION_ROLES, *READS_ALL_REQUESTS})


def references_meant(text: str) -> list[str]:
    """The references that a whole one, or its tail such as `142` or `2026-00142`, may stand for; newest year first."""
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        return []
    years = [int(found[1])] if found[1] else range(clock.today().year, _FIRST_YEAR - 1, -1)
    return [f"GAF-{year}-{int(found[2]):05d}" for year in years]


def _exact(person: User, text: str) -> list[str]:
    if not _reads_requests(person):
        return []
    if any(token.partition(":")[0].lower() in WORDS for token in text.split() if ":" in token):
        return [f"{reverse('requests')}?{urlencode({'q': text})}"]
    meant = references_meant(text)
    if not meant:
        return []
    references = visible_to(person).filter(reference__in=meant).order_by("-reference")
    return [reverse("record", args=[one]) for one in references.values_list("reference", flat=True)[:2]]


def _find(person: User, text: str) -> Found | None:
    if not _reads_requests(person) or not (_PART.fullmatch(text) or references_meant(text)):
        return None
    fits = Q(reference__in=references_meant(text)) | Q(reference__contains=text.upper())
    rows = visible_to(person).filter(fits).order_by("-moved_at", "-pk")
    hits = [_hit(row) for row in rows[:MOST_SHOWN]]
    return Found(gettext_lazy("Requests"), hits, rows.count(), _list_of(text))


def _hit(row: AssistanceRequest) -> Hit:
    why = " · ".join([row.mission.name, row.priority, str(row.get_state_display())])
    return Hit(row.reference, reverse("record", args=[row.reference]), why)


def _list_of(line: str) -> str:
    return f"{reverse('requests')}?{urlencode({'q': line})}"


def _named(person: User) -> Iterator[tuple[str, str]]:
    """The names of missions, states, needs and priorities in the reader's language, each with its word of the list."""
    missions = missions_of(person) or list(Mission.objects.all())
    yield from ((mission.name, f"mission:{mission.code}") for mission in missions)
    yield from ((str(label), f"state:{code.lower()}") for code, label in RequestState.choices)
    yield from ((str(label), f"need:{code}") for code, label in AssistanceType.choices)
    yield from ((str(label), f"priority:{code}") for code, label in Priority.choices)


def _find_lists(person: User, text: str) -> Found | None:
    """Lists of requests whose name the text is a part of: typing “shelter” leads to who needs shelter."""
    if not _reads_requests(person):
        return None
    wanted = text.lower()
    hits = [
        Hit(_("Requests: %(name)s") % {"name": name}, _list_of(word), word)
        for name, word in _named(person)
        if wanted in name.lower()
    ]
    return Found(gettext_lazy("Lists of requests"), hits[:MOST_SHOWN], len(hits))


def _words(person: User) -> Iterable[str]:
    return [name for name, _word in _named(person)] if _reads_requests(person) else []


def _nothing(person: User, text: str) -> list[str]:
    return []


register(Source(10, _exact, _find))
register(Source(15, _nothing, _find_lists, _words))
