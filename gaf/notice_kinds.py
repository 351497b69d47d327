"""Kinds of notices: what people can have at once, once a day, or not. Every notice belongs to one kind."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class NoticeKind:
    """Notices that are chosen together; `always` come at once whatever was chosen."""

    code: str
    label: str | Promise
    notices: frozenset[str]
    always: bool = False


def _kind(code: str, label: str | Promise, notices: str, *, always: bool = False) -> NoticeKind:
    return NoticeKind(code, label, frozenset(notices.split()), always)


KINDS: tuple[NoticeKind, ...] = (
    _kind(
        "urgent",
        _(
            "Urgent: life or safety in danger, nobody on duty, a canary case opened, references guessed, money back, "
            "a rail stopped"
        ),
        "duty_hole canary_read references_guessed urgent_help_asked urgent_spending_allowed urgent_can_wait "
        "urgent_to_endorse urgent_endorsed disbursement_returned disbursement_failed disbursement_held rail_paused "
        "money_stranded reminder_to_head backup_failing document_infected message_quarantined "
        "complaint_passed_on second_factor_taken_off",
        always=True,
    ),
    _kind(
        "work",
        _("Something waits for you"),
        "request_to_endorse request_to_review request_reopened budget_to_approve amendment_to_endorse "
        "amendment_to_review amendment_to_approve funds_to_certify ready_to_pay disbursement_to_release file_to_sign "
        "reports_to_accept hit_to_clear payee_to_confirm lost_receipt_to_witness lost_receipt_to_decide "
        "urgent_costs_reported deferred_line_ready table_to_publish activity_planned activity_due activity_cancelled "
        "consent_withdrawn text_uncovered duty_planned duty_ended handed_over taken_back erasure_to_confirm "
        "copy_to_give likeness_found likeness_to_decide repeated_help_to_allow "
        "complaint_received complaint_answered concern_received transfer_proposed return_to_go_on_with "
        "crisis_window_to_confirm",
    ),
    _kind("questions", _("Questions and answers"), "question_asked question_answered"),
    _kind("messages", _("Messages, and notes in which you are named"), "message_received mentioned followed_moved"),
    _kind(
        "decisions",
        _("What was decided"),
        "request_received request_returned eligible eligibility_decided budget_returned budget_decided "
        "approval_returned line_approved amendment_decided lost_receipt_decided delivery_extended request_held "
        "request_resumed request_cancelled request_withdrawn persons_left routine_request_let_pass table_published "
        "erasure_done repeated_help_allowed transfer_answered transfer_withdrawn "
        "return_moved crisis_window_opened crisis_window_moved",
    ),
    _kind(
        "money",
        _("Payments and reports"),
        "disbursement_released disbursement_confirmed file_recalled urgent_costs_accepted reports_due "
        "reports_accepted file_closed",
    ),
    _kind("reminders", _("Reminders of what is due"), "reminder_before reminder_due reminder_late crisis_window_ends"),
)
OTHER = NoticeKind("work", KINDS[1].label, frozenset())


def kind_of(notice: str) -> NoticeKind:
    """The kind of a notice; one nobody has sorted yet counts as something that waits."""
    return next((kind for kind in KINDS if notice in kind.notices), OTHER)
