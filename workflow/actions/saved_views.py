"""Keeping a list of requests under a name, choosing which one opens first, and throwing one away."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gaf import ids
from gaf.accounts.models import User
from gaf.accounts.queries import missions_of
from gaf.gate import in_one_piece
from gaf.refusals import Refusal
from workflow.models import SavedView


@dataclass(frozen=True)
class Kept:
    """What is kept: a name, the line of words, the order, and for whom."""

    name: str
    line: str = ""
    sort: str = ""
    shared: bool = False
    opens_first: bool = False


@in_one_piece
def keep_view(*, kept: Kept, actor: User) -> SavedView:
    """Keep a list under a name of one's own. Raises Refusal VIEW-01 when one has a list of this name already."""
    if SavedView.objects.filter(owner=actor, name=kept.name).exists():
        raise Refusal(
            "VIEW-01",
            _("The list was not kept."),
            _("You have a list called “%(name)s” already.") % {"name": kept.name},
            _("Choose another name, or remove that one first."),
        )
    own = missions_of(actor)
    if kept.opens_first:
        _let_none_open_first(actor)
    return SavedView.objects.create(
        key=ids.random_key(),
        owner=actor,
        name=kept.name,
        line=kept.line,
        sort=kept.sort,
        shared=kept.shared,
        mission=own[0] if own else None,
        opens_first=kept.opens_first,
    )


@in_one_piece
def open_first(*, view: SavedView | None, actor: User) -> None:
    """Let one of one's own lists open first, or none of them."""
    _let_none_open_first(actor)
    if view is not None:
        SavedView.objects.filter(pk=view.pk, owner=actor).update(opens_first=True)


@in_one_piece
def remove_view(*, view: SavedView, actor: User) -> None:
    """Throw one of one's own lists away; the requests in it stay as they are."""
    SavedView.objects.filter(pk=view.pk, owner=actor).delete()


def _let_none_open_first(actor: User) -> None:
    SavedView.objects.filter(owner=actor, opens_first=True).update(opens_first=False)
