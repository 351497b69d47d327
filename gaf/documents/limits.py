"""The fund's limits and deadlines, and what the database itself refuses."""

from __future__ import annotations

from gaf.ages import all_kinds
from gaf.documents.markdown import code, page, table
from gaf.documents.source import calls
from gaf.guards import all_guards
from gaf.money import Money
from gaf.reference_data import rows

_UNITS = {
    "usd_minor": "US dollars",
    "working_days": "working days",
    "per_cent": "per cent",
    "basis_points": "hundredths of a per cent",
}
_THRESHOLDS = (
    "Limits, ceilings and deadlines are rows with a first day, so a change is a new row and old decisions keep their "
    "limits. These are the values an installation starts with (`fixtures/reference/thresholds.csv`). They are our own "
    "assumptions, to be set by the fund's rules; a row nothing reads yet belongs to a part that is not built yet."
)
_GUARDS = (
    "What the database refuses whatever the code does, on SQLite and on PostgreSQL alike. The triggers are put on "
    "after every `migrate`; `missing_guards()` in `gaf/guards.py` names any that is gone. Constraints of columns stand "
    "with the models. On PostgreSQL every append-only table also refuses TRUNCATE."
)


def threshold_list() -> str:
    """The document of limits."""
    read: dict[str, list[str]] = {}
    for name in ("threshold", "usd_threshold"):
        for call in calls(name):
            read.setdefault(call.value, []).append(f"{code(call.function)} in {call.file}")
    for kind in all_kinds():
        for most in sorted({age.most for age in kind.ages}):
            read.setdefault(most, []).append(f"the age of: {kind.title}")
    told = []
    for row in rows("reference/thresholds.csv"):
        unit = row["unit"]
        value = str(Money(int(row["value"]), "USD").decimal) if unit == "usd_minor" else row["value"]
        told.append((code(row["code"]), value, _UNITS.get(unit, unit), "<br>".join(read.get(row["code"], []))))
    return page("Thresholds", _THRESHOLDS, table(("Code", "Value", "Unit", "Read by"), told))


def guard_list() -> str:
    """The document of triggers."""
    told = [
        (code(one.name), code(one.table), one.event.removeprefix("BEFORE ").lower(), one.message)
        for one in all_guards()
    ]
    return page("Database guards", _GUARDS, table(("Guard", "Table", "Before", "What it says"), told))
