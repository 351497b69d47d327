"""The lines of a budget: what for, for whom, how much, at which rate, and what was decided about each."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from simple_history.models import HistoricalRecords

from gaf.money import Money
from gaf.sealing import unseal
from workflow.codelists import BY_CALL, AssistanceType, Unit
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.persons import Person
from workflow.reasons import CutReason, Gate
from workflow.states import GRANTED, LineState

USD = "USD"


class BudgetLine(models.Model):
    """One line. Local = quantity x unit cost; USD = local / rate; both rounded half-up and stored.

    `units_per_usd` is the UN operational rate of the day the line was saved. What was approved stays as it was
    approved; what is cancelled later is counted apart.
    """

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="+")
    assistance_type = models.CharField(max_length=6, choices=AssistanceType.choices)
    description = models.TextField()  # sealed
    price_reason = models.TextField(blank=True)  # sealed: why it costs more than usual, where it does
    persons = models.ManyToManyField(Person, related_name="lines", blank=True)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    unit_cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    units_per_usd = models.DecimalField(max_digits=18, decimal_places=6)
    local_minor = models.BigIntegerField()
    usd_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.PROPOSED)
    approved_quantity = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    approved_local_minor = models.BigIntegerField(default=0)
    approved_usd_minor = models.BigIntegerField(default=0)
    cancelled_quantity = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    cancelled_local_minor = models.BigIntegerField(default=0)
    cancelled_usd_minor = models.BigIntegerField(default=0)
    cut_code = models.CharField(max_length=16, choices=CutReason.choices, blank=True)
    gate_code = models.CharField(max_length=20, choices=Gate.choices, blank=True)
    gate_met_on = models.DateField(null=True, blank=True)  # a deferred line whose gates all stand open since
    stream_code = models.CharField(max_length=4, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assistance", "number"], name="line_number_once"),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="line_state_is_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_is_positive"),
            models.CheckConstraint(
                condition=~Q(unit=Unit.CALL) | Q(assistance_type__in=BY_CALL), name="line_by_call_is_talked_through"
            ),
            models.CheckConstraint(
                condition=Q(unit_cost_minor__gt=0) & Q(local_minor__gt=0) & Q(usd_minor__gte=0),
                name="line_costs_something",
            ),
            models.CheckConstraint(condition=Q(units_per_usd__gt=0), name="line_rate_is_positive"),
            models.CheckConstraint(condition=Exact(Length("currency"), 3), name="line_has_a_currency"),
            models.CheckConstraint(
                condition=~Q(currency=USD) | Q(units_per_usd=1, local_minor=F("usd_minor")), name="dollars_are_dollars"
            ),
            models.CheckConstraint(
                condition=Q(state__in=GRANTED, approved_quantity__gt=0, approved_usd_minor__gt=0) & ~Q(stream_code="")
                | Q(state="CANCELLED")
                | Q(
                    state__in=["PROPOSED", "DEFERRED", "DECLINED"],
                    approved_quantity__isnull=True,
                    approved_local_minor=0,
                    approved_usd_minor=0,
                    stream_code="",
                ),
                name="granted_lines_have_amount_and_stream",
            ),
            models.CheckConstraint(
                condition=Q(approved_quantity__isnull=True)
                | Q(
                    approved_quantity__lte=F("quantity"),
                    approved_local_minor__lte=F("local_minor"),
                    approved_usd_minor__lte=F("usd_minor"),
                ),
                name="never_approved_more_than_asked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["CUT", "DECLINED"]) | ~Q(cut_code=""), name="cut_lines_say_why"
            ),
            models.CheckConstraint(condition=~Q(state="DEFERRED") | ~Q(gate_code=""), name="deferred_lines_say_why"),
            models.CheckConstraint(
                condition=Q(cancelled_local_minor__gte=0, cancelled_usd_minor__gte=0, cancelled_quantity__gte=0)
                & Q(cancelled_local_minor__lte=F("approved_local_minor"))
                & Q(cancelled_usd_minor__lte=F("approved_usd_minor")),
                name="cancelled_within_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id} {self.key}"

    @property
    def key(self) -> str:
        """How finance knows the line: `L1`."""
        return f"L{self.number}"

    @property
    def description_text(self) -> str:
        """The description, unsealed."""
        return unseal(self.description)

    @property
    def price_reason_text(self) -> str:
        """Why it costs more than usual, unsealed; empty where nobody wrote that."""
        return unseal(self.price_reason)

    @property
    def unit_cost(self) -> Money:
        """What one unit costs."""
        return Money(self.unit_cost_minor, self.currency)

    @property
    def local(self) -> Money:
        """What is asked, in the line's currency."""
        return Money(self.local_minor, self.currency)

    @property
    def usd(self) -> Money:
        """What is asked, in US dollars."""
        return Money(self.usd_minor, USD)

    @property
    def approved_local(self) -> Money:
        """What was approved, in the line's currency."""
        return Money(self.approved_local_minor, self.currency)

    @property
    def approved_usd(self) -> Money:
        """What was approved, in US dollars."""
        return Money(self.approved_usd_minor, USD)

    @property
    def granted_local(self) -> Money:
        """What was approved and not cancelled since, in the line's currency."""
        return Money(self.approved_local_minor - self.cancelled_local_minor, self.currency)

    @property
    def granted_usd(self) -> Money:
        """What was approved and not cancelled since, in US dollars."""
        return Money(self.approved_usd_minor - self.cancelled_usd_minor, USD)

    @property
    def granted_quantity(self) -> Decimal:
        """How many units were approved and not cancelled since."""
        return (self.approved_quantity or Decimal(0)) - self.cancelled_quantity

    @property
    def is_granted(self) -> bool:
        """Whether the fund pays for it."""
        return self.state in GRANTED

    def cost_of(self, quantity: Decimal) -> tuple[Money, Money]:
        """Local and USD amounts of so many units at this line's unit cost and rate, each rounded half-up."""
        local = self.unit_cost.times(quantity)
        return local, local.in_usd(self.units_per_usd)
