"""A whole draft, written and sent over plain HTTP."""

from __future__ import annotations

import pytest

from gaf import clock
from tests import stories
from tests.cast import criteria, mission, person, rate
from tests.workflow.pages.mission.browsing import day, fill, send, signed_in, url_of, words
from workflow.actions.drafting import PersonText, edit_situation
from workflow.actions.endorsement import endorse
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.views.missing import missing_links

pytestmark = pytest.mark.usefixtures("house")

SITUATION = "Left behind at the border, sleeps outside."


@pytest.fixture
def amina():
    person("Idriss")
    return signed_in("Amina")


def the_request() -> AssistanceRequest:
    return AssistanceRequest.objects.get()


class TestStartingARequest:
    def test_asks_one_question_and_leads_to_the_form_of_the_answer(self, amina):
        assert fill(amina, "/requests/new/", {"urgency": "standard"}).url == url_of(the_request(), "edit/person/")
        assert fill(amina, "/requests/new/", {"urgency": "urgent"}).url == "/requests/new/urgent/"

    def test_says_when_nothing_was_chosen(self, amina):
        answer = fill(amina, "/requests/new/")
        assert answer.status_code == 422
        assert "Choose one of the two." in words(answer)

    def test_opens_a_draft_of_the_mission_and_goes_to_step_one(self, amina):
        answer = fill(amina, "/requests/new/", {"urgency": "standard", "language": "fr"})
        made = the_request()
        assert (made.mission.code, made.language, made.state, made.author.name) == ("NE", "fr", "DRAFT", "Amina")
        assert answer.url == url_of(made, "edit/person/")

    def test_pressed_twice_opens_one_draft(self, amina):
        page = amina.get("/requests/new/")
        first, second = (send(amina, page, {"urgency": "standard"}) for _press in range(2))
        assert first.url == second.url
        assert AssistanceRequest.objects.count() == 1

    @pytest.mark.parametrize(
        "said", [{"mission": "999999"}, {"language": "xx"}, {"idempotency_key": "not a key"}, {"idempotency_key": None}]
    )
    def test_refuses_what_was_not_offered(self, amina, said):
        answer = fill(amina, "/requests/new/", {"urgency": "standard", **said})
        assert answer.status_code == 422
        assert AssistanceRequest.objects.count() == 0

    def test_does_not_open_a_draft_of_another_mission(self, amina):
        answer = fill(amina, "/requests/new/", {"urgency": "standard", "mission": str(mission("MX").pk)})
        assert answer.status_code == 422
        assert AssistanceRequest.objects.count() == 0


class TestChoicesThatAreRarelyTaken:
    def test_fold_away_behind_a_word(self, amina):
        page = amina.get(url_of(stories.an_empty_draft(), "edit/situation/")).content.decode()
        seen, folded = page.split("<summary>Another situation</summary>")
        assert "Stranded migrant</label>" in seen
        assert "Migrant in an irregular situation</label>" in folded.split("</details>")[0]

    def test_stay_in_sight_once_one_is_taken_so_that_nothing_chosen_is_hidden(self, amina):
        made = stories.an_empty_draft()
        fill(amina, url_of(made, "edit/situation/"), {"categories": ["STRANDED", "IRREG"], "primary": "STRANDED"})
        page = amina.get(url_of(made, "edit/situation/")).content.decode()
        seen, folded = page.split("<summary>Another situation</summary>")
        assert "Migrant in an irregular situation</label>" in seen
        assert "Asylum seeker whose claim was finally rejected</label>" in folded.split("</details>")[0]


