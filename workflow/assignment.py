"""To whom a request is proposed for review, and which ties a reviewer may have to it.

The one with the least to decide gets it, of those who may: nobody who is away, served in a mission of it within two
years, declared a conflict, or decided what is now reviewed again. It is a proposal; another reviewer may take it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.queries import assignments_in_force, hand_overs_in_force
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.models import Decision, SeparationRule
from gaf.decisions.so_far import decided_so_far
from gaf.policy import Question, rules_in_force, separation_refusal
from workflow.models import AssistanceRequest, RequestMission
from workflow.policy import PEER_MONTHS, refused_what_is_reviewed
from workflow.states import RequestState
from workflow.transfer_rules import missions_before

S = RequestState
_OPEN = (S.ELIGIBILITY_REVIEW, S.CLARIFICATION)
_PEER_DAYS = PEER_MONTHS * 365 // 12


def least_loaded(assistance: AssistanceRequest, barred: Collection[int] = ()) -> User | None:
    """The reviewer with the least to decide who may take this request, none of those `barred`; None where nobody may.

    Two queries inside an act, three elsewhere, however many reviewers there are; one less where none of them had to do
    with it before.
    """
    decisions = decided_so_far(assistance)
    if decisions is None:
        decisions = list(Decision.objects.filter(reference=assistance.reference).order_by("number"))
    recused = {one.actor_id for one in decisions if one.act == "recuse"}
    out = recused | refused_what_is_reviewed(decisions) | set(barred)
    rules: list[SeparationRule] | None = None
    for reviewer in _reviewers(assistance):
        own = [one for one in decisions if reviewer.pk in (one.actor_id, one.on_behalf_of_id)]
        if reviewer.pk in out:
            continue
        if own and rules is None:
            rules = rules_in_force({"take"})
        if separation_refusal(Question(assistance, "take", reviewer, decisions=own, rules=rules)) is None:
            return reviewer
    return None


def _reviewers(assistance: AssistanceRequest) -> list[User]:
    """Reviewers who are here today and no peers of the request, the one with the least to decide first."""
    role = Role.ELIGIBILITY_REVIEWER
    here = assignments_in_force().filter(role=role).values("person_id")
    away = hand_overs_in_force().filter(role=role).values("person_id")
    open_ones = Q(taken_requests__state__in=_OPEN)
    proposed = Q(proposed_requests__state=S.ELIGIBILITY_REVIEW, proposed_requests__taken_by=None)
    rows = User.objects.filter(pk__in=here).exclude(pk__in=away)
    rows = rows.exclude(Exists(served_in(assistance).filter(person=OuterRef("pk"))))
    rows = rows.annotate(
        has=Count("taken_requests", filter=open_ones, distinct=True)
        + Count("proposed_requests", filter=proposed, distinct=True)
    )
    return list(rows.order_by("has", "name", "pk"))


def served_in(assistance: AssistanceRequest) -> QuerySet[RoleAssignment]:
    """Who served within two years in a mission that has the request, or had it before."""
    since = clock.today() - timedelta(days=_PEER_DAYS)
    here = RequestMission.objects.filter(assistance=assistance).values("mission_id")
    return RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=since),
        Q(mission_id=assistance.mission_id) | Q(mission_id__in=here) | Q(mission__in=missions_before(assistance)),
        role__in=[role.value for role in MISSION_ROLES],
    )


@dataclass(frozen=True)
class Tie:
    """Something that may be a conflict of interest: its code, and what it is in words."""

    code: str
    words: str


def ties(assistance: AssistanceRequest, person: User) -> list[Tie]:
    """What the reviewer should think of before saying that there is no tie; none of it refuses anything by itself."""
    found = []
    served = RoleAssignment.objects.filter(person=person).filter(
        Q(mission_id__in=assistance.mission_ids()) | Q(mission__in=missions_before(assistance))
    )
    if served.filter(role__in=[role.value for role in MISSION_ROLES]).exists():
        found.append(Tie("SERVED", _("You served in a mission of this request before.")))
    others = AssistanceRequest.objects.filter(case=assistance.case).exclude(pk=assistance.pk)
    same_case = Decision.objects.filter(actor=person, reference__in=others.values("reference"))
    if (reference := same_case.values_list("reference", flat=True).first()) is not None:
        found.append(
            Tie("CASE", _("You decided on %(reference)s, which is about the same case.") % {"reference": reference})
        )
    before = Decision.objects.filter(actor=person, reference=assistance.reference).exclude(act="take")
    if before.exists():
        found.append(Tie("BEFORE", _("You decided on this request before.")))
    return found
