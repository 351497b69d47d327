"""Donor reports as tests need them: an agreement of one stream, a report of its days, written, sent, issued."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from finance.actions.agreements import Terms, confirm_agreement, record_agreement
from finance.models import Agreement, FundingStream
from gaf.money import Money
from tests.cast import YEAR_START, stream
from tests.stories_asking import by
from workflow.actions.donor_reports import (
    ReportText,
    begin_donor_report,
    issue_donor_report,
    propose_donor_report,
    write_donor_report,
)
from workflow.donor_reports.questions import CORE
from workflow.models import DonorReport

AFTER_THE_YEAR = datetime(2027, 1, 15, 9, tzinfo=UTC)
WHOLE_YEAR = (YEAR_START, date(2026, 12, 31))


def a_recorded_agreement(key: str = "AG-1", of: FundingStream | None = None, **terms: Any) -> Agreement:
    """An agreement of a stream, signed on the first day of the year and recorded by Marie."""
    said = {
        "key": key,
        "donor": "Donor A",
        "stream": of or stream("A"),
        "money": Money.of("100000.00", "USD"),
        "signed_on": YEAR_START,
        "starts_on": YEAR_START,
        **terms,
    }
    return record_agreement(terms=Terms(**said), **by("Marie"))


def an_agreement(key: str = "AG-1", of: FundingStream | None = None, **terms: Any) -> Agreement:
    """The same, confirmed by Helena."""
    return confirm_agreement(agreement_id=a_recorded_agreement(key, of, **terms).pk, **by("Helena"))


def a_begun_report(agreement: Agreement | None = None, days: tuple[date, date] = WHOLE_YEAR) -> DonorReport:
    """A report of the year with nothing in it yet."""
    found = agreement or Agreement.objects.filter(key="AG-1").first() or an_agreement()
    return begin_donor_report(agreement=found, first_day=days[0], last_day=days[1], **by("Helena"))


def answered(**other: str) -> ReportText:
    """Every question answered in a sentence."""
    answers = {question.name: f"What there is to say of {question.name}, invented." for question in CORE}
    return ReportText(answers={**answers, **other})


def write(report: DonorReport, text: ReportText | None = None, who: str = "Helena") -> DonorReport:
    """Somebody writes it."""
    return write_donor_report(report_id=report.pk, text=text or answered(), **by(who))


def a_written_report(**said: Any) -> DonorReport:
    """A report with every answer."""
    return write(a_begun_report(**said))


def a_proposed_report(**said: Any) -> DonorReport:
    """A report that waits for its second reader."""
    return propose_donor_report(report_id=a_written_report(**said).pk, **by("Helena"))


def an_issued_report(**said: Any) -> DonorReport:
    """A report that Marie issued."""
    return issue_donor_report(report_id=a_proposed_report(**said).pk, **by("Marie"))
