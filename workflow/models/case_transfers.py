"""A case goes from one mission to another: proposed by the one that has it, answered by the head of unit there."""

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
from workflow.states import CaseTransferState

S = CaseTransferState


class CaseTransferAim(models.TextChoices):
    """What is asked of the other mission."""

    MOVED = "MOVED", _("The persons are there now: go on with the case")
    SAFETY = "SAFETY", _("The persons are not safe here: receive them and go on")
    SERVICE = "SERVICE", _("The help they need is there: receive them and go on")


class CaseTransfer(Record):
    """One proposal. Until it is accepted the receiving mission sees codes alone, not the number of the request."""

    key = models.CharField(max_length=20, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="transfers")
    sending = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="transfers_out")
    receiving = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="transfers_in")
    aim = models.CharField(max_length=7, choices=CaseTransferAim.choices)
    # For a request that is kept to named people: the one person there who learns of it.
    asked_person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = StateField(max_length=9, choices=S.choices, default=S.PROPOSED, protected=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assistance"], condition=Q(state="PROPOSED"), name="one_open_transfer_of_a_request"
            ),
            models.CheckConstraint(condition=~Q(sending=F("receiving")), name="transfer_goes_to_another_mission"),
            models.CheckConstraint(condition=Q(aim__in=CaseTransferAim.values), name="transfer_aim_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="transfer_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ACCEPTED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False)
                | ~Q(state__in=["ACCEPTED", "REFUSED"]) & Q(decided_by__isnull=True, decided_at__isnull=True),
                name="transfer_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`MOVE-7KQ2MXHA`: the number of the request is not told before it is accepted."""
        return self.key

    def decision_reference(self) -> str:
        """The request it is about."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The mission that proposed it: its people take it back."""
        return {self.sending_id}

    @property
    def mission_id(self) -> int:
        """The mission that was asked: its head of unit answers."""
        return self.receiving_id

    @transition(
        state,
        source=S.PROPOSED,
        target=S.ACCEPTED,
        permission=policy.MAY_DECIDE_TRANSFER,
        custom=acts_beside.TRANSFER_ACTS["accept_transfer"],
    )
    def accept_transfer(self, *, by: Any, at: Any) -> None:
        """The head of unit takes the case over."""
        self.decided_by, self.decided_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.REFUSED,
        permission=policy.MAY_DECIDE_TRANSFER,
        custom=acts_beside.TRANSFER_ACTS["refuse_transfer"],
    )
    def refuse_transfer(self, *, by: Any, at: Any) -> None:
        """The head of unit does not, for a reason that the sending mission reads."""
        self.decided_by, self.decided_at = by, at

    @transition(
        state,
        source=S.PROPOSED,
        target=S.WITHDRAWN,
        permission=policy.MAY_WITHDRAW_TRANSFER,
        custom=acts_beside.TRANSFER_ACTS["withdraw_transfer"],
    )
    def withdraw_transfer(self) -> None:
        """The sending mission keeps the case."""

    @transition(
        state,
        source=S.PROPOSED,
        target=S.LAPSED,
        permission=policy.BY_THE_SYSTEM,
        custom=acts_beside.TRANSFER_ACTS["lapse_transfer"],
    )
    def lapse_transfer(self) -> None:
        """Nobody answered; what the receiving mission saw of it is closed."""
