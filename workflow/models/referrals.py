"""A referral: persons were sent on to another service, with their consent. Never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaf.sealing import unseal
from workflow.models.assistance_request import AssistanceRequest
from workflow.models.persons import Person


class ReferralKind(models.TextChoices):
    """To what somebody was referred."""

    PROTECTION = "PROTECTION", _("International protection, such as asylum")
    SERVICE = "SERVICE", _("Another service or programme")
    BUSINESS = "BUSINESS", _("Redress at work: a company’s own channel, its buyers, the labour inspection")


class Referral(models.Model):
    """What left the house is said in the sealed text: to whom, and which facts went along."""

    assistance = models.ForeignKey(AssistanceRequest, on_delete=models.PROTECT, related_name="referrals")
    persons = models.ManyToManyField(Person, related_name="referrals")
    kind = models.CharField(max_length=10, choices=ReferralKind.choices)
    to_whom = models.TextField()  # sealed
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReferralKind.values), name="referral_kind_is_known"),
            models.CheckConstraint(condition=~Q(to_whom=""), name="referral_says_to_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.assistance_id}: {self.kind}"

    @property
    def to_whom_text(self) -> str:
        """To whom, unsealed."""
        return unseal(self.to_whom)
