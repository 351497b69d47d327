"""An editor, a reader who is none, and the pages as they are first published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from wagtail.models import Page

from cms.editors import let_people_edit
from cms.second_reading import english_texts, record_reading
from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import Role
from gaf.reference_data import make_system_actor

MORNING = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"


def publish(page: Page, writer: User, reader: User | None) -> Page:
    """What a writer saved is read by somebody else and published; by nobody when there is no reader."""
    revision = page.save_revision(user=writer)
    if reader is not None:
        english = english_texts(page)
        follows = english[0].revision if english else None
        record_reading(page, revision, reader=reader, follows=follows)
    revision.publish(user=reader or writer)
    return type(page).objects.get(pk=page.pk)


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
def leila(db: None) -> User:
    """The other editor, who reads what Farid wrote."""
    person = somebody("Leila", Role.EDITOR)
    let_people_edit(person)
    return person


@pytest.fixture
def pages(farid: User, system: User) -> None:
    """All first pages, published by the editor on 1 October 2026."""
    from cms.content import load_content

    load_content(farid, MORNING)


@pytest.fixture
def few_pages(farid: User, system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start page, criteria, list of guidance and one page of text, in English; fifteen times as quick."""
    monkeypatch.setattr("cms.content.LANGUAGES", ("en",))
    monkeypatch.setattr("cms.content.GUIDANCE", ())
    monkeypatch.setattr("cms.content.FOR_EVERYONE", ("complaints",))
    from cms.content import load_content

    load_content(farid, MORNING)
