"""Changing a separation rule takes two people: one proposes the row, another approves it. Rows end; they never go."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.decisions.models import SeparationRule
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.refusals import Refusal

PROPOSES = Role.FUND_MANAGER
APPROVES = Role.DATA_STEWARD


def _key(rule: SeparationRule) -> str:
    return f"RULE-{rule.pk}"


def _require(actor: User, role: Role) -> None:
    if not holds(actor, role):
        raise Refusal(
            "SOD-14",
            _("The separation rule was not changed."),
            _("This act belongs to the role “%(role)s”.") % {"role": role.label},
            _("Ask somebody who holds it."),
        )


@in_one_piece
def propose_rule(
    *,
    code: str,
    first_act: str,
    second_act: str,
    effective_from: date,
    actor: User,
    at: datetime,
    above_minor: int | None = None,
    effective_to: date | None = None,
) -> SeparationRule:
    """Propose that one person may not do both acts, from a day on. It has no effect before a second person approves."""
    _require(actor, PROPOSES)
    if effective_from <= at.date():
        raise Refusal(
            "SOD-15",
            _("The separation rule was not proposed."),
            _("A rule begins on a day to come, so that no decision already taken becomes wrong."),
            _("Choose a later day."),
        )
    rule = SeparationRule.objects.create(
        code=code,
        first_act=first_act,
        second_act=second_act,
        above_minor=above_minor,
        effective_from=effective_from,
        effective_to=effective_to,
        proposed_by=actor,
    )
    _decide(rule, "propose_rule", actor, PROPOSES, at, "", "PROPOSED")
    return rule


@in_one_piece
def approve_rule(*, rule_id: int, actor: User, at: datetime) -> SeparationRule:
    """A second person approves the row; from its day on the permits ask it and the database holds it."""
    _require(actor, APPROVES)
    rule = SeparationRule.objects.select_for_update().get(pk=rule_id)
    if rule.approved_by_id is not None or rule.proposed_by_id == actor.pk:
        raise Refusal(
            "SOD-13",
            _("The separation rule was not approved."),
            _("One person proposes it and another approves it, once."),
            _("Ask a second person."),
        )
    rule.approved_by = actor
    rule.save(update_fields=["approved_by"])
    _decide(rule, "approve_rule", actor, APPROVES, at, "PROPOSED", "IN_FORCE")
    return rule


def _decide(
    rule: SeparationRule, act: str, actor: User, role: Role, at: datetime, from_state: str, to_state: str
) -> None:
    record_decision(
        act=act,
        actor=actor,
        role=role,
        at=at,
        subject=_key(rule),
        reference=_key(rule),
        from_state=from_state,
        to_state=to_state,
        facts={
            "code": rule.code,
            "acts": [rule.first_act, rule.second_act],
            "above_minor": rule.above_minor,
            "from": rule.effective_from.isoformat(),
        },
    )
