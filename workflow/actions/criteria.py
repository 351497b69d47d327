"""Publishing criteria freezes a numbered set; a request is bound to the set in force when headquarters gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.decisions.record import lock_the_books, record_decision
from gaf.gate import in_one_piece
from gaf.refusals import NotPermitted, Refusal
from workflow.codelists import Section
from workflow.models import AssistanceRequest, CriteriaSet, Criterion


@dataclass(frozen=True)
class CriterionText:
    """One criterion as the editor wrote it; `passage` is the code of the section of a request that answers it."""

    code: str
    question: str
    guidance: str = ""
    passage: str = "SITUATION"
    may_be_irrelevant: bool = False


@in_one_piece
def publish_criteria_set(*, criteria: Sequence[CriterionText], source: str, actor: User, at: datetime) -> CriteriaSet:
    """Freeze a new numbered set. Running requests keep theirs; requests that arrive from now on are bound to this one.

    Raises NotPermitted ROLE-02 unless the actor edits guidance (or is the system, for scheduled publishing), and
    Refusal CRIT-04 for an empty set, a code used twice or an unknown section.
    """
    role = Role.SYSTEM if actor.is_system else Role.EDITOR
    if not actor.is_system and not holds(actor, Role.EDITOR):
        raise NotPermitted([_refuse("ROLE-02", _("Criteria are published by editors of guidance."))])
    _require_whole(criteria)
    lock_the_books()  # one number at a time
    last = CriteriaSet.objects.order_by("-number").first()
    frozen = CriteriaSet(
        number=last.number + 1 if last else 1,
        criteria_count=len(criteria),
        source=source,
        published_by=actor,
        published_at=at,
    )
    key = f"CRITERIA-{frozen.number}"
    facts = {"number": frozen.number, "codes": [criterion.code for criterion in criteria]}
    record_decision(act="publish_criteria_set", actor=actor, role=role, at=at, subject=key, reference=key, facts=facts)
    frozen.save()
    for position, criterion in enumerate(criteria, start=1):
        Criterion.objects.create(
            criteria_set=frozen,
            position=position,
            code=criterion.code,
            question=criterion.question,
            guidance=criterion.guidance,
            passage=criterion.passage,
            may_be_irrelevant=criterion.may_be_irrelevant,
        )
    return frozen


def _refuse(code: str, why: str) -> Refusal:
    return Refusal(code, _("The criteria were not published."), why, _("Correct the page, then publish it again."))


def _require_whole(criteria: Sequence[CriterionText]) -> None:
    codes = [criterion.code for criterion in criteria]
    if not codes:
        raise _refuse("CRIT-04", _("There is no criterion."))
    if len(set(codes)) != len(codes) or "" in codes:
        raise _refuse("CRIT-04", _("Each criterion needs a code of its own."))
    if any(criterion.passage not in Section.values for criterion in criteria):
        raise _refuse("CRIT-04", _("A criterion names a part that a request does not have."))


def bind_criteria(assistance: AssistanceRequest) -> None:
    """Bind a request to the newest set, once; a set published later changes nothing for it."""
    if assistance.criteria_set_id is None:
        assistance.criteria_set = CriteriaSet.objects.order_by("-number").first()
