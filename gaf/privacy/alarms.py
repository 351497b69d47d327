"""Canary cases: the worker looks every minute whether anybody read one, or tried to, and tells the focal points."""

from __future__ import annotations

from django.db import transaction

from gaf import clock
from gaf.accounts.queries import people_with
from gaf.accounts.roles import Role
from gaf.notices import tell
from gaf.outbox.sweeps import sweeps
from gaf.privacy.models import Alarm, CanaryCase, Read


@sweeps
def ring_for_canaries() -> list[str]:
    """One alarm and one mail to each privacy focal point for every read of a canary case; returns the references."""
    canaries = CanaryCase.objects.values("reference")
    found = Read.objects.filter(reference__in=canaries, alarm=None).order_by("pk")
    rung = []
    for one in found:
        with transaction.atomic():
            _alarm, is_new = Alarm.objects.get_or_create(read=one, defaults={"at": clock.now()})
            if is_new:
                people = people_with(Role.PRIVACY_FOCAL_POINT)
                tell(people, "canary_read", reference=one.reference, path="/privacy/", key=f"{one.pk}", to_all=True)
                rung.append(one.reference)
    return rung
