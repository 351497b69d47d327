"""The payer's page for several requests: choose, look once more, prove who you are, let go; row by row, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.actions.screening import load_list
from finance.models import Disbursement
from finance.screening.invented import invented_list
from gaf import clock
from gaf.decisions.models import Decision, Threshold
from gaf.decisions.record import record_decision
from tests import stories
from tests.cast import PASSWORD, person
from tests.stories import everything, usd
from tests.workflow.pages.headquarters.visits import form_on, send, signed_in, text_of

pytestmark = pytest.mark.usefixtures("house")
TOGETHER = "/releases/together/"


@pytest.fixture
def ready() -> list[Disbursement]:
    """Two disbursements of one request, and one of another."""
    one, other = stories.a_funded_request(), stories.a_funded_request()
    first = stories.prepare(one, {"L1": usd("588.00")})
    second = stories.prepare(one, {"L2": usd("340.00")})
    return [first, second, stories.prepare(other, {"L1": usd("100.00")})]


def review(client: Client, *chosen: Disbursement) -> str:
    """The address of the page on which these are looked at once more."""
    return TOGETHER + "?" + "&".join(f"numbers={one.number}" for one in chosen)


def release(client: Client, *chosen: Disbursement, **said: object):
    """Look once more at these, type the password, and press."""
    return send(client, TOGETHER, form_on(client.get(review(client, *chosen))), **said)


def states() -> list[str]:
    return list(Disbursement.objects.order_by("number").values_list("state", flat=True))


class TestChoosing:
    def test_shows_what_waits_on_every_request_ticked(self, ready):
        page = signed_in("Divya").get(TOGETHER)

        assert page.content.decode().count(" checked") == 3
        shown = text_of(page)
        assert "3 disbursements wait for release." in shown
        assert "first payment to these details" in shown
        assert "screened 0 days ago" in shown
        assert "Shelter House" not in shown

    def test_of_more_than_twenty_is_refused(self, ready):
        numbers = "&".join(f"numbers=P-2026-{n:05d}" for n in range(21))

        answer = signed_in("Divya").get(f"{TOGETHER}?{numbers}")

        assert answer.status_code == 422
        assert "21 are ticked, and 20 are released at once at most." in text_of(answer)

    def test_is_the_payers_alone(self, ready):
        assert [signed_in(name).get(TOGETHER).status_code for name in ("Marie", "Helena", "Omar", "Moussa")] == [
            404
        ] * 4

    def test_says_what_stands_against_a_row_and_offers_no_box_for_it(self, ready):
        Threshold.objects.create(
            code="payee_cooling_off_hours", value=48, unit="hours", effective_from=clock.today() - timedelta(days=1)
        )

        page = signed_in("Divya").get(TOGETHER)

        assert text_of(page).count("PAYEE-10") == 3
        assert 'name="numbers"' not in page.content.decode()


class TestLookingOnceMore:
    def test_groups_by_currency_and_says_the_sum_on_the_button(self, ready):
        shown = text_of(signed_in("Divya").get(review(Client(), *ready[:2])))

        assert "In USD, by payee" in shown
        assert "2 go to details that were never paid before." in shown
        assert "Release 2 disbursements, USD 928.00" in shown
        assert "Together in USD USD 928.00 USD nine hundred and twenty-eight" in shown

    def test_keeps_the_choice_in_its_address_and_changes_nothing(self, ready):
        before = everything()

        form = form_on(signed_in("Divya").get(review(Client(), ready[0], ready[2])))

        assert everything() == before
        assert form["fields"]["numbers"] == [ready[0].number, ready[2].number]


class TestReleasing:
    def test_takes_four_acts_for_everything_that_is_ready(self, ready):
        client = signed_in("Divya")
        client.get(TOGETHER)  # 1: open
        form = form_on(client.get(review(client, *ready)))  # 2: look at what is ticked
        answer = send(client, TOGETHER, form, password=PASSWORD)  # 3: the password, 4: the button

        assert answer.status_code == 302
        assert states() == ["RELEASED"] * 3
        assert "3 disbursements released" in text_of(client.get(answer["Location"]))

    def test_pressed_twice_pays_once_and_answers_the_same(self, ready):
        client = signed_in("Divya")
        form = form_on(client.get(review(client, ready[0])))
        first = send(client, TOGETHER, form, password=PASSWORD)
        before = everything()

        again = send(client, TOGETHER, form, password=PASSWORD)

        assert again["Location"] == first["Location"]
        assert everything() == before
        assert Decision.objects.filter(act="release_disbursement").count() == 1

    def test_lets_each_go_or_stay_by_itself_and_says_which(self, ready):
        client = signed_in("Divya")
        form = form_on(client.get(review(client, *ready)))
        stories.hold(stories.AssistanceRequest.objects.get(reference=ready[2].reference))
        answer = send(client, TOGETHER, form, password=PASSWORD)

        assert states() == ["RELEASED", "RELEASED", "PREPARED"]
        shown = text_of(client.get(answer["Location"]))
        assert "2 disbursements released 1 stayed as it was." in shown
        assert f"{ready[2].number} It is not waiting for release any more. STATE-02" in shown

    def test_f54_to_a_payee_listed_meanwhile_is_refused_row_by_row(self, ready, monkeypatch):
        client = signed_in("Divya")
        form = form_on(client.get(review(client, *ready)))
        monkeypatch.setattr(
            "workflow.views.release_rows.release_refusals_of", lambda rows, at: {row.pk: [] for row in rows}
        )
        entity = (
            "<ENTITY><DATAID>9000999</DATAID><FIRST_NAME>SHELTER HOUSE</FIRST_NAME>"
            "<REFERENCE_NUMBER>ZZe.999</REFERENCE_NUMBER></ENTITY></ENTITIES>"
        )
        content = invented_list(clock.now()).replace(b"</ENTITIES>", entity.encode())
        load_list(content=content, at=clock.now())

        answer = send(client, TOGETHER, form, password=PASSWORD)

        shown = text_of(client.get(answer["Location"]))
        assert states() == ["PREPARED"] * 3
        assert "0 disbursements released" in shown
        assert shown.count("SCREEN-03") == 3
        assert "Nothing was sent twice." in shown

    def test_f55_by_who_approved_is_refused_by_a_direct_post(self, ready):
        divya = person("Divya")
        record_decision(
            act="approve_budget", actor=divya, role="any", at=clock.now(), subject="x", reference=ready[0].reference
        )
        client = signed_in("Divya")
        form = form_on(client.get(review(client, ready[2])))
        form["fields"]["numbers"] = [ready[0].number, ready[2].number]

        answer = send(client, TOGETHER, form, password=PASSWORD)

        shown = text_of(client.get(answer["Location"]))
        assert states() == ["PREPARED", "PREPARED", "RELEASED"]
        assert "SOD-05" in shown


class TestThePassword:
    def test_is_asked_although_the_person_is_signed_in_and_the_choice_stays(self, ready):
        client, before = signed_in("Divya"), everything()

        answer = release(client, ready[0], password="wrong")

        assert answer.status_code == 422
        assert "This is not your password." in text_of(answer)
        assert f'name="numbers" value="{ready[0].number}"' in answer.content.decode()
        assert everything() == before

    def test_is_missed_when_it_is_left_out(self, ready):
        client = signed_in("Divya")
        form = form_on(client.get(review(client, ready[0])))
        del form["fields"]["password"]

        assert send(client, TOGETHER, form).status_code == 422
        assert states() == ["PREPARED"] * 3

    def test_typed_a_short_time_ago_is_not_asked_again_and_then_it_is(self, ready, settings):
        client = signed_in("Divya")
        release(client, ready[0], password=PASSWORD)

        assert "Your password" not in text_of(client.get(review(client, ready[1])))
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        assert "Your password" in text_of(client.get(review(client, ready[1])))

    def test_is_asked_on_the_page_of_one_request_too(self, ready):
        client = signed_in("Divya")
        address = f"/requests/{ready[0].reference}/release/"

        answer = send(client, address, form_on(client.get(address)), password="wrong")

        assert answer.status_code == 422
        assert "This is not your password." in text_of(answer)
        assert states() == ["PREPARED"] * 3


class TestWhatLooksLikePayingTwice:
    def test_is_said_and_needs_the_payers_own_reason(self, ready):
        Threshold.objects.create(
            code="duplicate_payment_days", value=30, unit="days", effective_from=clock.today() - timedelta(days=1)
        )
        made = stories.AssistanceRequest.objects.get(reference=ready[2].reference)
        again = stories.prepare(made, {"L1": usd("100.00")}, duplicate_reason="Two families.")
        client = signed_in("Divya")
        address = review(client, again)
        shown = text_of(client.get(address))
        assert f"The same amount goes to the same account for the same request: {ready[2].number}" in shown
        assert "Marie says: Two families." in shown

        refused = release(client, again, password=PASSWORD)
        assert refused.status_code == 422
        assert f"Say why {again.number} is another payment." in text_of(refused)
        assert states() == ["PREPARED"] * 4

        release(client, again, **{f"why_{again.number}": "Asked Marie."})
        assert states() == ["PREPARED"] * 3 + ["RELEASED"]

    def test_needs_no_reason_where_it_cannot_go_anyway(self, ready):
        for code, value in (("duplicate_payment_days", 30), ("payee_cooling_off_hours", 0)):
            in_force(code, value)
        made = stories.AssistanceRequest.objects.get(reference=ready[2].reference)
        again = stories.prepare(made, {"L1": usd("100.00")}, duplicate_reason="Two families.")
        client = signed_in("Divya")
        form = form_on(client.get(review(client, again)))
        Threshold.objects.filter(code="payee_cooling_off_hours").update(value=48)

        answer = send(client, TOGETHER, form, password=PASSWORD)

        assert states() == ["PREPARED"] * 4
        assert "PAYEE-10" in text_of(client.get(answer["Location"]))


def in_force(code: str, value: int) -> None:
    Threshold.objects.create(code=code, value=value, unit="", effective_from=clock.today() - timedelta(days=1))


class TestItsQuestions:
    def test_are_as_many_for_twenty_rows_as_for_two(self):
        one, other = stories.a_funded_request(), stories.a_funded_request()
        rows = [stories.prepare(one, {"L1": usd("1.00")}), stories.prepare(other, {"L1": usd("2.00")})]
        client = signed_in("Divya")
        few = [asked(client, TOGETHER), asked(client, review(client, *rows))]
        rows += [stories.prepare(one, {"L1": usd(f"{n}.00")}) for n in range(3, 21)]

        assert client.get(TOGETHER).content.decode().count(" checked") == 20
        assert [asked(client, TOGETHER), asked(client, review(client, *rows))] == few
        assert max(few) <= 25

    def test_are_no_more_when_every_row_is_refused_or_looks_like_another(self):
        one = stories.a_funded_request()
        rows = [stories.prepare(one, {"L1": usd("1.00")})]
        Threshold.objects.create(
            code="payee_cooling_off_hours", value=48, unit="hours", effective_from=clock.today() - timedelta(days=1)
        )
        client = signed_in("Divya")
        few = asked(client, TOGETHER)
        rows += [stories.prepare(one, {"L1": usd("1.00")}, duplicate_reason="Asked.") for _n in range(4)]

        assert asked(client, TOGETHER) == few


def asked(client: Client, address: str) -> int:
    """How many questions a page asks the database."""
    with CaptureQueriesContext(connection) as questions:
        assert client.get(address).status_code == 200
    return len(questions)
