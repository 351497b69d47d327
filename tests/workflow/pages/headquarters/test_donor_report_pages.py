"""Donor reports on pages: begun, written half, kept on error, sent, returned, issued, and read by whom it is for."""

from __future__ import annotations

import pytest

from gaf import clock
from tests import donors
from tests.workflow.pages.mission.browsing import day, fill, send, signed_in, words
from workflow.donor_reports.questions import CORE
from workflow.models import DonorReport

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(autouse=True)
def next_year(house):
    with clock.at(donors.AFTER_THE_YEAR):
        yield


def chosen(**other):
    return {"agreement": "AG-1", **day("first_day", "1 1 2026"), **day("last_day", "31 12 2026"), **other}


def every_answer(text: str = "What there is to say, invented.") -> dict[str, str]:
    return {question.name: text for question in CORE}


def at(made: DonorReport, act: str = "") -> str:
    return f"/donor-reports/{made.key}/{act}"


class TestTheList:
    def test_says_what_to_do_while_it_is_empty(self):
        page = words(signed_in("Omar").get("/donor-reports/"))
        assert "No donor report was begun yet. The fund manager begins one" in page
        assert "Begin a donor report" not in page

    def test_shows_the_reports_of_one_agreement(self):
        made = donors.a_begun_report()
        helena = signed_in("Helena")
        assert made.key in words(helena.get("/donor-reports/?agreement=AG-1"))
        assert made.key not in words(helena.get("/donor-reports/?agreement=AG-2"))

    def test_is_reached_from_the_fund_and_from_the_agreement(self):
        donors.an_agreement()
        helena = signed_in("Helena")
        assert 'href="/donor-reports/"' in helena.get("/fund/").content.decode()
        assert 'href="/donor-reports/?agreement=AG-1"' in helena.get("/fund/agreements/").content.decode()

    @pytest.mark.parametrize("name", ["Amina", "Bruno", "Ngozi", "Tunde"])
    def test_is_not_there_for_others(self, name):
        made = donors.an_issued_report()
        client = signed_in(name)
        assert [client.get(url).status_code for url in ("/donor-reports/", at(made))] == [404, 404]


class TestAReport:
    def test_is_begun_written_sent_and_issued(self):
        donors.an_agreement()
        helena, marie = signed_in("Helena"), signed_in("Marie")
        address = fill(helena, "/donor-reports/new/", chosen()).url
        assert fill(helena, address, every_answer()).status_code == 302
        made = DonorReport.objects.get()
        fill(helena, at(made, "propose/"))
        fill(marie, at(made, "issue/"))
        assert DonorReport.objects.get().state == "ISSUED"
        page = words(signed_in("Omar").get(at(made)))
        assert "1. Overall performance What there is to say, invented." in page
        assert "Issued by Marie" in page
        assert "Disability : no table of these days is published." in page.replace("Disability:", "Disability :")

    def test_is_begun_once_however_often_the_button_is_pressed(self):
        donors.an_agreement()
        helena = signed_in("Helena")
        page = helena.get("/donor-reports/new/?agreement=AG-1")
        assert send(helena, page, chosen()).url == send(helena, page, chosen()).url
        assert DonorReport.objects.count() == 1

    def test_is_not_begun_for_days_that_are_not_over(self):
        donors.an_agreement()
        answer = fill(signed_in("Helena"), "/donor-reports/new/", chosen(**day("last_day", "31 12 2027")))
        assert answer.status_code == 422
        assert not DonorReport.objects.exists()

    def test_says_while_it_is_a_draft_what_is_not_written(self):
        made = donors.a_begun_report()
        page = words(signed_in("Marie").get(at(made)))
        assert page.count("Not written yet.") == 8
        assert "The figures are taken from the ledger when the report is sent" in page

    def test_tells_the_writer_why_it_came_back(self):
        made = donors.a_proposed_report()
        nadia = signed_in("Nadia")
        assert fill(nadia, at(made, "return/")).status_code == 422
        fill(nadia, at(made, "return/"), {"reason": "A village is named."})
        page = words(signed_in("Helena").get(at(made)))
        assert "Returned by Nadia A village is named." in page

    def test_is_discarded_with_a_reason(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        assert fill(helena, at(made, "discard/")).status_code == 422
        fill(helena, at(made, "discard/"), {"reason": "The donor asks for none."})
        assert DonorReport.objects.get().state == "DISCARDED"

    def test_offers_its_writer_no_issuing_and_says_why(self):
        made, helena = donors.a_proposed_report(), signed_in("Helena")
        page = words(helena.get(at(made)))
        assert "You wrote a part of it." in page
        assert helena.get(at(made, "issue/")).status_code == 403

    def test_shows_no_acts_once_it_is_over(self):
        page = words(signed_in("Helena").get(at(donors.an_issued_report())))
        assert "Nothing here waits for you." not in page
        assert "Digest of the figures" in page

    def test_has_no_act_of_another_name(self):
        assert signed_in("Helena").get(at(donors.a_begun_report(), "burn/")).status_code == 404


class TestTheForm:
    def test_may_be_saved_half_filled(self):
        made = donors.a_begun_report()
        assert fill(signed_in("Helena"), at(made, "edit/"), {"results": "Measured."}).status_code == 302
        assert DonorReport.objects.get().results == "Measured."

    def test_warns_of_what_looks_like_a_person_and_keeps_every_text(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        wrong = {"lessons": "Mme Diallo helped us.", "results": "Measured."}
        answer = fill(helena, at(made, "edit/"), wrong)
        assert answer.status_code == 422
        page = words(answer)
        assert "This looks like: a person’s name." in page
        assert "Mme Diallo helped us." in page
        assert "Measured." in page
        assert DonorReport.objects.get().results == ""

    def test_keeps_a_text_that_was_looked_at_again(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        answer = fill(helena, at(made, "edit/"), {"lessons": "Madame Tussauds is a museum."})
        mark = answer.content.decode().split('name="lessons-seen" value="')[1].split('"')[0]
        kept = send(helena, answer, {"lessons-seen": mark})
        assert kept.status_code == 302
        assert DonorReport.objects.get().lessons == "Madame Tussauds is a museum."

    def test_refuses_at_sending_what_was_ticked_where_it_names_a_request(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        fill(helena, at(made, "edit/"), {**every_answer(), "risks": "As in GAF-2026-00042."})
        answer = fill(helena, at(made, "propose/"))
        assert answer.status_code == 422
        assert "names a request, a person, a payee or a payment" in words(answer)
        assert DonorReport.objects.get().state == "DRAFT"

    def test_keeps_what_is_typed_where_somebody_else_wrote_meanwhile(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        page = helena.get(at(made, "edit/"))
        donors.write(made)
        answer = send(helena, page, {"lessons": "Typed for an hour."})
        assert answer.status_code == 422
        assert "Typed for an hour." in words(answer)
        assert DonorReport.objects.get().lessons != "Typed for an hour."

    def test_refuses_the_same_topic_twice_at_its_field(self):
        made, helena = donors.a_begun_report(), signed_in("Helena")
        answer = fill(helena, at(made, "edit/"), {"topic_1": "VALUE", "topic_2": "VALUE"})
        assert answer.status_code == 422
        assert "each of them once" in words(answer)

    def test_is_not_open_to_a_second_reader(self):
        made = donors.a_begun_report()
        assert signed_in("Marie").get(at(made, "edit/")).status_code == 404

    def test_is_not_open_once_it_was_sent(self):
        made = donors.a_proposed_report()
        assert signed_in("Helena").get(at(made, "edit/")).status_code == 409
