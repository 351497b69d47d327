"""Decisions are what rules read. A decision is written once, before the state it allows, and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """One act by one person on one record: what moved, under which role and delegation, and a hash of what was decided.

    `subject` is the record's own key; `reference` the request it belongs to (or the record itself); `related` a second
    record whose decisions count for separation of duties, such as the payee version a disbursement goes to.
    `on_behalf_of` is the person who was away, where a deputy decided; it counts as a decision of both.
    Codes and amounts are in `facts`; text about a case is sealed in `reason`.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )  # found by `decision_of_actor`
    role = models.CharField(max_length=40)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="decisions_by_deputies"
    )
    delegation = models.ForeignKey("accounts.Delegation", null=True, on_delete=models.PROTECT, related_name="decisions")
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    related = models.CharField(max_length=40, blank=True)
    from_state = models.CharField(max_length=32, blank=True)
    to_state = models.CharField(max_length=32, blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)  # sealed
    amount_minor = models.BigIntegerField(null=True)  # US cents, where the act decides about money
    facts = models.JSONField(default=dict)
    facts_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["subject", "number"], name="decision_of_subject"),
            models.Index(fields=["reference", "act"], name="decision_of_reference"),
            models.Index(fields=["related", "act"], name="decision_of_related"),
            models.Index(fields=["actor", "act"], name="decision_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.act} {self.subject}"


class SeparationRule(models.Model):
    """Two acts on one request that one person may not both do, from a date on; some only above an amount.

    A change is a new row proposed by one person and approved by another; a row without approval has no effect.
    """

    code = models.CharField(max_length=12)
    first_act = models.CharField(max_length=40)
    second_act = models.CharField(max_length=40)
    above_minor = models.BigIntegerField(null=True, blank=True)  # US cents
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["code", "first_act", "second_act", "effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="separation_rule_takes_two_people",
            ),
            models.UniqueConstraint(
                fields=["first_act", "second_act", "effective_from"], name="separation_rule_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.first_act} / {self.second_act}"


class ReferenceCounter(models.Model):
    """The last number given out for a kind of reference in a year."""

    prefix = models.CharField(max_length=8)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_counter_a_year")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}: {self.last}"


class Threshold(models.Model):
    """A limit, ceiling, deadline or band of the fund, in force from a date on; the newest that has begun counts."""

    code = models.CharField(max_length=60)
    value = models.BigIntegerField(_("value"))
    unit = models.CharField(max_length=20)  # usd_minor, hours, days, working_days, months, per_cent
    effective_from = models.DateField()

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="one_threshold_a_day")]

    def __str__(self) -> str:
        return f"{self.code} = {self.value} {self.unit}"


class Holiday(models.Model):
    """A day on which headquarters does not work; clocks that run in working days stand still on it."""

    day = models.DateField(unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
