"""An editor, a reader who is none, and the pages as they are first published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import Role
from gaf.reference_data import make_system_actor

MORNING = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"


def somebody(name: str, role: Role, mission: Mission | None = None) -> User:
    person = User.objects.create_user(f"{name.lower()}@gaf.example", name, PASSWORD)
    assign_role(person=person, role=role, mission=mission, starts_on=date(2026, 1, 1))
    return person


@pytest.fixture
def farid(db: None) -> User:
    """The editor of guidance."""
    return somebody("Farid", Role.EDITOR)


@pytest.fixture
def amina(db: None) -> User:
    """A case worker."""
    mission = Mission.objects.create(
        code="NE", name="Niger", currency="XOF", language="fr", time_zone="Africa/Niamey", weekend="Sat-Sun"
    )
    return somebody("Amina", Role.CASE_WORKER, mission)


@pytest.fixture
def system(db: None) -> User:
    """The named actor of what the timetable does."""
    return make_system_actor()


@pytest.fixture
def pages(farid: User) -> None:
    """All first pages, published by the editor on 1 October 2026."""
    from cms.content import load_content

    load_content(farid, MORNING)


@pytest.fixture
def few_pages(farid: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start page, criteria, list of guidance and one page of text, in the same way; five times as quick."""
    monkeypatch.setattr("cms.content.LANGUAGES", ("en",))
    monkeypatch.setattr("cms.content.GUIDANCE", ())
    monkeypatch.setattr("cms.content.FOR_EVERYONE", ("complaints",))
    from cms.content import load_content

    load_content(farid, MORNING)
