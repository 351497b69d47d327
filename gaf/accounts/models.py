"""People, missions and regions, and dated rows that say who is trusted with what, where and up to how much."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.money import Money
from gaf.records import Witnessed


class People(BaseUserManager["User"]):
    """Makes accounts of people; there is no way to make a superuser."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """An account by e-mail address; without a password nobody can sign in with it."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        person.set_password(password)
        person.save()
        return person


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, or the named system actor who never can."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=2, default="en")
    single_keys = models.BooleanField(default=True)  # off where a voice, not a hand, types letters
    shows_first_day = models.BooleanField(default=True)  # the checklist of the first day, until it is put away
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_system = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)

    objects = People()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_superuser=False), name="nobody_is_superuser"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The person's name, as Wagtail asks for it."""
        return self.name

    def get_short_name(self) -> str:
        """The person's first name."""
        return self.name.split(" ")[0]


class Region(models.Model):
    """A regional office, from a date on; names and seats change, so they are dated rows."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    seat = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="region_once_a_day")]

    def __str__(self) -> str:
        return self.name


class Mission(models.Model):
    """A country mission, keyed by its country's ISO 3166 code."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=40)
    weekend = models.CharField(max_length=7, default="Sat-Sun")
    telephone = models.CharField(max_length=24, blank=True)  # where the duty officer reaches somebody at night
    is_training = models.BooleanField(default=False)  # nobody real is helped by it; only where a TrainingMark stands

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MissionRegion(models.Model):
    """Which region a mission belongs to, and from when."""

    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="regions")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="missions")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mission", "valid_from"], name="mission_in_one_region_a_day")]

    def __str__(self) -> str:
        return f"{self.mission} in {self.region}"


class TrainingMark(models.Model):
    """Says that nothing in this database is real. There is one or none; it is made before anybody real is here, and
    never taken away.
    """

    place = models.PositiveSmallIntegerField(default=1, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(place=1), name="one_training_mark")]

    def __str__(self) -> str:
        return f"for training since {self.made_at:%Y-%m-%d}"


class RoleAssignment(models.Model):
    """A person holds a role, for one mission or at headquarters, from a day to a day."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=24, choices=Role.choices)
    mission = models.ForeignKey(Mission, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["person_id", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in MISSION_ROLES], mission__isnull=False)
                | (~Q(role__in=[role.value for role in MISSION_ROLES]) & Q(mission__isnull=True)),
                name="mission_roles_belong_to_a_mission",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="assignment_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class IncompatibleRoles(models.Model):
    """Two roles one person may not hold at the same time."""

    role = models.CharField(max_length=24, choices=Role.choices)
    other = models.CharField(max_length=24, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "other"], name="incompatible_pair_once")]

    def __str__(self) -> str:
        return f"{self.role} / {self.other}"


class Delegation(models.Model):
    """Authority to approve up to an amount, given to one person by a named instrument, from a day to a day."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    role = models.CharField(max_length=24, choices=Role.choices)
    ceiling_minor = models.BigIntegerField()  # US cents
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    instrument = models.CharField(max_length=80)
    history = HistoricalRecords()

    class Meta:
        ordering = ["person_id", "-ceiling_minor"]
        constraints = [
            models.CheckConstraint(condition=Q(ceiling_minor__gt=0), name="delegation_has_a_ceiling"),
            models.CheckConstraint(condition=~Q(instrument=""), name="delegation_names_its_instrument"),
        ]

    def __str__(self) -> str:
        return f"{self.person} to USD {self.ceiling_minor / 100:,.2f} ({self.instrument})"


class HandOver(models.Model):
    """While somebody is away, a deputy may act under one of their roles, from a day to a day.

    `place` is the order in which deputies are asked; `up_to_minor` is the most a deputy may approve, in US cents. It
    ends by itself on its last day, or when the person is back.
    """

    key = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handed_over")
    role = models.CharField(max_length=24, choices=Role.choices)
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    place = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    up_to_minor = models.BigIntegerField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["starts_on", "place"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="nobody_is_their_own_deputy"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="hand_over_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(up_to_minor=None) | Q(up_to_minor__gt=0), name="hand_over_is_of_money"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.deputy_id} for {self.person_id}, {self.role}"

    @property
    def up_to(self) -> Money | None:
        """The most a deputy may approve; nothing where that is not limited."""
        return None if self.up_to_minor is None else Money(self.up_to_minor, "USD")


class DutyShift(models.Model):
    """Somebody is on duty from a moment to a moment, under a telephone number; one person at a time.

    One that has not begun can be taken out of the rota; one that runs can end earlier; what was is kept.
    """

    key = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duty_shifts")
    telephone = models.CharField(max_length=24)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(telephone__startswith="+"), name="duty_has_a_telephone"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.person_id}"


class NoticeWish(models.TextChoices):
    """When a person wants the mails of a kind."""

    NOW = "NOW", _("at once")
    DAILY = "DAILY", _("once a day")
    NEVER = "NEVER", _("no mail")


class NoticeChoice(models.Model):
    """One person's wish for one kind of notices; without a row mails come at once."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notice_choices")
    kind = models.CharField(max_length=12)
    wish = models.CharField(max_length=5, choices=NoticeWish.choices)

    class Meta:
        ordering = ["person_id", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_wish_for_a_kind"),
            models.CheckConstraint(condition=Q(wish__in=NoticeWish.values), name="wish_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} {self.wish}"


class Notice(models.Model):
    """What a person was told: the event, the number and where its link leads; `waits` for the mail of the day."""

    key = models.CharField(max_length=160, unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    notice = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    told_at = models.DateTimeField()
    waits = models.BooleanField(default=False)

    class Meta:
        ordering = ["-told_at", "-id"]
        indexes = [
            models.Index(fields=["person", "-told_at"], name="notices_of_person"),
            models.Index(fields=["waits", "told_at"], condition=Q(waits=True), name="notices_that_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.notice} {self.reference}"


SEALED = "s1:"  # how sealed text begins


class SecondFactor(Witnessed):
    """The authenticator app of a person: what a code is reckoned from, sealed, and which codes are used up.

    Until the first code was given it counts for nothing.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="second_factor")
    secret = models.TextField()  # sealed
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # of half a minute each: a code of this step or before is used up
    history = HistoricalRecords(excluded_fields=["secret", "last_step"])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(secret__startswith=SEALED), name="second_factor_is_sealed"),
        ]

    def __str__(self) -> str:
        return f"second factor of {self.person}"


class RecoveryCode(models.Model):
    """A code on paper for the day the telephone is lost; only its digest is kept, and it counts once."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return "a recovery code"


class OwnDevice(Witnessed):
    """A device that a person called her own: a random number, and the sealed key of what is kept on it while she types.

    Nothing of the device itself is known. Without the row, what the device kept is bytes that nobody can open.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="own_devices")
    device = models.CharField(max_length=32, unique=True)
    key = models.TextField()  # sealed
    said_at = models.DateTimeField()
    used_at = models.DateTimeField()  # when the key was last asked for
    history = HistoricalRecords(excluded_fields=["device", "key", "used_at"])

    class Meta:
        ordering = ["person_id", "-used_at"]
        constraints = [
            models.CheckConstraint(condition=Q(key__startswith=SEALED), name="key_of_device_is_sealed"),
            models.CheckConstraint(condition=Exact(Length("device"), 32), name="device_has_a_random_number"),
            models.CheckConstraint(condition=Q(used_at__gte=F("said_at")), name="device_is_used_after_it_is_said"),
        ]

    def __str__(self) -> str:
        return f"a device of {self.person}"