class TestTheFourSteps:
    def test_carry_a_draft_to_the_head_of_unit(self, amina):
        rate("XOF")
        fill(amina, "/requests/new/", {"urgency": "standard", "language": "fr"})
        made = the_request()
        assert self.persons(amina, made).url == url_of(made, "edit/situation/")
        assert self.situation(amina, made).url == url_of(made, "edit/help/")
        assert self.help(amina, made).url == url_of(made, "edit/check/")
        check = amina.get(url_of(made, "edit/check/"))
        assert "Send to head of unit: Idriss" in words(check)
        assert "Missing" not in words(check)
        answer = send(amina, check, {"declared": "on"})
        assert answer.url == url_of(made, "sent/")
        made.refresh_from_db(fields=["submitted_at", "primary_category"])
        now = the_request()
        assert now.state == "SUBMITTED"
        assert now.situation_text == SITUATION
        assert [(p.sex, p.age_band, p.nationality, p.disability) for p in now.persons.all()] == [
            ("F", "25-39", "NG", "YES"),
            ("F", "0-4", "NG", "NOT_ASKED"),
        ]
        assert now.consent.mode == "VERBAL"
        assert [str(row.rough_cost) for row in now.help_asked.all()] == ["XOF 250,000"]
        assert [row.programme_text for row in now.alternatives.all()] == ["National programme"]
        assert "Idriss has it." in words(amina.get(answer.url))

    def persons(self, client, made):
        page = client.get(url_of(made, "edit/person/"))
        first = {"persons-0-sex": "F", "persons-0-age_band": "25-39", "persons-0-nationality": "NG"}
        page = send(client, page, {**first, "persons-0-disability": "YES"}, add="persons")
        assert page.status_code == 200
        second = {"persons-1-sex": "F", "persons-1-age_band": "0-4", "persons-1-nationality": "NG"}
        consent = {
            "consent-mode": "VERBAL",
            "consent-consent_language": "ha",
            "consent-with_interpreter": "on",
            "consent-purposes": ["ASSISTANCE"],
            **day("consent-given_on", "19 octobre 2026"),
        }
        return send(client, page, {**second, **consent})

    def situation(self, client, made):
        said = {
            "categories": ["STRANDED", "SMUG"],
            "primary": "STRANDED",
            "tags": ["SINGLE_PARENT"],
            "situation": SITUATION,
            "tried-0-programme": "National programme",
            "tried-0-answer": "NO_FUNDS",
            **day("tried-0-asked_on", "12 10 2026"),
        }
        return fill(client, url_of(made, "edit/situation/"), said)

    def help(self, client, made):
        said = {"help-0-assistance_type": "SHEL", "help-0-rough_cost": "250 000", "help-0-currency": "XOF"}
        return fill(client, url_of(made, "edit/help/"), {**said, "priority": "P2"})

    def test_may_be_left_empty_and_say_at_the_check_what_is_missing(self, amina):
        made = stories.an_empty_draft()
        for name, following in (("person", "situation"), ("situation", "help"), ("help", "check")):
            assert fill(amina, url_of(made, f"edit/{name}/")).url == url_of(made, f"edit/{following}/")
        check = amina.get(url_of(made, "edit/check/"))
        assert "No person is written down. Answer now" in words(check)
        assert f'href="{url_of(made, "edit/person/")}?then=check"' in check.content.decode()

    def test_come_back_to_the_check_when_it_sent_the_person_there(self, amina):
        made = stories.a_draft()
        answer = fill(amina, url_of(made, "edit/help/?then=check"), {"priority": "P3"})
        assert answer.url == url_of(made, "edit/check/")
        assert stories.now(made).priority == "P3"

    def test_keep_what_was_typed_and_go_to_the_record_when_saved_for_later(self, amina):
        made = stories.an_empty_draft()
        answer = fill(amina, url_of(made, "edit/situation/"), {"situation": SITUATION}, later="1")
        assert answer.url == url_of(made)
        assert stories.now(made).situation_text == SITUATION

    def test_change_nothing_when_nothing_was_changed(self, amina):
        made = stories.a_draft()
        before = stories.everything()
        for name in ("situation", "help"):
            assert fill(amina, url_of(made, f"edit/{name}/")).status_code == 302
        assert stories.everything() == before

    def test_pressed_twice_keep_it_once(self, amina):
        made = stories.an_empty_draft()
        page = amina.get(url_of(made, "edit/situation/"))
        first, second = (send(amina, page, {"situation": SITUATION}) for _press in range(2))
        assert (first.status_code, second.status_code) == (302, 302)
        assert stories.now(made).version == made.version + 1

    def test_let_a_mission_take_part_and_leave_again(self, amina):
        made, mexico = stories.a_draft(), mission("MX")
        fill(amina, url_of(made, "edit/person/"), {"other_missions": [str(mexico.pk)]})
        assert stories.now(made).mission_ids() == {made.mission_id, mexico.pk}
        fill(amina, url_of(made, "edit/person/"), {"other_missions": None})
        assert stories.now(made).mission_ids() == {made.mission_id}

    def test_take_out_a_person_by_the_button_of_its_row(self, amina):
        made = stories.a_draft(persons=(stories.WOMAN, PersonText("M", "0-4", "GN")))
        page = fill(amina, url_of(made, "edit/person/"), remove="persons-0")
        assert page.status_code == 200
        assert send(amina, page).status_code == 302
        assert [p.nationality for p in made.persons.all()] == ["GN"]

    def test_record_that_no_programme_exists_with_the_reason(self, amina):
        made = stories.an_empty_draft()
        fill(amina, url_of(made, "edit/situation/"), {"none_exists": "No service within 400 km."})
        row = made.alternatives.get()
        assert (row.answer, row.note_text) == ("NONE_EXISTS", "No service within 400 km.")


