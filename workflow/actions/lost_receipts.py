"""Lost receipts: a statement instead, witnessed by a second person of the mission and accepted by the fund manager."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.so_far import may_have_done
from gaf.gate import acting, first_decision, in_one_piece, under_lock
from gaf.money import Money, total
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import seal
from gaf.thresholds import threshold, usd_threshold
from workflow import notices, policy
from workflow.models import AssistanceRequest, LostReceipt
from workflow.policy import works_in
from workflow.states import LostReceiptState


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The lost receipt was not declared."), why, next_step)


@in_one_piece
def declare_lost_receipt(
    *,
    request_id: int,
    line_id: int,
    money: Money,
    statement: str,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> LostReceipt:
    """Declare what was spent on a line without a receipt, and how it was lost.

    Raises Refusal LOST-02 for a line of another mission, LOST-03 without an amount within the line or a statement.
    """
    with acting(
        AssistanceRequest, request_id, act="declare_lost_receipt", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        assistance = doing.subject
        line = assistance.lines.filter(pk=line_id, approved_quantity__isnull=False).first()
        if line is None or not works_in(actor, line.mission_id):
            raise _refuse(
                "LOST-02",
                _("It is no approved line of a mission you work in."),
                _("Ask the mission that spent the money."),
            )
        if money.currency != line.currency or not 0 < money.minor <= line.approved_local_minor or not statement.strip():
            raise _refuse(
                "LOST-03",
                _("The amount is above nought and within the line, and the statement says how the receipt was lost."),
                _("Write both."),
            )
        number = assistance.lost_receipts.count() + 1
        lost = LostReceipt(
            key=f"{assistance.reference}/S{number}",
            assistance=assistance,
            line=line,
            number=number,
            minor=money.minor,
            currency=money.currency,
            usd_minor=money.in_usd(Decimal(line.units_per_usd)).minor,
            statement=seal(assistance.seal_owner(), statement),
            declared_by=actor,
            declared_at=at,
        )
        facts = {"line": line.key, "minor": money.minor, "currency": money.currency, "usd": lost.usd_minor}
        role = policy.MAY_DECLARE_LOST_RECEIPT.require(Question(lost, "declare_lost_receipt", actor))
        first_decision(subject=lost, act="declare_lost_receipt", actor=actor, role=role, at=at, facts=facts)
        lost._history_user = actor
        lost.save(force_insert=True)
        doing.facts = facts
        assistance.declare_lost_receipt()
        notices.tell_missions("lost_receipt_to_witness", assistance, actor, MISSION_ROLES, about=lost.key)
    return lost


@in_one_piece
def witness_lost_receipt(
    *, lost_receipt_id: int, actor: User, at: datetime, seen_version: int | None = None
) -> LostReceipt:
    """A second person of the mission says that the money was spent so."""
    with acting(
        LostReceipt, lost_receipt_id, act="witness_lost_receipt", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        lost: LostReceipt = doing.subject
        lost.witnessed_by = actor
        lost.witness_lost_receipt()
        doing.facts = {"minor": lost.minor, "currency": lost.currency}
        notices.tell_role([Role.FUND_MANAGER], "lost_receipt_to_decide", lost.assistance, actor, about=lost.key)
    return lost


def cap_of_all(assistance: AssistanceRequest) -> Money:
    """The most that statements may stand for in one request: a share of what was granted, in US dollars."""
    granted = total([line.granted_usd for line in assistance.lines.all() if line.is_granted], "USD")
    return granted.share(threshold("lost_receipt_share_pct"), 100)


def over_caps(lost: LostReceipt) -> list[str]:
    """Each cap the statement is above, in words; with what was accepted on the request before."""
    one, together = usd_threshold("lost_receipt_cap_usd"), cap_of_all(lost.assistance)
    accepted = lost.assistance.lost_receipts.filter(state=LostReceiptState.ACCEPTED)
    standing = total([row.usd for row in accepted], "USD")
    found = []
    if lost.usd > one:
        found.append(_("%(usd)s is above %(cap)s for one statement.") % {"usd": lost.usd, "cap": one})
    if standing + lost.usd > together:
        found.append(
            _("%(usd)s with what was accepted before is above %(cap)s for this request.")
            % {"usd": standing + lost.usd, "cap": together}
        )
    return found


@in_one_piece
def accept_lost_receipt(
    *, lost_receipt_id: int, reason: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> LostReceipt:
    """Let a witnessed statement stand for a receipt. Raises Refusal LOST-04 above one cap or both."""
    # Two statements do not pass one cap together.
    assistance = AssistanceRequest.objects.select_for_update(of=("self",)).get(lost_receipts=lost_receipt_id)
    locked = under_lock(LostReceipt, lost_receipt_id)
    locked.assistance = assistance
    with acting(
        LostReceipt,
        lost_receipt_id,
        act="accept_lost_receipt",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
        locked=locked,
    ) as doing:
        lost: LostReceipt = doing.subject
        above = over_caps(lost)
        if above:
            raise Refusal(
                "LOST-04",
                _("The statement was not accepted."),
                " ".join(above),
                _("Do not accept it; the amount is disallowed when the spending is accounted for."),
            )
        lost.accept_lost_receipt()
        doing.facts = {"minor": lost.minor, "currency": lost.currency, "usd": lost.usd_minor}
        notices.tell_missions("lost_receipt_decided", lost.assistance, actor, MISSION_ROLES, about=lost.key)
    return lost


@in_one_piece
def refuse_lost_receipt(
    *, lost_receipt_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> LostReceipt:
    """Do not accept a statement; what it is about cannot be accepted as spent."""
    with acting(
        LostReceipt,
        lost_receipt_id,
        act="refuse_lost_receipt",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        lost: LostReceipt = doing.subject
        lost.refuse_lost_receipt()
        doing.facts = {"minor": lost.minor, "currency": lost.currency, "usd": lost.usd_minor}
        notices.tell_missions("lost_receipt_decided", lost.assistance, actor, MISSION_ROLES, about=lost.key)
    return lost


def refused_by_line(assistance: AssistanceRequest) -> dict[int, int]:
    """What refused statements are about, by line, in minor units of its currency: it has no receipt at all."""
    found: dict[int, int] = {}
    if not may_have_done(assistance, "declare_lost_receipt"):
        return found
    for row in assistance.lost_receipts.filter(state=LostReceiptState.REFUSED):
        found[row.line_id] = found.get(row.line_id, 0) + row.minor
    return found
