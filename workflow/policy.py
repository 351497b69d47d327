"""Who may do what on a request. A compliance officer reads this file and `separation.py`; nothing else decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf import clock
from gaf.accounts.models import RoleAssignment
from gaf.accounts.queries import holds, roles_of, stands_in
from gaf.accounts.roles import MISSION_ROLES, READS_SEALED_TEXT, Role
from gaf.decisions.models import Decision
from gaf.policy import NOT_DONE, Question, name_act, permit, within_delegation
from gaf.refusals import Refusal
from workflow.complaint_rules import did_not_work_on_the_request, not_complained_about
from workflow.crisis_rules import not_the_one_who_asked_for_the_end, not_the_one_who_recorded_the_window
from workflow.protection.likeness_rules import not_the_one_who_weighed_it, sees_both_requests
from workflow.reasons import ReopenReason
from workflow.retention.rules import not_the_one_who_placed_it, not_the_one_who_proposed_it
from workflow.return_rules import request_goes_on, works_where_they_arrive
from workflow.states import RequestState
from workflow.transfer_rules import asked_by_name, missions_before, not_the_one_who_proposed_the_transfer
from workflow.urgent_rules import allowance_exists, does_not_wait_yet, one_allowance, urgent_needs_first_priority

PEER_MONTHS = 24


def _no(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, str(NOT_DONE), why, next_step)


def _did(question: Question, act: str, subject: str) -> bool:
    """Whether this person did an act on a record before; a page that read their decisions asks nothing again."""
    if question.decisions is None:
        return Decision.objects.filter(subject=subject, act=act, actor=question.actor).exists()
    return any((one.act, one.subject, one.actor_id) == (act, subject, question.actor.pk) for one in question.decisions)


def taken_by_this_person(question: Question) -> Refusal | None:
    """TAKE-01: whoever took the request decides on it, or a deputy while that person is away."""
    if question.subject.taken_by_id == question.actor.pk:
        return None
    taken_by = question.subject.taken_by
    if stands_in(question.actor, question.subject.taken_by_id, [Role.ELIGIBILITY_REVIEWER]) is not None:
        return None
    if taken_by is None:
        return _no("TAKE-01", _("Nobody has taken this request yet."), _("Take this request first."))
    return _no(
        "TAKE-01",
        _("%(name)s has taken this request.") % {"name": taken_by},
        _("Ask %(name)s to decide, or to hand it back.") % {"name": taken_by},
    )


def not_taken_by_another(question: Question) -> Refusal | None:
    """TAKE-02: a request has one reviewer at a time."""
    taken_by = question.subject.taken_by
    if taken_by is None:
        return None
    if taken_by == question.actor:
        return _no("TAKE-02", _("You have it already."), _("Go on with the review."))
    return _no("TAKE-02", _("%(name)s has it.") % {"name": taken_by}, _("Take another request."))


def no_conflict_declared(question: Question) -> Refusal | None:
    """COI-01: whoever declared a conflict of interest on a request does not come back to it."""
    if not _did(question, "recuse", question.subject.decision_reference()):
        return None
    return _no("COI-01", _("You declared a conflict of interest on it."), _("Leave it to another reviewer."))


def not_a_peer_of_the_mission(question: Question) -> Refusal | None:
    """COI-02: nobody reviews a request of a mission where they served in the last 24 months."""
    since = clock.today() - timedelta(days=PEER_MONTHS * 365 // 12)
    served = RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=since),
        Q(mission_id__in=question.subject.mission_ids()) | Q(mission__in=missions_before(question.subject)),
        person=question.actor,
        role__in=[role.value for role in MISSION_ROLES],
    ).exists()
    if not served:
        return None
    return _no(
        "COI-02",
        _("You served in a mission of this request in the last 24 months."),
        _("Leave it to another reviewer."),
    )


def deputy_is_free(question: Question) -> Refusal | None:
    """DEPUTY-02: a deputy of the reviewer has no conflict of interest either; the reviewer was asked on taking it."""
    if question.subject.taken_by_id in (None, question.actor.pk):
        return None
    return no_conflict_declared(question) or not_a_peer_of_the_mission(question) or not_the_one_who_refused(question)


def refused_what_is_reviewed(decisions: Iterable[Decision]) -> set[int]:
    """Who found a request not eligible whose refusal is now under review, of its decisions in their order."""
    refused: set[int] = set()
    reviewed: set[int] = set()
    for one in decisions:
        if one.act == "refuse_eligibility":
            refused |= {key for key in (one.actor_id, one.on_behalf_of_id) if key is not None}
        if one.act == "reopen" and one.from_state == "INELIGIBLE" and one.reason_code == ReopenReason.REVIEW:
            reviewed = set(refused)
    return reviewed


def not_the_one_who_refused(question: Question) -> Refusal | None:
    """APPEAL-01: a refusal that is under review goes to people who did not decide it."""
    decisions = Decision.objects.filter(
        subject=question.subject.decision_subject(), act__in=["refuse_eligibility", "reopen"]
    )
    if question.actor.pk not in refused_what_is_reviewed(decisions.order_by("number")):
        return None
    return _no("APPEAL-01", _("You decided what is under review."), _("Leave it to another reviewer."))


def nobody_else_has_it(question: Question) -> Refusal | None:
    """TAKE-01: a conflict is declared on what one has taken, or before anybody has."""
    return None if question.subject.taken_by_id is None else taken_by_this_person(question)


def not_the_one_who_declined(question: Question) -> Refusal | None:
    """REVIEW-01: a budget that was declined is reviewed once, by somebody else."""
    if not _did(question, "decline", question.subject.decision_subject()):
        return None
    return _no("REVIEW-01", _("You declined this budget; its review belongs to others."), _("Ask another approver."))


def reviewed_only_once(question: Question) -> Refusal | None:
    """REVIEW-02: there is one review of a declined budget."""
    reviewed = Decision.objects.filter(
        subject=question.subject.decision_subject(), act="reopen", from_state="DECLINED"
    ).exists()
    if not reviewed:
        return None
    return _no("REVIEW-02", _("This decision was reviewed once already."), _("Write a new request."))


def not_endorsed_yet(question: Question) -> Refusal | None:
    """ENDORSE-02: a request is endorsed once."""
    if question.subject.endorsed_at is None:
        return None
    return _no("ENDORSE-02", _("It is endorsed already."), "")


def still_being_written(question: Question) -> Refusal | None:
    """WRITE-01: an urgent request is completed until it is endorsed; after that its text stands."""
    if question.subject.endorsed_at is None:
        return None
    return _no(
        "WRITE-01",
        _("The text stands since the request was endorsed."),
        _("The reviewer can ask about a part, and then you can change it."),
    )


def has_both_sides(assistance: Any) -> bool:
    """Whether headquarters has a request, so that a message has somebody to go to."""
    return assistance.submitted_at is not None and assistance.state != RequestState.DRAFT


def headquarters_has_it(question: Question) -> Refusal | None:
    """REMARK-03: a message needs both sides; before the request is sent there is only one."""
    if has_both_sides(question.subject):
        return None
    return _no(
        "REMARK-03", _("Headquarters does not have the request yet."), _("Keep a note, or send the request first.")
    )


def of_own_side(question: Question) -> Refusal | None:
    """ACTIVITY-02: work that headquarters planned is headquarters', work of a mission is that mission's."""
    activity = question.subject
    own = (
        works_in(question.actor, activity.mission_id) if activity.mission_id else not _only_in_missions(question.actor)
    )
    if own:
        return None
    return _no("ACTIVITY-02", _("It was planned on the other side."), _("Send a message about it."))


def _only_in_missions(person: Any) -> bool:
    """Whether a person holds no role at headquarters today."""
    return roles_of(person) <= {role.value for role in MISSION_ROLES}


def not_the_one_who_recorded_it(question: Question) -> Refusal | None:
    """NORM-01: a cost norm is confirmed by somebody else than who recorded it."""
    if question.subject.recorded_by != question.actor:
        return None
    return _no("NORM-01", _("You recorded it."), _("Ask somebody else to compare it."))


def works_in(person: Any, mission_id: int) -> bool:
    """Whether a person holds a mission role in this mission today."""
    return any(holds(person, role, {mission_id}) for role in MISSION_ROLES)


_WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)
MAY_WRITE_DRAFT = permit(*_WRITERS, lead_only=True)
MAY_COMPLETE_URGENT = permit(*_WRITERS, rules=(still_being_written,), lead_only=True)
MAY_WRITE = permit(*_WRITERS)
MAY_SUBMIT = permit(*_WRITERS, lead_only=True)
MAY_RETURN_TO_AUTHOR = permit(Role.HEAD_OF_UNIT, lead_only=True)
MAY_ENDORSE = permit(Role.HEAD_OF_UNIT, lead_only=True)
MAY_ENDORSE_LATER = permit(Role.HEAD_OF_UNIT, rules=(not_endorsed_yet,), lead_only=True)
MAY_SEND_URGENT = permit(*_WRITERS, rules=(urgent_needs_first_priority,), lead_only=True)
MAY_TAKE = permit(
    Role.ELIGIBILITY_REVIEWER,
    rules=(not_taken_by_another, no_conflict_declared, not_a_peer_of_the_mission, not_the_one_who_refused),
)
MAY_RECUSE = permit(Role.ELIGIBILITY_REVIEWER, rules=(nobody_else_has_it, no_conflict_declared))
MAY_REVIEW = permit(Role.ELIGIBILITY_REVIEWER, rules=(taken_by_this_person, deputy_is_free))
MAY_ANSWER = permit(*_WRITERS)
MAY_SEND_BUDGET = permit(*_WRITERS, lead_only=True)
_APPROVERS = (Role.BUDGET_APPROVER, Role.FUND_MANAGER)
MAY_REVIEW_BUDGET = permit(*_APPROVERS, rules=(not_the_one_who_declined,))
MAY_APPROVE_BUDGET = permit(*_APPROVERS, rules=(not_the_one_who_declined, within_delegation))
MAY_APPROVE_LINE = permit(*_APPROVERS, rules=(within_delegation,))
MAY_ALLOW_URGENT_SPENDING = permit(Role.DUTY_OFFICER, rules=(urgent_needs_first_priority, one_allowance))
MAY_LET_WAIT = permit(Role.DUTY_OFFICER, rules=(one_allowance, does_not_wait_yet))
MAY_REPORT_URGENT_COSTS = permit(*MISSION_ROLES, rules=(allowance_exists,), lead_only=True)
MAY_CERTIFY = permit(Role.CERTIFYING_OFFICER)
MAY_RELEASE = permit(Role.PAYER)
BY_THE_SYSTEM = permit(Role.SYSTEM)
MAY_LET_PERSONS_LEAVE = permit(*_WRITERS)
MAY_END_DELIVERY = permit(*_WRITERS, Role.SYSTEM)
MAY_REPORT = permit(*MISSION_ROLES)
MAY_ACCEPT_REPORTS = permit(Role.CERTIFYING_OFFICER)
MAY_MANAGE = permit(Role.FUND_MANAGER)
MAY_ASK_AGAIN = permit(Role.HEAD_OF_UNIT, Role.FUND_MANAGER, lead_only=True)
MAY_ASK_FOR_REVIEW = permit(Role.HEAD_OF_UNIT, Role.FUND_MANAGER, rules=(reviewed_only_once,), lead_only=True)
MAY_WITHDRAW = permit(*_WRITERS, lead_only=True)
MAY_ASK_AMENDMENT = permit(*_WRITERS)
MAY_ENDORSE_AMENDMENT = permit(Role.HEAD_OF_UNIT, lead_only=True)
MAY_REVIEW_AMENDMENT = permit(Role.ELIGIBILITY_REVIEWER, rules=(no_conflict_declared, not_a_peer_of_the_mission))
MAY_APPROVE_AMENDMENT = permit(*_APPROVERS, rules=(within_delegation,))
MAY_REFUSE_AMENDMENT = permit(*_APPROVERS)
MAY_WITHDRAW_AMENDMENT = permit(*_WRITERS)
MAY_DECLARE_LOST_RECEIPT = permit(*MISSION_ROLES)
MAY_WITNESS_LOST_RECEIPT = permit(*MISSION_ROLES)
MAY_DECIDE_LOST_RECEIPT = permit(Role.FUND_MANAGER)
MAY_PROPOSE_TABLE = permit(Role.DATA_STEWARD)
MAY_PUBLISH_TABLE = permit(Role.FUND_MANAGER)
MAY_DISCARD_TABLE = permit(Role.DATA_STEWARD, Role.FUND_MANAGER)
_KEEPERS = (Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD, Role.FUND_MANAGER)
MAY_PLACE_RETENTION_HOLD = permit(*_KEEPERS)
MAY_LIFT_RETENTION_HOLD = permit(*_KEEPERS, rules=(not_the_one_who_placed_it,))
MAY_PROPOSE_ERASURE = permit(Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD)
MAY_CONFIRM_ERASURE = permit(*_KEEPERS, rules=(not_the_one_who_proposed_it,))
MAY_DISCARD_ERASURE = permit(*_KEEPERS)
# Prices are no secret among those who ask, decide and pay by them.
READERS_OF_NORMS = (
    *MISSION_ROLES,
    Role.ELIGIBILITY_REVIEWER,
    Role.BUDGET_APPROVER,
    Role.CERTIFYING_OFFICER,
    Role.FUND_MANAGER,
    Role.AUDITOR,
)
MAY_RECORD_COST_NORM = permit(Role.MISSION_FINANCE)
MAY_CONFIRM_COST_NORM = permit(Role.FUND_MANAGER, Role.CERTIFYING_OFFICER, rules=(not_the_one_who_recorded_it,))
MAY_RECORD_CRISIS_WINDOW = permit(Role.ELIGIBILITY_REVIEWER, Role.FUND_MANAGER)
_OPENS_WINDOWS = (Role.BUDGET_APPROVER, Role.FUND_MANAGER)
MAY_CONFIRM_CRISIS_WINDOW = permit(*_OPENS_WINDOWS, rules=(not_the_one_who_recorded_the_window,))
MAY_CONFIRM_WINDOW_END = permit(*_OPENS_WINDOWS, rules=(not_the_one_who_asked_for_the_end,))
MAY_ASK_COPY = permit(*_WRITERS, lead_only=True)
MAY_GIVE_COPY = permit(Role.HEAD_OF_UNIT, lead_only=True)
MAY_WEIGH_LIKENESS = permit(Role.DATA_STEWARD, rules=(sees_both_requests, not_a_peer_of_the_mission))
MAY_DECIDE_LIKENESS = permit(
    Role.PRIVACY_FOCAL_POINT,
    Role.DATA_STEWARD,
    rules=(sees_both_requests, not_a_peer_of_the_mission, not_the_one_who_weighed_it),
)
MAY_RECORD_COMPLAINT = permit(*MISSION_ROLES)
_COMPLAINT_DESK = (Role.HEAD_OF_UNIT, Role.FUND_MANAGER)
MAY_LOOK_INTO_COMPLAINT = permit(
    *_COMPLAINT_DESK, rules=(not_complained_about, did_not_work_on_the_request), lead_only=True
)
MAY_PASS_ON_COMPLAINT = permit(*_COMPLAINT_DESK, rules=(not_complained_about,), lead_only=True)
MAY_CONCLUDE_COMPLAINT = permit(Role.OVERSIGHT, rules=(not_complained_about,))
MAY_LOOK_INTO_CONCERN = permit(Role.OVERSIGHT)
MAY_PROPOSE_TRANSFER = permit(*_WRITERS, lead_only=True)
MAY_DECIDE_TRANSFER = permit(
    Role.HEAD_OF_UNIT, rules=(not_the_one_who_proposed_the_transfer, asked_by_name), lead_only=True
)
MAY_WITHDRAW_TRANSFER = permit(*_WRITERS)
MAY_BEGIN_RETURN = permit(*_WRITERS, lead_only=True)
# The mission whose turn it is: the one that asked until the persons arrive, the one there from then on.
MAY_GO_ON_WITH_RETURN = permit(*_WRITERS, rules=(request_goes_on,), lead_only=True)
MAY_RECORD_ARRIVAL = permit(*_WRITERS, rules=(request_goes_on, works_where_they_arrive))
# Whoever reads the text of a case may write to the others who do, and keep notes for their own side.
MAY_SEND_MESSAGE = permit(*READS_SEALED_TEXT, rules=(headquarters_has_it,))
MAY_KEEP_NOTE = permit(*READS_SEALED_TEXT)
# They also plan work for each other, each side its own.
MAY_PLAN_ACTIVITY = permit(*READS_SEALED_TEXT)
MAY_END_ACTIVITY = permit(*READS_SEALED_TEXT, rules=(of_own_side,))
MAY_RECORD_EVIDENCE = permit(*_WRITERS)
MAY_ASSESS = permit(*_WRITERS)
MAY_FINGERPRINT = permit(*_WRITERS, lead_only=True)
MAY_RECORD_CONSENT = permit(*_WRITERS, lead_only=True)

MAY_RESTRICT = permit(*_WRITERS, Role.FUND_MANAGER, Role.DATA_STEWARD, lead_only=True)
MAY_NAME_READER = permit(Role.HEAD_OF_UNIT, Role.FUND_MANAGER, lead_only=True)
MAY_END_READER = permit(Role.HEAD_OF_UNIT, Role.FUND_MANAGER, lead_only=True)
for _act, _label in {
    "restrict": gettext_lazy("Keep to named people"),
    "name_reader": gettext_lazy("Name a reader"),
    "end_reader": gettext_lazy("End a reader’s sight"),
}.items():
    name_act(_act, _label)

# The word of each act as on its button, and the chapter of the guidance that explains it.
ACTS: dict[str, tuple[Any, str]] = {
    "write": (gettext_lazy("Write"), "asking"),
    "submit": (gettext_lazy("Send to head of unit"), "asking"),
    "return_to_author": (gettext_lazy("Send back"), "asking"),
    "endorse": (gettext_lazy("Endorse and send to the GAF team"), "asking"),
    "let_pass": (gettext_lazy("Let it pass despite overdue reports"), "asking"),
    "send_urgent": (gettext_lazy("Send now to the duty officer"), "urgent"),
    "allow_urgent_spending": (gettext_lazy("Allow urgent spending"), "urgent"),
    "let_wait": (gettext_lazy("It can wait"), "urgent"),
    "report_urgent_costs": (gettext_lazy("Report urgent costs"), "urgent"),
    "take": (gettext_lazy("Take this request"), "eligibility"),
    "recuse": (gettext_lazy("Declare a conflict and hand back"), "eligibility"),
    "ask": (gettext_lazy("Send questions"), "eligibility"),
    "answer": (gettext_lazy("Send answers"), "eligibility"),
    "confirm_eligibility": (gettext_lazy("Confirm: eligible"), "eligibility"),
    "refuse_eligibility": (gettext_lazy("Not eligible"), "eligibility"),
    "send_budget": (gettext_lazy("Send the budget to the approver"), "budget"),
    "return_budget": (gettext_lazy("Return the budget"), "budget"),
    "allow_repeated_help": (gettext_lazy("Allow help again"), "budget"),
    "approve_budget": (gettext_lazy("Approve the budget"), "budget"),
    "approve_deferred_line": (gettext_lazy("Approve a deferred line"), "budget"),
    "decline": (gettext_lazy("Do not approve"), "budget"),
    "certify_funds": (gettext_lazy("Confirm funds"), "payment"),
    "return_to_approver": (gettext_lazy("Return to the approver"), "payment"),
    "release": (gettext_lazy("Release disbursements"), "payment"),
    "first_payment_confirmed": (gettext_lazy("First payment confirmed"), "payment"),
    "record_evidence": (gettext_lazy("Record what a gate asks for"), "protection"),
    "assess": (gettext_lazy("Assess vulnerability"), "protection"),
    "screen_trafficking": (gettext_lazy("Screen for trafficking"), "protection"),
    "refer_persons": (gettext_lazy("Refer persons"), "protection"),
    "fingerprint_person": (gettext_lazy("Make a recognition code"), "protection"),
    "record_consent": (gettext_lazy("Record consent"), "protection"),
    "withdraw_consent": (gettext_lazy("Record that consent is taken back"), "protection"),
    "propose_transfer": (gettext_lazy("Propose a transfer to another mission"), "protection"),
    "move_to_mission": (gettext_lazy("Another mission has it"), "protection"),
    "withdraw_persons": (gettext_lazy("Record that persons leave"), "delivery"),
    "ask_amendment": (gettext_lazy("Ask for another budget"), "delivery"),
    "extend_delivery": (gettext_lazy("Give more time, no more money"), "delivery"),
    "end_delivery": (gettext_lazy("End of help"), "delivery"),
    "report": (gettext_lazy("Send report"), "reporting"),
    "declare_lost_receipt": (gettext_lazy("Declare a lost receipt"), "reporting"),
    "accept_reports": (gettext_lazy("Accept the reports"), "reporting"),
    "accept_urgent_costs": (gettext_lazy("Accept the urgent costs"), "reporting"),
    "close": (gettext_lazy("Close"), "closing"),
    "reopen": (gettext_lazy("Reopen"), "closing"),
    "hold": (gettext_lazy("Put on hold"), "exceptions"),
    "resume": (gettext_lazy("Go on"), "exceptions"),
    "withdraw": (gettext_lazy("Withdraw"), "exceptions"),
    "cancel": (gettext_lazy("Cancel"), "exceptions"),
}
for _act, (_label, _chapter) in ACTS.items():
    name_act(_act, _label)


def described(act: str) -> dict[str, Any]:
    """What every declared act carries: its word and its chapter in the guidance."""
    label, chapter = ACTS[act]
    return {"label": label, "manual": chapter}
