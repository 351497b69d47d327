"""Reports and closing: each spending mission reports, finance accepts line by line, and no cent stays unexplained."""

from __future__ import annotations

from datetime import date

import pytest

from finance.models import RefundDue
from finance.queries import money_of
from gaf import clock
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests import stories
from tests.cast import mission, people
from tests.refused import refused
from tests.stories import (
    a_closed_request,
    a_reconciling_request,
    a_reporting_request,
    a_taken_request,
    accept,
    an_implementing_request,
    by,
    last_decision,
    line_text,
    lines_of,
    now,
    report,
    told,
    usd,
)
from workflow.actions.closing import close, reopen
from workflow.actions.reporting import AcceptedLine, SpentLine, accept_reports
from workflow.actions.reporting import report as send_report
from workflow.models import Report, ReportLine

pytestmark = pytest.mark.usefixtures("house")


class TestReporting:
    def test_tells_finance_when_every_report_is_in(self):
        people("Marie")

        report(a_reporting_request())

        assert told("reports_to_accept") == {"Marie"}
        assert Report.objects.get().narrative_text == "The person is safe."

    def test_needs_every_line_and_a_proof_for_what_was_spent(self):
        reporting = a_reporting_request()
        first = lines_of(reporting)[0]

        with refused("REPORT-03", Incomplete) as caught:
            send_report(
                request_id=reporting.pk,
                mission_id=mission("NE").pk,
                narrative=" ",
                period_from=date(2026, 10, 20),
                period_to=date(2026, 10, 21),
                lines=[SpentLine(first.pk, usd("1.00"), 0)],
                **by("Moussa"),
            )

        assert caught.value.obstacles == [
            "The narrative is not written.",
            "Line 1 has no proof of spending.",
            "Line 2 does not say what was spent.",
        ]

    def test_is_replaced_by_a_newer_one_until_it_is_accepted(self):
        reporting = report(a_reporting_request())

        report(reporting, {"L1": usd("500.00")})

        assert list(Report.objects.values_list("number", "state")) == [(1, "SUPERSEDED"), (2, "SENT")]

    def test_is_refused_for_another_mission(self):
        reporting = a_reporting_request()

        with refused("REPORT-02"):
            report(reporting, who="Moussa", code="LB")

    def test_is_refused_while_help_is_given(self):
        helping = an_implementing_request()

        with refused("STATE-02", MovedOn):
            report(helping)

    def test_is_refused_to_headquarters(self):
        reporting = a_reporting_request()

        with refused("REPORT-02"):
            report(reporting, who="Marie")

    def test_does_not_run_backwards(self):
        reporting = a_reporting_request()

        with refused("REPORT-04"):
            send_report(
                request_id=reporting.pk,
                mission_id=mission("NE").pk,
                narrative="Safe.",
                period_from=date(2026, 10, 21),
                period_to=date(2026, 10, 20),
                lines=[],
                **by("Moussa"),
            )


class TestTwoMissions:
    def _reporting(self):
        made = stories.an_eligible_request(others=["LB"])
        stories.plan(made, [stories.SHELTER])
        from workflow.actions.planning import edit_lines, send_budget

        edit_lines(request_id=made.pk, lines=[line_text(made, stories.MEDICAL, "LB")], **by("Rima"))
        stories.certify(stories.approve(send_budget(request_id=made.pk, **by("Amina"))))
        stories.prepare(made)
        stories.release(made)
        stories.send_to_the_bank()
        stories.reconcile()
        from workflow.actions.delivery import end_delivery

        return end_delivery(request_id=made.pk, **by("Amina"))

    def test_each_report_and_one_that_is_late_blocks_acceptance(self):
        reporting = report(self._reporting())

        with refused("REPORT-05", Incomplete) as caught:
            accept(reporting)

        assert caught.value.obstacles == ["The report of Lebanon is not in."]
        assert accept(report(reporting, who="Nour", code="LB")).state == "RECONCILING"


