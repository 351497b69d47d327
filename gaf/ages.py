"""How long everything may stay unfinished, whose it is then, and what to do: one table, and what is overdue by it.

Each room registers its kinds of records. The spans are thresholds; nothing is stored, so what is overdue is always told
by the records as they are now, in one statement however many kinds there are.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.functional import Promise

from gaf import clock
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision, Threshold
from gaf.thresholds import thresholds
from gaf.working_days import headquarters_calendar
from gaf.written import Written, sql_of, written

Words = str | Promise
NOBODY = Cast(Value(None), BigIntegerField())
NOWHERE = Value("", output_field=CharField())
_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "months": timedelta(days=31)}
WORKING_DAYS = "working_days"
_COLUMNS = ("of_kind", "of_age", "own_key", "own_place", "stands_since", "of_mission", "of_person")
_SHOWN = ", ".join(_COLUMNS)


@dataclass(frozen=True)
class Age:
    """One unfinished state: the threshold that says how long it may last, its owner, and what the owner does.

    `only` narrows the row to some records of the state, where others have another owner or another span.
    """

    state: str
    most: str
    owner: Role
    todo: Words
    label: Words = ""
    only: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One kind of record: its rows, under which key its decisions stand, since when each is as it is, and its page.

    `since` is the record's own column; without one, the last decision that moved it tells. `place` is what the address
    of the page needs besides the key.
    """

    name: str
    title: Words
    rows: Callable[[], QuerySet[Any]]
    subject: Combinable
    ages: tuple[Age, ...]
    page: Callable[[str, str], str]
    since: Combinable | None = None
    place: Combinable = NOWHERE
    mission: Combinable = NOBODY
    person: Combinable = NOBODY
    kept_for: Role | None = None  # on nobody else's page, and in nobody else's count

    @property
    def of_missions(self) -> bool:
        """Whether its records belong to a mission, whose head sees them too."""
        return self.mission is not NOBODY


@dataclass(frozen=True)
class Found:
    """One record that is older than it may be."""

    kind: Kind
    age: Age
    subject: str
    since: datetime
    due_at: datetime
    url: str
    mission_id: int | None
    person_id: int | None


_kinds: list[Kind] = []


def register(*kinds: Kind) -> None:
    """Let a room say how old its records may be."""
    _kinds.extend(kind for kind in kinds if kind.name not in {known.name for known in _kinds})


def all_kinds() -> list[Kind]:
    """Every kind of record that can be unfinished."""
    return list(_kinds)


class Overdue:
    """What is older than it may be at a moment: counted by owner, and listed oldest first.

    `mission_ids` narrows it to these missions' records; `owner` to one role's. What is kept for one role is told to
    that role alone (`kept_for`), which is told nothing else. What belongs to the records in `hidden` is neither listed
    nor counted.
    """

    def __init__(
        self,
        *,
        mission_ids: set[int] | None = None,
        now: datetime | None = None,
        kept_for: Role | None = None,
        hidden: Iterable[str] = (),
    ) -> None:
        self._now = now or clock.now()
        self._hidden = [f"%{reference}%" for reference in hidden]
        self._missions = None if mission_ids is None else sorted(mission_ids)
        kinds = [kind for kind in _kinds if kind.kept_for == kept_for]
        self._kinds = [kind for kind in kinds if mission_ids is None or kind.of_missions]
        self._spans = Spans(_spans_of(self._kinds))

    def counts(self) -> dict[Role, int]:
        """How many each owner has; one query."""
        found: dict[Role, int] = {}
        for kind, age, many in self._asked(None, "of_kind, of_age, COUNT(*)", "GROUP BY of_kind, of_age"):
            owner = self._kinds[kind].ages[age].owner
            found[owner] = found.get(owner, 0) + many
        return found

    def of(self, owner: Role, start: int, end: int) -> list[Found]:
        """The rows of one owner from one place to another, oldest first; one query."""
        return self._listed(owner, start, end)

    def oldest(self, most: int) -> list[Found]:
        """The oldest of everybody; one query."""
        return self._listed(None, 0, most)

    def _listed(self, owner: Role | None, start: int, end: int) -> list[Found]:
        order = f"ORDER BY stands_since, own_key LIMIT {end - start:d} OFFSET {start:d}"
        return [self._found(dict(zip(_COLUMNS, row, strict=True))) for row in self._asked(owner, _SHOWN, order)]

    def _asked(self, owner: Role | None, columns: str, rest: str) -> list[Any]:
        if self._missions == [] or not any(_owned(kind, owner) for kind in self._kinds):
            return []
        text, said = sql_of(_late(self._kinds, owner)(*self._told()))
        apart = " AND ".join(["own_key NOT LIKE %s AND COALESCE(own_place, '') NOT LIKE %s"] * len(self._hidden))
        where = f"WHERE {apart}" if apart else ""
        hidden = [one for one in self._hidden for _column in ("own_key", "own_place")]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {text} AS late {where} {rest}", [*said, *hidden])  # noqa: S608  # no words of anybody
            return list(cursor.fetchall())

    def _told(self) -> list[list[Any]]:
        """Since when each span's records are late, and the missions it is narrowed to, if any."""
        before = [self._spans.before(most, self._now) for most in _spans_of(self._kinds)]
        return [before] if self._missions is None else [before, self._missions]

    def _found(self, row: dict[str, Any]) -> Found:
        kind = self._kinds[row["of_kind"]]
        age, since = kind.ages[row["of_age"]], _moment(row["stands_since"])
        return Found(
            kind=kind,
            age=age,
            subject=row["own_key"],
            since=since,
            due_at=self._spans.after(age.most, since),
            url=kind.page(row["own_key"], row["own_place"]),
            mission_id=row["of_mission"],
            person_id=row["of_person"],
        )


