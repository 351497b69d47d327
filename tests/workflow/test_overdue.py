"""Everything unfinished has a maximum age and an owner, and a page lists what is older."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.states import AttemptState
from gaf import clock
from gaf.accounts.roles import Role
from gaf.ages import Overdue, Spans, all_kinds
from gaf.decisions.models import Holiday, Threshold
from gaf.documents.machines import MACHINES, states
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.reference_data import rows
from tests import stories
from tests.cast import people, person
from tests.workflow.conftest import MORNING
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.actions.privacy import restrict

FRIDAY = datetime(2026, 10, 23, 15, 0, tzinfo=UTC)


class TestTheTableOfAges:
    @pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.words)
    def test_has_a_row_for_every_state_in_which_a_record_is_unfinished(self, machine):
        told = {age.state for kind in all_kinds() if kind.rows().model is machine.model for age in kind.ages}

        assert told == set(states(machine)) - {str(state) for state in machine.final}

    def test_has_a_row_for_every_state_of_a_job_and_of_a_try_to_pay(self):
        told = {kind.name: {age.state for age in kind.ages} for kind in all_kinds()}

        assert told["job"] == set(OutboxMessage.State.values) - {"DONE"}
        assert told["attempt"] == set(AttemptState.values) - {"SENT", "FAILED"}

    def test_reads_only_thresholds_that_every_installation_has(self):
        known = {row["code"]: row["unit"] for row in rows("reference/thresholds.csv")}
        wanted = {age.most for kind in all_kinds() for age in kind.ages}

        assert wanted <= set(known)
        assert {known[code] for code in wanted} == {"hours", "days", "months", "working_days"}

    @pytest.mark.usefixtures("house")
    @pytest.mark.parametrize("code", ["age_certify_days", "age_draft_days", "age_job_hours"])
    def test_counts_a_span_back_from_where_it_ends(self, code):
        Holiday.objects.create(day=date(2026, 10, 26), name="A day of the house")
        spans = Spans([code])

        assert spans.before(code, spans.after(code, FRIDAY)) == FRIDAY


@pytest.mark.usefixtures("house")
class TestWhatIsOverdue:
    def counts_after(self, **span: float) -> dict[Role, int]:
        return Overdue(now=MORNING + timedelta(**span)).counts()

    def test_is_nothing_while_everything_is_younger_than_it_may_be(self):
        stories.a_submitted_request()
        drain()

        assert self.counts_after(days=3) == {}
        assert self.counts_after(days=3, seconds=1) == {Role.HEAD_OF_UNIT: 1}

    def test_is_told_by_the_priority_where_headquarters_decides(self):
        stories.an_endorsed_request(priority="P2")
        stories.an_endorsed_request(priority="P4")
        drain()

        assert self.counts_after(hours=73) == {Role.ELIGIBILITY_REVIEWER: 1}
        assert self.counts_after(days=16) == {Role.ELIGIBILITY_REVIEWER: 2}

    def test_follows_a_threshold_that_was_changed(self):
        stories.a_submitted_request()
        drain()
        Threshold.objects.create(code="age_endorse_days", value=1, unit="days", effective_from=date(2026, 10, 20))

        assert self.counts_after(days=2) == {Role.HEAD_OF_UNIT: 1}

    def test_names_jobs_that_nobody_does(self):
        people("Idriss")
        stories.a_submitted_request()

        found = Overdue(now=MORNING + timedelta(hours=3)).of(Role.SYSTEM_ADMINISTRATOR, 0, 10)
        assert {one.kind.name for one in found} == {"job"}

    def test_tells_who_has_it_since_when_and_where_it_stands(self):
        taken = stories.a_taken_request(priority="P2")
        drain()

        one = Overdue(now=MORNING + timedelta(days=4)).oldest(10)[0]
        assert (one.subject, one.url) == (taken.reference, f"/requests/{taken.reference}/")
        assert (one.person_id, one.mission_id) == (person("Bruno").pk, taken.mission_id)
        assert (one.since, one.due_at) == (MORNING, MORNING + timedelta(hours=72))

    @pytest.mark.both
    def test_reaches_every_kind_of_record_in_one_statement(self, django_assert_num_queries):
        stories.a_reporting_request()
        stories.a_disbursing_request()
        found = Overdue(now=MORNING + timedelta(days=900))

        with django_assert_num_queries(1):
            listed = found.oldest(200)
        assert {"request", "line", "payee", "disbursement"} <= {one.kind.name for one in listed}
        assert sum(found.counts().values()) == len(listed)
        assert [one.since for one in listed] == sorted(one.since for one in listed)


@pytest.mark.usefixtures("house")
@pytest.mark.both
class TestThePage:
    def page_after(self, name: str, **span: float) -> str:
        with clock.at(MORNING + timedelta(**span)):
            answer = signed_in(name).get("/overdue/")
        assert answer.status_code == 200
        return text_of(answer)

    def test_groups_by_owner_with_age_reason_and_link(self):
        sent = stories.a_submitted_request()
        drain()
        page = self.page_after("Helena", days=5)

        assert page.index("Head of unit 1") < page.index(sent.reference) < page.index("2 days late")
        assert "Endorse, or send back" in page

    def test_shows_a_head_of_unit_what_is_of_the_own_mission_and_no_money(self):
        people("Fadi")
        sent = stories.a_submitted_request()

        assert sent.reference in self.page_after("Idriss", days=5)
        assert "Nothing is overdue." in self.page_after("Fadi", days=5)

    def test_neither_lists_nor_counts_what_is_kept_to_named_people(self):
        made, known = stories.a_submitted_request(), stories.a_submitted_request()
        restrict(request_id=made.pk, **stories.by("Idriss"))
        drain()
        others, own = (self.page_after(who, days=5) for who in ("Omar", "Idriss"))

        assert ("Head of unit 1" in others, made.reference in others, known.reference in others) == (True, False, True)
        assert ("Head of unit 2" in own, made.reference in own, known.reference in own) == (True, True, True)

    def test_says_when_nothing_is_overdue(self):
        assert "Nothing is overdue." in self.page_after("Omar")

    def test_lists_one_owner_page_by_page(self):
        stories.a_submitted_request()
        for _more in range(50):
            stories.a_submitted_request()
        drain()
        with clock.at(MORNING + timedelta(days=5)):
            whole = text_of(signed_in("Helena").get("/overdue/"))
            last = text_of(signed_in("Helena").get("/overdue/?owner=head_of_unit&page=2"))

        assert "All 51 head of unit" in whole
        assert "51 to 51 of 51" in last

    def test_costs_no_more_however_much_is_overdue(self):
        stories.a_submitted_request()
        helena = signed_in("Helena")

        def cost() -> int:
            with clock.at(MORNING + timedelta(days=800)), CaptureQueriesContext(connection) as read:
                assert helena.get("/overdue/").status_code == 200
            return len(read)

        cost()
        little = cost()
        stories.a_reporting_request()
        for _more in range(20):
            stories.a_submitted_request()
        assert cost() == little <= 20