class TestSending:
    def test_needs_the_declaration(self, amina):
        made = stories.a_draft()
        before = stories.everything()
        answer = fill(amina, url_of(made, "edit/check/"))
        assert answer.status_code == 422
        assert "Confirm that the answers are true." in words(answer)
        assert stories.everything() == before

    def test_says_everything_that_is_missing_and_moves_nothing(self, amina):
        made = stories.an_empty_draft()
        before = stories.everything()
        answer = fill(amina, url_of(made, "edit/check/"), {"declared": "on"})
        assert answer.status_code == 422
        for obstacle in obstacles(made, "submit"):
            assert obstacle in words(answer)
        assert stories.everything() == before

    def test_pressed_twice_sends_it_once_and_shows_the_receipt_twice(self, amina):
        made = stories.a_draft()
        page = amina.get(url_of(made, "edit/check/"))
        first, second = (send(amina, page, {"declared": "on"}) for _press in range(2))
        assert first.url == second.url == url_of(made, "sent/")
        assert stories.now(made).version == made.version + 1

    def test_from_a_stale_page_is_answered_with_how_it_is_now(self, amina):
        made = stories.a_draft()
        page = amina.get(url_of(made, "edit/check/"))
        edit_situation(request_id=made.pk, situation="Another text.", **stories.by("Amina"))
        before = stories.everything()
        assert send(amina, page, {"declared": "on"}).status_code == 409
        assert stories.everything() == before

    def test_a_draft_with_danger_now_goes_to_the_duty_officer(self, amina):
        made = stories.a_draft(priority="P1")
        criteria()
        answer = fill(amina, url_of(made, "edit/check/"), {"declared": "on"}, urgent="1")
        assert answer.url == url_of(made, "sent/")
        now = stories.now(made)
        assert (now.state, now.is_urgent) == ("ELIGIBILITY_REVIEW", True)
        assert "The duty officer has it." in words(amina.get(answer.url))

    def test_without_danger_it_does_not(self, amina):
        made = stories.a_draft(priority="P2")
        before = stories.everything()
        page = amina.get(url_of(made, "edit/check/"))
        assert "duty officer" not in words(page).split("Check before you send")[1]
        assert send(amina, page, {"declared": "on"}, urgent="1").status_code == 403
        assert stories.everything() == before

    def test_what_is_missing_always_has_a_page(self, amina):
        made = stories.an_empty_draft()
        found = missing_links(made, [*obstacles(made, "submit"), *obstacles(made, "send_urgent")])
        assert len(found) >= 8
        assert all(one.url for one in found)


class TestAnUrgentRequestThatHeadquartersHas:
    def test_is_finished_on_the_same_pages_until_it_is_endorsed(self, amina):
        made = stories.an_urgent_request()
        page = amina.get(url_of(made, "edit/check/"))
        assert "Finish the urgent request" in words(page)
        assert "Step 4" not in words(page)
        answer = fill(amina, url_of(made, "edit/situation/"), {"situation": "Now with the details."})
        assert answer.status_code == 302
        assert stories.now(made).situation_text == "Now with the details."

    def test_stands_after_that(self, amina):
        made = endorse(request_id=stories.an_urgent_request().pk, **stories.by("Idriss"))
        assert amina.get(url_of(made, "edit/situation/")).status_code == 403


class TestTheReceipt:
    def test_is_not_there_before_it_was_sent(self, amina):
        made = stories.a_draft()
        assert amina.get(url_of(made, "sent/")).url == url_of(made)

    def test_can_be_opened_again_later(self, amina):
        made = stories.a_taken_request()
        with clock.at(clock.now()):
            assert "The GAF team has it." in words(amina.get(url_of(made, "sent/")))