def _owned(kind: Kind, owner: Role | None) -> list[tuple[int, Age]]:
    """The ages of a kind that are this owner's, or anybody's, each with its place."""
    return [(number, age) for number, age in enumerate(kind.ages) if owner in (None, age.owner)]


def _spans_of(kinds: Iterable[Kind]) -> list[str]:
    return sorted({age.most for kind in kinds for age in kind.ages})


def _late(kinds: list[Kind], owner: Role | None) -> Callable[..., Written]:
    """The overdue rows of these kinds: a long text, written once for each owner whose kinds they are."""
    key = (tuple(kind.name for kind in kinds), owner)
    if key not in _texts:
        _texts[key] = written(CharField())(functools.partial(_union, kinds, owner))
    return _texts[key]


_texts: dict[tuple[tuple[str, ...], Role | None], Callable[..., Written]] = {}


def _union(kinds: list[Kind], owner: Role | None, before: list[Any], missions: list[Any] | None = None) -> Any:
    since = dict(zip(_spans_of(kinds), before, strict=True))
    arms = [_arm(place, kind, owner, since, missions) for place, kind in enumerate(kinds) if _owned(kind, owner)]
    return arms[0].union(*arms[1:], all=True).query


def _arm(
    place: int, kind: Kind, owner: Role | None, before: dict[str, Any], missions: list[Any] | None
) -> QuerySet[Any, Any]:
    """One kind's overdue rows, in the columns that all kinds share."""
    whens = [
        When(Q(state=age.state, stands_since__lt=before[age.most], **age.only), then=Value(number))
        for number, age in _owned(kind, owner)
    ]
    rows = (
        kind.rows()
        .order_by()
        .filter(state__in={age.state for age in kind.ages})
        .annotate(
            of_kind=Value(place, output_field=IntegerField()),
            own_key=Cast(kind.subject, CharField()),
            own_place=Cast(kind.place, CharField()),
            of_mission=kind.mission,
            of_person=kind.person,
        )
    )
    if missions is not None:
        rows = rows.filter(functools.reduce(operator.or_, (Q(of_mission=one) for one in missions)))
    rows = rows.annotate(stands_since=kind.since if kind.since is not None else _last_move())
    rows = rows.annotate(of_age=Case(*whens, default=None, output_field=IntegerField()))
    return rows.filter(of_age__isnull=False).values(*_COLUMNS)


def _last_move() -> Subquery:
    moves = Decision.objects.filter(subject=OuterRef("own_key")).exclude(to_state=F("from_state"))
    return Subquery(moves.order_by("-number").values("at")[:1], output_field=DateTimeField())


def _moment(told: datetime | str) -> datetime:
    """A moment as the database tells it; SQLite leaves out that it is UTC."""
    moment = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Spans:
    """The spans of some thresholds, forwards and backwards in time; working days are those of headquarters."""

    def __init__(self, codes: Iterable[str]) -> None:
        wanted = sorted(codes)
        self._values = thresholds(wanted)
        units = Threshold.objects.filter(code__in=wanted).order_by("effective_from").values_list("code", "unit")
        self._units = {code: unit for code, unit in units if unit}
        self._calendar = headquarters_calendar()

    def after(self, code: str, start: datetime) -> datetime:
        """When the span is over that began at `start`."""
        unit, value = self._units[code], self._values[code]
        if unit == WORKING_DAYS:
            return self._calendar.after(start, value * timedelta(days=1))
        return start + value * _UNITS[unit]

    def before(self, code: str, end: datetime) -> datetime:
        """When a span began that is over at `end`."""
        unit, value = self._units[code], self._values[code]
        if unit == WORKING_DAYS:
            return self._calendar.before(end, value * timedelta(days=1))
        return end - value * _UNITS[unit]
