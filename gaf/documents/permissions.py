"""The permission matrix: who may do which act, under which rules, and which acts one person may not both do."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from finance import policy as finance_policy
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, READS_SEALED_TEXT, Role
from gaf.documents.machines import MACHINES, ways, who
from gaf.documents.markdown import code, codes, page, section, table
from gaf.duty import MAY_PLAN_DUTY
from gaf.money import Money
from gaf.policy import Permit, Rule, act_label
from workflow import policy as workflow_policy
from workflow.donor_reports.permits import MAY_WRITE_DONOR_REPORT
from workflow.separation import HEADQUARTERS_ACTS, MISSION_ACTS, PAIRS, Pair

INTRODUCTION = (
    "Who may do what. This page is written from the permits (`workflow/policy.py`, `finance/policy.py`) and from the "
    "pairs of `workflow/separation.py`; the same permits draw the buttons and are asked by the gate. A change of it is "
    "a change of who may do what, and should be read as one. There is no superuser: what no permit allows, nobody does."
)

# Acts that make a new record, and therefore start from no state of it. The action asks the permit before the first row.
OPENING = {
    "plan_duty": MAY_PLAN_DUTY,
    "end_duty": MAY_PLAN_DUTY,
    "prepare_disbursement": finance_policy.MAY_PREPARE,
    "prepare_file": finance_policy.MAY_PREPARE_FILE,
    "record_payee": finance_policy.MAY_RECORD_PAYEE,
    "enter_rate": finance_policy.MAY_ENTER_RATE,
    "import_rates": finance_policy.MAY_IMPORT_RATES,
    "ask_exception": finance_policy.MAY_ASK_EXCEPTION,
    "revalue": finance_policy.MAY_REVALUE,
    "record_pledge": finance_policy.MAY_RECORD_AGREEMENT,
    "record_agreement": finance_policy.MAY_RECORD_AGREEMENT,
    "plan_tranches": finance_policy.MAY_PLAN_TRANCHES,
    "ask_write_off": finance_policy.MAY_ASK_WRITE_OFF,
    "propose_review": finance_policy.MAY_PROPOSE_REVIEW,
    "import_statement": finance_policy.MAY_IMPORT_STATEMENT,
    "record_receipt": finance_policy.MAY_RECORD_RECEIPT,
    "pause_rail": finance_policy.MAY_PAUSE_RAIL,
    "propose_table": workflow_policy.MAY_PROPOSE_TABLE,
    "place_retention_hold": workflow_policy.MAY_PLACE_RETENTION_HOLD,
    "record_cost_norm": workflow_policy.MAY_RECORD_COST_NORM,
    "record_crisis_window": workflow_policy.MAY_RECORD_CRISIS_WINDOW,
    "begin_donor_report": MAY_WRITE_DONOR_REPORT,
    "ask_copy": workflow_policy.MAY_ASK_COPY,
    "begin_return": workflow_policy.MAY_BEGIN_RETURN,
    "record_complaint": workflow_policy.MAY_RECORD_COMPLAINT,
    "propose_erasure": workflow_policy.MAY_PROPOSE_ERASURE,
    "send_message": workflow_policy.MAY_SEND_MESSAGE,
    "keep_note": workflow_policy.MAY_KEEP_NOTE,
    "plan_activity": workflow_policy.MAY_PLAN_ACTIVITY,
    "finish_activity": workflow_policy.MAY_END_ACTIVITY,
    "cancel_activity": workflow_policy.MAY_END_ACTIVITY,
    "restrict": workflow_policy.MAY_RESTRICT,
    "name_reader": workflow_policy.MAY_NAME_READER,
    "end_reader": workflow_policy.MAY_END_READER,
}


@dataclass(frozen=True)
class Allowed:
    """One act by one permit: on what, from which states, under which word."""

    record: str
    act: str
    label: str
    sources: tuple[str, ...]
    permit: Permit


def allowed() -> list[Allowed]:
    """Every act of every record with its permit; an act that has several permits stands there once for each."""
    found = [
        Allowed(machine.title, way.act, way.label, way.sources, way.permit)
        for machine in MACHINES
        for way in ways(machine)
    ]
    found += [Allowed("new record", act, act_label(act), (), permit) for act, permit in OPENING.items()]
    gathered: dict[tuple[str, str, int], Allowed] = {}
    for one in found:
        key = (one.record, one.act, id(one.permit))
        before = gathered.get(key)
        sources = (*before.sources, *one.sources) if before else one.sources
        gathered[key] = Allowed(one.record, one.act, one.label, tuple(dict.fromkeys(sources)), one.permit)
    return list(gathered.values())


def rule_in_words(rule: Rule) -> str:
    """A rule's code and what it says: the first line of its own description."""
    return str(rule.__doc__).strip().splitlines()[0]


