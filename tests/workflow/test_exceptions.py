"""What can happen at any time: a request rests with its money, is taken back, or is cancelled and frees it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from finance.queries import money_of
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests.cast import people
from tests.refused import refused
from tests.stories import (
    a_closed_request,
    a_disbursing_request,
    a_draft,
    a_funded_request,
    a_reconciling_request,
    a_reporting_request,
    a_submitted_request,
    a_taken_request,
    accept,
    an_approved_request,
    an_asked_request,
    an_implementing_request,
    by,
    cancel,
    hold,
    last_decision,
    lines_of,
    prepare,
    release,
    report,
    send_to_the_bank,
    told,
    usd,
    withdraw,
)
from workflow.actions.clarification import answer
from workflow.actions.exceptions import resume
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")


class TestHolding:
    def test_keeps_the_money_and_remembers_where_it_was(self):
        held = hold(an_approved_request())

        assert (held.state, held.held_state) == ("ON_HOLD", "APPROVED")
        assert money_of(held.reference).open == usd("928.00")
        assert told("request_held") == {"Amina", "Idriss"}

    @pytest.mark.parametrize(
        "build", [a_taken_request, an_asked_request, a_funded_request, an_implementing_request, a_reconciling_request]
    )
    def test_goes_on_where_it_was(self, build):
        made = build()
        before = made.state

        resumed = resume(request_id=hold(made).pk, **by("Helena"))

        assert (resumed.state, resumed.held_state) == (before, "")

    def test_forgets_no_question(self):
        made = an_asked_request()
        resume(request_id=hold(made).pk, **by("Helena"))

        assert answer(request_id=made.pk, answers={1: "Refused."}, **by("Amina")).state == "ELIGIBILITY_REVIEW"

    def test_stops_everything_else(self):
        made = a_funded_request()
        prepare(made)
        hold(made)

        with refused("STATE-02", MovedOn):
            release(made)

    def test_is_refused_for_what_headquarters_does_not_have(self):
        sent = a_submitted_request()

        with refused("STATE-02", MovedOn):
            hold(sent)

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Bruno", "Chen", "Marie"])
    def test_is_refused_to_everybody_but_the_manager(self, name):
        from workflow.actions import exceptions

        taken = a_taken_request()

        with refused("ROLE-02", NotPermitted):
            exceptions.hold(request_id=taken.pk, reason_code="SAFETY", reason="Wait.", **by(name))


class TestWithdrawing:
    @pytest.mark.parametrize("build", [a_draft, a_submitted_request, a_taken_request, an_asked_request])
    def test_ends_a_request_before_approval(self, build):
        ended = withdraw(build())

        assert (ended.state, last_decision(ended).reason_code) == ("WITHDRAWN", "REFERRED")

    def test_tells_the_reviewer_who_had_it(self):
        withdraw(a_taken_request())

        assert told("request_withdrawn") == {"Bruno"}

    def test_is_refused_after_approval(self):
        approved = an_approved_request()

        with refused("STATE-02", MovedOn):
            withdraw(approved)

    def test_is_refused_to_another_mission(self):
        taken = a_taken_request(others=["LB"])

        with refused("ROLE-02", NotPermitted):
            withdraw(taken, "Rima")

    def test_is_final(self):
        ended = withdraw(a_taken_request())

        with refused("STATE-02", MovedOn):
            cancel(ended)


class TestCancelling:
    def test_frees_everything_when_nothing_was_paid(self):
        people("Marie")

        ended = cancel(an_approved_request())

        assert ended.state == "CANCELLED"
        assert money_of(ended.reference).open == usd("0.00")
        assert {line.state for line in lines_of(ended)} == {"CANCELLED"}
        assert told("request_cancelled") >= {"Amina", "Idriss", "Bruno", "Marie"}

    def test_goes_to_reporting_when_money_went_out(self):
        made = a_disbursing_request({"L1": usd("588.00")})
        send_to_the_bank()

        ended = cancel(made)

        assert ended.state == "REPORTING"
        assert money_of(ended.reference).open == usd("0.00")
        assert [line.state for line in lines_of(ended)] == ["APPROVED", "CANCELLED"]
        assert ended.reports_due_on is not None

    def test_lets_what_went_out_be_reported_and_accepted(self):
        made = a_disbursing_request({"L1": usd("588.00")})
        send_to_the_bank()
        ended = cancel(made)

        assert accept(report(ended, {"L2": usd("0.00")})).state == "RECONCILING"

    def test_is_refused_while_a_disbursement_is_prepared(self):
        made = a_funded_request()
        prepare(made)

        with refused("CANCEL-01", Incomplete) as caught:
            cancel(made)

        assert "P-2026-00001" in caught.value.obstacles[0]

    def test_is_refused_while_a_disbursement_is_released_and_not_sent(self):
        made = a_disbursing_request()

        with refused("CANCEL-01", Incomplete):
            cancel(made)

    def test_ends_a_request_that_rests(self):
        ended = cancel(hold(an_approved_request()))

        assert (ended.state, ended.held_state) == ("CANCELLED", "")

    def test_is_refused_for_one_that_rests_in_reconciliation(self):
        held = hold(a_reconciling_request())

        with refused("CANCEL-01", Incomplete):
            cancel(held)

    @pytest.mark.parametrize("build", [a_reporting_request, a_closed_request])
    def test_is_refused_when_help_has_ended(self, build):
        made = build()

        with refused("STATE-02", MovedOn):
            cancel(made)


@pytest.mark.both
class TestWhatTheDatabaseHolds:
    def test_a_request_is_never_removed(self):
        made = a_draft()

        with pytest.raises(IntegrityError, match="REQUEST-01"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk)._raw_delete("default")

    def test_a_state_never_moves_without_a_decision(self):
        made = a_draft()

        with pytest.raises(IntegrityError, match="STATE-01"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(state="APPROVED", submitted_at=made.started_at)

    def test_a_reference_never_changes(self):
        made = a_draft()

        with pytest.raises(IntegrityError, match="REQUEST-02"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(reference="GAF-2026-00009")

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"state": "PAID"}, "request_state_is_known"),
            ({"is_urgent": True}, "urgent_means_first_priority"),
            ({"idempotency_key": "another's"}, "idempotency_key"),
        ],
    )
    def test_a_request_is_never(self, change, constraint):
        a = a_draft()
        b = a_draft()
        AssistanceRequest.objects.filter(pk=b.pk).update(idempotency_key="another's")

        with pytest.raises(IntegrityError, match=f"{constraint}|STATE-01"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=a.pk).update(**change)
