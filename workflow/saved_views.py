"""Which saved lists a person finds above the list of requests: their own, and those shared with their side."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import READS_ALL_REQUESTS
from workflow.models import SavedView
from workflow.queries import mission_ids_of

MOST = 30


def views_for(person: User) -> QuerySet[SavedView]:
    """A person's own lists, and those that people of their mission, or of headquarters, share; by name."""
    shared = Q(mission_id__in=mission_ids_of(person))
    if roles_of(person) & set(READS_ALL_REQUESTS):
        shared |= Q(mission=None)
    return SavedView.objects.filter(Q(owner=person) | Q(shared=True) & shared).select_related("owner")[:MOST]


def address_of(view: SavedView) -> str:
    """The address a saved list stands for, with its words and its order; whoever gets it sees what they may see."""
    said = {"q": view.line, **({"sort": view.sort} if view.sort else {})}
    return f"{reverse('requests')}?{urlencode(said)}"
