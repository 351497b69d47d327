"""A concern that somebody of the fund raises to oversight, and of which nobody else learns."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.states import ConcernState

S = ConcernState
_ACTS = acts_beside.CONCERN_ACTS
_A_HASH = 64


class ConcernKind(models.TextChoices):
    """What somebody is worried about."""

    FRAUD = "FRAUD", _("Fraud or corruption")
    CONDUCT = "CONDUCT", _("How somebody behaved")
    INTEREST = "INTEREST", _("A conflict of interest")
    DATA = "DATA", _("Data of persons")
    OTHER = "OTHER", pgettext_lazy("kind of concern", "Something else")


class Finding(models.TextChoices):
    """What oversight found."""

    CONFIRMED = "CONFIRMED", pgettext_lazy("finding", "It is so")
    NOT_CONFIRMED = "NOT_CONFIRMED", pgettext_lazy("finding", "It could not be confirmed")
    PASSED_ON = "PASSED_ON", pgettext_lazy("finding", "Passed on to another authority")
    NOT_OVERSIGHT = "NOT_OVERSIGHT", pgettext_lazy("finding", "Nothing for oversight")


class Concern(Record):
    """One concern. No row of it hangs on a request: the reference is only what was typed.

    `raiser_mark` is a keyed hash by which the person who raised it finds it again; who that was stands here only where
    they wished to be named.
    """

    key = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=8, choices=ConcernKind.choices)
    reference = models.CharField(max_length=20, blank=True)
    words = models.TextField()  # sealed
    raiser_mark = models.CharField(max_length=_A_HASH, db_index=True)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = StateField(max_length=11, choices=S.choices, default=S.RECEIVED, protected=True)
    received_at = models.DateTimeField()
    looked_into_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=13, choices=Finding.choices, blank=True)
    words_gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("raiser_mark"), _A_HASH)) | Q(raiser_mark="", words_gone_at__isnull=False),
                name="concern_holds_a_hash_of_who_raised_it",
            ),
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_at__isnull=False) & ~Q(finding="")
                | ~Q(state="CLOSED") & Q(closed_at__isnull=True, finding=""),
                name="concern_is_closed_with_a_finding",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`CRN-7KQ2MXHA`; its decisions stand under it alone."""
        return self.key

    @transition(
        state,
        source=S.RECEIVED,
        target=S.LOOKED_INTO,
        permission=policy.MAY_LOOK_INTO_CONCERN,
        custom=_ACTS["look_into_concern"],
    )
    def look_into_concern(self, *, at: Any) -> None:
        """Oversight takes it up."""
        self.looked_into_at = at

    @transition(
        state,
        source=[S.RECEIVED, S.LOOKED_INTO],
        target=None,
        permission=policy.MAY_LOOK_INTO_CONCERN,
        custom=_ACTS["note_concern"],
    )
    def note_concern(self) -> None:
        """Oversight keeps a note; nothing moves."""

    @transition(
        state,
        source=S.LOOKED_INTO,
        target=S.CLOSED,
        permission=policy.MAY_LOOK_INTO_CONCERN,
        custom=_ACTS["close_concern"],
    )
    def close_concern(self, *, finding: str, at: Any) -> None:
        """What was found, by a code; the words about it are the decision's reason."""
        self.finding, self.closed_at = finding, at

    @transition(
        state,
        source=S.CLOSED,
        target=None,
        permission=policy.BY_THE_SYSTEM,
        custom=_ACTS["forget_concern"],
    )
    def forget_concern(self, *, at: Any) -> None:
        """Its time is over: words, reference and who raised it are gone; kind, days and finding stay."""
        self.words, self.reference, self.raiser_mark, self.raised_by, self.words_gone_at = "", "", "", None, at
