"""How long lines of the bank have waited in suspense: four spans of days since the bank booked them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.states import StatementLineState
from gaf.money import Money


@dataclass(frozen=True)
class Age:
    """A span of days since the bank booked a line."""

    key: str
    label: Promise
    least: int
    most: int | None

    def lines(self, today: date) -> Q:
        """The lines this old today; one booked ahead of today is of the youngest."""
        young = Q(booked_on__lte=today - timedelta(days=self.least)) if self.least else Q()
        return young & Q(booked_on__gte=today - timedelta(days=self.most)) if self.most is not None else young


AGES = (
    Age("0-7", _("0 to 7 days"), 0, 7),
    Age("8-30", _("8 to 30 days"), 8, 30),
    Age("31-60", _("31 to 60 days"), 31, 60),
    Age("61", _("more than 60 days"), 61, None),
)
AGE_OF = {age.key: age for age in AGES}


@dataclass(frozen=True)
class Aged:
    """How many lines of an account are of one age, and what they come to."""

    age: Age
    count: int
    money: Money


def asked_by_age(today: date) -> dict[str, Aggregate]:
    """What to ask of lines, so that `by_age` can tell those set aside by their age."""
    aside = Q(state=StatementLineState.SET_ASIDE)
    asked: dict[str, Aggregate] = {}
    for place, age in enumerate(AGES):
        asked[f"aged_{place}"] = Count("pk", filter=aside & age.lines(today))
        asked[f"aged_minor_{place}"] = Sum("minor", filter=aside & age.lines(today))
    return asked


def by_age(told: Mapping[str, Any], currency: str) -> list[Aged]:
    """The answer to `asked_by_age`."""
    return [
        Aged(age, told.get(f"aged_{place}") or 0, Money(told.get(f"aged_minor_{place}") or 0, currency))
        for place, age in enumerate(AGES)
    ]
