"""A donor report as people read it: its figures in words and money, its answers under their headings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models.commitments import URGENT
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.sealing import unseal
from workflow.codelists import AssistanceType
from workflow.donor_reports.figures import BY, USD
from workflow.donor_reports.kinds import OTHER
from workflow.donor_reports.questions import CORE, MOST_ADDED
from workflow.models import DonorReport, Table
from workflow.statistics.shown import ShownTable, shown

# What each figure is called, in the order in which a report tells them.
_NAMES: dict[str, Promise | str] = {
    "agreed": gettext_lazy("Agreed"),
    "received": gettext_lazy("Received"),
    "other_authority": gettext_lazy("Interest, and what may be spent before its cash comes"),
    "approved": gettext_lazy("Approved for requests, less what was freed again"),
    "paid": gettext_lazy("Paid, less what came back unpaid"),
    "returned": gettext_lazy("Returned: refunds of what was not spent or not accepted"),
    "fees": gettext_lazy("Fees of banks"),
    "spent": gettext_lazy("Spent: paid and fees, less what was returned"),
    "accepted": gettext_lazy("Of it accounted for and accepted"),
    "committed": gettext_lazy("Committed and not paid yet"),
    "free": gettext_lazy("Free"),
    "not_spent": gettext_lazy("Not spent: committed and free"),
}
_WHERE_NONE = {"other_authority", "fees"}  # told only where there is any
_SUMS = {"spent", "not_spent"}


@dataclass(frozen=True)
class ShownFigure:
    """One figure: in the days of the report (None where only the whole time has a sense), and until its last day."""

    name: str
    in_days: Money | None
    until: Money
    is_sum: bool


@dataclass(frozen=True)
class ShownKind:
    """One kind of help: approved, spent, the difference, and how many requests stand behind it."""

    name: str
    approved: Money
    spent: Money
    requests: int | None
    is_sum: bool = False

    @property
    def difference(self) -> Money:
        """What was approved and not spent in these days."""
        return self.approved - self.spent


def figures_shown(rows: list[dict[str, Any]], currency: str = USD) -> list[ShownFigure]:
    """Rows of figures in the reader's language."""
    return [
        ShownFigure(
            str(_NAMES[row["code"]]),
            None if row["in_days"] is None else Money(row["in_days"], currency),
            Money(row["until"], currency),
            row["code"] in _SUMS,
        )
        for row in rows
        if row["code"] not in _WHERE_NONE or row["in_days"] or row["until"]
    ]


def kinds_shown(kinds: list[dict[str, Any]]) -> list[ShownKind]:
    """Kinds of help in words, their sum last; nothing where there are too few requests."""
    found = [
        ShownKind(_kind_name(one["code"]), Money(one["approved"], USD), Money(one["spent"], USD), one["requests"])
        for one in kinds
    ]
    if not found:
        return []
    approved = Money(sum(one["approved"] for one in kinds), USD)
    return [*found, ShownKind(_("Total"), approved, Money(sum(one["spent"] for one in kinds), USD), None, True)]


def _kind_name(code: str) -> str:
    if code == OTHER:
        return _("Other kinds of help")
    return _("Urgent help before the budget") if code == URGENT else str(AssistanceType(code).label)


@dataclass(frozen=True)
class ShownPersons:
    """The published tables of these days, and by what none of them tells."""

    tables: list[ShownTable]
    missing: list[str]


def persons_shown(tables: list[dict[str, Any]]) -> ShownPersons:
    """The tables a report refers to, as everybody reads them on the public pages."""
    words = {"sex": _("Sex"), "age": _("Age"), "disability": _("Disability")}
    told = {dimension for one in tables for dimension in one["by"]}
    rows = {row.key: row for row in Table.objects.filter(key__in=[one["key"] for one in tables])}
    return ShownPersons([shown(rows[one["key"]]) for one in tables], [words[name] for name in BY if name not in told])


def answers_shown(report: DonorReport) -> list[tuple[str, str]]:
    """Every heading with its text: the eight, then what was added."""
    found = [(str(question.label), getattr(report, question.name)) for question in CORE]
    for place in range(1, MOST_ADDED + 1):
        if getattr(report, f"topic_{place}"):
            found.append((getattr(report, f"get_topic_{place}_display")(), getattr(report, f"added_{place}")))
    return found


def why_returned(report: DonorReport) -> tuple[str, str] | None:
    """Who gave it back last, and why; nothing once it was sent again."""
    if report.proposed_by_id is not None:
        return None
    last = Decision.objects.filter(subject=report.key, act="return_donor_report").select_related("actor")
    found = last.order_by("-number").first()
    return (str(found.actor), unseal(found.reason)) if found is not None else None
