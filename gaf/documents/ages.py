"""How old everything unfinished may be, and whose it is: the table the page of what is overdue reads."""

from __future__ import annotations

from gaf.ages import Age, Kind, all_kinds
from gaf.documents.markdown import code, page, table
from gaf.reference_data import rows

_INTRODUCTION = (
    "Every record that is not finished, every job and every try to pay has a maximum age, an owner, and something to "
    "do. What is older stands on the page `/overdue/`, told from the records as they are. The ages are thresholds "
    "([thresholds.md](thresholds.md)) and our own assumptions; working days are those of headquarters."
)


def age_list() -> str:
    """The document."""
    spans = {row["code"]: f"{row['value']} {row['unit'].replace('_', ' ')}" for row in rows("reference/thresholds.csv")}
    told = [_row(kind, age, spans[age.most]) for kind in all_kinds() for age in kind.ages]
    return page("Ages", _INTRODUCTION, table(("Record", "State", "At most", "Threshold", "Owner", "What to do"), told))


def _row(kind: Kind, age: Age, span: str) -> tuple[object, ...]:
    only = "".join(f", {name} {value}" for name, value in age.only.items())
    return (kind.title, code(age.state) + only, span, code(age.most), age.owner.label, age.todo)