def permission_matrix() -> str:
    """The document."""
    return page(
        "Permission matrix",
        INTRODUCTION,
        section("Acts and roles", _LEGEND, _matrix(allowed())),
        section("Acts and rules", _RULES, _rules(allowed())),
        section("Separation of duties", _SEPARATION, _pairs()),
        section("Roles that one person may not hold together", _INCOMPATIBLE, _incompatible()),
        section("What each role may see", _sight()),
    )


_LEGEND = (
    "● may do it; for the roles of a mission, in any mission that takes part in the request. ◐ in the mission that "
    "leads the request only; on a return, in the mission whose turn it is. The system is a named actor; nobody can "
    "sign in as it."
)
_RULES = (
    "Beyond the role, each rule can say no, and says why. The last column names the acts on the same request that one "
    "person may not combine with this one; for SOD-01 see the next section."
)
_SEPARATION = (
    "One person may not do an act of the left column and an act of the right column on one request. `setup` writes "
    "these pairs as rows in force from a day on, proposed by one person and approved by another; the permits ask the "
    "rows of the day, and a trigger holds them on every decision. An amount in the last column means: only where "
    "either decision is about more than this."
)
_INCOMPATIBLE = (
    "From `fixtures/reference/incompatible_roles.csv`; loaded as rows when the system is set up, and asked whenever a "
    "role is given."
)


def _matrix(rows: list[Allowed]) -> str:
    roles = list(Role)
    heads = ("Act", "Record", *(str(role.label) for role in roles))
    marks: dict[tuple[str, str], dict[Role, str]] = defaultdict(dict)
    for row in rows:
        for role in row.permit.roles:
            lead = row.permit.lead_only and role in MISSION_ROLES
            known = marks[(row.act, row.record)].get(role, "◐")
            marks[(row.act, row.record)][role] = "◐" if lead and known == "◐" else "●"
    told = [(code(act), record, *(held.get(role, "") for role in roles)) for (act, record), held in marks.items()]
    return table(heads, told, empty=" ")


def _rules(rows: list[Allowed]) -> str:
    heads = ("Act", "On its button", "From", "Who", "Rules", "Not with")
    told = [
        (
            code(row.act),
            row.label,
            codes(row.sources) or "nothing",
            who(row.permit),
            "<br>".join(rule_in_words(rule) for rule in row.permit.rules),
            _not_with(row.act),
        )
        for row in rows
    ]
    return table(heads, told)


def _not_with(act: str) -> str:
    others: dict[str, list[str]] = defaultdict(list)
    for pair in PAIRS:
        if act in (pair.first, pair.second):
            others[pair.code].append(pair.second if pair.first == act else pair.first)
    told = [f"{name}: {codes(sorted(set(acts)))}" for name, acts in sorted(others.items()) if name != "SOD-01"]
    if "SOD-01" in others:
        told.insert(0, "SOD-01: acts of " + ("headquarters" if act in MISSION_ACTS else "a mission"))
    return "<br>".join(told)


def _pairs() -> str:
    rows = []
    for name in sorted({pair.code for pair in PAIRS}):
        rows += _rows_of(name, [pair for pair in PAIRS if pair.code == name])
    return table(("Rule", "One of", "and one of", "Above"), rows)


def _rows_of(name: str, pairs: list[Pair]) -> list[tuple[str, str, str, str]]:
    """The pairs of one rule, as few rows as say the same: first acts with the same counterparts stand together."""
    seconds: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for pair in pairs:
        seconds[(pair.first, pair.above_minor)].append(pair.second)
    firsts: dict[tuple[tuple[str, ...], int | None], list[str]] = defaultdict(list)
    for (first, above), others in seconds.items():
        firsts[(tuple(_in_order(others)), above)].append(first)
    return [
        (name, codes(_in_order(first)), codes(others), str(Money(above, "USD")) if above else "")
        for (others, above), first in firsts.items()
    ]


def _in_order(acts: Iterable[str]) -> list[str]:
    """Acts as a request meets them."""
    order = [*MISSION_ACTS, *HEADQUARTERS_ACTS]
    return sorted(acts, key=lambda act: (order.index(act) if act in order else len(order), act))


def _incompatible() -> str:
    path = Path(settings.BASE_DIR) / "fixtures" / "reference" / "incompatible_roles.csv"
    others: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            others[row["role"]].append(str(Role(row["other"]).label))
    return table(
        ("Role", "Not together with"), [(Role(role).label, ", ".join(names)) for role, names in others.items()]
    )


def _sight() -> str:
    people = [role for role in Role if role != Role.SYSTEM]
    rows = [(role.label, _requests_seen(role), "yes" if role in READS_SEALED_TEXT else "no") for role in people]
    return table(("Role", "Requests", "Text of a case"), rows)


def _requests_seen(role: Role) -> str:
    if role in MISSION_ROLES:
        return "their own mission's"
    if role == Role.AUDITOR:
        return "all"
    return "all that were sent" if role in READS_ALL_REQUESTS else "none"
