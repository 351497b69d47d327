"""Reports: each spending mission says what was done and spent; headquarters' finance accepts it line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from finance.actions.acceptance import Accepted, accept_spending
from finance.line_accounts import LineAccount, line_accounts, paid_by_line
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from gaf.money import Money
from gaf.records import save_by
from gaf.refusals import Incomplete, Refusal
from gaf.sealing import seal
from gaf.versions import create_all, save_all_by
from workflow import notices
from workflow.actions.lost_receipts import refused_by_line
from workflow.models import AssistanceRequest, BudgetLine, Report, ReportLine
from workflow.obstacles import require_nothing_missing
from workflow.policy import works_in
from workflow.reports_due import reports_missing
from workflow.states import ReportState


@dataclass(frozen=True)
class SpentLine:
    """What was spent on a line, in its currency, and how many proofs there are."""

    line_id: int
    spent: Money
    evidence_count: int = 0


@dataclass(frozen=True)
class AcceptedLine:
    """What headquarters accepts of a line, in its currency; less than was spent needs a reason."""

    line_id: int
    accepted: Money
    disallow_code: str = ""


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The report was not sent."), why, next_step)


@in_one_piece
def report(
    *,
    request_id: int,
    mission_id: int,
    narrative: str,
    period_from: date,
    period_to: date,
    lines: Sequence[SpentLine],
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Send one mission's report; a newer one replaces it until the reports are accepted.

    Raises Refusal REPORT-02 for another mission's report, Incomplete REPORT-03 when a line or the text is missing,
    REPORT-04 when the period runs backwards.
    """
    if not works_in(actor, mission_id):
        raise _refuse("REPORT-02", _("You do not work in that mission."), _("Ask that mission to report."))
    if period_to < period_from:
        raise _refuse("REPORT-04", _("The period ends before it begins."), _("Correct the dates."))
    with acting(AssistanceRequest, request_id, act="report", actor=actor, at=at, seen_version=seen_version) as doing:
        assistance = doing.subject
        own = [line for line in assistance.lines.filter(mission_id=mission_id) if line.approved_quantity is not None]
        spent = _require_whole(own, lines, narrative)
        newest = _new_report(assistance, mission_id, actor, at)
        newest.narrative = seal(assistance.seal_owner(), narrative)
        newest.period_from, newest.period_to = period_from, period_to
        save_by(newest, actor)
        create_all([_told_of(newest, line, spent[line.pk]) for line in own], actor)
        doing.facts = {
            "mission": mission_id,
            "lines": {line.key: spent[line.pk].spent.minor for line in own},
            "evidence": sum(spent[line.pk].evidence_count for line in own),
        }
        assistance.report()
        if not reports_missing(assistance):
            notices.tell_role([Role.CERTIFYING_OFFICER], "reports_to_accept", assistance, actor)
    return assistance


def _told_of(made: Report, line: BudgetLine, spent: SpentLine) -> ReportLine:
    return ReportLine(report=made, line=line, spent_minor=spent.spent.minor, evidence_count=spent.evidence_count)


def _require_whole(own: Sequence[BudgetLine], lines: Sequence[SpentLine], narrative: str) -> dict[int, SpentLine]:
    told = {line.line_id: line for line in lines}
    missing = [] if narrative.strip() else [_("The narrative is not written.")]
    for line in own:
        written = told.get(line.pk)
        if written is None or written.spent.currency != line.currency or written.spent.minor < 0:
            missing.append(_("Line %(number)s does not say what was spent.") % {"number": line.number})
        elif written.spent and not written.evidence_count:
            missing.append(_("Line %(number)s has no proof of spending.") % {"number": line.number})
    if not own:
        missing.append(_("This mission has no approved line to report on."))
    if missing:
        raise Incomplete("REPORT-03", _("The report was not sent."), missing)
    return told


def _new_report(assistance: AssistanceRequest, mission_id: int, actor: User, at: datetime) -> Report:
    earlier = list(assistance.reports.filter(mission_id=mission_id))
    for old in earlier:
        if old.state == ReportState.SENT:
            old.state = ReportState.SUPERSEDED
            save_by(old, actor)
    return Report(assistance=assistance, mission_id=mission_id, number=len(earlier) + 1, sent_by=actor, sent_at=at)


