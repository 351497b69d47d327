"""An erasure: what goes of a case whose time is over. One person proposes it, another confirms, the worker does it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.assistance_request import AssistanceRequest
from workflow.states import ErasureState

S = ErasureState


class ErasureGround(models.TextChoices):
    """Why a case is erased."""

    RETENTION_END = "RETENTION_END", _("Its time is over")
    PERSON_ASKED = "PERSON_ASKED", _("The person asked for it")


class Erasure(Record):
    """What was to go when it was proposed, what went, and, once it is done, the digest of its certificate.

    `files` are the random names of the documents that the worker destroys; `destroyed` is how much went, by kind.
    """

    key = models.CharField(max_length=20, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="erasures")
    case = models.ForeignKey(
        "workflow.Case", to_field="key", db_column="case_key", on_delete=models.PROTECT, related_name="erasures"
    )
    ground = models.CharField(max_length=13, choices=ErasureGround.choices)
    state = StateField(max_length=10, choices=S.choices, default=S.PROPOSED, protected=True)
    foreseen = models.JSONField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    destroyed = models.JSONField(null=True)
    files = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the certificate

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=~Q(state="DISCARDED"), name="case_is_erased_once"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="erasure_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["CONFIRMED", "DONE"], confirmed_by__isnull=False, confirmed_at__isnull=False)
                | Q(state__in=["PROPOSED", "DISCARDED"], confirmed_by__isnull=True, confirmed_at__isnull=True),
                name="erasure_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", done_at__isnull=False, destroyed__isnull=False) & ~Q(digest="")
                | ~Q(state="DONE") & Q(done_at__isnull=True, digest=""),
                name="erasure_done_has_a_certificate",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`ERA-2026-00001`."""
        return self.key

    def decision_reference(self) -> str:
        """The request, whose timeline tells of it."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case: the words about its erasure go with it."""
        return self.case_id

    @transition(
        state,
        source=S.PROPOSED,
        target=S.CONFIRMED,
        permission=policy.MAY_CONFIRM_ERASURE,
        custom=acts_beside.RETENTION_ACTS["confirm_erasure"],
    )
    def confirm_erasure(self, *, by: Any, at: Any) -> None:
        """Somebody else than who proposed it says yes; the worker does the rest."""
        self.confirmed_by, self.confirmed_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.DISCARDED,
        permission=policy.MAY_DISCARD_ERASURE,
        custom=acts_beside.RETENTION_ACTS["discard_erasure"],
    )
    def discard_erasure(self) -> None:
        """Nothing is erased."""

    @transition(
        state,
        source=S.CONFIRMED,
        target=S.DONE,
        permission=policy.BY_THE_SYSTEM,
        custom=acts_beside.RETENTION_ACTS["carry_out_erasure"],
    )
    def carry_out_erasure(self, *, at: Any, digest: str) -> None:
        """Everything that was to go is gone."""
        self.done_at, self.digest = at, digest
