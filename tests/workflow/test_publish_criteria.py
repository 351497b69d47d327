"""Publishing criteria freezes a numbered set that nobody can change, not even around the code."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.accounts.queries import system_actor
from gaf.decisions.models import Decision
from gaf.refusals import NotPermitted
from tests.cast import CRITERIA, criteria
from tests.refused import refused
from tests.stories import an_endorsed_request, by
from workflow.actions.criteria import CriterionText, publish_criteria_set
from workflow.models import CriteriaSet, Criterion
from workflow.queries import current_criteria

pytestmark = pytest.mark.usefixtures("house")


class TestPublishing:
    def test_freezes_a_numbered_set_in_the_order_of_the_page(self):
        frozen = publish_criteria_set(criteria=CRITERIA, source="page 7", **by("Farid"))

        assert (frozen.number, frozen.source) == (1, "page 7")
        assert [(c.position, c.code) for c in frozen.criteria.all()] == [
            (1, "MIGRATION"),
            (2, "LAST_RESORT"),
            (3, "CHILD"),
        ]
        assert Decision.objects.get(act="publish_criteria_set").subject == "CRITERIA-1"

    def test_counts_for_requests_that_arrive_from_now_on(self):
        first = criteria()
        earlier = an_endorsed_request()
        second = publish_criteria_set(criteria=CRITERIA[:2], source="page 8", **by("Farid"))
        later = an_endorsed_request()

        assert current_criteria() == second
        assert (earlier.criteria_set, later.criteria_set) == (first, second)

    def test_may_be_done_by_the_system_when_it_was_scheduled(self):
        frozen = publish_criteria_set(criteria=CRITERIA, source="page 7", actor=system_actor(), at=clock.now())

        assert frozen.published_by.is_system

    @pytest.mark.parametrize("name", ["Bruno", "Helena", "Amina", "Tunde"])
    def test_is_refused_to_everybody_but_editors(self, name):
        with refused("ROLE-02", NotPermitted):
            publish_criteria_set(criteria=CRITERIA, source="page 7", **by(name))

    @pytest.mark.parametrize(
        "broken",
        [
            [],
            [CriterionText("A", "One?"), CriterionText("A", "Two?")],
            [CriterionText("", "One?")],
            [CriterionText("A", "One?", passage="NOWHERE")],
        ],
    )
    def test_is_refused_for_a_set_that_is_not_whole(self, broken):
        with refused("CRIT-04"):
            publish_criteria_set(criteria=broken, source="page 7", **by("Farid"))


@pytest.mark.both
class TestWhatTheDatabaseHolds:
    def test_a_criterion_is_never_changed(self):
        criteria()

        with pytest.raises(IntegrityError, match="CRIT-01"), transaction.atomic():
            Criterion.objects.update(question="Another?")

    def test_a_set_is_never_removed(self):
        criteria()

        with pytest.raises(IntegrityError, match="CRIT-01"), transaction.atomic():
            CriteriaSet.objects.all()._raw_delete("default")

    def test_nothing_is_added_to_a_set(self):
        frozen = criteria()

        with pytest.raises(IntegrityError, match="CRIT-02"), transaction.atomic():
            Criterion.objects.create(
                criteria_set=frozen, position=4, code="LATER", question="Later?", passage="SITUATION"
            )

    def test_a_request_never_changes_its_set(self):
        bound = an_endorsed_request()
        second = publish_criteria_set(criteria=CRITERIA, source="page 8", **by("Farid"))

        with pytest.raises(IntegrityError, match="CRIT-03"), transaction.atomic():
            type(bound).objects.filter(pk=bound.pk).update(criteria_set=second)
