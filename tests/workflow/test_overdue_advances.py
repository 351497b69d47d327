"""A mission that owes a report on money it was paid: its routine requests wait, urgent ones never do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.advances import Advances
from gaf import clock
from gaf.privacy.models import StrictCase
from gaf.refusals import Incomplete, NotPermitted
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.stories import by, last_decision, told, usd
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.actions.endorsement import endorse, let_pass
from workflow.overdue import blocks, overdue_of

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def owing():
    """Reports have been due for 47 days, and USD 928.00 is not accounted for (as the second mission of S09)."""
    reporting = stories.a_reporting_request()
    with clock.at(clock.now() + timedelta(days=30 + 47)):
        yield reporting


class TestARoutineRequestOfAMissionThatOwesAReport:
    def test_s09_waits_until_the_manager_lets_it_pass(self, owing):
        people("Idriss")
        waiting = stories.a_submitted_request(priority="P4")

        with refused("ENDORSE-01", Incomplete) as caught:
            endorse(request_id=waiting.pk, **by("Idriss"))
        assert caught.value.obstacles == [
            f"The report on {owing.reference} is 47 days overdue, and USD 928.00 is not accounted for."
        ]

        for name in ("Idriss", "Chen", "Marie"):
            with refused("ROLE-02", NotPermitted):
                let_pass(request_id=waiting.pk, reason="The bank was closed.", **by(name))
        let_pass(request_id=waiting.pk, reason="The bank was closed.", **by("Helena"))

        assert last_decision(waiting).facts == {"overdue": [owing.reference]}
        assert told("routine_request_let_pass") == {"Idriss"}
        assert blocks(waiting) == []

    def test_never_waits_when_it_is_urgent(self, owing):
        for priority in ("P1", "P2"):
            assert blocks(stories.a_submitted_request(priority=priority)) == []

    def test_does_not_wait_when_nothing_is_owed_or_not_so_long(self, owing):
        waiting = stories.a_submitted_request(priority="P3")
        last_day = owing.reports_due_on + timedelta(days=30)

        assert overdue_of(owing.mission_id, last_day) == []
        assert len(overdue_of(owing.mission_id, last_day + timedelta(days=1))) == 1
        stories.report(owing)
        assert blocks(waiting) == []
        with refused("ENDORSE-03", Incomplete):
            let_pass(request_id=waiting.pk, reason="Nothing to pass.", **by("Helena"))

    def test_stands_in_the_list_of_advances_by_its_age(self, owing):
        (found,) = Advances(clock.today())

        assert (found.reference, [money.minor for money in found.columns]) == (owing.reference, [0, 0, 92_800, 0])
        stories.accept(stories.report(owing))
        assert list(Advances(clock.today())) == []
        assert usd("0.00") == found.total - usd("928.00")


class TestThePageOfAdvances:
    def test_asks_as_often_for_two_requests_with_money_out_as_for_one(self, owing):
        def asked() -> int:
            client = signed_in("Omar")
            with CaptureQueriesContext(connection) as read:
                assert client.get("/advances/").status_code == 200
            return len(read)

        few = asked()
        another = stories.a_reporting_request()
        assert another.reference in text_of(signed_in("Omar").get("/advances/"))
        assert asked() == few <= 20

    def test_names_no_request_that_is_kept_to_others_but_counts_its_money(self, owing):
        StrictCase.objects.create(reference=owing.reference, made_by=person("Chen"), at=clock.now())
        stories.a_reporting_request()
        page = text_of(signed_in("Omar").get("/advances/"))
        assert owing.reference not in page
        assert "1,856.00" in page
