"""While help is given: persons may leave and free their money, and one day help ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from finance.queries import commitments_of, money_of
from gaf import clock
from gaf.refusals import MovedOn, NotPermitted
from tests.cast import people
from tests.refused import refused
from tests.stories import (
    SHELTER,
    a_budget_to_approve,
    a_deferred_request,
    a_disbursing_request,
    a_funded_request,
    an_approved_request,
    an_implementing_request,
    approve,
    ask,
    by,
    certify,
    last_decision,
    lines_of,
    now,
    prepare,
    reconcile,
    release,
    send_to_the_bank,
    told,
    usd,
)
from workflow.actions.delivery import Cancellation, end_delivery, end_due_deliveries, withdraw_persons
from workflow.actions.drafting import PersonText
from workflow.models import Person

pytestmark = pytest.mark.usefixtures("house")

CREW = [PersonText("M", "25-39", "MM")] * 5
# Two lines of scenario S13: five tickets and pocket money for five.
TICKETS = ("TRVL", "Ticket home", "ticket", "5", "4944000.00", "IDR")
POCKET = ("POCK", "Pocket money", "person", "5", "800000.00", "IDR")


def two_leave(assistance, *, cancel: bool = True):
    """Two of the crew ask for protection; their tickets and pocket money are cancelled."""
    keys = list(assistance.persons.order_by("pk").values_list("key", flat=True))[:2]
    cancelled = [Cancellation(line.pk, Decimal(2)) for line in lines_of(assistance)] if cancel else []
    return withdraw_persons(
        request_id=assistance.pk,
        person_keys=keys,
        reason_code="PROTECTION",
        reason="They asked for protection.",
        cancellations=cancelled,
        **by("Sri"),
    )


def a_crew(build=an_approved_request):
    """Five men of a fishing crew in Indonesia, approved."""
    return build(author="Sri", code="ID", head="Bambang", persons=CREW, primary="VOT", lines=[TICKETS, POCKET])


class TestPersonsWhoLeave:
    def test_free_what_was_meant_for_them_at_the_approved_rate(self):
        crew = a_crew()
        assert money_of(crew.reference).open == usd("1742.72")

        two_leave(crew)

        assert last_decision(crew).amount_minor == 69_709
        assert money_of(crew.reference).open == usd("1045.63")
        assert [(line.granted_quantity, line.granted_usd) for line in lines_of(crew)] == [
            (Decimal(3), usd("900.00")),
            (Decimal(3), usd("145.63")),
        ]

    def test_are_marked_with_the_reason_and_do_not_disappear(self):
        crew = two_leave(a_crew())

        assert list(Person.objects.order_by("pk").values_list("left_code", flat=True)) == [
            "PROTECTION",
            "PROTECTION",
            "",
            "",
            "",
        ]
        assert crew.state == "APPROVED"
        assert told("persons_left") == {"Marie"}

    def test_may_leave_before_anything_is_approved(self):
        asked = ask(a_crew(a_budget_to_approve), "Chen", "PERSONS")

        two_leave(asked, cancel=False)

        assert Person.objects.exclude(left_code="").count() == 2

    def test_take_the_whole_line_with_them_when_nobody_is_left(self):
        crew = a_crew()
        tickets = lines_of(crew)[0]
        keys = list(crew.persons.values_list("key", flat=True))

        withdraw_persons(
            request_id=crew.pk,
            person_keys=keys,
            reason_code="PROTECTION",
            cancellations=[Cancellation(tickets.pk, Decimal(5))],
            **by("Sri"),
        )

        assert lines_of(crew)[0].state == "CANCELLED"
        assert {c.line_key: c.open for c in commitments_of(crew.reference)}["L1"] == usd("0.00")

    def test_do_not_leave_twice(self):
        crew = two_leave(a_crew())

        with refused("PERSON-01"):
            two_leave(crew)

    def test_do_not_free_more_than_is_granted(self):
        crew = a_crew()
        key = crew.persons.first().key

        with refused("LINE-04"):
            withdraw_persons(
                request_id=crew.pk,
                person_keys=[key],
                reason_code="PROTECTION",
                cancellations=[Cancellation(lines_of(crew)[0].pk, Decimal(6))],
                **by("Sri"),
            )

    def test_do_not_free_what_was_disbursed_already(self):
        crew = certify(a_crew())
        from tests.cast import rate

        rate("IDR")
        made = a_funded_request()
        prepare(made)

        with refused("COMMIT-02"):
            withdraw_persons(
                request_id=made.pk,
                person_keys=[made.persons.first().key],
                reason_code="LOST_CONTACT",
                cancellations=[Cancellation(lines_of(made)[0].pk, Decimal(1))],
                **by("Amina"),
            )
        assert crew.state == "FUNDED"

    def test_are_recorded_by_their_mission_only(self):
        crew = a_crew()
        key = crew.persons.first().key

        for name in ("Amina", "Marie", "Helena"):
            with refused("ROLE-02", NotPermitted):
                withdraw_persons(request_id=crew.pk, person_keys=[key], reason_code="OTHER", **by(name))


class TestTheEndOfHelp:
    def test_asks_for_the_reports_within_thirty_days(self):
        people("Moussa")
        helping = an_implementing_request()

        ended = end_delivery(request_id=helping.pk, **by("Amina"))

        assert (ended.state, ended.reports_due_on) == ("REPORTING", date(2026, 11, 19))
        assert told("reports_due") == {"Idriss", "Moussa"}

    def test_cancels_lines_that_still_waited_for_a_condition(self):
        made = certify(a_deferred_request())
        prepare(made)
        release(made)
        send_to_the_bank()
        reconcile()

        end_delivery(request_id=made.pk, **by("Amina"))

        assert [line.state for line in lines_of(made)] == ["APPROVED", "CANCELLED"]

    def test_comes_by_the_system_the_day_after_the_last(self):
        helping = an_implementing_request()
        assert helping.delivery_ends_on == date(2027, 1, 20)

        assert end_due_deliveries(datetime(2027, 1, 20, 6, tzinfo=UTC)) == []
        with clock.at(datetime(2027, 1, 21, 6, tzinfo=UTC)):
            assert end_due_deliveries(clock.now()) == [helping.reference]
            assert end_due_deliveries(clock.now()) == []

        assert now(helping).state == "REPORTING"
        assert last_decision(helping).actor.is_system

    def test_is_refused_before_help_began(self):
        disbursing = a_disbursing_request()

        with refused("STATE-02", MovedOn):
            end_delivery(request_id=disbursing.pk, **by("Amina"))

    def test_is_refused_to_headquarters(self):
        helping = an_implementing_request()

        with refused("ROLE-02", NotPermitted):
            end_delivery(request_id=helping.pk, **by("Helena"))


def test_more_can_never_be_cancelled_than_was_approved():
    made = approve(a_budget_to_approve([SHELTER]))

    with pytest.raises(IntegrityError, match="cancelled_within_approved"), transaction.atomic():
        made.lines.update(cancelled_usd_minor=58_801)
