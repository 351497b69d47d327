"""Loads what every installation starts from: regions, missions, limits, retention, holidays, roles that exclude others.

The rows are in `fixtures/reference`; each is editable data afterwards, and loading again changes nothing that is there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings

from gaf.accounts.models import IncompatibleRoles, Mission, MissionRegion, Region, User
from gaf.decisions.models import Holiday, Threshold
from gaf.privacy.models import RetentionRule

SYSTEM_EMAIL = "system@gaf.invalid"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table in `fixtures`."""
    path = Path(settings.BASE_DIR) / "fixtures" / name
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def load_regions() -> None:
    """Regional offices, from the day they exist as such."""
    for row in rows("reference/regions.csv"):
        Region.objects.get_or_create(
            code=row["code"], valid_from=row["valid_from"], defaults={"name": row["name"], "seat": row["seat"]}
        )


def load_missions() -> None:
    """The 44 missions, each in its region."""
    regions = {region.code: region for region in Region.objects.all()}
    for row in rows("reference/missions.csv"):
        mission, made = Mission.objects.get_or_create(
            code=row["code"],
            defaults={key: row[key] for key in ("name", "currency", "language", "time_zone", "weekend")},
        )
        if made:
            region = regions[row["region"]]
            MissionRegion.objects.create(mission=mission, region=region, valid_from=region.valid_from)


def load_thresholds(effective_from: date) -> None:
    """The fund's default limits and deadlines, in force from a day on."""
    for row in rows("reference/thresholds.csv"):
        if not Threshold.objects.filter(code=row["code"]).exists():
            Threshold.objects.create(
                code=row["code"], value=int(row["value"]), unit=row["unit"], effective_from=effective_from
            )


def load_retention(effective_from: date) -> None:
    """How long each class of records is kept, in force from a day on."""
    for row in rows("reference/retention.csv"):
        if not RetentionRule.objects.filter(record_class=row["record_class"]).exists():
            RetentionRule.objects.create(
                record_class=row["record_class"],
                months=int(row["months"]) if row["months"] else None,
                at_the_end=row["at_the_end"],
                source=row["source"],
                effective_from=effective_from,
            )


def load_holidays() -> None:
    """Days on which headquarters does not work; what people added to them stays."""
    for row in rows("reference/holidays.csv"):
        Holiday.objects.get_or_create(day=date.fromisoformat(row["day"]), defaults={"name": row["name"]})


def load_incompatible_roles() -> None:
    """Pairs of roles one person may not hold together."""
    for row in rows("reference/incompatible_roles.csv"):
        IncompatibleRoles.objects.get_or_create(role=row["role"], other=row["other"])


def make_system_actor() -> User:
    """The named actor of decisions the system takes by itself; nobody can sign in as it."""
    actor = User.objects.filter(is_system=True).first()
    return actor or User.objects.create_user(SYSTEM_EMAIL, "The system", is_system=True)


def load_reference_data(effective_from: date) -> None:
    """Everything above, in order."""
    load_regions()
    load_missions()
    load_thresholds(effective_from)
    load_retention(effective_from)
    load_holidays()
    load_incompatible_roles()
    make_system_actor()
