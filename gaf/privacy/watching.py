"""What those who watch over reading look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.privacy.models import CanaryCase, Read
from gaf.refusals import Refusal

_OF_COMPLAINTS = ("complaint", "record_complaint")
MANY = 50  # requests one person opens within a day before it is worth a question


def reads_of(reference: str = "", *, only: str = "") -> QuerySet[Read]:
    """The read log, newest first: of one request or of all; `only` is `refused`, `uncovered`, or nothing."""
    rows = Read.objects.select_related("person").order_by("-id")
    if reference:
        rows = rows.filter(reference=reference)
    if only == "refused":
        return rows.filter(refused=True)
    return rows.filter(page="uncovered") if only == "uncovered" else rows


def reads_told_to_its_people(reference: str) -> QuerySet[Read]:
    """The read log of one request as those who work on it see it: that oversight looked, or somebody wrote or read a
    complaint, would tell whom it is about. Those who watch over all reading see it."""
    oversight = RoleAssignment.objects.filter(role=Role.OVERSIGHT).values("person_id")
    return reads_of(reference).exclude(person__in=oversight).exclude(page__in=_OF_COMPLAINTS)


def busiest_today() -> list[tuple[str, int]]:
    """People who opened more than fifty different requests within the last day, and how many."""
    since = clock.now() - timedelta(days=1)
    rows = Read.objects.filter(at__gte=since, refused=False).exclude(reference="").values("person__name")
    counted = rows.annotate(opened=Count("reference", distinct=True)).filter(opened__gt=MANY).order_by("-opened")
    return [(row["person__name"], row["opened"]) for row in counted]


def set_canary(*, reference: str, actor: User, at: datetime) -> CanaryCase:
    """Let a request ring when anybody opens it. Raises Refusal READ-05 unless a privacy focal point says so."""
    if not holds(actor, Role.PRIVACY_FOCAL_POINT):
        raise Refusal(
            "READ-05", _("Nothing was set."), _("This act belongs to the privacy focal point."), _("Ask them.")
        )
    canary, _new = CanaryCase.objects.get_or_create(reference=reference, defaults={"set_by": actor, "at": at})
    return canary
