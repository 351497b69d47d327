"""Deciding an amendment: endorsed, reviewed, and approved at the threshold of the new total, or not approved.

What was approved first stays as it was approved: more of a line is a line of its own, less of it is cancelled units.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from finance.actions.commitments import Allotment, commit_funds
from gaf.accounts.models import User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.gate import acting, in_one_piece, under_lock
from gaf.money import Money, total
from gaf.records import save_by
from gaf.refusals import MovedOn, Refusal
from gaf.thresholds import usd_threshold
from workflow import notices
from workflow.actions.amending import line_facts
from workflow.actions.approval import facts_of, require_open_gates
from workflow.actions.delivery import Cancellation, cancel_units
from workflow.models import Amendment, AmendmentLine, AssistanceRequest, BudgetLine
from workflow.states import UNDER_WAY, LineState


def _under_way(amendment_id: int) -> AssistanceRequest:
    """The request of an amendment, locked before it. Raises MovedOn STATE-02 when help does not go on any more."""
    assistance = AssistanceRequest.objects.select_for_update(of=("self",)).get(amendments=amendment_id)
    if assistance.state not in UNDER_WAY:
        raise MovedOn(
            assistance,
            "STATE-02",
            _("The amendment was not decided."),
            _("%(key)s is now: %(state)s. Its budget does not change from there.")
            % {"key": assistance.reference, "state": assistance.get_state_display()},
            _("Look at the record as it is now."),
        )
    return assistance


def _locked_after(assistance: AssistanceRequest, amendment_id: int) -> Amendment:
    """The amendment of a locked request, locked too."""
    held: Amendment = under_lock(Amendment, amendment_id)
    held.assistance = assistance
    return held


@in_one_piece
def endorse_amendment(*, amendment_id: int, actor: User, at: datetime, seen_version: int | None = None) -> Amendment:
    """The head of unit stands for it; the reviewers have it."""
    assistance = _under_way(amendment_id)
    held = _locked_after(assistance, amendment_id)
    with acting(
        Amendment, amendment_id, act="endorse_amendment", actor=actor, at=at, seen_version=seen_version, locked=held
    ) as doing:
        amendment: Amendment = doing.subject
        amendment.endorse_amendment()
        amendment.moved_at = at
        notices.tell_role(
            [Role.ELIGIBILITY_REVIEWER], "amendment_to_review", assistance, actor, about=_about(amendment)
        )
    return amendment


def _about(amendment: Amendment) -> str:
    return f"{amendment.key}:{amendment.state}"


@in_one_piece
def review_amendment(
    *, amendment_id: int, reason: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> Amendment:
    """The reviewer finds it in order; the approvers have it."""
    assistance = _under_way(amendment_id)
    held = _locked_after(assistance, amendment_id)
    with acting(
        Amendment,
        amendment_id,
        act="review_amendment",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
        locked=held,
    ) as doing:
        amendment: Amendment = doing.subject
        amendment.review_amendment()
        amendment.moved_at = at
        told = [Role.BUDGET_APPROVER, Role.FUND_MANAGER]
        notices.tell_role(told, "amendment_to_approve", assistance, actor, about=_about(amendment))
    return amendment


def new_total(amendment: Amendment) -> Money:
    """What the request would come to: what is granted now and what the amendment adds, in US dollars."""
    granted = [line.granted_usd for line in amendment.assistance.lines.all() if line.is_granted]
    return total(granted, "USD") + amendment.delta


@in_one_piece
def approve_amendment(
    *,
    amendment_id: int,
    streams: Mapping[str, str],
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> Amendment:
    """Approve it whole: cuts are freed, then the new lines are committed, each on its stream (by the change's key).

    The approver's delegation covers the new total. Raises NotPermitted DOA-01, Refusal CEILING-01, APPROVE-05 without a
    stream, GATE-01 for a line behind a gate, COMMIT-02 for a cut that was disbursed, and finance's FUND-01, FUND-02,
    FUND-03; then nothing has changed.
    """
    assistance = _under_way(amendment_id)
    held = _locked_after(assistance, amendment_id)
    _lines(held)
    amount = new_total(held)
    with acting(
        Amendment,
        amendment_id,
        act="approve_amendment",
        actor=actor,
        at=at,
        amount=amount,
        reason=reason,
        seen_version=seen_version,
        locked=held,
    ) as doing:
        amendment: Amendment = doing.subject
        _require_within_ceiling(amount)
        _apply(assistance, amendment, streams, actor, at)
        doing.facts = {
            "delta_usd_minor": amendment.delta.minor,
            "lines": [line_facts(line) | {"stream": streams.get(line.key, "")} for line in _lines(amendment)],
        }
        amendment.approve_amendment()
        amendment.moved_at = at
        missions = notices.in_missions(assistance, MISSION_ROLES)
        told = notices.holding([Role.CERTIFYING_OFFICER])
        about = _about(amendment)
        notices.tell_those({"amendment_decided": missions, "funds_to_certify": told}, assistance, actor, about)
    return amendment


def _lines(amendment: Amendment) -> list[AmendmentLine]:
    lines = AmendmentLine.objects.select_related("line", "mission").order_by("number")
    prefetch_related_objects([amendment], Prefetch("lines", lines))
    return list(amendment.lines.all())


def _require_within_ceiling(amount: Money) -> None:
    ceiling = usd_threshold("per_case_hard_ceiling_usd")
    if amount > ceiling:
        raise Refusal(
            "CEILING-01",
            _("The amendment was not approved."),
            _("%(amount)s is above %(ceiling)s, the most the fund gives in one case.")
            % {"amount": amount, "ceiling": ceiling},
            _("Help beyond that is a project of its own."),
        )


def _apply(
    assistance: AssistanceRequest, amendment: Amendment, streams: Mapping[str, str], actor: User, at: datetime
) -> None:
    """What is given up is freed first, so that it can bear what is added; the request is another version then."""
    lines = _lines(amendment)
    given_up = [Cancellation(one.line_id, one.quantity) for one in lines if not one.adds and one.line_id is not None]
    cancel_units(assistance, given_up, actor, at, reason_code="amended")
    made = [_become(assistance, line, streams.get(line.key, ""), actor) for line in lines if line.adds]
    require_open_gates(assistance, made, at)
    allotments = [
        Allotment(
            line_key=line.key,
            stream_code=line.stream_code,
            usd=line.approved_usd,
            local=line.approved_local,
            units_per_usd=line.units_per_usd,
            facts=facts_of(assistance, line),
        )
        for line in made
    ]
    commit_funds(reference=assistance.reference, allotments=allotments, actor=actor, at=at)
    assistance.version += 1
    save_by(assistance, actor, "approve_amendment")


def _become(assistance: AssistanceRequest, line: AmendmentLine, stream_code: str, actor: User) -> BudgetLine:
    """What is added becomes an approved line of the budget."""
    if not stream_code:
        raise Refusal(
            "APPROVE-05",
            _("Change %(number)s was not approved.") % {"number": line.number},
            _("No stream bears it."),
            _("Choose a stream that fits."),
        )
    assistance.last_line_number += 1
    made = BudgetLine(
        assistance=assistance,
        number=assistance.last_line_number,
        mission=line.mission,
        assistance_type=line.assistance_type,
        description=line.description,
        unit=line.unit,
        quantity=line.quantity,
        unit_cost_minor=line.unit_cost_minor,
        currency=line.currency,
        units_per_usd=line.units_per_usd,
        local_minor=line.local_minor,
        usd_minor=line.usd_minor,
        state=LineState.APPROVED,
        approved_quantity=line.quantity,
        approved_local_minor=line.local_minor,
        approved_usd_minor=line.usd_minor,
        stream_code=stream_code,
    )
    save_by(made, actor)
    made.persons.set(line.persons.all())
    AmendmentLine.objects.filter(pk=line.pk).update(became=made)
    return made


@in_one_piece
def refuse_amendment(
    *,
    amendment_id: int,
    reason_code: str,
    reason: str,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> Amendment:
    """Do not approve it, and say why; the budget stays as it was approved."""
    with acting(
        Amendment,
        amendment_id,
        act="refuse_amendment",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        amendment: Amendment = doing.subject
        amendment.refuse_amendment()
        amendment.moved_at = at
        told = MISSION_ROLES
        notices.tell_missions("amendment_decided", amendment.assistance, actor, told, about=_about(amendment))
    return amendment


@in_one_piece
def withdraw_amendment(
    *, amendment_id: int, reason: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> Amendment:
    """The mission takes it back; the budget stays as it was approved."""
    with acting(
        Amendment, amendment_id, act="withdraw_amendment", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.withdraw_amendment()
        doing.subject.moved_at = at
    return doing.subject
