"""Who may see a request, who follows it, and who is told of what moves on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with_any
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, READS_SEALED_TEXT, Role
from gaf.decisions.models import Decision
from workflow.models import AssistanceRequest, Following
from workflow.policy import has_both_sides


def people_of_missions(mission_ids: set[int]) -> QuerySet[User]:
    """Everybody who works in one of these missions today."""
    return people_with_any(MISSION_ROLES, mission_ids)


def people_at_headquarters(*, who_read_text: bool) -> QuerySet[User]:
    """Everybody at headquarters who sees requests today; or only those who read their text."""
    roles = READS_SEALED_TEXT if who_read_text else READS_ALL_REQUESTS
    return people_with_any(role for role in roles if role not in MISSION_ROLES)


def people_who_see(assistance: AssistanceRequest, *, who_read_text: bool = False) -> QuerySet[User]:
    """Everybody who may see this request today; or only those who read its text."""
    here = people_of_missions(assistance.mission_ids())
    if has_both_sides(assistance):
        return here | people_at_headquarters(who_read_text=who_read_text)
    return here if who_read_text else here | people_with_any(Role.AUDITOR)


@dataclass(frozen=True)
class Follower:
    """One person who follows a request, and why."""

    person: User
    why: str


def followers(
    assistance: AssistanceRequest, decisions: Iterable[Decision], rows: Iterable[Following]
) -> list[Follower]:
    """Author, reviewer, those who decided, and those who chose to; without those who chose not to. By name."""
    found: dict[int, Follower] = {}
    for decision in decisions:
        if decision.subject == assistance.reference and not decision.actor.is_system:
            found[decision.actor_id] = Follower(decision.actor, _("decided on it"))
    for row in rows:
        if row.follows:
            found.setdefault(row.person_id, Follower(row.person, _("wants to know")))
    found[assistance.author_id] = Follower(assistance.author, _("wrote it"))
    if assistance.taken_by is not None:
        found[assistance.taken_by.pk] = Follower(assistance.taken_by, _("has it"))
    left = {row.person_id for row in rows if not row.follows}
    living = [one for key, one in found.items() if key not in left and one.person.is_active]
    return sorted(living, key=lambda one: one.person.name)


def choices_of(assistance: AssistanceRequest) -> list[Following]:
    """What people chose about following a request."""
    return list(Following.objects.filter(assistance=assistance).select_related("person"))


def followers_who_see(assistance: AssistanceRequest, *, who_read_text: bool) -> list[User]:
    """Those who follow a request and may see it today; or only those who read its text."""
    decisions = Decision.objects.filter(subject=assistance.reference).select_related("actor")
    seeing = set(people_who_see(assistance, who_read_text=who_read_text).values_list("pk", flat=True))
    found = followers(assistance, decisions, choices_of(assistance))
    return [one.person for one in found if one.person.pk in seeing]


def untold() -> QuerySet[Following]:
    """Who chose to follow a request on which somebody else decided since they were told, each with `.newest`."""
    decided = Decision.objects.filter(subject=OuterRef("assistance__reference")).exclude(actor=OuterRef("person"))
    newest = decided.order_by("-number").values("number")[:1]
    rows = Following.objects.filter(follows=True).annotate(newest=Subquery(newest)).filter(newest__gt=F("told_number"))
    return rows.select_related("assistance", "person")
