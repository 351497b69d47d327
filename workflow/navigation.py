"""The words of the bar for those who work on requests, with what waits for them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS, Role
from gaf.navigation import Entry, register
from workflow import first_day  # noqa: F401  # a checklist stands at the foot of the page, as an entry
from workflow.donor_reports.permits import READERS_OF_DONOR_REPORTS
from workflow.policy import READERS_OF_NORMS
from workflow.worklists import counts

_DESK = ("to_write", "to_endorse", "to_answer", "to_plan", "to_report", "amendments_to_endorse")


@register
def entries(person: User) -> list[Entry]:
    """The workflow entries of a person's bar."""
    roles = roles_of(person)
    waiting = counts(person)
    found: list[Entry] = []
    if roles & {Role.CASE_WORKER, Role.HEAD_OF_UNIT}:
        found.append(Entry(_("Ask for help"), "/requests/new/", 1, primary=True))
    if roles & set(MISSION_ROLES):
        found.append(Entry(_("My desk"), "/desk/", 10, _sum(waiting, *_DESK)))
    if Role.DUTY_OFFICER in roles:
        found.append(Entry(_("Duty"), "/duty/", 5, _sum(waiting, "urgent"), letter="u"))
    if roles & {Role.DUTY_OFFICER, Role.FUND_MANAGER, Role.AUDITOR}:
        found.append(Entry(_("Duty rota"), "/duty/rota/", 88, foot=True))
    if Role.ELIGIBILITY_REVIEWER in roles:
        inbox = _sum(waiting, "to_review", "taken_by", "asked_by", "amendments_to_review")
        found.append(Entry(_("Inbox"), "/inbox/", 10, inbox, letter="i"))
    if roles & {Role.BUDGET_APPROVER, Role.FUND_MANAGER}:
        approvals = _sum(waiting, "to_approve", "lines_to_decide", "amendments_to_approve")
        found.append(Entry(_("Approvals"), "/approvals/", 12, approvals, letter="a"))
    if Role.CERTIFYING_OFFICER in roles:
        found.append(
            Entry(_("To certify"), "/certification/", 10, _sum(waiting, "to_certify", "reports_to_accept"), letter="c")
        )
    if Role.PAYER in roles:
        found.append(Entry(_("To release"), "/releases/", 15, _sum(waiting, "to_pay"), letter="e"))
    if Role.FUND_MANAGER in roles:
        found.append(Entry(_("To close"), "/closing/", 11, _sum(waiting, "to_close"), letter="o"))
    if roles & {Role.CERTIFYING_OFFICER, Role.FUND_MANAGER, Role.RECONCILER, Role.AUDITOR}:
        found.append(Entry(_("Advances"), "/advances/", 45, letter="v"))
    if roles & set(READERS_OF_NORMS):
        found.append(Entry(_("Cost norms"), "/cost-norms/", 85, foot=True))
        found.append(Entry(_("Crisis windows"), "/crisis-windows/", 85, foot=True))
    if roles & set(READERS_OF_DONOR_REPORTS):
        found.append(Entry(_("Donor reports"), "/donor-reports/", 87, foot=True))
    if Role.OVERSIGHT in roles:
        found.append(Entry(_("Concerns"), "/concerns/", 10))
    if roles & {*MISSION_ROLES, Role.FUND_MANAGER, Role.OVERSIGHT}:
        found.append(Entry(_("Complaints"), "/complaints/", 86, foot=Role.OVERSIGHT not in roles))
    if roles & {Role.FUND_MANAGER, Role.AUDITOR, Role.HEAD_OF_UNIT, Role.OVERSIGHT}:
        found.append(Entry(_("Overdue"), "/overdue/", 46, letter="l"))
    if roles & {Role.CASE_WORKER, Role.HEAD_OF_UNIT, Role.AUDITOR}:
        found.append(Entry(_("Transfers"), "/transfers/", 86, foot=True))
    if roles & {Role.FUND_MANAGER, Role.AUDITOR}:
        found.append(Entry(_("Time to decision"), "/turnaround/", 47, letter="d"))
    if waiting.get("activities_open"):
        found.append(Entry(_("Activities"), "/activities/", 65, waiting["activities_due"], letter="t"))
    if Role.PRIVACY_FOCAL_POINT in roles:
        found.append(Entry(_("Readings"), "/privacy/", 10))
    if roles & {Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD}:
        found.append(Entry(_("Same persons"), "/same-persons/", 47))
    if roles & {Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD, Role.FUND_MANAGER, Role.AUDITOR}:
        found.append(Entry(_("Retention"), "/retention/", 49, also=("/erasures/",)))
    if roles & {Role.DATA_STEWARD, Role.FUND_MANAGER, Role.AUDITOR}:
        found.append(Entry(_("Tables"), "/tables/", 48))
    if roles & {*MISSION_ROLES, *READS_ALL_REQUESTS}:
        found.append(Entry(_("Requests"), "/requests/", 20 if Role.AUDITOR in roles else 70, letter="r"))
        found.append(Entry(_("Notices"), "/notices/", 89, foot=True))
        found.append(Entry(_("Out of office"), "/out-of-office/", 90, foot=True))
    if roles & set(READS_ALL_REQUESTS):
        found.append(Entry(_("Single keys"), "/keys/", 91, foot=True))
    return found


def _sum(waiting: dict[str, int], *names: str) -> int:
    return sum(waiting.get(name, 0) for name in names)
