"""Tables of persons helped: a data steward proposes one, the fund manager publishes it or does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.decisions.record import canonical, sha256
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from workflow import notices, policy
from workflow.models import Table
from workflow.states import TableState
from workflow.statistics.counting import DIMENSIONS, persons_helped
from workflow.statistics.suppression import MOST_DIMENSIONS, SafeTable, for_the_house, for_the_public


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("No table was made."), why, next_step)


@in_one_piece
def propose_table(
    *,
    for_whom: str,
    first_day: date,
    last_day: date,
    dimensions: Sequence[str],
    actor: User,
    at: datetime,
) -> Table:
    """Count the persons helped in whole quarters that are over, hide the small figures, and keep the rest to be read.

    Raises Refusal TABLE-03 for other days, TABLE-04 for none or too many dimensions, TABLE-05 where nobody was helped,
    TABLE-02 where a published table tells of some of these days already.
    """
    table = Table(for_whom=for_whom, first_day=first_day, last_day=last_day, proposed_by=actor, proposed_at=at)
    role = policy.MAY_PROPOSE_TABLE.require(Question(table, "propose_table", actor))
    if not are_whole_quarters(first_day, last_day) or last_day >= at.date():
        raise _refuse(
            "TABLE-03",
            _("Its days are not whole quarters that are over."),
            _("Choose quarters or years that have ended."),
        )
    chosen = [name for name in DIMENSIONS if name in dimensions]
    if not 1 <= len(chosen) <= MOST_DIMENSIONS:
        raise _refuse(
            "TABLE-04", _("A table of persons has one, two or three dimensions."), _("Choose up to three of them.")
        )
    table.dimensions = ",".join(chosen)
    other = told_already(table)
    if other is not None:
        raise subtractable(other)
    safe = _count(table)
    table.k, table.counts = safe.k, in_rows(safe)
    table.digest = sha256(canonical({"counts": table.counts}))
    table.key = issue("TAB")
    first_decision(subject=table, act="propose_table", actor=actor, role=role, at=at, facts=table.describe())
    table.save(force_insert=True)
    notices.tell_about_table([Role.FUND_MANAGER], "table_to_publish", table, actor)
    return table


def _count(table: Table) -> SafeTable:
    persons = persons_helped(table.first_day, table.last_day, table.dimensions.split(","))
    if not persons:
        raise _refuse("TABLE-05", _("No request was closed in this time."), _("Choose a longer time."))
    make = for_the_public if table.for_whom == Table.Audience.PUBLIC else for_the_house
    return make(persons, table.last_day)


def in_rows(safe: SafeTable) -> list[dict[str, object]]:
    """Every figure with its place, totals last; None stands for a figure that is hidden, and for a total's place."""
    order = sorted(safe.counts, key=lambda place: [(value is None, value or "") for value in place])
    return [{"place": list(place), "count": safe.counts[place]} for place in order]


def are_whole_quarters(first_day: date, last_day: date) -> bool:
    """Whether a span begins on the first day of a quarter and ends on the last day of one."""
    begins = first_day.day == 1 and first_day.month % 3 == 1
    after = last_day + timedelta(days=1)
    return begins and after.day == 1 and after.month % 3 == 1 and first_day < last_day


def told_already(table: Table) -> Table | None:
    """A published table of some of the same days, unless it is the same table for the other readers."""
    others = Table.objects.filter(state=TableState.PUBLISHED, first_day__lte=table.last_day)
    for other in others.filter(last_day__gte=table.first_day).exclude(pk=table.pk).order_by("key"):
        same = (other.first_day, other.last_day, other.dimensions) == (
            table.first_day,
            table.last_day,
            table.dimensions,
        )
        if not same or other.for_whom == table.for_whom:
            return other
    return None


def subtractable(other: Table) -> Refusal:
    """TABLE-02: two tables that tell of the same persons in different ways give back what each of them hides."""
    return Refusal(
        "TABLE-02",
        _("The table would tell of persons that another one tells of."),
        _("%(key)s is published for some of the same days. Subtracted from each other, the two would give people back.")
        % {"key": other.key},
        _("Choose other days, or the same days and dimensions for other readers."),
    )


@in_one_piece
def publish_table(*, table_id: int, actor: User, at: datetime, seen_version: int | None = None) -> Table:
    """Let its readers read a table. Raises Refusal TABLE-02 where another one was published meanwhile."""
    list(Table.objects.select_for_update().order_by("pk").values_list("pk"))  # two do not pass each other
    with acting(Table, table_id, act="publish_table", actor=actor, at=at, seen_version=seen_version) as doing:
        table: Table = doing.subject
        other = told_already(table)
        if other is not None:
            raise subtractable(other)
        table.publish_table(by=actor, at=at)
        doing.facts = table.describe()
        notices.tell_about_table([Role.DATA_STEWARD], "table_published", table, actor)
    return table


@in_one_piece
def discard_table(*, table_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None) -> Table:
    """Nobody reads it; the reason is kept."""
    with acting(
        Table, table_id, act="discard_table", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        table: Table = doing.subject
        table.discard_table()
        doing.facts = table.describe()
    return table
