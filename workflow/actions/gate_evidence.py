"""Recording what a gate asks for. What is recorded is never edited: a newer piece of evidence takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from gaf.records import save_by
from gaf.refusals import Refusal
from gaf.sealing import seal
from workflow import notices
from workflow.models import AssistanceRequest, GateEvidence, Person
from workflow.policy import works_in
from workflow.protection.gates import CONSENT_RULE, RULE_OF, SMALLEST_PANEL, GateRule, Outcome
from workflow.protection.standing import closed_lines, forget_evidence, gates_of
from workflow.states import LineState

_WEIGHED = (Outcome.RETURN, Outcome.STAY, Outcome.THIRD_COUNTRY)


@dataclass(frozen=True)
class Finding:
    """What was found for a gate: the outcome, on which day, until when it counts, and what belongs to it."""

    gate: str
    outcome: str
    found_on: date
    note: str
    valid_until: date | None = None
    panel_size: int | None = None
    statements: Sequence[str] = ()


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The evidence was not recorded."), why, next_step)


@in_one_piece
def record_evidence(
    *,
    request_id: int,
    finding: Finding,
    person_keys: Sequence[str],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record one finding for one person or several; a deferred line whose gates all stand open then is ready to decide.

    Raises Refusal GATE-04 for a person or outcome that does not belong to the gate, GATE-05 for somebody who may not
    record this one, GATE-06 when something that belongs to it is missing, GATE-07 when an earlier gate does not stand.
    """
    with acting(
        AssistanceRequest, request_id, act="record_evidence", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        rule = _rule(finding)
        persons = _persons(assistance, rule, person_keys, at)
        require_recorder(assistance, rule, actor)
        _require_whole(rule, finding, at)
        _require_earlier(assistance, rule, finding, persons, at)
        until = _until(rule, finding)
        for person in persons:
            GateEvidence.objects.create(
                assistance=assistance,
                person=person,
                gate=finding.gate,
                outcome=finding.outcome,
                found_on=finding.found_on,
                valid_until=until,
                panel_size=finding.panel_size if rule.panel else None,
                statements=sorted(finding.statements),
                note=seal(assistance.seal_owner(), finding.note.strip()),
                recorded_by=actor,
                recorded_at=at,
            )
        doing.facts = {
            "gate": finding.gate,
            "outcome": finding.outcome,
            "persons": sorted(person.key for person in persons),
            "found_on": finding.found_on.isoformat(),
            "valid_until": until.isoformat() if until else "",
            "panel": finding.panel_size or 0,
        }
        forget_evidence(assistance)
        assistance.record_evidence()
        mark_ready_lines(assistance, actor, at)
    return assistance


def _rule(finding: Finding) -> GateRule:
    rule = RULE_OF.get(finding.gate)
    if rule is None or finding.outcome not in rule.outcomes:
        raise _refuse("GATE-04", _("This outcome does not belong to the gate."), _("Choose one of its outcomes."))
    return rule


def _persons(assistance: AssistanceRequest, rule: GateRule, keys: Sequence[str], at: datetime) -> list[Person]:
    """The persons named, all of whom the gate is about."""
    about = {one.person.key: one.person for gate in gates_of(assistance, at.date()) for one in gate.each}
    about |= {person.key: person for person in assistance.persons.filter(left_code="")}
    chosen = [about[key] for key in dict.fromkeys(keys) if key in about]
    if not chosen or len(chosen) != len(set(keys)):
        raise _refuse(
            "GATE-04", _("One of these persons does not take part, or none was chosen."), _("Choose the persons again.")
        )
    return chosen


def may_record(assistance: AssistanceRequest, rule: GateRule, person: User) -> bool:
    """Whether a person may record this gate: by their role, and where the other mission says yes, in that mission."""
    missions = assistance.mission_ids()
    if not any(holds(person, role, missions) for role in rule.recorded_by):
        return False
    others = missions - {assistance.mission_id}
    return not rule.by_the_other_mission or not others or any(works_in(person, one) for one in others)


def require_recorder(assistance: AssistanceRequest, rule: GateRule, actor: User) -> None:
    """Raises Refusal GATE-05 for somebody who may not record this gate."""
    if may_record(assistance, rule, actor):
        return
    if rule.by_the_other_mission:
        why, next_step = _("The receiving mission says this itself."), _("Ask a case worker of that mission.")
    else:
        roles = ", ".join(str(role.label) for role in rule.recorded_by)
        why, next_step = _("This is recorded by: %(roles)s.") % {"roles": roles}, _("Ask one of them.")
    raise _refuse("GATE-05", why, next_step)


def _require_whole(rule: GateRule, finding: Finding, at: datetime) -> None:
    """What belongs to this outcome is all there."""
    passes, weighed = finding.outcome in rule.passing, finding.outcome in _WEIGHED
    if not finding.note.strip():
        raise _refuse("GATE-06", _("Nothing says what was found and by whom."), _("Write it in a few words."))
    if finding.found_on > at.date() + timedelta(days=1):
        raise _refuse("GATE-06", _("Its day has not come yet."), _("Write the day on which it was found."))
    if passes and set(rule.statements) - set(finding.statements):
        raise _refuse(
            "GATE-06",
            _("Not everything that belongs to it was said."),
            _("Tick each statement, or choose another outcome."),
        )
    if weighed and (finding.panel_size or 0) < SMALLEST_PANEL:
        raise _refuse(
            "GATE-06", _("A determination is made by a panel of at least three."), _("Write how many sat on it.")
        )
    if (passes or weighed) and rule.valid_days == 0 and finding.valid_until is None:
        raise _refuse("GATE-06", _("Nothing says until when it counts."), _("Write the last day."))
    if finding.valid_until is not None and finding.valid_until < finding.found_on:
        raise _refuse("GATE-06", _("It would end before it began."), _("Write a later last day."))


def _require_earlier(
    assistance: AssistanceRequest, rule: GateRule, finding: Finding, persons: Sequence[Person], at: datetime
) -> None:
    """A yes to the journey rests on what had to be found before it."""
    if not rule.after or finding.outcome not in rule.passing:
        return
    newest = {(row.gate, row.person_id): row for row in assistance.gate_evidence.order_by("id")}
    for earlier in rule.after:
        for person in persons:
            row = newest.get((earlier.value, person.pk))
            stands = row is not None and row.outcome in RULE_OF[earlier.value].passing
            if not stands or (row is not None and row.valid_until is not None and row.valid_until < at.date()):
                raise _refuse(
                    "GATE-07",
                    _("It rests on another finding that is not there: %(gate)s.") % {"gate": earlier.label},
                    _("Record that one first."),
                )


def _until(rule: GateRule, finding: Finding) -> date | None:
    """The last day on which it counts: as it says, and never longer than the rule lets it."""
    if not rule.valid_days:
        return finding.valid_until
    latest = finding.found_on + timedelta(days=rule.valid_days)
    return min(finding.valid_until, latest) if finding.valid_until else latest


def mark_ready_lines(assistance: AssistanceRequest, actor: User, at: datetime) -> None:
    """Deferred lines whose gates all stand open now are marked, and the approvers hear of it once."""
    deferred = list(assistance.lines.filter(state=LineState.DEFERRED).prefetch_related("persons"))
    waits = {gate.rule.waits_as for gate in gates_of(assistance, at.date(), deferred) if gate.rule.waits_as}
    waits.add(CONSENT_RULE.waits_as)  # consent that is there has no gate any more
    closed = closed_lines(assistance, "approve_budget", at.date(), deferred)
    ready = False
    for line in deferred:
        met = at.date() if line.gate_code in waits and line.pk not in closed else None
        if bool(met) != bool(line.gate_met_on):
            line.gate_met_on = met
            save_by(line, actor, "record_evidence")
            ready = ready or met is not None
    if ready:
        told = [Role.BUDGET_APPROVER, Role.FUND_MANAGER]
        notices.tell_role(told, "deferred_line_ready", assistance, actor)
