"""Donor reports: written by the fund manager, issued by a second person, and kept as they were issued."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import transition
from simple_history.models import HistoricalRecords

from gaf.decisions.record import canonical, sha256
from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside
from workflow.donor_reports import permits
from workflow.donor_reports.questions import CORE, MOST_ADDED, AddedTopic
from workflow.states import DonorReportState

S = DonorReportState
_ACTS = acts_beside.DONOR_REPORT_ACTS
_WITH_FIGURES = Q(proposed_by__isnull=False, proposed_at__isnull=False, figures__isnull=False) & ~Q(digest="")
_ISSUED = Q(issued_by__isnull=False, issued_at__isnull=False)


def _answered() -> Q:
    found = Q()
    for question in CORE:
        found &= ~Q(**{question.name: ""})
    return found


class DonorReport(Record):
    """What a donor is told of one agreement, from a day to a day.

    The text is written by the fund and holds no persons, so it is not sealed. Figures are computed and frozen when it
    is sent to the second reader; once issued nothing of it changes.
    """

    key = models.CharField(max_length=20, unique=True)
    agreement = models.ForeignKey("finance.Agreement", on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    performance = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    results = models.TextField(blank=True)
    affected = models.TextField(blank=True)
    participation = models.TextField(blank=True)
    risks = models.TextField(blank=True)
    ending = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    topic_1 = models.CharField(max_length=12, choices=AddedTopic.choices, blank=True)
    added_1 = models.TextField(blank=True)
    topic_2 = models.CharField(max_length=12, choices=AddedTopic.choices, blank=True)
    added_2 = models.TextField(blank=True)
    topic_3 = models.CharField(max_length=12, choices=AddedTopic.choices, blank=True)
    added_3 = models.TextField(blank=True)
    figures = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the figures
    state = StateField(max_length=10, choices=S.choices, default=S.DRAFT, protected=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-first_day", "-key"]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="donor_report_days_in_order"),
            models.CheckConstraint(
                condition=Q(issued_by=None)
                | ~Q(issued_by=F("begun_by")) & (Q(proposed_by=None) | ~Q(issued_by=F("proposed_by"))),
                name="donor_report_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="ISSUED") & _ISSUED
                | ~Q(state="ISSUED") & Q(issued_by__isnull=True, issued_at__isnull=True),
                name="donor_report_is_issued_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", digest="", figures__isnull=True, proposed_by__isnull=True)
                | Q(state__in=["PROPOSED", "ISSUED"]) & _WITH_FIGURES
                | Q(state="DISCARDED"),
                name="donor_report_has_its_figures",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "DISCARDED"]) | _answered(), name="donor_report_answers_everything"
            ),
            models.CheckConstraint(
                condition=(Q(topic_1="") | ~Q(topic_1=F("topic_2")) & ~Q(topic_1=F("topic_3")))
                & (Q(topic_2="") | ~Q(topic_2=F("topic_3"))),
                name="donor_report_adds_a_topic_once",
            ),
            models.CheckConstraint(
                condition=(~Q(topic_1="") | Q(added_1=""))
                & (~Q(topic_2="") | Q(added_2=""))
                & (~Q(topic_3="") | Q(added_3="")),
                name="donor_report_says_what_it_adds",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`DR-2026-00001`."""
        return self.key

    def describe(self) -> dict[str, Any]:
        """What its decisions keep of it: of which agreement and days, and the digest of its figures."""
        return {
            "agreement": self.agreement.key,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "digest": self.digest,
        }

    def covers(self, first_day: date, last_day: date) -> bool:
        """Whether it tells of some of these days."""
        return self.first_day <= last_day and self.last_day >= first_day

    def texts(self) -> list[str]:
        """Every answer, written or not."""
        added = [getattr(self, f"added_{place}") for place in range(1, MOST_ADDED + 1)]
        return [*(getattr(self, question.name) for question in CORE), *added]

    def keeps_its_figures(self) -> bool:
        """Whether the figures are those that were frozen."""
        return self.figures is not None and self.digest == digest_of(self.figures)

    @transition(
        state,
        source=S.DRAFT,
        target=None,
        permission=permits.MAY_WRITE_DONOR_REPORT,
        custom=_ACTS["write_donor_report"],
    )
    def write_donor_report(self, *, texts: dict[str, str]) -> None:
        """So much is written; it may be half of it."""
        for column, text in texts.items():
            setattr(self, column, text)

    @transition(
        state,
        source=S.DRAFT,
        target=S.PROPOSED,
        permission=permits.MAY_WRITE_DONOR_REPORT,
        custom=_ACTS["propose_donor_report"],
    )
    def propose_donor_report(self, *, figures: dict[str, Any], by: Any, at: Any) -> None:
        """It goes to the second reader, with the figures of this moment."""
        self.figures, self.digest = figures, digest_of(figures)
        self.proposed_by, self.proposed_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.ISSUED,
        permission=permits.MAY_ISSUE_DONOR_REPORT,
        custom=_ACTS["issue_donor_report"],
    )
    def issue_donor_report(self, *, by: Any, at: Any) -> None:
        """A second person read it; it goes to the donor as it is."""
        self.issued_by, self.issued_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.DRAFT,
        permission=permits.MAY_RETURN_DONOR_REPORT,
        custom=_ACTS["return_donor_report"],
    )
    def return_donor_report(self) -> None:
        """The writer goes on; the figures are computed anew when it is sent again."""
        self.figures, self.digest = None, ""
        self.proposed_by = self.proposed_at = None

    @transition(
        state,
        source=[S.DRAFT, S.PROPOSED],
        target=S.DISCARDED,
        permission=permits.MAY_WRITE_DONOR_REPORT,
        custom=_ACTS["discard_donor_report"],
    )
    def discard_donor_report(self) -> None:
        """No donor gets it."""


def digest_of(figures: dict[str, Any]) -> str:
    """The SHA-256 of figures, whatever the order in which they are kept."""
    return sha256(canonical({"figures": figures}))
