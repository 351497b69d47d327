"""What somebody may do with a request now, and for everything else who says no and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.gate import edge_of
from gaf.policy import Question, own_decisions, rules_in_force
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.policy import ACTS


@dataclass(frozen=True)
class PossibleAct:
    """One act that is open from the present state: who says no, and what is missing."""

    act: str
    label: str
    refusals: list[Refusal] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether this person can do it now."""
        return not self.refusals and not self.obstacles


def possible_acts(
    assistance: AssistanceRequest,
    person: User,
    *,
    of_others: bool = False,
    decisions: Iterable[Decision] | None = None,
) -> list[PossibleAct]:
    """The acts open from the present state that belong to the person's roles; of other roles too when asked.

    `decisions` are all those of the request and related to it, where the page has read them already.
    """
    found: list[PossibleAct] = []
    if decisions is None:
        decided = own_decisions(Question(assistance, "", person))
    else:
        decided = [one for one in decisions if person.pk in (one.actor_id, one.on_behalf_of_id)]
    rules = rules_in_force({decision.act for decision in decided}) if decided else []
    for act, (label, _chapter) in ACTS.items():
        edge: Any = edge_of(assistance, act)
        if edge is None or act == "write" or set(edge.permission.roles) == {Role.SYSTEM}:
            continue
        question = Question(assistance, act, person, decisions=decided, rules=rules)
        if not of_others and not edge.permission.role_used(question):
            continue
        refusals = edge.permission.why_not(question)
        found.append(PossibleAct(act, str(label), refusals, [] if refusals else obstacles(assistance, act)))
    return found
