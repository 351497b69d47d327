"""What a person served says about the help, or about somebody of the fund, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.states import OPEN_COMPLAINTS, ComplaintState

S = ComplaintState
_ACTS = acts_beside.COMPLAINT_ACTS


class ComplaintKind(models.TextChoices):
    """What a complaint is about."""

    FEEDBACK = "FEEDBACK", _("Feedback, good or bad")
    QUALITY = "QUALITY", _("The help: what came, how much, when")
    CONDUCT = "CONDUCT", _("How somebody behaved")
    ABUSE = "ABUSE", _("Sexual exploitation or abuse")
    DATA = "DATA", _("What is held about a person, and who learned of it")
    OTHER = "OTHER", pgettext_lazy("kind of complaint", "Something else")


# What the mission itself may look into; the conduct of people is headquarters' to judge, abuse is oversight's.
OF_THE_MISSION = (ComplaintKind.FEEDBACK, ComplaintKind.QUALITY, ComplaintKind.DATA, ComplaintKind.OTHER)


class ComplaintChannel(models.TextChoices):
    """How it reached the fund."""

    IN_PERSON = "IN_PERSON", _("In person")
    HOTLINE = "HOTLINE", _("By telephone")
    LETTER = "LETTER", _("By letter or message")
    BOX = "BOX", _("From the box")
    THROUGH_ANOTHER = "THROUGH_ANOTHER", _("Through somebody else")
    PAGE = "PAGE", _("By the public page")


class AnswerWay(models.TextChoices):
    """Whether the person wants an answer, and how."""

    NONE = "NONE", _("No answer is wanted")
    IN_PERSON = "IN_PERSON", _("In person")
    TELEPHONE = "TELEPHONE", _("By telephone")
    LETTER = "LETTER", _("By letter or message")
    PAGE = "PAGE", _("On the public page, with the number and the word")


class Complaint(Record):
    """One complaint, or feedback. It has no place on a request's timeline: its decisions stand under its own key.

    Its words are sealed with the case; those that went to oversight, or belong to no case, with a key of their own.
    """

    key = models.CharField(max_length=20, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, null=True, on_delete=models.PROTECT, related_name="complaints")
    kind = models.CharField(max_length=8, choices=ComplaintKind.choices)
    channel = models.CharField(max_length=15, choices=ComplaintChannel.choices)
    language = models.CharField(max_length=12)
    words = models.TextField()  # sealed
    heard_on = models.DateField()
    answer_by = models.CharField(max_length=9, choices=AnswerWay.choices)
    answer = models.TextField(blank=True)  # sealed
    answer_mark = models.CharField(max_length=64, blank=True)  # keyed hash of the word that opens the answer
    about = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = StateField(max_length=17, choices=S.choices, default=S.RECEIVED, protected=True)
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    looked_into_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    passed_on_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    words_gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(about__isnull=True) | Q(looked_into_by__isnull=True) | ~Q(about=F("looked_into_by")),
                name="complaint_is_not_judged_by_whom_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(about__isnull=True) | Q(recorded_by__isnull=True) | ~Q(about=F("recorded_by")),
                name="complaint_is_not_recorded_by_whom_it_is_about",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ABUSE") & ~Q(state="PASSED_ON") | Q(passed_on_at__isnull=False),
                name="complaint_of_abuse_is_with_oversight",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*OPEN_COMPLAINTS, S.ANSWERED]) | Q(passed_on_at__isnull=True),
                name="complaint_does_not_come_back_from_oversight",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.BEING_LOOKED_INTO, S.ANSWERED]) | Q(looked_into_by__isnull=False),
                name="complaint_is_looked_into_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED") | Q(closed_at__isnull=False), name="complaint_is_closed_at_a_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_with_oversight(self) -> bool:
        """Whether it is oversight's alone."""
        return self.passed_on_at is not None

    @property
    def mission_id(self) -> int | None:
        """The lead mission of the request it is about, where the mission may look into such complaints.

        Whoever writes on the public page goes past the people who help them, for fear of losing the help.
        """
        if self.assistance is None or self.kind not in OF_THE_MISSION or self.is_with_oversight:
            return None
        if self.channel == ComplaintChannel.PAGE:
            return None
        return self.assistance.mission_id

    def mission_ids(self) -> set[int]:
        """That mission, if there is one."""
        return set() if self.mission_id is None else {self.mission_id}

    def decision_subject(self) -> str:
        """`CMP-7KQ2MXHA`; its decisions stand under it alone, and on no request's timeline."""
        return self.key

    def seal_owner(self) -> str:
        """The case, whose erasure takes the words along; of its own where oversight has it, or no case is known."""
        if self.assistance is None or self.is_with_oversight:
            return self.key
        return self.assistance.seal_owner()

    @transition(
        state,
        source=S.RECEIVED,
        target=S.BEING_LOOKED_INTO,
        permission=policy.MAY_LOOK_INTO_COMPLAINT,
        custom=_ACTS["take_up_complaint"],
    )
    def take_up_complaint(self, *, by: Any) -> None:
        """Somebody who had no part in the request looks into it."""
        self.looked_into_by = by

    @transition(
        state,
        source=S.BEING_LOOKED_INTO,
        target=S.ANSWERED,
        permission=policy.MAY_LOOK_INTO_COMPLAINT,
        custom=_ACTS["answer_complaint"],
    )
    def answer_complaint(self, *, sealed: str, at: Any) -> None:
        """What was found, and what the person is told."""
        self.answer, self.answered_at = sealed, at

    @transition(
        state,
        source=S.ANSWERED,
        target=S.CLOSED,
        permission=policy.MAY_LOOK_INTO_COMPLAINT,
        custom=_ACTS["close_complaint"],
    )
    def close_complaint(self, *, at: Any) -> None:
        """The person has heard the answer, or wanted none."""
        self.closed_at = at

    @transition(
        state,
        source=[S.RECEIVED, S.BEING_LOOKED_INTO, S.ANSWERED],
        target=S.PASSED_ON,
        permission=policy.MAY_PASS_ON_COMPLAINT,
        custom=_ACTS["pass_on_complaint"],
    )
    def pass_on_complaint(self, *, at: Any) -> None:
        """It is oversight's from now on, and nobody else sees it any more."""
        self.passed_on_at = at

    @transition(
        state,
        source=S.PASSED_ON,
        target=None,
        permission=policy.MAY_CONCLUDE_COMPLAINT,
        custom=_ACTS["note_complaint"],
    )
    def note_complaint(self) -> None:
        """Oversight keeps a note; nothing moves."""

    @transition(
        state,
        source=S.PASSED_ON,
        target=S.CLOSED,
        permission=policy.MAY_CONCLUDE_COMPLAINT,
        custom=_ACTS["conclude_complaint"],
    )
    def conclude_complaint(self, *, sealed: str, at: Any) -> None:
        """What oversight found, and what the person is told, if anything."""
        self.answer, self.closed_at = sealed or self.answer, at

    @transition(
        state,
        source=S.CLOSED,
        target=None,
        permission=policy.BY_THE_SYSTEM,
        custom=_ACTS["forget_complaint"],
    )
    def forget_complaint(self, *, at: Any) -> None:
        """Its time is over: the words are gone, days and kind stay."""
        self.words, self.answer, self.answer_mark, self.words_gone_at = "", "", "", at
