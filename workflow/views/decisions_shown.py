"""Decisions as a timeline shows them: who did what, under which role and authority, for how much, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _

from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.figures import colon
from gaf.money import Money, total
from gaf.policy import act_label
from gaf.sealing import unseal
from gaf.templatetags.formats import day, plain_moment, plain_money
from workflow import reasons
from workflow.models import AssistanceRequest
from workflow.states import RequestState
from workflow.views.history import Edit

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
    "conclude_return": reasons.ReturnOutcome,
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
    kind: str = "change"  # or “message” or “note”
    move: str = ""  # the state before and after
    by: int = 0  # whose act it was
    number: int = 0  # of the decision
    seen_url: str = ""  # what stood there when it was made
    edits: list[Edit] = field(default_factory=list)

    @property
    def edited(self) -> int:
        """How many fields changed with it."""
        return sum(max(len(edit.changes), 1) for edit in self.edits)


def reason_words(act: str, code: str) -> str:
    """The words of a reason code, as the list it was chosen from has them."""
    known = _CODES.get(act)
    return str(known(code).label) if known is not None and code in known.values else code


def _amounts(assistance: AssistanceRequest, decision: Decision) -> str:
    """What a decision is about in money; what was asked before it where it gave less or more."""
    amount = plain_money(Money(decision.amount_minor or 0, "USD"))
    decided = {row["key"] for row in decision.facts.get("lines", [])} if decision.act == "approve_budget" else set()
    asked = total([line.usd for line in assistance.lines.all() if line.key in decided], "USD")
    return f"{plain_money(asked)} → {amount}" if asked and asked.minor != decision.amount_minor else amount


def _days(decision: Decision) -> str:
    """The last day of help before and after it was moved."""
    before, after = decision.facts.get("from", ""), decision.facts.get("to", "")
    return " → ".join(day(date.fromisoformat(one)) for one in (before, after) if one)


def _text(assistance: AssistanceRequest, decision: Decision, reads: bool, own: bool) -> str:
    """Amount and authority, the reason by code, and its words for those who may read them."""
    parts = []
    if decision.amount_minor:
        parts.append(_amounts(assistance, decision))
    if decision.act == "extend_delivery":
        parts.append(_days(decision))
    if decision.act == "let_wait":
        until = plain_moment(datetime.fromisoformat(decision.facts["until"]))
        parts.append(_("Until %(moment)s") % {"moment": until})
    if decision.delegation is not None:
        parts.append(_("Authority: %(instrument)s") % {"instrument": decision.delegation.instrument})
    if decision.reason_code:
        parts.append(reason_words(decision.act, decision.reason_code))
    if decision.reason and own:
        parts.append(unseal(decision.reason) if reads else _("The reason is sealed."))
    return "\n".join(parts)


def _who(decision: Decision) -> str:
    """Who decided, and for whom where a deputy did."""
    if decision.on_behalf_of is None:
        return str(decision.actor)
    return _("%(deputy)s for %(person)s") % {"deputy": decision.actor, "person": decision.on_behalf_of}


def _role_words(decision: Decision) -> str:
    """The role under which it was decided; the system has a name and no role worth a word."""
    known = decision.role in Role.values and not decision.actor.is_system
    return str(Role(decision.role).label) if known else ""


def _move(decision: Decision, own: bool) -> str:
    """From which state to which, where a decision about the request itself moved it."""
    if not own or decision.from_state == decision.to_state:
        return ""
    known = dict(RequestState.choices)
    return " → ".join(str(known[state]) for state in (decision.from_state, decision.to_state) if state in known)


def _seen_url(decision: Decision, own: bool) -> str:
    """Where it is shown what the one who decided had before them; writing decides nothing."""
    if not own or decision.actor.is_system or decision.act == "write":
        return ""
    return reverse("as_seen", args=[decision.subject, decision.number])


def decisions_shown(assistance: AssistanceRequest, decisions: Iterable[Decision], reads: bool) -> list[DecisionShown]:
    """Decisions of a request, newest first; a disbursement's stand among them, without their text."""
    shown = []
    for decision in decisions:
        own = decision.subject == assistance.reference
        label = act_label(decision.act)
        shown.append(
            DecisionShown(
                at=decision.at,
                title=label if own else f"{label}{colon()} {decision.subject}",
                who=_who(decision),
                role=_role_words(decision),
                text=_text(assistance, decision, reads, own),
                language=assistance.language,
                system=decision.actor.is_system,
                move=_move(decision, own),
                by=decision.actor_id,
                number=decision.number,
                seen_url=_seen_url(decision, own),
            )
        )
    return shown
