"""Eligibility review: one reviewer takes the request, answers each criterion, and decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import acting, edge_of, in_one_piece, under_lock
from gaf.policy import Question
from gaf.records import save_by
from gaf.refusals import Incomplete, MovedOn, Refusal
from gaf.sealing import seal
from gaf.versions import create_all, save_all_by
from workflow import notices
from workflow.actions.honoured import keep_only_reported_costs
from workflow.actions.proposing import propose_a_reviewer
from workflow.assignment import ties
from workflow.kept_criteria import bound_criteria
from workflow.models import AssistanceRequest, Criterion, EligibilityAnswer
from workflow.obstacles import require_nothing_missing


@dataclass(frozen=True)
class CriterionAnswer:
    """What the reviewer found on one criterion: YES, NO or NOT_RELEVANT; a NO needs a note."""

    criterion_id: int
    answer: str
    note: str = ""


@in_one_piece
def take(*, request_id: int, actor: User, at: datetime, seen_version: int | None = None) -> AssistanceRequest:
    """Take a request for review, declaring that there is no conflict of interest; others see who has it.

    The decision keeps which ties were pointed out before it.
    """
    with acting(AssistanceRequest, request_id, act="take", actor=actor, at=at, seen_version=seen_version) as doing:
        doing.facts = {"ties": [tie.code for tie in ties(doing.subject, actor)]}
        doing.subject.taken_by, doing.subject.proposed_for = actor, None
        doing.subject.take()
    return doing.subject


@in_one_piece
def recuse(
    *, request_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Declare a conflict of interest, before taking the request or after; it never comes back to this reviewer.

    The one with the least to decide who may take it gets it.
    """
    with acting(
        AssistanceRequest, request_id, act="recuse", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.taken_by = None
        doing.subject.recuse()
        told = propose_a_reviewer(doing.subject, actor)
        notices.tell_those({"request_to_review": told}, doing.subject, actor)
    return doing.subject


@in_one_piece
def answer_criteria(
    *,
    request_id: int,
    answers: Sequence[CriterionAnswer],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Save what the reviewer found, one criterion or several; it is no decision yet.

    Raises NotPermitted TAKE-01 for anybody but the reviewer who took it, Incomplete CRIT-05 for a no without a note,
    and Refusal CRIT-06 for a criterion of another set or “not relevant” where that is no answer.
    """
    assistance: AssistanceRequest = under_lock(AssistanceRequest, request_id)
    edge = edge_of(assistance, "confirm_eligibility")
    if edge is None or (seen_version is not None and seen_version != assistance.version):
        raise MovedOn(
            assistance,
            "STATE-02",
            _("The answers were not saved."),
            _("%(key)s has moved on.") % {"key": assistance.reference},
            _("Look at the record as it is now."),
        )
    edge.permission.require(Question(assistance, "confirm_eligibility", actor))
    _save_answers(assistance, answers, actor, at)
    assistance.version += 1
    save_by(assistance, actor, "review")
    return assistance


def _save_answers(assistance: AssistanceRequest, answers: Sequence[CriterionAnswer], actor: User, at: datetime) -> None:
    criteria = {criterion.pk: criterion for criterion in bound_criteria(assistance)}
    known = {row.criterion_id: row for row in EligibilityAnswer.objects.filter(assistance=assistance)}
    rows = []
    for written in answers:
        criterion = _criterion_of(written, criteria)
        row = known.get(criterion.pk) or EligibilityAnswer(assistance=assistance, criterion=criterion)
        row.answer, row.note = written.answer, seal(assistance.seal_owner(), written.note)
        row.answered_by, row.answered_at = actor, at
        rows.append(row)
    save_all_by([row for row in rows if row.pk], ["answer", "note", "answered_by", "answered_at"], actor)
    create_all([row for row in rows if not row.pk], actor)


def _criterion_of(written: CriterionAnswer, criteria: dict[int, Criterion]) -> Criterion:
    """The criterion that is answered, if it is one of the request's and the answer is one to it."""
    criterion = criteria.get(written.criterion_id)
    if criterion is None or (written.answer == "NOT_RELEVANT" and not criterion.may_be_irrelevant):
        raise Refusal(
            "CRIT-06",
            _("The answers were not saved."),
            _("One of them does not belong to the criteria of this request."),
            _("Answer the criteria on the page."),
        )
    if written.answer == "NO" and not written.note.strip():
        raise Incomplete(
            "CRIT-05",
            _("The answers were not saved."),
            [_("Criterion %(number)s: a no needs a note for the file.") % {"number": criterion.position}],
        )
    return criterion


def review_facts(assistance: AssistanceRequest) -> dict[str, object]:
    """The review as a decision keeps it: which criteria, which answers, no text."""
    criteria = bound_criteria(assistance)
    codes = {row.pk: row.code for row in criteria}
    return {
        "criteria": criteria[0].criteria_set.number if criteria else None,
        "answers": {
            codes[row.criterion_id]: row.answer
            for row in sorted(assistance.eligibility_answers.all(), key=lambda row: row.pk)
        },
    }


@in_one_piece
def confirm_eligibility(
    *, request_id: int, reason: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Decide that the fund may help; the mission is asked for plan and budget. Raises Incomplete REVIEW-03."""
    with acting(
        AssistanceRequest,
        request_id,
        act="confirm_eligibility",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "confirm_eligibility", "REVIEW-03")
        doing.facts = review_facts(assistance)
        assistance.confirm_eligibility(at=at)
        notices.tell_missions("eligible", assistance, actor)
    return assistance


@in_one_piece
def refuse_eligibility(
    *,
    request_id: int,
    reason_code: str,
    reason: str,
    referral: str,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Decide that the fund cannot help, say why and where else to turn; reported urgent costs are still honoured.

    Raises Incomplete REVIEW-04 when the reason or the referral is empty, or urgent costs are not reported.
    """
    missing = [
        words
        for text, words in [
            (reason, _("The reason is not written.")),
            (referral, _("Where the person can turn is not written.")),
        ]
        if not text.strip()
    ]
    if missing:
        raise Incomplete("REVIEW-04", _("It was not decided."), missing)
    with acting(
        AssistanceRequest,
        request_id,
        act="refuse_eligibility",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=f"{reason}\n\n{referral}",
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "refuse_eligibility", "REVIEW-04")
        doing.facts = {**review_facts(assistance), "kept_usd_minor": keep_only_reported_costs(assistance, at)}
        assistance.refuse_eligibility(at=at)
        notices.tell_missions("eligibility_decided", assistance, actor)
    return assistance
