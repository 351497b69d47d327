"""A database for training: the mark that says so, the mission to practise in, and what a page then says of itself."""

from __future__ import annotations

import logging
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, TrainingMark, User
from gaf.accounts.queries import assignments_of
from gaf.accounts.roles import Role
from gaf.refusals import Refusal

logger = logging.getLogger(__name__)
# Codes from XA to XZ are nobody's country in ISO 3166.
TRAINING_MISSION = "XX"
_PEOPLE = (
    ("Lena", "lena@gaf.example", Role.CASE_WORKER),
    ("Pavel", "pavel@gaf.example", Role.HEAD_OF_UNIT),
    ("Yara", "yara@gaf.example", Role.MISSION_FINANCE),
)


def is_marked() -> bool:
    """Whether this database says that nothing in it is real."""
    return TrainingMark.objects.exists()


def mark_for_training() -> None:
    """Say for good that nothing in this database is real. Raises Refusal where somebody in it could be."""
    if not settings.TRAINING:
        raise Refusal(
            "TRAIN-01",
            _("Nothing was done."),
            _("These settings are not for training."),
            _("Set DJANGO_SETTINGS_MODULE=gaf.settings.training."),
        )
    try:
        with transaction.atomic():
            TrainingMark.objects.get_or_create(place=1, defaults={"made_at": clock.now()})
    except IntegrityError as refused:
        raise Refusal(
            "TRAIN-03",
            _("Nothing was done."),
            _("People in this database have addresses that could be real."),
            _("Use a database in which everybody is invented."),
        ) from refused


def open_training_mission(starts_on: date, password: str | None) -> Mission:
    """The mission to practise in, with one person for each of its roles; made once, on a marked database only."""
    with transaction.atomic():
        mission, _made = Mission.objects.get_or_create(
            code=TRAINING_MISSION,
            defaults={
                "name": "Training",
                "currency": "USD",
                "language": "en",
                "time_zone": "UTC",
                "telephone": "+41 22 000 00 00",
                "is_training": True,
            },
        )
        for name, email, role in _PEOPLE:
            if not User.objects.filter(email=email).exists():
                person = User.objects.create_user(email, name, password, joined_at=clock.now())
                assign_role(person=person, role=role, mission=mission, starts_on=starts_on)
    return mission


def may_leave() -> bool:
    """Whether anything may go from here into the world: never from a database for training under real settings."""
    if settings.TRAINING or not is_marked():
        return True
    logger.error("TRAIN-07: this database is for training, and these settings are real; nothing leaves it.")
    return False


def notice_of_training(person: object) -> str:
    """What every page says of itself where nothing is real; empty on a real installation."""
    if not settings.TRAINING and not getattr(person, "on_training_database", False):
        return ""
    return _("Training: nobody here is real, and no money moves.")


def who_one_is(person: User) -> str:
    """Name, roles and missions in a line: whose session this is."""
    held = assignments_of(person)
    own = [one for one in held if one.person_id == person.pk]
    roles = [f"{one.get_role_display()}, {one.mission}" if one.mission else one.get_role_display() for one in own]
    return _("You are %(name)s: %(roles)s.") % {"name": person.name, "roles": "; ".join(roles)}
