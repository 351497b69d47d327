"""Whether two persons of two requests may be one: fingerprints, possible likenesses, and who is known to be one person.

None of these tables holds anything a name could be read from.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from gaf import ids
from gaf.records import Record
from gaf.state_field import StateField
from workflow import acts_beside, policy
from workflow.models.persons import Person
from workflow.protection.fingerprints import Sign
from workflow.states import LikenessState

S = LikenessState
_A_HASH = 64


def new_known_key() -> str:
    """One key for one person in all their requests, without order, such as `ONE-7KQ2MXHA`."""
    return ids.spoken_key("ONE")


class Verdict(models.TextChoices):
    """What the missions' answers come to."""

    SAME = "SAME", _("One and the same person")
    DIFFERENT = "DIFFERENT", _("Two different persons")


class Fingerprint(models.Model):
    """The keyed hashes of one person; the newest takes the place of the one before."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="fingerprint")
    whole = models.CharField(max_length=_A_HASH, db_index=True)
    sound = models.CharField(max_length=_A_HASH, db_index=True)
    sound_before = models.CharField(max_length=_A_HASH)  # of the year before, to look for
    sound_after = models.CharField(max_length=_A_HASH)
    family = models.CharField(max_length=_A_HASH, db_index=True)
    phone = models.CharField(max_length=_A_HASH, blank=True, db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(Length("whole"), _A_HASH))
                & Q(Exact(Length("sound"), _A_HASH))
                & Q(Exact(Length("sound_before"), _A_HASH))
                & Q(Exact(Length("sound_after"), _A_HASH))
                & Q(Exact(Length("family"), _A_HASH))
                & (Q(phone="") | Q(Exact(Length("phone"), _A_HASH))),
                name="fingerprint_holds_hashes_only",
            )
        ]

    def __str__(self) -> str:
        return str(self.person_id)

    @property
    def sounds(self) -> tuple[str, str, str]:
        """What to look for by the name: years of birth are often estimates."""
        return (self.sound_before, self.sound, self.sound_after)


class KnownPerson(models.Model):
    """A person who was found to be one with another: they share a key. `helped_until`: a later request counts as
    repeated help before this moment; empty while the fund has not helped."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="known")
    known_key = models.CharField(max_length=20, db_index=True)
    helped_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.known_key


class Likeness(Record):
    """Two persons who may be one. The data steward asks the missions and says what they answered; a third decides."""

    key = models.CharField(max_length=20, unique=True)
    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="likenesses")
    sign = models.CharField(max_length=6, choices=Sign.choices)
    state = StateField(max_length=9, choices=S.choices, default=S.FOUND, protected=True)
    found_at = models.DateTimeField()
    proposed = models.CharField(max_length=9, choices=Verdict.choices, blank=True)
    weighed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    weighed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="likeness_of_two_persons_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="likeness_is_of_two_persons"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("weighed_by")),
                name="likeness_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="FOUND", weighed_by__isnull=True, weighed_at__isnull=True, proposed="")
                | ~Q(state="FOUND") & ~Q(proposed="") & Q(weighed_by__isnull=False, weighed_at__isnull=False),
                name="likeness_is_weighed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["SAME", "DIFFERENT"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(state__in=["FOUND", "WEIGHED"], decided_by__isnull=True, decided_at__isnull=True),
                name="likeness_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def decision_subject(self) -> str:
        """`SAME-7KQ2MXHA`; its decisions stand under it alone, and on no request's timeline."""
        return self.key

    def seal_owner(self) -> str:
        """The key of the case whose person was found later: the words go with it."""
        return self.second.assistance.seal_owner()

    def mission_ids(self) -> set[int]:
        """Both missions; whoever served there does not judge."""
        return {self.first.assistance.mission_id, self.second.assistance.mission_id}

    @transition(
        state,
        source=S.FOUND,
        target=S.WEIGHED,
        permission=policy.MAY_WEIGH_LIKENESS,
        custom=acts_beside.LIKENESS_ACTS["weigh_likeness"],
    )
    def weigh_likeness(self, *, proposed: str, by: Any, at: Any) -> None:
        """The data steward asked the missions and says what it comes to."""
        self.proposed, self.weighed_by, self.weighed_at = proposed, by, at

    @transition(
        state,
        source=S.WEIGHED,
        target=S.SAME,
        permission=policy.MAY_DECIDE_LIKENESS,
        custom=acts_beside.LIKENESS_ACTS["join_persons"],
    )
    def join_persons(self, *, by: Any, at: Any) -> None:
        """A third person decides: one and the same."""
        self.decided_by, self.decided_at = by, at

    @transition(
        state,
        source=S.WEIGHED,
        target=S.DIFFERENT,
        permission=policy.MAY_DECIDE_LIKENESS,
        custom=acts_beside.LIKENESS_ACTS["keep_persons_apart"],
    )
    def keep_persons_apart(self, *, by: Any, at: Any) -> None:
        """A third person decides: two different ones."""
        self.decided_by, self.decided_at = by, at
