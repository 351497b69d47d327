"""What donors promise before they pay: pledges, which bind nobody, and signed agreements."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from finance import policy
from finance.states import AgreementState
from gaf.accounts.models import User
from gaf.money import Money
from gaf.records import Record
from gaf.state_field import StateField

A = AgreementState


class Pledge(models.Model):
    """A promise of a donor that binds nobody. It is shown and never spendable."""

    key = models.CharField(max_length=40, unique=True)
    donor = models.CharField(max_length=80)
    stream = models.ForeignKey("finance.FundingStream", null=True, on_delete=models.PROTECT, related_name="pledges")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()
    pledged_on = models.DateField()

    class Meta:
        ordering = ["-pledged_on", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0) & Q(usd_minor__gte=0), name="pledge_is_positive"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def money(self) -> Money:
        """What was promised, in the donor's currency."""
        return Money(self.minor, self.currency)


class Agreement(Record):
    """A signed contribution to one stream, whose restrictions it sets.

    After `ends_on` it bears no new commitment; older ones are paid from it until `final_payment_on`. Only cash received
    may be spent, unless `spend_before_receipt` was agreed.
    """

    key = models.CharField(max_length=40, unique=True)
    donor = models.CharField(max_length=80)
    stream = models.ForeignKey("finance.FundingStream", on_delete=models.PROTECT, related_name="agreements")
    pledge = models.OneToOneField(Pledge, null=True, on_delete=models.PROTECT, related_name="agreement")
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usd_minor = models.BigIntegerField()  # at the rate of the day it was signed
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    final_payment_on = models.DateField(null=True, blank=True)
    spend_before_receipt = models.BooleanField(default=False)
    state = StateField(default=A.RECORDED, choices=A.choices, protected=True, max_length=12)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["stream_id", "-signed_on", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0) & Q(usd_minor__gt=0), name="agreement_is_positive"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="agreement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(final_payment_on=None) | (~Q(ends_on=None) & Q(final_payment_on__gte=F("ends_on"))),
                name="agreement_pays_after_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")), name="agreement_takes_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """The agreement's own number."""
        return self.key

    @property
    def money(self) -> Money:
        """What was signed for, in the donor's currency."""
        return Money(self.minor, self.currency)

    @transition(
        state,
        source=A.RECORDED,
        target=A.IN_FORCE,
        permission=policy.MAY_CONFIRM_AGREEMENT,
        custom={"label": _("Confirm the agreement")},
    )
    def confirm_agreement(self, *, by: User) -> None:
        """A second person compared the record with the signed paper."""
        self.confirmed_by = by

    @transition(
        state,
        source=A.RECORDED,
        target=A.DISCARDED,
        permission=policy.MAY_CONFIRM_AGREEMENT,
        custom={"label": _("Discard the agreement")},
    )
    def discard_agreement(self) -> None:
        """The record does not say what the paper says."""
