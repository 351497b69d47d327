"""What must be true of the decisions, and of every record that they moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date

from finance.books_registry import Broken, Reading, check
from gaf.decisions.models import Decision, SeparationRule
from gaf.decisions.record import FIRST, canonical, chain_hash, sha256
from gaf.guards import missing_guards


@check("I5", "decisions are numbered without a gap, and each hash covers the whole row and the decision before")
def decisions_are_chained(reading: Reading) -> Iterator[Broken]:
    """Every hash recomputed, that of the facts too."""
    previous, expected = FIRST, 1
    for decision in reading.decisions:
        name = _name(decision)
        if decision.number != expected:
            yield Broken(name, f"follows decision {expected - 1}; decisions between are gone")
        if decision.previous_hash != previous:
            yield Broken(name, "does not follow the decision before it")
        if decision.facts_hash != sha256(canonical(decision.facts)):
            yield Broken(name, "its facts are not those that were decided")
        if decision.hash != chain_hash(decision):
            yield Broken(name, "is not what was decided: its hash does not cover its row")
        previous, expected = decision.hash, decision.number + 1


@check("I6", "every record is in the state of its latest decision, and no decision skips a state")
def states_follow_decisions(reading: Reading) -> Iterator[Broken]:
    """Every record of every room that only the gate moves; and every step from where the last one ended."""
    for decisions in reading.decided.values():
        state = ""
        for decision in decisions:
            if decision.from_state != state:
                yield Broken(_name(decision), f"starts from “{decision.from_state}”, the last one ended in “{state}”")
            state = decision.to_state
    for kind, subject, state in reading.standing:
        decided = reading.state_of(subject)
        if state != decided:
            yield Broken(f"{kind} {subject}", f"is {state}, its latest decision says {decided or 'nothing'}")


@check("I11", "no person did two acts on one request that one person may not both do")
def duties_are_separated(reading: Reading) -> Iterator[Broken]:
    """Read from decisions and the rows of separation rules only, each in force on the day of the later act."""
    excluded: dict[str, list[SeparationRule]] = defaultdict(list)
    done = sorted({decision.act for decision in reading.decisions})
    for rule in SeparationRule.objects.filter(approved_by__isnull=False, first_act__in=done, second_act__in=done):
        excluded[rule.first_act].append(rule)
        if rule.second_act != rule.first_act:
            excluded[rule.second_act].append(rule)
    by_reference: dict[tuple[int, str], list[Decision]] = defaultdict(list)
    by_related: dict[tuple[int, str], list[Decision]] = defaultdict(list)
    for decision in reading.decisions:
        actor = decision.actor_id
        earlier = [*by_reference[(actor, decision.reference)], *by_related[(actor, decision.reference)]]
        if decision.related:
            earlier += by_reference[(actor, decision.related)]
            by_related[(actor, decision.related)].append(decision)
        by_reference[(actor, decision.reference)].append(decision)
        yield from _clashes(decision, earlier, excluded[decision.act])


def _clashes(decision: Decision, earlier: list[Decision], rules: list[SeparationRule]) -> Iterator[Broken]:
    for rule in rules:
        other = rule.second_act if rule.first_act == decision.act else rule.first_act
        both = [before for before in earlier if before.act == other]
        if not both or not _in_force(rule, decision.at.astimezone(UTC).date()):
            continue
        for before in both:
            largest = max(decision.amount_minor or 0, before.amount_minor or 0)
            if rule.above_minor is None or largest > rule.above_minor:
                what = f"{rule.code}: “{decision.act}” by the person who did “{before.act}” in decision {before.number}"
                yield Broken(_name(decision), what)
                return


def _in_force(rule: SeparationRule, day: date) -> bool:
    return rule.effective_from <= day and (rule.effective_to is None or rule.effective_to >= day)


@check("GUARDS", "every guard stands in the database", part_of="I15")
def guards_stand(reading: Reading) -> Iterator[Broken]:
    """A trigger that was dropped is a door left open, whether or not somebody went through."""
    for name in missing_guards():
        yield Broken(f"guard {name}", "is gone; run `migrate` to put it back, and find out who took it")


def _name(decision: Decision) -> str:
    return f"decision {decision.number}"
