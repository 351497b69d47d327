"""What the gate expects of a record it can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

if TYPE_CHECKING:
    from gaf.accounts.models import User


class Witnessed(models.Model):
    """A record whose versions are kept. Both names are django-simple-history's: who made the next version, and why."""

    _history_user: User
    _change_reason: str

    class Meta:
        abstract = True


class Record(Witnessed):
    """A record with a state that only the gate moves. `version` counts acts and edits, so that a stale page is noticed.

    A subclass has a protected `state` (django-fsm) and answers the four questions below. `key_through` names the rows
    that its own key is made of, besides itself.
    """

    key_through: ClassVar[tuple[str, ...]] = ()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def decision_subject(self) -> str:
        """The record's own key, under which its decisions stand."""
        raise AssertionError("each record says its own key")

    def decision_reference(self) -> str:
        """The request this record belongs to; its own key when it belongs to none."""
        return self.decision_subject()

    def seal_owner(self) -> str:
        """Whose key seals the text of decisions about this record."""
        return self.decision_reference()

    def mission_ids(self) -> set[int]:
        """The missions whose people may act on it, by their role there."""
        return set()


def save_by(row: Any, actor: Any, why: str = "") -> None:
    """Save a row whose versions are kept, and let its history say who did it."""
    row._history_user = actor
    if why:
        row._change_reason = why
    row.save()


def delete_by(row: Any, actor: Any) -> None:
    """Remove a row whose versions are kept, and let its history say who did it."""
    row._history_user = actor
    row.delete()
