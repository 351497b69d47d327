"""The state machines as pictures and tables, read from the declared acts of each record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django_fsm import GET_STATE, RETURN_VALUE

from finance.models import (
    AccountingPeriod,
    Agreement,
    CommitmentReview,
    Disbursement,
    ExchangeRate,
    MatchRule,
    PayeeVersion,
    PaymentFile,
    PeriodException,
    RailPause,
    RateList,
    ScreeningHit,
    Statement,
    StatementLine,
    Tranche,
    WriteOff,
)
from gaf.accounts.roles import MISSION_ROLES
from gaf.documents.markdown import code, codes, page, section, table
from gaf.policy import Permit, act_label
from gaf.templatetags.state_words import KNOWN
from workflow.models import (
    Amendment,
    AssistanceRequest,
    AssistedReturn,
    CaseTransfer,
    Complaint,
    Concern,
    CostNorm,
    CrisisWindow,
    DonorReport,
    Erasure,
    FollowUpVisit,
    Likeness,
    LostReceipt,
    PersonCopy,
    RetentionHold,
    Table,
)
from workflow.states import FINAL_STATES

# An act with more arrows than this is drawn from or to one box that stands for several states.
MOST_ARROWS = 3
SEVERAL = "SEVERAL"

INTRODUCTION = (
    "What each record can be, and which act leads where. An arrow carries the act's name, as in the code, and the "
    "roles that may do it. A state changes only inside the gate (`gaf/gate.py`), and the database refuses a state "
    "without the decision that leads there. What must hold before an act, beyond the role: "
    "[permission-matrix.md](permission-matrix.md)."
)


@dataclass(frozen=True)
class Machine:
    """One kind of record with a state: its name, its words, the act that opens it, and where it can end."""

    title: str
    model: type[Model]
    words: str
    opened_by: str
    final: tuple[str, ...]


MACHINES = (
    Machine("Assistance request", AssistanceRequest, "request", "write", FINAL_STATES),
    Machine(
        "Disbursement",
        Disbursement,
        "disbursement",
        "prepare_disbursement",
        ("CONFIRMED", "RETURNED", "FAILED", "STOPPED"),
    ),
    Machine("Payment file", PaymentFile, "file", "prepare_file", ("SENT", "DISCARDED")),
    Machine("Payee's details", PayeeVersion, "payee", "record_payee", ("REJECTED", "SUPERSEDED")),
    Machine("Hit of a screening", ScreeningHit, "hit", "screen_payee", ("CLEARED", "CONFIRMED")),
    Machine("Exchange rate", ExchangeRate, "rate", "enter_rate", ("APPROVED",)),
    Machine("List of rates", RateList, "rate_list", "import_rates", ("APPROVED", "DISCARDED")),
    Machine("Month of the books", AccountingPeriod, "period", "open_period", ("CLOSED",)),
    Machine("Exception for a month", PeriodException, "exception", "ask_exception", ("APPROVED", "REFUSED")),
    Machine("Agreement", Agreement, "agreement", "record_agreement", ("IN_FORCE", "DISCARDED")),
    Machine("Commitment at the year's end", CommitmentReview, "review", "propose_review", ("APPROVED", "REFUSED")),
    Machine("Pause of a rail", RailPause, "pause", "pause_rail", ("RESUMED",)),
    Machine("Statement", Statement, "statement", "import_statement", ("IMPORTED", "REVIEWED")),
    Machine("Statement line", StatementLine, "line", "import_line", ("MATCHED",)),
    Machine("Amendment", Amendment, "amendment", "ask_amendment", ("APPROVED", "REFUSED", "WITHDRAWN", "LAPSED")),
    Machine("Lost receipt", LostReceipt, "lost_receipt", "declare_lost_receipt", ("ACCEPTED", "REFUSED")),
    Machine("Table of persons helped", Table, "table", "propose_table", ("PUBLISHED", "DISCARDED")),
    Machine("Retention hold", RetentionHold, "retention_hold", "place_retention_hold", ("LIFTED",)),
    Machine("Erasure of a case", Erasure, "erasure", "propose_erasure", ("DONE", "DISCARDED")),
    Machine("Copy for a person", PersonCopy, "person_copy", "ask_copy", ("GIVEN", "REFUSED")),
    Machine("Cost norm", CostNorm, "cost_norm", "record_cost_norm", ("IN_FORCE", "DISCARDED")),
    Machine("Crisis window", CrisisWindow, "crisis_window", "record_crisis_window", ("OPEN", "DISCARDED")),
    Machine("Donor report", DonorReport, "donor_report", "begin_donor_report", ("ISSUED", "DISCARDED")),
    Machine("Two persons who may be one", Likeness, "likeness", "find_likeness", ("SAME", "DIFFERENT")),
    Machine("Complaint", Complaint, "complaint", "record_complaint", ("CLOSED",)),
    Machine("Concern", Concern, "concern", "raise_concern", ("CLOSED",)),
    Machine(
        "Transfer of a case",
        CaseTransfer,
        "case_transfer",
        "propose_transfer",
        ("ACCEPTED", "REFUSED", "WITHDRAWN", "LAPSED"),
    ),
    Machine("Assisted return", AssistedReturn, "assisted_return", "begin_return", ("CONCLUDED",)),
    Machine("Follow-up visit", FollowUpVisit, "follow_up_visit", "plan_visit", ("DONE", "NOT_REACHED", "REFUSED")),
    Machine("Tranche", Tranche, "tranche", "plan_tranches", ("ACCOUNTED",)),
    Machine("Write-off of a refund", WriteOff, "write_off", "ask_write_off", ("REFUSED", "TAKEN_BACK")),
    Machine("Rule of matching", MatchRule, "match_rule", "write_match_rule", ("RETIRED",)),
)


@dataclass(frozen=True)
class Way:
    """One way of doing an act: from these states to these (none: it does not move), by one permit."""

    act: str
    label: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    permit: Permit


def state_field(machine: Machine) -> Any:
    """The protected field that holds the state."""
    return machine.model._meta.get_field("state")


def states(machine: Machine) -> list[str]:
    """Every state of the record, in the order in which they are declared."""
    return [str(value) for value, _label in state_field(machine).choices]


def ways(machine: Machine) -> list[Way]:
    """Every way of doing every act of the record, in the order of the states they start from."""
    order = states(machine)
    gathered: dict[tuple[str, tuple[str, ...], int], list[Any]] = {}
    for edge in state_field(machine).get_all_transitions(machine.model):
        gathered.setdefault((edge.name, _targets(edge.target, order), id(edge.permission)), []).append(edge)
    found = [
        Way(
            act,
            str(edges[0].custom.get("label") or act_label(act)),
            tuple(sorted({str(edge.source) for edge in edges}, key=order.index)),
            targets,
            edges[0].permission,
        )
        for (act, targets, _permit), edges in gathered.items()
    ]
    return sorted(found, key=lambda way: (order.index(way.sources[0]), not way.targets, way.act, way.sources))


def _targets(target: Any, order: list[str]) -> tuple[str, ...]:
    if target is None:
        return ()
    allowed: Iterable[Any] = target.allowed_states or () if isinstance(target, GET_STATE | RETURN_VALUE) else [target]
    return tuple(sorted({str(state) for state in allowed}, key=order.index))


def who(permit: Permit) -> str:
    """The roles of a permit in words."""
    return ", ".join(
        f"{role.label} of the lead mission" if permit.lead_only and role in MISSION_ROLES else str(role.label)
        for role in permit.roles
    )


def state_machines() -> str:
    """The document."""
    return page("State machines", INTRODUCTION, *(_machine(machine) for machine in MACHINES))


def _machine(machine: Machine) -> str:
    known = ways(machine)
    moving = [way for way in known if way.targets]
    parts = [_picture(machine, moving), "### What each state is called", _words(machine)]
    parts += ["### Acts that move it", _moves(moving)]
    staying = [way for way in known if not way.targets]
    if staying:
        parts += ["### Acts that leave it where it is", _stays(staying)]
    return section(machine.title, *parts)


def _picture(machine: Machine, moving: list[Way]) -> str:
    lines = [f"    [*] --> {state_field(machine).default} : {machine.opened_by}"]
    for way in moving:
        roles = ", ".join(str(role.label) for role in way.permit.roles)
        lines += [f"    {source} --> {target} : {way.act} ({roles})" for source, target in _arrows(way)]
    if any(SEVERAL in line for line in lines):
        lines.insert(0, f'    state "several states, see the table" as {SEVERAL}')
    lines += [f"    {state} --> [*]" for state in machine.final]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _arrows(way: Way) -> list[tuple[str, str]]:
    """The arrows of an act; where there would be many, one box stands for all the states on that side."""
    sources = way.sources if len(way.sources) <= MOST_ARROWS else (SEVERAL,)
    targets = way.targets if len(way.targets) <= MOST_ARROWS else (SEVERAL,)
    return [(source, target) for source in sources for target in targets]


def _words(machine: Machine) -> str:
    heads = ("State", "A mission reads", "Headquarters reads")
    known = KNOWN[machine.words]
    rows = [(code(state), known[state]["mission"].label, known[state]["hq"].label) for state in states(machine)]
    if all(mission == headquarters for _state, mission, headquarters in rows):
        return table(("State", "Words"), [(state, words) for state, words, _same in rows])
    return table(heads, rows)


def _moves(moving: list[Way]) -> str:
    rows = [
        (
            code(way.act),
            way.label,
            codes(way.sources),
            " or ".join(code(target) for target in way.targets),
            who(way.permit),
        )
        for way in moving
    ]
    return table(("Act", "On its button", "From", "To", "Who"), rows)


def _stays(staying: list[Way]) -> str:
    rows = [(code(way.act), way.label, codes(way.sources), who(way.permit)) for way in staying]
    return table(("Act", "On its button", "Open in", "Who"), rows)
