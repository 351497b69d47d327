"""Which requests are open to whom, beyond their roles: a strict one only to the people named to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q

from gaf.accounts.models import User
from gaf.privacy.models import NamedReader, StrictCase
from gaf.written import written


def open_to(person: User, reference: str = "reference") -> Any:
    """A condition for any query over rows that carry a reference: not strict, or this person is named to it."""
    return is_open_to(person.pk, reference)


@written(BooleanField())
def is_open_to(person: Any, reference: Any) -> Any:
    """The same, for a person's key."""
    named = NamedReader.objects.filter(reference=reference, person=person, ended_at=None)
    return ~Exists(StrictCase.objects.filter(reference=reference)) | Q(Exists(named))


def is_strict(reference: str) -> bool:
    """Whether a request is for named people only."""
    return StrictCase.objects.filter(reference=reference).exists()


def hidden_from(person: User) -> list[str]:
    """The strict requests to which this person is not named, for lists that are not queries over references."""
    return list(StrictCase.objects.exclude(Q(_named(person))).values_list("reference", flat=True))


def _named(person: User) -> Exists:
    return Exists(NamedReader.objects.filter(reference=OuterRef("reference"), person=person, ended_at=None))


def named_to(reference: str) -> list[NamedReader]:
    """Who may see a strict request now, in the order in which they were named."""
    return list(NamedReader.objects.filter(reference=reference, ended_at=None).select_related("person", "named_by"))


def those_who_see(people: Iterable[User], reference: str) -> list[User]:
    """Of these people, those to whom a request is open: all, unless it is strict."""
    wanted = list(people)
    if not wanted or not is_strict(reference):
        return wanted
    rows = NamedReader.objects.filter(reference=reference, ended_at=None, person__in=wanted)
    named = set(rows.values_list("person_id", flat=True))
    return [person for person in wanted if person.pk in named]