@dataclass(frozen=True)
class Reported:
    """The reported lines that are to be accepted, and the accounts of the request's lines.

    `most` is what can be accepted of each reported line, by the line's number in the database: at most what was spent
    and paid, less what has only a refused statement for a receipt, and never what was disallowed or made due back
    before.
    """

    rows: list[ReportLine]
    accounts: dict[str, LineAccount]
    most: dict[int, Money]

    @property
    def paid(self) -> dict[str, Money]:
        """What has left for each line that something was paid on."""
        return paid_by_line(self.accounts)


def reported_on(assistance: AssistanceRequest, *, locked: bool = False) -> Reported:
    """What is to be accepted on a request; `locked` holds its commitments until the transaction ends."""
    sent = ReportLine.objects.filter(report__assistance=assistance, report__state=ReportState.SENT)
    rows = list(sent.select_related("line__mission", "report"))
    accounts = line_accounts(assistance.reference, locked=locked)
    return Reported(rows, accounts, _most_acceptable(assistance, accounts, rows))


@in_one_piece
def accept_reports(
    *,
    request_id: int,
    lines: Sequence[AcceptedLine],
    reported: Reported | None = None,
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Accept what was spent: expenditure is booked, and the unspent and disallowed rest is due back.

    `reported` is what is to be accepted, where it was read under the request's lock before.
    Raises Incomplete REPORT-05 when a report is missing, a line is not decided, or less is accepted without a reason.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="accept_reports",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        require_nothing_missing(assistance, "accept_reports", "REPORT-05")
        reported = reported or reported_on(assistance, locked=True)
        decided = _decide_lines(reported, {line.line_id: line for line in lines})
        save_all_by(reported.rows, ["accepted_minor", "disallowed_minor", "disallow_code"], actor)
        accept_spending(reference=assistance.reference, lines=decided, actor=actor, at=at, accounts=reported.accounts)
        standing = list({row.report_id: row.report for row in reported.rows}.values())
        for one in standing:
            one.state = ReportState.ACCEPTED
        save_all_by(standing, ["state"], actor)
        doing.facts = {
            "lines": {d.line_key: {"accepted": d.accepted.minor, "disallowed": d.disallowed.minor} for d in decided}
        }
        assistance.accept_reports(at=at)
        notices.tell_role([Role.FUND_MANAGER, Role.RECONCILER], "reports_accepted", assistance, actor)
    return assistance


def _most_acceptable(
    assistance: AssistanceRequest, accounts: dict[str, LineAccount], rows: Sequence[ReportLine]
) -> dict[int, Money]:
    refused, found = refused_by_line(assistance), {}
    for row in rows:
        account, currency = accounts.get(row.line.key), row.line.currency
        if account is None:
            found[row.line_id] = Money.zero(currency)
            continue
        whole, before = account.paid, account.settled
        proven = min(row.spent, whole) - Money(refused.get(row.line_id, 0), currency)
        found[row.line_id] = max(min(proven, whole - (before.money - before.accepted)), Money.zero(currency))
    return found


def _decide_lines(reported: Reported, told: dict[int, AcceptedLine]) -> list[Accepted]:
    """Accepted is at most what can be; what was spent of paid money and not accepted is disallowed."""
    rows, paid, acceptable = reported.rows, reported.paid, reported.most
    missing, decided = [], []
    for row in rows:
        written, most = told.get(row.line_id), acceptable[row.line_id]
        if (
            written is None
            or written.accepted.currency != most.currency
            or not 0 <= written.accepted.minor <= most.minor
        ):
            missing.append(
                _("Line %(number)s: accept from zero to %(most)s.") % {"number": row.line.number, "most": most}
            )
            continue
        spent = min(row.spent, paid.get(row.line.key, Money.zero(row.line.currency)))
        disallowed = spent - written.accepted
        if disallowed and not written.disallow_code:
            missing.append(_("Line %(number)s: say why not all is accepted.") % {"number": row.line.number})
        row.accepted_minor, row.disallowed_minor = written.accepted.minor, disallowed.minor
        row.disallow_code = written.disallow_code if disallowed else ""
        decided.append(Accepted(row.line.key, written.accepted, disallowed, row.disallow_code))
    if missing:
        raise Incomplete("REPORT-05", _("The reports were not accepted."), missing)
    return decided
