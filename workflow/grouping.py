"""The list of requests in groups: by state, mission, priority, who has it or week, each with its subtotals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, QuerySet, Sum, Value, When
from django.db.models.expressions import BaseExpression, OrderBy
from django.db.models.functions import TruncWeek
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.accounts.models import User
from gaf.money import Money
from gaf.templatetags.formats import short_day
from workflow.codelists import Priority
from workflow.models import AssistanceRequest
from workflow.request_words import GROUPINGS, with_word, without_word
from workflow.states import RequestState

_WORDS: dict[str, str | Promise] = {
    "state": gettext_lazy("State"),
    "mission": gettext_lazy("Mission"),
    "priority": gettext_lazy("Priority"),
    "who": gettext_lazy("Who has it"),
    "week": gettext_lazy("Week it was sent"),
}
_SIX_DAYS = timedelta(days=6)
_RANK = Case(
    *(When(state=state, then=Value(place)) for place, state in enumerate(RequestState.values)),
    output_field=IntegerField(),
)
Said = tuple[Any, ...]  # what the rows of one group have in common


@dataclass(frozen=True)
class Group:
    """One group: its name, how many requests, what they ask and got in US dollars, and the line that opens it alone."""

    label: str
    count: int
    asked: Money
    approved: Money
    line: str


@dataclass(frozen=True)
class _Grouping:
    columns: dict[str, BaseExpression | F]
    order: list[OrderBy]
    name: Callable[[Said, str, User], tuple[str, str]]  # the words of a group, and its line


def groupings() -> list[tuple[str, str]]:
    """What can be grouped by, with its words."""
    return [(code, str(_WORDS[code])) for code in GROUPINGS]


def _by_state(said: Said, line: str, person: User) -> tuple[str, str]:
    code = said[0]
    return str(RequestState(code).label), with_word(line, "state", code.lower())


def _by_mission(said: Said, line: str, person: User) -> tuple[str, str]:
    return said[0], with_word(line, "mission", said[1])


def _by_priority(said: Said, line: str, person: User) -> tuple[str, str]:
    return f"{said[0]} {Priority(said[0]).label}", with_word(line, "priority", said[0])


def _by_who(said: Said, line: str, person: User) -> tuple[str, str]:
    name, key = said
    if key is None:
        return _("Nobody"), with_word(line, "who", "nobody")
    return name, ""


def _by_week(said: Said, line: str, person: User) -> tuple[str, str]:
    begins: datetime | None = said[0]
    if begins is None:
        return _("Not sent yet"), ""
    monday = begins.date()
    bare = without_word(line, "sent")
    words = f"sent:>={monday.isoformat()} sent:<={(monday + _SIX_DAYS).isoformat()}"
    return _("Week from %(day)s") % {"day": short_day(monday)}, f"{bare} {words}".strip()


_GROUPINGS = {
    "state": _Grouping({"group_state": F("state")}, [_RANK.asc()], _by_state),
    "mission": _Grouping(
        {"group_name": F("mission__name"), "group_code": F("mission__code")}, [F("mission__name").asc()], _by_mission
    ),
    "priority": _Grouping({"group_priority": F("priority")}, [F("priority").asc()], _by_priority),
    "who": _Grouping(
        {"group_name": F("taken_by__name"), "group_key": F("taken_by")},
        [F("taken_by__name").asc(nulls_first=True), F("taken_by").asc()],
        _by_who,
    ),
    "week": _Grouping(
        {"group_week": TruncWeek("submitted_at", tzinfo=UTC)},
        [TruncWeek("submitted_at", tzinfo=UTC).desc(nulls_first=True)],
        _by_week,
    ),
}


def in_groups(found: QuerySet[AssistanceRequest], by: str, order: list[OrderBy]) -> QuerySet[AssistanceRequest]:
    """The requests group after group, each group in the order asked for; every row knows its group."""
    grouping = _GROUPINGS[by]
    return found.annotate(**grouping.columns).order_by(*grouping.order, *order)


def group_key(row: AssistanceRequest, by: str) -> Said:
    """What a row has in common with the others of its group."""
    return tuple(getattr(row, name) for name in _GROUPINGS[by].columns)


def groups_of(found: QuerySet[AssistanceRequest], by: str, line: str, person: User) -> dict[Said, Group]:
    """Every group of the requests found with its subtotals, whatever page of them is shown; one query."""
    grouping = _GROUPINGS[by]
    names = list(grouping.columns)
    bare = without_word(line, "by")
    rows = found.order_by().annotate(**grouping.columns).values(*names)
    sums = rows.annotate(size=Count("pk"), asked=Sum("asked_usd_minor"), granted=Sum("granted_usd_minor"))
    groups = {}
    for row in sums:
        said = tuple(row[name] for name in names)
        label, alone = grouping.name(said, bare, person)
        groups[said] = Group(
            label, row["size"], Money(row["asked"] or 0, "USD"), Money(row["granted"] or 0, "USD"), alone
        )
    return groups
