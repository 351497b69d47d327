"""Changes to a budget that was approved: new lines, more of a line, less of a line, decided together."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import transition
from simple_history.models import HistoricalRecords

from gaf.money import Money, total
from gaf.records import Record
from gaf.sealing import unseal
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.codelists import AssistanceType, Unit
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.budget import BudgetLine
from workflow.models.persons import Person
from workflow.states import OPEN_AMENDMENTS, AmendmentState

S = AmendmentState
USD = "USD"


class Amendment(Record):
    """One change to the budget of a request under way. It moves by itself; the request stays where it is."""

    key = models.CharField(max_length=40, unique=True)
    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    why = models.TextField()  # sealed
    state = StateField(max_length=12, choices=S.choices, default=S.ASKED, protected=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["assistance_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="amendment_number_once"),
            models.UniqueConstraint(
                fields=["assistance"], condition=Q(state__in=OPEN_AMENDMENTS), name="one_open_amendment_a_request"
            ),
            models.CheckConstraint(condition=Q(state__in=S.values), name="amendment_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`GAF-2026-00042/A1`."""
        return self.key

    def decision_reference(self) -> str:
        """The request it changes; separation of duties counts over both."""
        return self.assistance.reference

    def seal_owner(self) -> str:
        """The key of the case."""
        return self.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """The missions of its request."""
        return self.assistance.mission_ids()

    @property
    def mission_id(self) -> int:
        """The lead mission of its request."""
        return self.assistance.mission_id

    @property
    def why_text(self) -> str:
        """Why the budget must change, unsealed."""
        return unseal(self.why)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in OPEN_AMENDMENTS

    @property
    def added(self) -> Money:
        """What new lines and more of a line come to, in US dollars."""
        return total([line.usd for line in self.lines.all() if line.adds], USD)

    @property
    def given_up(self) -> Money:
        """What is cut, in US dollars at the approved rate."""
        return total([line.usd for line in self.lines.all() if not line.adds], USD)

    @property
    def delta(self) -> Money:
        """What it adds to the approved total, in US dollars; negative when it cuts more than it adds."""
        return self.added - self.given_up

    @transition(
        state,
        source=S.ASKED,
        target=S.ENDORSED,
        permission=policy.MAY_ENDORSE_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["endorse_amendment"],
    )
    def endorse_amendment(self) -> None:
        """The head of unit stands for it."""

    @transition(
        state,
        source=S.ENDORSED,
        target=S.REVIEWED,
        permission=policy.MAY_REVIEW_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["review_amendment"],
    )
    def review_amendment(self) -> None:
        """The reviewer finds that the fund may help with it."""

    @transition(
        state,
        source=S.REVIEWED,
        target=S.APPROVED,
        permission=policy.MAY_APPROVE_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["approve_amendment"],
    )
    def approve_amendment(self) -> None:
        """The approver of the new total approves it; the money is committed."""

    @transition(
        state,
        source=S.ENDORSED,
        target=S.REFUSED,
        permission=policy.MAY_REVIEW_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["refuse_amendment"],
    )
    @transition(
        state,
        source=S.REVIEWED,
        target=S.REFUSED,
        permission=policy.MAY_REFUSE_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["refuse_amendment"],
    )
    def refuse_amendment(self) -> None:
        """It is not approved; everything stays as it was."""

    @transition(
        state,
        source=list(OPEN_AMENDMENTS),
        target=S.WITHDRAWN,
        permission=policy.MAY_WITHDRAW_AMENDMENT,
        custom=acts_beside.AMENDMENT_ACTS["withdraw_amendment"],
    )
    def withdraw_amendment(self) -> None:
        """The mission takes it back."""

    @transition(
        state,
        source=list(OPEN_AMENDMENTS),
        target=S.LAPSED,
        permission=policy.BY_THE_SYSTEM,
        custom=acts_beside.AMENDMENT_ACTS["lapse_amendment"],
    )
    def lapse_amendment(self) -> None:
        """Help ended before it was decided."""


class AmendmentLine(models.Model):
    """One change: a new line, more of a line at today's rate, or so many units less of it at the approved rate.

    More of a line becomes a line of its own once it is approved, so that what was approved first stays as it was.
    """

    class Kind(models.TextChoices):
        NEW = "NEW", "NEW"
        MORE = "MORE", "MORE"
        LESS = "LESS", "LESS"

    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    line = models.ForeignKey(BudgetLine, null=True, on_delete=models.PROTECT, related_name="amendment_lines")
    became = models.OneToOneField(BudgetLine, null=True, on_delete=models.PROTECT, related_name="amended_by")
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    assistance_type = models.CharField(max_length=6, choices=AssistanceType.choices)
    description = models.TextField()  # sealed
    persons = models.ManyToManyField(Person, related_name="+", blank=True)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    quantity = models.DecimalField(max_digits=10, decimal_places=2)
    unit_cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    units_per_usd = models.DecimalField(max_digits=18, decimal_places=6)
    local_minor = models.BigIntegerField()
    usd_minor = models.BigIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["amendment", "number"], name="amendment_line_number_once"),
            models.CheckConstraint(
                condition=Q(kind="NEW", line__isnull=True) | Q(kind__in=["MORE", "LESS"], line__isnull=False),
                name="amendment_line_names_what_it_changes",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_cost_minor__gt=0, local_minor__gt=0, usd_minor__gte=0),
                name="amendment_line_changes_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amendment_id}/{self.number} {self.kind}"

    @property
    def adds(self) -> bool:
        """Whether it asks for money; else it gives money up."""
        return self.kind != self.Kind.LESS

    @property
    def key(self) -> str:
        """How a form and an allocation name it: `A2` is the second change."""
        return f"A{self.number}"

    @property
    def description_text(self) -> str:
        """The description, unsealed."""
        return unseal(self.description)

    @property
    def unit_cost(self) -> Money:
        """What one unit costs."""
        return Money(self.unit_cost_minor, self.currency)

    @property
    def local(self) -> Money:
        """What it comes to, in its currency."""
        return Money(self.local_minor, self.currency)

    @property
    def usd(self) -> Money:
        """What it comes to, in US dollars."""
        return Money(self.usd_minor, USD)

    @property
    def share_of_line(self) -> Decimal | None:
        """How much of the line it changes, in per cent; nothing for a new line."""
        if self.line is None or not self.line.approved_local_minor:
            return None
        return Decimal(self.local_minor * 100) / self.line.approved_local_minor
