"""The rota: one person on duty at a time, the holes named to the fund manager, and the number where people need it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.models import DutyShift, Mission
from gaf.accounts.queries import shift_now
from gaf.decisions.models import Decision
from gaf.duty import end_duty, holes, name_holes_in_the_rota, plan_duty, rota
from gaf.notices import choose
from gaf.outbox.outbox import drain
from gaf.refusals import NotPermitted
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.stories import by
from tests.workflow.conftest import MORNING, house  # noqa: F401
from tests.workflow.pages.headquarters.visits import form_on, signed_in, text_of
from workflow.models import UrgentAllowance

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]

DAY = timedelta(days=1)
NUMBER = "+41 22 999 00 01"


@pytest.fixture(autouse=True)
def _managers(house):  # noqa: F811
    people("Gloria", "Helena")


def on_duty(
    start: timedelta = timedelta(), end: timedelta = 7 * DAY, *, who: str = "Gloria", planner: str = "Helena"
) -> DutyShift:
    """Somebody is put on duty, counted from the morning."""
    return plan_duty(
        person=person(who), telephone=NUMBER, starts_at=MORNING + start, ends_at=MORNING + end, **by(planner)
    )


def hours(found) -> list[tuple[datetime, datetime]]:
    return [(hole.starts_at, hole.ends_at) for hole in found]


class TestTheRota:
    def test_knows_who_is_on_duty_now_and_nobody_in_a_hole(self):
        on_duty(timedelta(), DAY)

        assert shift_now().person == person("Gloria")
        with clock.at(MORNING + DAY):
            assert shift_now() is None

    def test_looks_two_weeks_ahead_and_names_each_hole(self):
        on_duty(DAY, 3 * DAY)
        on_duty(3 * DAY, 5 * DAY)
        on_duty(6 * DAY, 8 * DAY)

        assert hours(rota().holes) == [
            (MORNING, MORNING + DAY),
            (MORNING + 5 * DAY, MORNING + 6 * DAY),
            (MORNING + 8 * DAY, MORNING + 14 * DAY),
        ]

    def test_is_shown_to_its_end_when_it_reaches_further(self):
        on_duty(timedelta(), 14 * DAY)
        on_duty(14 * DAY, 20 * DAY)

        assert rota().until == MORNING + 20 * DAY
        assert rota().holes == []

    def test_has_one_hole_where_nothing_is_planned(self):
        assert hours(holes([], MORNING, MORNING + DAY)) == [(MORNING, MORNING + DAY)]


class TestPuttingSomebodyOnDuty:
    def test_is_a_decision_of_the_fund_manager_and_tells_the_person(self):
        shift = on_duty()

        assert Decision.objects.get(act="plan_duty").subject == shift.key
        assert stories.told("duty_planned") == {"Gloria"}

    @pytest.mark.parametrize("name", ["Gloria", "Chen", "Amina", "Tunde"])
    def test_is_refused_to_everybody_else(self, name):
        people(name)
        with refused("ROLE-02", NotPermitted):
            on_duty(planner=name)

    def test_is_refused_where_somebody_is_on_duty_already(self):
        on_duty(DAY, 3 * DAY)
        for start, end in ((0, 2), (2, 4), (0, 9), (1.5, 2)):
            with refused("DUTY-02"):
                on_duty(start * DAY, end * DAY)
        assert on_duty(3 * DAY, 4 * DAY).starts_at == MORNING + 3 * DAY

    def test_is_refused_for_somebody_who_is_no_duty_officer(self):
        with refused("DUTY-01"):
            on_duty(who="Helena")

    @pytest.mark.parametrize(("start", "end"), [(2, 1), (1, 1), (0, 15), (-2, -1)])
    def test_is_refused_for_times_that_cannot_be(self, start, end):
        with refused("DUTY-03"):
            on_duty(start * DAY, end * DAY)

    @pytest.mark.parametrize("number", ["", "ring me", "022 999 00 01", "+41", "+41 22 999 00 01 ext. 4"])
    def test_is_refused_without_a_number_that_can_be_rung_from_anywhere(self, number):
        with refused("DUTY-04"):
            plan_duty(
                person=person("Gloria"),
                telephone=number,
                starts_at=MORNING,
                ends_at=MORNING + DAY,
                **by("Helena"),
            )

    def test_is_held_by_the_database_whoever_writes(self):
        on_duty(timedelta(), DAY)
        row = {"person": person("Gloria"), "telephone": NUMBER, "key": "X"}
        with pytest.raises(IntegrityError, match="DUTY-02"), transaction.atomic():
            DutyShift.objects.create(starts_at=MORNING, ends_at=MORNING + timedelta(hours=1), **row)
        other = on_duty(2 * DAY, 3 * DAY)
        with pytest.raises(IntegrityError, match="DUTY-02"), transaction.atomic():
            DutyShift.objects.filter(pk=other.pk).update(starts_at=MORNING)
        with pytest.raises(IntegrityError), transaction.atomic():
            DutyShift.objects.create(starts_at=MORNING + 9 * DAY, ends_at=MORNING + 9 * DAY, **row)


class TestTakingSomebodyOff:
    def test_takes_out_what_has_not_begun_and_keeps_that_it_was(self):
        shift = on_duty(DAY, 2 * DAY)
        end_duty(shift_id=shift.pk, **by("Helena"))

        assert not DutyShift.objects.exists()
        assert [row.history_type for row in DutyShift.history.all()] == ["-", "+"]
        assert stories.told("duty_ended") == {"Gloria"}

    def test_ends_what_runs_now(self):
        shift = on_duty()
        with clock.at(MORNING + DAY):
            end_duty(shift_id=shift.pk, **by("Helena"))

        assert DutyShift.objects.get().ends_at == MORNING + DAY

    def test_is_refused_for_what_is_over_and_to_others(self):
        shift = on_duty(timedelta(), DAY)
        with refused("ROLE-02", NotPermitted):
            end_duty(shift_id=shift.pk, **by("Gloria"))
        with clock.at(MORNING + 2 * DAY), refused("DUTY-05"):
            end_duty(shift_id=shift.pk, **by("Helena"))


class TestAHole:
    def test_is_named_to_the_fund_manager_once_for_the_day_it_begins_on(self):
        on_duty(timedelta(), 5 * DAY)
        drain()
        mail.outbox.clear()
        for _time in range(3):
            name_holes_in_the_rota()
        drain()

        told = [(one.to, one.subject) for one in mail.outbox]
        assert told == [(["helena@gaf.example"], "DUTY-2026-10-25: nobody is on duty")]

    def test_is_told_nobody_while_there_is_no_rota_at_all(self):
        name_holes_in_the_rota()

        assert stories.told("duty_hole") == set()

    def test_comes_as_a_mail_whatever_the_manager_chose(self):
        choose(person("Helena"), {"work": "NEVER", "urgent": "NEVER"})
        on_duty(timedelta(), 5 * DAY)
        name_holes_in_the_rota()
        mail.outbox.clear()
        drain()

        assert "DUTY-2026-10-25: nobody is on duty" in [one.subject for one in mail.outbox]


class TestTheNumberInTheBar:
    def test_is_that_of_whoever_is_on_duty(self):
        people("Amina")
        assert "+41 22 000 00 00" in text_of(signed_in("Amina").get("/desk/"))
        on_duty(timedelta(), DAY)
        page = signed_in("Amina").get("/desk/").content.decode()

        assert f'<a href="tel:+41229990001">{NUMBER}</a>' in page
        with clock.at(MORNING + 2 * DAY):
            assert "+41 22 000 00 00" in text_of(signed_in("Amina").get("/desk/"))

    def test_is_the_standing_one_for_those_who_have_not_signed_in(self, client):
        on_duty()

        page = text_of(client.get("/sign-in/"))
        assert "+41 22 000 00 00" in page
        assert NUMBER not in page

    def test_stands_on_the_screen_and_the_receipt_of_urgent_help(self):
        made = stories.an_urgent_request()
        on_duty()
        client = signed_in("Amina")

        assert text_of(client.get("/requests/new/urgent/")).count(NUMBER) == 2
        receipt = text_of(client.get(f"/requests/{made.reference}/sent/"))
        assert "Gloria is on duty and has it." in receipt
        assert receipt.count(NUMBER) == 2

    def test_costs_no_query(self):
        people("Amina")
        counts = []
        for _time in range(2):
            client = signed_in("Amina")
            with CaptureQueriesContext(connection) as asked:
                client.get("/desk/")
            counts.append(len(asked))
            if not DutyShift.objects.exists():
                on_duty()

        assert counts[0] == counts[1]


class TestTheDutyOfficersPage:
    def test_says_whether_it_is_ones_turn_and_who_else_is_on_duty(self):
        assert "Nobody is on duty now." in text_of(signed_in("Gloria").get("/duty/"))
        on_duty()
        assert "You are on duty until 27 Oct 2026, 10:00 Geneva." in text_of(signed_in("Gloria").get("/duty/"))

    def test_allows_what_is_asked_with_one_press_and_once(self):
        made = stories.an_urgent_request()
        client = signed_in("Gloria")
        page = client.get("/duty/").content.decode()
        assert "Allow up to USD 600.00 now" in text_of(client.get("/duty/"))
        assert f'action="/requests/{made.reference}/allow-urgent-spending/?save=1"' in page

        said = {"seen_version": made.version, "limit": "600.00", "assistance_types": ["SHEL"]}
        address = f"/requests/{made.reference}/allow-urgent-spending/?save=1"
        assert client.post(address, said).status_code == 302
        assert client.post(address, said).status_code == 409
        assert UrgentAllowance.objects.get().limit_minor == 60_000

    def test_calls_the_mission_where_its_number_is_known(self):
        stories.an_urgent_request()
        assert "Call Niger" not in text_of(signed_in("Gloria").get("/duty/"))
        Mission.objects.filter(code="NE").update(telephone="+227 20 00 00 00")

        assert '<a class="button secondary" href="tel:+22720000000">Call Niger' in (
            signed_in("Gloria").get("/duty/").content.decode()
        )

    def test_asks_the_database_no_more_for_ten_requests_than_for_one(self):
        counts = []
        for many in (1, 9):
            for _each in range(many):
                stories.an_urgent_request()
            client = signed_in("Gloria")
            with CaptureQueriesContext(connection) as asked:
                page = client.get("/duty/")
            counts.append(len(asked))

        assert counts[0] == counts[1] <= 20
        assert len(page.content) < 40_000


class TestThePageOfTheRota:
    def test_puts_on_duty_and_takes_out_again_by_the_fund_manager(self):
        client = signed_in("Helena")
        said = {
            "person": person("Gloria").pk,
            "telephone": NUMBER,
            **{f"first_day_{place}": part for place, part in enumerate(("21", "10", "2026"))},
            "first_hour": "8",
            **{f"last_day_{place}": part for place, part in enumerate(("26", "October", "2026"))},
            "last_hour": "8",
        }
        assert client.post("/duty/rota/?save=1", said).status_code == 302
        shift = DutyShift.objects.get()
        # Summer time ends in between: eight in Geneva is six in UTC before, seven after.
        assert shift.starts_at == datetime(2026, 10, 21, 6, tzinfo=UTC)
        assert shift.ends_at == datetime(2026, 10, 26, 7, tzinfo=UTC)

        assert client.post("/duty/rota/?save=1", said).status_code == 422
        assert client.post("/duty/rota/?save=1", {"end": shift.pk}).status_code == 302
        assert not DutyShift.objects.exists()

    def test_begins_with_the_first_hole_so_that_one_press_fills_it(self):
        on_duty(timedelta(), DAY)
        on_duty(3 * DAY, 5 * DAY)
        client = signed_in("Helena")
        form = form_on(client.get("/duty/rota/"), place=2)
        assert client.post("/duty/rota/?save=1", form["fields"]).status_code == 302

        assert hours(rota().holes) == [(MORNING + 5 * DAY, MORNING + 14 * DAY)]

    def test_names_the_holes_and_offers_changes_to_the_manager_alone(self):
        on_duty(timedelta(), 5 * DAY)
        manager, officer = (signed_in(name).get("/duty/rota/") for name in ("Helena", "Gloria"))

        for page in (manager, officer):
            assert "Nobody is on duty in 1 stretch of time: 25 Oct 2026, 10:00 Geneva" in text_of(page)
        assert "Put somebody on duty" in text_of(manager)
        assert "<form" not in officer.content.decode().split("<main")[1].split("</main>")[0]

    def test_refuses_the_duty_officer_and_changes_nothing(self):
        shift = on_duty()
        answer = signed_in("Gloria").post("/duty/rota/?save=1", {"end": shift.pk})

        assert answer.status_code == 403
        assert DutyShift.objects.get().ends_at == MORNING + 7 * DAY
