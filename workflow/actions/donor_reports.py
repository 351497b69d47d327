"""Donor reports: begun and written by the fund manager, sent with their figures, issued by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from finance.models import Agreement
from finance.states import AgreementState
from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day
from workflow.donor_reports.figures import figures_of, require_told_apart
from workflow.donor_reports.permits import MAY_WRITE_DONOR_REPORT
from workflow.donor_reports.questions import CORE, MOST_ADDED
from workflow.donor_reports.texts import holds_a_secret, names_a_record
from workflow.models import DonorReport
from workflow.states import DonorReportState


@dataclass(frozen=True)
class ReportText:
    """What was written: answers by the name of their question, and up to three more, each with its topic."""

    answers: dict[str, str] = field(default_factory=dict)
    added: Sequence[tuple[str, str]] = ()

    def columns(self) -> dict[str, str]:
        """Every text of a report by its column; what is not said is empty."""
        found = {question.name: self.answers.get(question.name, "") for question in CORE}
        for place in range(1, MOST_ADDED + 1):
            topic, text = self.added[place - 1] if place <= len(self.added) else ("", "")
            found |= {f"topic_{place}": topic, f"added_{place}": text}
        return found


def _refused(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing was changed about the donor report."), why, next_step)


@in_one_piece
def begin_donor_report(
    *, agreement: Agreement, first_day: date, last_day: date, actor: User, at: datetime
) -> DonorReport:
    """Begin a report on an agreement from a day to a day that is over.

    Raises Refusal DONOR-02 for other days, DONOR-03 where one was issued for some of them, DONOR-04 where the stream
    has money of another agreement.
    """
    made = DonorReport(agreement=agreement, first_day=first_day, last_day=last_day, begun_by=actor, begun_at=at)
    role = MAY_WRITE_DONOR_REPORT.require(Question(made, "begin_donor_report", actor))
    _require_days(made, at.date())
    _require_free_days(made)
    require_told_apart(agreement)
    made.key = issue("DR")
    first_decision(subject=made, act="begin_donor_report", actor=actor, role=role, at=at, facts=made.describe())
    made._history_user, made._change_reason = actor, "begin_donor_report"
    made.save(force_insert=True)
    return made


def _require_days(made: DonorReport, today: date) -> None:
    if made.agreement.state != AgreementState.IN_FORCE:
        raise _refused("DONOR-02", _("The agreement is not confirmed."), _("Have a second person confirm it first."))
    if not made.agreement.starts_on <= made.first_day <= made.last_day < today:
        raise _refused(
            "DONOR-02",
            _("Its days are not over, upside down, or before %(day)s, the first day of the agreement.")
            % {"day": short_day(made.agreement.starts_on)},
            _("Choose days from then on that are over."),
        )


def _require_free_days(made: DonorReport) -> None:
    issued = DonorReport.objects.filter(agreement=made.agreement_id, state=DonorReportState.ISSUED)
    other = next((one for one in issued.exclude(pk=made.pk) if one.covers(made.first_day, made.last_day)), None)
    if other is not None:
        raise _refused(
            "DONOR-03",
            _("%(key)s was issued for this agreement and tells of some of these days.") % {"key": other.key},
            _("Choose days that no issued report of the agreement tells of."),
        )


def write_donor_report(
    *, report_id: int, text: ReportText, actor: User, at: datetime, seen_version: int | None = None
) -> DonorReport:
    """Keep what is written so far, half of it too. Raises Refusal DONOR-08 for a topic twice or a text without one."""
    with acting(
        DonorReport, report_id, act="write_donor_report", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        report: DonorReport = doing.subject
        _require_topics(text.added)
        report.write_donor_report(texts=text.columns())
        doing.facts = report.describe()
    return report


def _require_topics(added: Sequence[tuple[str, str]]) -> None:
    topics = [topic for topic, _text in added if topic]
    if len(added) > MOST_ADDED or len(topics) != len(set(topics)):
        raise _refused(
            "DONOR-08",
            _("A report says at most three things in addition, each of them once."),
            _("Choose another topic, or write both in one."),
        )
    if any(text and not topic for topic, text in added):
        raise _refused("DONOR-08", _("A text was added without its topic."), _("Choose what it is about."))


def propose_donor_report(*, report_id: int, actor: User, at: datetime) -> DonorReport:
    """Compute the figures, freeze them, and send the report to a second reader. Nobody is counted for it.

    Raises Refusal DONOR-05 for what is not answered, DONOR-06 for a text that names a record or holds a secret,
    DONOR-03 and DONOR-04 as when it was begun.
    """
    with acting(DonorReport, report_id, act="propose_donor_report", actor=actor, at=at) as doing:
        report: DonorReport = doing.subject
        _require_whole(report)
        _require_safe_texts(report)
        _require_free_days(report)
        require_told_apart(report.agreement)
        figures = figures_of(report.agreement, report.first_day, report.last_day)
        report.propose_donor_report(figures=figures, by=actor, at=at)
        doing.facts = report.describe()
    return report


def _require_whole(report: DonorReport) -> None:
    missing = [str(question.label) for question in CORE if not getattr(report, question.name)]
    places = range(1, MOST_ADDED + 1)
    missing += [
        str(getattr(report, f"get_topic_{place}_display")())
        for place in places
        if getattr(report, f"topic_{place}") and not getattr(report, f"added_{place}")
    ]
    if missing:
        raise _refused(
            "DONOR-05",
            _("Not answered yet: %(questions)s.") % {"questions": ", ".join(missing)},
            _("Answer them; where there is nothing to tell, say so."),
        )


def _require_safe_texts(report: DonorReport) -> None:
    texts = report.texts()
    if any(names_a_record(text) for text in texts):
        raise _refused(
            "DONOR-06",
            _("A text names a request, a person, a payee or a payment by its number."),
            _("Tell of requests together, and take the number out."),
        )
    if any(holds_a_secret(text) for text in texts):
        raise _refused(
            "DONOR-06",
            _("A text holds what looks like a password, a key or the number of a bank account."),
            _("Take it out."),
        )


@in_one_piece
def issue_donor_report(*, report_id: int, actor: User, at: datetime) -> DonorReport:
    """A second person lets the donor have it; from then on nothing of it changes.

    Raises Refusal DONOR-03 where another one was issued meanwhile, DONOR-09 where ledger or tables say something else
    than when it was sent.
    """
    agreement = DonorReport.objects.filter(pk=report_id).values("agreement")
    # Two reports of one agreement do not pass each other.
    list(DonorReport.objects.select_for_update().filter(agreement__in=agreement).order_by("pk").values_list("pk"))
    with acting(DonorReport, report_id, act="issue_donor_report", actor=actor, at=at) as doing:
        report: DonorReport = doing.subject
        _require_free_days(report)
        _require_figures_of_today(report)
        report.issue_donor_report(by=actor, at=at)
        doing.facts = report.describe()
    return report


def _require_figures_of_today(report: DonorReport) -> None:
    require_told_apart(report.agreement)
    now: dict[str, Any] = figures_of(report.agreement, report.first_day, report.last_day)
    if report.figures != now:
        raise _refused(
            "DONOR-09",
            _("The ledger or the published tables tell something else of these days than when it was sent."),
            _("Return it, so that it is sent again with the figures of today."),
        )


def return_donor_report(*, report_id: int, reason: str, actor: User, at: datetime) -> DonorReport:
    """The second reader gives it back; the writer reads why."""
    with acting(DonorReport, report_id, act="return_donor_report", actor=actor, at=at, reason=reason) as doing:
        report: DonorReport = doing.subject
        doing.facts = report.describe()
        report.return_donor_report()
    return report


def discard_donor_report(*, report_id: int, reason: str, actor: User, at: datetime) -> DonorReport:
    """No donor gets it. The record is kept."""
    with acting(DonorReport, report_id, act="discard_donor_report", actor=actor, at=at, reason=reason) as doing:
        report: DonorReport = doing.subject
        report.discard_donor_report()
        doing.facts = report.describe()
    return report
