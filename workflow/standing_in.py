"""What deputies may and may not decide while somebody is away, and to whom each request goes.

A deputy for whom separation of duties, a conflict or the limit of money stands against a request is skipped, with the
reason; the next in order gets it. Who acts is asked again by the permit, so what is told here never gives a right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import delegations_of
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question, rules_in_force, separation_refusal
from workflow import worklists
from workflow.models import AssistanceRequest

# What waits for each role, and the act by which it is done.
_ACTS: dict[str, str] = {
    Role.ELIGIBILITY_REVIEWER: "confirm_eligibility",
    Role.BUDGET_APPROVER: "approve_budget",
    Role.CERTIFYING_OFFICER: "certify_funds",
    Role.PAYER: "release",
    Role.FUND_MANAGER: "approve_budget",
    Role.HEAD_OF_UNIT: "endorse",
}
MONEY = (Role.BUDGET_APPROVER, Role.FUND_MANAGER)
_AT_MOST = 50


@dataclass(frozen=True)
class Skipped:
    """A deputy who may not decide a request, and why."""

    deputy: User
    why: str


@dataclass(frozen=True)
class Handed:
    """One request that waits for somebody who is away: who is skipped, and who gets it."""

    reference: str
    url: str
    skipped: list[Skipped]
    goes_to: User | None


def waiting_for(person: User, role: str) -> list[AssistanceRequest]:
    """What waits for a person under a role now, most urgent first."""
    rows: dict[Role, Callable[[User], QuerySet[AssistanceRequest]]] = {
        Role.ELIGIBILITY_REVIEWER: worklists.taken_by,
        Role.BUDGET_APPROVER: worklists.to_approve,
        Role.FUND_MANAGER: worklists.to_approve,
        Role.CERTIFYING_OFFICER: worklists.to_certify,
        Role.PAYER: worklists.to_pay,
        Role.HEAD_OF_UNIT: worklists.to_endorse,
    }
    return list(rows[Role(role)](person)[:_AT_MOST]) if role in rows else []


def handed_requests(absent: User, role: str, deputies: Sequence[User], up_to_minor: int | None = None) -> list[Handed]:
    """Each request that waits for the person who is away, with who is skipped and who gets it."""
    waiting = waiting_for(absent, role)
    if not waiting:
        return []
    reasons = Reasons([absent, *deputies], role, waiting)
    limit = _limit(absent, role, up_to_minor)
    found = []
    for one in waiting:
        skipped: list[Skipped] = []
        goes_to = None
        for deputy in deputies:
            why = reasons.against(deputy, one) or reasons.against(absent, one) or _above(one, limit)
            if not why:
                goes_to = deputy
                break
            skipped.append(Skipped(deputy, why))
        found.append(Handed(one.reference, f"/requests/{one.reference}/", skipped, goes_to))
    return found


def _limit(absent: User, role: str, up_to_minor: int | None) -> int | None:
    """The most that can be approved for a person who is away, in US cents; None where no money is decided."""
    if role not in MONEY:
        return None
    ceilings = [row.ceiling_minor for row in delegations_of(absent) if row.person_id == absent.pk]
    most = max(ceilings, default=0)
    return most if up_to_minor is None else min(most, up_to_minor)


def _above(assistance: AssistanceRequest, limit: int | None) -> str:
    asked = getattr(assistance, "asked_usd_minor", None) or 0
    if limit is None or asked <= limit:
        return ""
    return _("it asks for more than %(amount)s") % {"amount": Money(limit, "USD")}


class Reasons:
    """Why these people may not decide these requests, in two queries however many there are."""

    def __init__(self, people: Sequence[User], role: str, requests: Sequence[AssistanceRequest]) -> None:
        self._act = _ACTS.get(role, "")
        keys = [one.reference for one in requests]
        rows = Decision.objects.filter(Q(reference__in=keys) | Q(related__in=keys, related__gt=""))
        self._decisions = list(rows.filter(Q(actor__in=people) | Q(on_behalf_of__in=people)))
        self._rules = rules_in_force({self._act}) if self._decisions else []

    def against(self, person: User, assistance: AssistanceRequest) -> str:
        """The reason in words; empty when nothing stands against it."""
        own = [
            one
            for one in self._decisions
            if person.pk in (one.actor_id, one.on_behalf_of_id) and assistance.reference in (one.reference, one.related)
        ]
        if any(one.act == "recuse" and one.actor_id == person.pk for one in own):
            return _("declared a conflict of interest on it")
        if any(one.act == "decline" and one.actor_id == person.pk for one in own) and self._act == "approve_budget":
            return _("declined it before")
        asked = Money(getattr(assistance, "asked_usd_minor", None) or 0, "USD")
        question = Question(assistance, self._act, person, amount=asked, decisions=own, rules=self._rules)
        clash = separation_refusal(question)
        return f"{clash.why} ({clash.code})" if clash else ""
