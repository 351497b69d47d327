"""Scenes about protection: what the gates of a request ask for is found and recorded by whoever may record it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from gaf import clock
from gaf.accounts.models import User
from gaf.demo.stage import Stage
from workflow.actions.assessing import AssessmentText, assess
from workflow.actions.gate_evidence import Finding, may_record, record_evidence
from workflow.models import AssistanceRequest
from workflow.protection.gates import RULE_OF, GateRule, Outcome
from workflow.protection.standing import GateStanding, gates_with_what_is_asked

_HALF_A_YEAR = timedelta(days=180)
_WHO_FOUND_IT = {
    "G8": "Panel of the child protection office: guardian, social worker, lawyer, psychologist. It has the minutes.",
    "R1": "Read out and explained by the interpreter, signed on paper; the paper is with the mission.",
    "R5": "Both missions went through the matrix together; the partner at home knows whom to call.",
}


def passing(rule: GateRule, at: datetime, outcome: Outcome | None = None) -> Finding:
    """What opens a gate, found today."""
    return Finding(
        gate=rule.code.value,
        outcome=outcome or rule.passing[0],
        found_on=at.date(),
        note=_WHO_FOUND_IT.get(rule.code.value, "Seen by the case worker; the paper is with the mission."),
        valid_until=at.date() + _HALF_A_YEAR if rule.valid_days is not None else None,
        panel_size=4 if rule.panel else None,
        statements=tuple(rule.statements),
    )


def open_gates(
    reference: str, people: Sequence[User], at: datetime, only: Collection[str] = (), outcome: Outcome | None = None
) -> list[str]:
    """Record what every closed gate asks for, each by the first of these people who may; returns the gates' codes."""
    opened = []
    for gate in _closed(reference, only):
        assistance = AssistanceRequest.objects.get(reference=reference)
        actor = next(person for person in people if may_record(assistance, gate.rule, person))
        record_evidence(
            request_id=assistance.pk,
            finding=passing(gate.rule, at, outcome),
            person_keys=[person.key for person in gate.missing],
            actor=actor,
            at=at,
        )
        opened.append(gate.rule.code.value)
    return opened


def protect(stage: Stage, reference: str, *names: str, only: Collection[str] = ()) -> list[str]:
    """What every closed gate of a request asks for is found and recorded by these people of its missions."""
    return open_gates(reference, [stage.who(name) for name in names], clock.now(), only)


def _closed(reference: str, only: Collection[str]) -> list[GateStanding]:
    gates = gates_with_what_is_asked(AssistanceRequest.objects.get(reference=reference))
    return [
        gate
        for gate in gates
        if gate.rule.code.value in RULE_OF and not gate.is_open and (not only or gate.rule.code.value in only)
    ]


def assessed(
    stage: Stage, who: str, reference: str, judged: str, factors: dict[str, int], needs: Sequence[str] = ()
) -> None:
    """A case worker assesses how vulnerable the persons are, today and in the mission's own language."""
    assistance = AssistanceRequest.objects.get(reference=reference)
    text = AssessmentText(
        assessed_on=clock.today(), language=assistance.language, judged=judged, factors=factors, needs=needs
    )
    assess(request_id=assistance.pk, assessment=text, actor=stage.who(who), at=clock.now())