class TestAcceptingReports:
    def test_books_what_was_spent_and_tells_the_manager(self):
        people("Helena", "Esi")

        accepted = a_reconciling_request()

        assert accepted.state == "RECONCILING"
        assert money_of(accepted.reference).accepted == usd("928.00")
        assert told("reports_accepted") == {"Helena", "Esi"}

    def test_makes_what_was_not_spent_due_back(self):
        reporting = report(a_reporting_request(), {"L1": usd("538.00")})

        accept(reporting)

        assert RefundDue.objects.get().money == usd("50.00")
        assert money_of(reporting.reference).accepted == usd("878.00")

    def test_makes_what_has_no_proof_due_back_with_its_reason(self):
        reporting = report(a_reporting_request())

        accept(reporting, {"L2": usd("300.00")})

        line = ReportLine.objects.get(line__number=2)
        assert (line.accepted_minor, line.disallowed_minor, line.disallow_code) == (30_000, 4_000, "NO_EVIDENCE")
        assert RefundDue.objects.get().money == usd("40.00")

    def test_never_accepts_more_than_was_paid(self):
        reporting = report(a_reporting_request(), {"L2": usd("400.00")})
        rows = {line.number: line for line in lines_of(reporting)}
        lines = [AcceptedLine(rows[1].pk, usd("588.00")), AcceptedLine(rows[2].pk, usd("340.01"))]

        with refused("REPORT-05", Incomplete) as caught:
            accept_reports(request_id=reporting.pk, lines=lines, **by("Marie"))

        assert caught.value.obstacles == ["Line 2: accept from zero to USD 340.00."]

    def test_needs_a_reason_for_less(self):
        reporting = report(a_reporting_request())
        lines = [AcceptedLine(line.pk, usd("1.00")) for line in lines_of(reporting)]

        with refused("REPORT-05", Incomplete):
            accept_reports(request_id=reporting.pk, lines=lines, **by("Marie"))

    @pytest.mark.parametrize("name", ["Moussa", "Amina", "Helena", "Divya", "Esi"])
    def test_is_refused_to_everybody_but_certifying_officers(self, name):
        reporting = report(a_reporting_request())
        lines = [AcceptedLine(line.pk, line.granted_local) for line in lines_of(reporting)]

        with refused("ROLE-02", NotPermitted):
            accept_reports(request_id=reporting.pk, lines=lines, **by(name))


class TestClosing:
    def test_says_when_and_how_help_ended(self):
        closed = a_closed_request()

        assert (closed.state, closed.closure_code, closed.closed_at) == ("CLOSED", "COMPLETED", clock.now())
        assert told("file_closed") == {"Amina", "Idriss"}

    def test_is_refused_while_a_cent_is_unexplained(self):
        reporting = report(a_reporting_request(), {"L1": usd("587.99")})
        accepted = accept(reporting)

        with refused("CLOSE-01", Incomplete) as caught:
            close(request_id=accepted.pk, reason_code="COMPLETED", **by("Helena"))

        assert len(caught.value.obstacles) == 1
        assert "0.01" in caught.value.obstacles[0]

    @pytest.mark.parametrize("name", ["Chen", "Marie", "Esi", "Amina", "Omar"])
    def test_is_refused_to_everybody_but_the_manager(self, name):
        accepted = a_reconciling_request()

        with refused("ROLE-02", NotPermitted):
            close(request_id=accepted.pk, reason_code="COMPLETED", **by(name))


class TestReopening:
    def test_a_closed_file_goes_back_to_its_books(self):
        closed = a_closed_request()

        reopened = reopen(request_id=closed.pk, reason_code="MONEY", reason="A refund came.", **by("Helena"))

        assert (reopened.state, reopened.closed_at, reopened.closure_code) == ("RECONCILING", None, "")

    def test_a_closed_file_stays_closed_for_the_mission(self):
        closed = a_closed_request()

        with refused("ROLE-02", NotPermitted):
            reopen(request_id=closed.pk, reason_code="MONEY", reason="Mine.", **by("Idriss"))

    def test_a_request_found_not_eligible_goes_back_to_review_when_the_other_programme_refuses(self):
        ended = stories.a_refused_request()

        reopened = reopen(
            request_id=ended.pk, reason_code="ALTERNATIVE_REFUSED", reason="They refused.", **by("Idriss")
        )

        assert (reopened.state, reopened.taken_by) == ("ELIGIBILITY_REVIEW", None)
        assert last_decision(reopened).reason_code == "ALTERNATIVE_REFUSED"
        assert now(ended).criteria_set is not None

    def test_a_request_found_not_eligible_is_not_reopened_by_its_case_worker(self):
        ended = stories.a_refused_request()

        with refused("ROLE-02", NotPermitted):
            reopen(request_id=ended.pk, reason_code="NEW_FACTS", reason="Mine.", **by("Amina"))

    def test_an_open_request_is_not_reopened(self):
        taken = a_taken_request()

        with refused("STATE-02", MovedOn):
            reopen(request_id=taken.pk, reason_code="NEW_FACTS", reason="Why.", **by("Idriss"))
