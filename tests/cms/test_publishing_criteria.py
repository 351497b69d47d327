"""Publishing the criteria page freezes a numbered set in the same transaction, and a set never changes again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from wagtail.models import PageLogEntry

from cms.models import CriteriaPage
from cms.queries import frozen_criteria
from cms.second_reading import record_reading
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.outbox.sweeps import sweep_everything
from gaf.refusals import NotPermitted, Refusal
from tests.cms.conftest import publish
from workflow.models import CriteriaSet, Criterion

NOVEMBER = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


def numbers() -> list[int]:
    return list(CriteriaSet.objects.order_by("number").values_list("number", flat=True))


def words_of(number: int) -> list[tuple]:
    rows = Criterion.objects.filter(criteria_set__number=number).order_by("position")
    return list(rows.values_list("position", "code", "question", "guidance", "passage", "may_be_irrelevant"))


def ask_otherwise(page: CriteriaPage, question: str) -> None:
    page.criteria[0].value["question"] = question


@pytest.fixture
def page(few_pages: None) -> CriteriaPage:
    return CriteriaPage.objects.get()


@pytest.mark.both
class TestPublishingForTheFirstTime:
    def test_freezes_set_1_with_every_criterion_in_order(self, page: CriteriaPage, farid: User) -> None:
        frozen = CriteriaSet.objects.get()
        assert (frozen.number, frozen.criteria_count, frozen.published_by) == (1, 8, farid)
        assert frozen.published_at == datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
        assert frozen.source == f"Criteria page, revision {page.live_revision_id}"
        assert list(frozen.criteria.values_list("position", "code", "passage", "may_be_irrelevant")) == [
            (1, "migration_link", "SITUATION", False),
            (2, "vulnerable", "CATEGORY", False),
            (3, "last_resort", "ALTERNATIVES", False),
            (4, "protection_pathway", "SITUATION", False),
            (5, "consent", "CONSENT", False),
            (6, "child_safeguards", "PERSONS", True),
            (7, "allowed_costs", "HELP", False),
            (8, "within_ceiling", "HELP", False),
        ]

    def test_freezes_the_examples_with_the_guidance(self, page: CriteriaPage) -> None:
        assert Criterion.objects.get(code="allowed_costs").guidance.split("\n")[2:] == [
            "Passes: Ten nights in a shelter, a medical examination, a replacement passport.",
            "Does not pass: Repaying the debt to the recruiter.",
            "Does not pass: A share of the rent of the mission’s office.",
        ]

    def test_is_a_decision_of_the_editor(self, page: CriteriaPage, farid: User) -> None:
        decision = Decision.objects.get(act="publish_criteria_set")
        assert (decision.actor, decision.role, decision.subject) == (farid, "editor", "CRITERIA-1")


@pytest.mark.both
class TestPublishingChangedCriteria:
    def test_freezes_the_next_number_and_leaves_the_earlier_set_as_it_was(
        self, page: CriteriaPage, farid: User, leila: User
    ) -> None:
        before = words_of(1)
        ask_otherwise(page, "Is the need tied to migration?")
        publish(page, farid, leila)
        assert numbers() == [1, 2]
        assert words_of(1) == before
        assert words_of(2) == [(*before[0][:2], "Is the need tied to migration?", *before[0][3:]), *before[1:]]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("guidance", "Other guidance."),
            ("passes", ["Another example."]),
            ("passage", "PERSONS"),
            ("may_be_irrelevant", True),
            ("code", "migration"),
        ],
    )
    def test_takes_any_change_of_a_criterion_for_a_change(
        self, page: CriteriaPage, farid: User, leila: User, field: str, value: object
    ) -> None:
        page.criteria[0].value[field] = value
        publish(page, farid, leila)
        assert numbers() == [1, 2]

    def test_takes_another_order_for_a_change(self, page: CriteriaPage, farid: User, leila: User) -> None:
        page.criteria.insert(0, page.criteria.pop(1))
        publish(page, farid, leila)
        assert [row[1] for row in words_of(2)][:2] == ["vulnerable", "migration_link"]

    def test_does_nothing_before_the_draft_is_published(self, page: CriteriaPage, farid: User) -> None:
        ask_otherwise(page, "Is the need tied to migration?")
        page.save_revision(user=farid)
        assert numbers() == [1]

    def test_never_changes_a_frozen_row(self, page: CriteriaPage) -> None:
        with pytest.raises(IntegrityError, match="CRIT-01"):
            Criterion.objects.filter(code="consent").update(question="Anything?")


class TestPublishingUnchangedCriteria:
    def test_makes_no_new_set(self, page: CriteriaPage, farid: User, leila: User) -> None:
        page.summary = "Other words above the same criteria."
        publish(page, farid, leila)
        assert CriteriaPage.objects.get().summary == "Other words above the same criteria."
        assert numbers() == [1]


@pytest.mark.both
class TestARefusedFreeze:
    def _nothing_was_published(self, page: CriteriaPage) -> None:
        there = CriteriaPage.objects.get()
        assert there.criteria[0].value["question"] == "Does the need arise from migration?"
        assert there.live_revision_id == page.live_revision_id
        assert there.has_unpublished_changes
        assert numbers() == [1]
        assert Decision.objects.filter(act="publish_criteria_set").count() == 1
        assert PageLogEntry.objects.filter(page=page, action="wagtail.publish").count() == 1

    def test_publishes_nothing_when_somebody_else_than_an_editor_publishes(
        self, page: CriteriaPage, farid: User, amina: User
    ) -> None:
        ask_otherwise(page, "Anything?")
        revision = page.save_revision(user=farid)
        record_reading(page, revision, reader=amina, follows=None)
        with pytest.raises(NotPermitted, match="ROLE-02"):
            revision.publish(user=amina, skip_permission_checks=True)
        self._nothing_was_published(page)

    def test_publishes_nothing_when_a_code_stands_twice(self, page: CriteriaPage, farid: User, leila: User) -> None:
        page.criteria[1].value["code"] = "migration_link"
        revision = page.save_revision(user=farid, clean=False)
        record_reading(page, revision, reader=leila, follows=None)
        with pytest.raises(Refusal, match="CRIT-04"):
            revision.publish(user=leila)
        self._nothing_was_published(page)

    def test_publishes_nothing_when_there_is_no_criterion(self, page: CriteriaPage, farid: User, leila: User) -> None:
        page.criteria = []
        revision = page.save_revision(user=farid, clean=False)
        record_reading(page, revision, reader=leila, follows=None)
        with pytest.raises(Refusal, match="CRIT-04"):
            revision.publish(user=leila)
        self._nothing_was_published(page)

    def test_publishes_nothing_when_a_question_is_empty(self, page: CriteriaPage, farid: User, leila: User) -> None:
        ask_otherwise(page, "  ")
        revision = page.save_revision(user=farid, clean=False)
        record_reading(page, revision, reader=leila, follows=None)
        with pytest.raises(Refusal, match="CRIT-05"):
            revision.publish(user=leila)
        self._nothing_was_published(page)


class TestPublishingByTheTimetable:
    @pytest.fixture
    def on_the_timetable(self, page: CriteriaPage, farid: User, leila: User) -> CriteriaPage:
        page.go_live_at = NOVEMBER
        ask_otherwise(page, "Is the need tied to migration?")
        with time_machine.travel(NOVEMBER - timedelta(days=3), tick=False):
            publish(page, farid, leila)
        return page

    def test_freezes_nothing_before_its_hour(self, on_the_timetable: CriteriaPage, system: User) -> None:
        with time_machine.travel(NOVEMBER - timedelta(minutes=1), tick=False):
            sweep_everything()
        assert numbers() == [1]

    def test_freezes_at_its_hour_as_the_named_system_actor(self, on_the_timetable: CriteriaPage, system: User) -> None:
        with time_machine.travel(NOVEMBER + timedelta(minutes=1), tick=False):
            sweep_everything()
            moment = clock.now()
        frozen = CriteriaSet.objects.get(number=2)
        assert (frozen.published_by, frozen.published_at) == (system, moment)
        decision = Decision.objects.get(subject="CRITERIA-2")
        assert (decision.actor, decision.role) == (system, "system")
        assert CriteriaPage.objects.get().criteria[0].value["question"] == "Is the need tied to migration?"


class TestTheCriteriaPage:
    def test_shows_the_version_in_force_and_lists_the_earlier_ones(
        self, page: CriteriaPage, farid: User, leila: User, client: Client
    ) -> None:
        ask_otherwise(page, "Is the need tied to migration?")
        with clock.at(NOVEMBER):
            publish(page, farid, leila)
        html = client.get("/en/criteria/").content.decode()
        assert "<h1>Eligibility criteria, version 2</h1>" in html
        assert "In force since 2 November 2026." in html
        assert "1. Is the need tied to migration?" in html
        assert 'href="/en/criteria/version-1/"' in html
        assert "from 1 October 2026 to 2 November 2026" in html

    def test_shows_an_earlier_version_as_it_was(
        self, page: CriteriaPage, farid: User, leila: User, client: Client
    ) -> None:
        ask_otherwise(page, "Is the need tied to migration?")
        with clock.at(NOVEMBER):
            publish(page, farid, leila)
        html = client.get("/en/criteria/version-1/").content.decode()
        assert "1. Does the need arise from migration?" in html
        assert "This version was in force from 1 October 2026 to 2 November 2026." in html

    @pytest.mark.parametrize("address", ["version-2/", "version-0/", "version-01/", "version-x/", "version-1/more/"])
    def test_knows_no_version_that_never_was(self, page: CriteriaPage, client: Client, address: str) -> None:
        assert client.get(f"/en/criteria/{address}").status_code == 404

    def test_shows_what_binds_and_never_a_draft(self, page: CriteriaPage, farid: User, client: Client) -> None:
        ask_otherwise(page, "Is the need tied to migration?")
        page.save_revision(user=farid)
        assert "Is the need tied to migration?" not in client.get("/en/criteria/").content.decode()

    def test_gives_back_what_was_frozen(self, page: CriteriaPage) -> None:
        from cms.publishing import criteria_of

        assert frozen_criteria(CriteriaSet.objects.get()) == criteria_of(page)
