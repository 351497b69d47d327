"""Addresses of headquarters pages. An act is a page under the record; its name is the act's, with hyphens."""

from __future__ import annotations

from django.urls import path

from workflow.views import (
    accepting,
    activities,
    advances,
    amending,
    approval,
    asking,
    certifying,
    deferred_lines,
    following,
    history,
    list_export,
    lost_receipts,
    out_of_office,
    overdue,
    record,
    related,
    releasing,
    releasing_together,
    remarks,
    requests_list,
    review,
    timeline,
    urgent_costs,
    urgent_spending,
    worklists,
)
from workflow.views.acts import PLAIN_ACTS, plain_act

_RECORD = "requests/<str:reference>"

urlpatterns = [
    path("requests/", requests_list.requests_list, name="requests"),
    path("requests/export/", list_export.requests_export, name="requests_export"),
    path("inbox/", worklists.inbox, name="inbox"),
    path("duty/", worklists.duty, name="duty"),
    path("out-of-office/", out_of_office.out_of_office, name="out_of_office"),
    path("overdue/", overdue.overdue, name="overdue"),
    path("approvals/", worklists.approvals, name="approvals"),
    path("certification/", worklists.certifying, name="certification"),
    path("releases/", worklists.paying, name="releases"),
    path("advances/", advances.advances_by_age, name="advances"),
    path("amendments/<str:reference>/<int:place>/", amending.amendment, name="amendment"),
    path("amendments/<str:reference>/<int:place>/<str:act>/", amending.amendment_act, name="amendment_act"),
    path("lost-receipts/<str:reference>/<int:place>/", lost_receipts.lost_receipt, name="lost_receipt"),
    path(
        "lost-receipts/<str:reference>/<int:place>/<str:act>/", lost_receipts.lost_receipt_act, name="lost_receipt_act"
    ),
    path("activities/", activities.own, name="activities"),
    path("releases/together/", releasing_together.together, name="release_together"),
    path("releases/together/done/", releasing_together.released, name="released_together"),
    path("closing/", worklists.closing, name="closing"),
    path(f"{_RECORD}/", record.record, name="record"),
    path(f"{_RECORD}/history/", history.history, name="history"),
    path(f"{_RECORD}/timeline/", timeline.timeline, name="timeline"),
    path(f"{_RECORD}/amendments/", related.amendments, name="amendments"),
    path(f"{_RECORD}/same-case/", related.same_case, name="same_case"),
    path(f"{_RECORD}/activities/", activities.of_request, name="request_activities"),
    path(f"{_RECORD}/plan-activity/", activities.plan, name="plan_activity"),
    path(f"{_RECORD}/activities/<int:place>/done/", activities.finish, name="finish_activity"),
    path(f"{_RECORD}/activities/<int:place>/cancel/", activities.cancel, name="cancel_activity"),
    path(f"{_RECORD}/followers/", following.followers_page, name="followers"),
    path(f"{_RECORD}/message/", remarks.message, name="message"),
    path(f"{_RECORD}/note/", remarks.note, name="note"),
    path(f"{_RECORD}/review/", review.review, name="review"),
    path(f"{_RECORD}/ask/", asking.ask, name="ask"),
    path(f"{_RECORD}/approval/", approval.approval, name="approval"),
    path(f"{_RECORD}/approve-budget/", approval.approve_budget, name="approve_budget"),
    path(f"{_RECORD}/approve-deferred-line/", deferred_lines.approve_deferred, name="approve_deferred_line"),
    path(f"{_RECORD}/allow-urgent-spending/", urgent_spending.allow, name="allow_urgent_spending"),
    path(f"{_RECORD}/certify-funds/", certifying.certify, name="certify_funds"),
    path(f"{_RECORD}/release/", releasing.release, name="release"),
    path(f"{_RECORD}/accept-urgent-costs/", urgent_costs.accept, name="accept_urgent_costs"),
    path(f"{_RECORD}/accept-reports/", accepting.accept, name="accept_reports"),
    *(path(f"{_RECORD}/{act.replace('_', '-')}/", plain_act, {"act": act}, name=act) for act in PLAIN_ACTS),
]
