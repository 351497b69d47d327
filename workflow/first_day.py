"""What people who work on requests do on their first day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.first_day import Task, learn

_PLAN = Task(_("Write plan and budget, and send them to headquarters."), "/desk/", ("send_budget",))
_ANSWER = Task(_("Answer a question of headquarters."), "/desk/", ("answer",))
_REPORT = Task(_("Report what was done and spent."), "/desk/", ("report",))

learn(
    Role.CASE_WORKER,
    Task(_("Ask for help for a person, and send the request."), "/requests/new/", ("submit", "send_urgent")),
    _ANSWER,
    _PLAN,
    Task(_("Say that the help has ended."), "/desk/", ("end_delivery",)),
    _REPORT,
)
learn(
    Role.HEAD_OF_UNIT,
    Task(_("Endorse a request of your mission."), "/desk/", ("endorse",)),
    Task(_("Send one back to its author, with a reason."), "/desk/", ("return_to_author",)),
    _ANSWER,
    _PLAN,
    _REPORT,
)
learn(
    Role.ELIGIBILITY_REVIEWER,
    Task(_("Take a request from the inbox."), "/inbox/", ("take",)),
    Task(_("Ask the mission about one part of it."), "/inbox/", ("ask",)),
    Task(
        _("Answer the criteria, and decide."),
        "/inbox/#mine",
        ("confirm_eligibility", "refuse_eligibility"),
    ),
)
learn(
    Role.DUTY_OFFICER,
    Task(_("Look at an urgent request, and allow an amount at once."), "/duty/", ("allow_urgent_spending",)),
)
learn(
    Role.BUDGET_APPROVER,
    Task(_("Approve a budget, line by line."), "/approvals/", ("approve_budget",)),
    Task(_("Send a budget back to be mended."), "/approvals/", ("return_budget",)),
    Task(_("Ask the mission about an amount."), "/approvals/", ("ask",)),
)
learn(
    Role.CERTIFYING_OFFICER,
    Task(_("Certify the funds of an approved request."), "/certification/", ("certify_funds",)),
    Task(_("Accept a report, line by line."), "/certification/", ("accept_reports",)),
)
learn(
    Role.PAYER,
    Task(_("Release what is prepared for a request."), "/releases/", ("release", "release_disbursement")),
)
learn(
    Role.FUND_MANAGER,
    Task(_("Approve a budget, line by line."), "/approvals/", ("approve_budget",)),
    Task(_("Close a request whose last cent is explained."), "/closing/", ("close",)),
    Task(_("Put a request on hold, with a reason."), "/requests/", ("hold",)),
)
