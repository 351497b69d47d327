"""Decisions as a timeline shows them: who did what, under which role and authority, for how much, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import act_label
from gaf.sealing import unseal
from gaf.templatetags.formats import plain_money
from workflow import reasons
from workflow.models import AssistanceRequest
from workflow.queries import timeline

_CODES: dict[str, type[TextChoices]] = {
    "return_to_author": reasons.ReturnReason,
    "return_budget": reasons.ReturnReason,
    "return_to_approver": reasons.ReturnReason,
    "refuse_eligibility": reasons.IneligibilityReason,
    "decline": reasons.DeclineReason,
    "hold": reasons.HoldReason,
    "withdraw": reasons.EndReason,
    "cancel": reasons.EndReason,
    "withdraw_persons": reasons.EndReason,
    "close": reasons.ClosureReason,
    "reopen": reasons.ReopenReason,
}


@dataclass(frozen=True)
class DecisionShown:
    """One entry of the timeline."""

    at: datetime
    title: str
    who: str
    role: str
    text: str
    language: str
    system: bool
    url: str = ""
    url_label: str = ""


def reason_words(act: str, code: str) -> str:
    """The words of a reason code, as the list it was chosen from has them."""
    known = _CODES.get(act)
    return str(known(code).label) if known is not None and code in known.values else code


def _text(decision: Decision, reads: bool, own: bool) -> str:
    """Amount and authority, the reason by code, and its words for those who may read them."""
    parts = []
    if decision.amount_minor:
        parts.append(plain_money(Money(decision.amount_minor, "USD")))
    if decision.delegation is not None:
        parts.append(_("Authority: %(instrument)s") % {"instrument": decision.delegation.instrument})
    if decision.reason_code:
        parts.append(reason_words(decision.act, decision.reason_code))
    if decision.reason and own:
        parts.append(unseal(decision.reason) if reads else _("The reason is sealed."))
    return "\n".join(parts)


def _role_words(decision: Decision) -> str:
    """The role under which it was decided; the system has a name and no role worth a word."""
    known = decision.role in Role.values and not decision.actor.is_system
    return str(Role(decision.role).label) if known else ""


def decisions_shown(assistance: AssistanceRequest, reads: bool) -> list[DecisionShown]:
    """Every decision of a request, newest first; a disbursement's stand among them, without their text."""
    shown = []
    for decision in timeline(assistance).select_related("delegation"):
        own = decision.subject == assistance.reference
        label = act_label(decision.act)
        shown.append(
            DecisionShown(
                at=decision.at,
                title=label if own else f"{label}: {decision.subject}",
                who=str(decision.actor),
                role=_role_words(decision),
                text=_text(decision, reads, own),
                language=assistance.language,
                system=decision.actor.is_system,
            )
        )
    return shown
