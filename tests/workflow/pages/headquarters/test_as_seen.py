"""Decision replay: what the one who decided had before them, whatever was written since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.decisions.models import Decision
from gaf.gate import act_under_way
from tests import stories
from tests.cast import people
from tests.stories import by
from tests.workflow.conftest import MORNING
from tests.workflow.pages.headquarters.visits import signed_in, text_of, url_of, visit
from tests.workflow.test_erasure import erase
from workflow.actions.drafting import edit_situation
from workflow.actions.planning import edit_plan, return_budget
from workflow.models import AssistanceRequest, BudgetLine

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]


def decision(made: AssistanceRequest, act: str) -> Decision:
    return Decision.objects.filter(subject=made.reference, act=act).latest("number")


def seen_at(name: str, made: AssistanceRequest, act: str) -> str:
    """The words of the page of the newest decision of this act."""
    return text_of(visit(name, made, f"as-seen/{decision(made, act).number}/"))


class TestWhatWasSeen:
    def test_is_the_text_of_then_and_not_of_now(self):
        made = stories.ask(stories.a_taken_request(), about="SITUATION")
        with clock.at(MORNING + timedelta(hours=2)):
            edit_situation(request_id=made.pk, situation="Written anew.", **by("Amina"))
        page = seen_at("Bruno", made, "ask")

        assert "What Bruno saw" in page
        assert "This is the past." in page
        assert "Left without shelter after an escape." in page
        assert "Written anew." not in page

    def test_is_the_budget_before_the_approval_wrote_in_it_beside_what_it_decided(self):
        made = stories.a_budget_to_approve()
        first, second = stories.lines_of(made)
        decisions = [
            stories.LineDecision(first.pk, "approve", stream_code="A"),
            stories.LineDecision(second.pk, "decline", reason_code="COVERED"),
        ]
        stories.approve(made, decisions)
        page = seen_at("Helena", made, "approve_budget")

        budget = page.split("The request as it stood")[1]
        assert "To approve" in budget
        assert "Proposed" in budget
        assert "Not approved" not in budget
        assert "1 Shelter and accommodation Approved USD 588.00 A" in page
        assert "2 Medical care Not approved: Covered by another programme USD 0.00 –" in page
        assert BudgetLine.objects.get(pk=second.pk).state == "DECLINED"

    def test_is_the_plan_of_then_when_the_budget_came_back_and_was_sent_again(self):
        made = stories.a_budget_to_approve()
        return_budget(request_id=made.pk, reason_code="QUOTES", reason="Two quotes.", **by("Chen"))
        with clock.at(MORNING + timedelta(hours=2)):
            edit_plan(request_id=made.pk, plan="Another plan.", **by("Amina"))
        page = seen_at("Chen", made, "return_budget")

        assert "Shelter, then care." in page
        assert "Another plan." not in page

    def test_is_the_criteria_set_with_the_answers_there_were(self):
        made = stories.an_eligible_request()
        number = made.criteria_set.number
        taken, confirmed = (seen_at("Bruno", made, act) for act in ("take", "confirm_eligibility"))

        assert f"Criteria, set {number}" in confirmed
        assert "not answered yet" not in confirmed
        assert f"Criteria, set {number}" in taken

    def test_says_before_headquarters_had_it_that_no_criteria_bound_it(self):
        assert "It was not bound to criteria yet" in seen_at("Idriss", stories.an_endorsed_request(), "endorse")

    def test_says_that_nothing_stood_there_before_the_first_word(self):
        page = seen_at("Amina", stories.an_empty_draft(), "write")

        assert "Nothing stood there yet: this decision began it." in page

    def test_is_there_for_every_decision_of_a_whole_life(self):
        made = stories.a_closed_request()
        client = signed_in("Helena")
        numbers = Decision.objects.filter(subject=made.reference).values_list("number", flat=True)

        assert len(numbers) > 10
        assert {client.get(url_of(made, f"as-seen/{number}/")).status_code for number in numbers} == {200}

    def test_is_no_longer_what_was_erased_since(self):
        made = stories.a_closed_request()
        people("Nadia", "Ngozi", "Helena")
        erase(made)
        page = seen_at("Helena", made, "approve_budget")

        assert "Left without shelter after an escape." not in page
        assert "Nigeria" not in page
        assert "1 Shelter and accommodation Approved USD 588.00 A" in page

    def test_changes_nothing(self):
        made = stories.an_approved_request()
        before = stories.everything()
        seen_at("Helena", made, "approve_budget")

        assert stories.everything() == before


class TestTheSealOfADecision:
    def test_agrees(self):
        assert "Its seal agrees" in seen_at("Omar", stories.a_taken_request(), "take")


class TestWhoLooks:
    def test_reads_no_sealed_text_that_is_sealed_for_them_now(self):
        page = seen_at("Omar", stories.a_budget_to_approve(), "confirm_eligibility")

        assert "Left without shelter" not in page
        assert "sealed" in page

    def test_finds_no_page_of_another_mission_nor_of_another_requests_decision(self):
        made, other = stories.a_taken_request(), stories.an_approved_request()

        assert visit("Sofía", made, f"as-seen/{decision(made, 'take').number}/").status_code == 404
        assert visit("Bruno", made, f"as-seen/{decision(other, 'approve_budget').number}/").status_code == 404

    def test_comes_there_from_the_timeline_and_goes_on_to_what_changed(self):
        made = stories.an_approved_request()
        number = decision(made, "approve_budget").number
        address = f"/requests/{made.reference}/as-seen/{number}/"

        assert f'href="{address}"' in visit("Helena", made).content.decode()
        assert f'href="{address}"' in visit("Helena", made, "timeline/").content.decode()
        page = signed_in("Helena").get(address).content.decode()
        assert f'href="/requests/{made.reference}/changes/?decision={number}"' in page
        assert f'href="{address}"' not in page

    def test_is_offered_none_for_what_the_system_did(self):
        page = visit("Helena", stories.an_implementing_request(), "timeline/?show=system").content.decode()

        assert "as-seen" not in page


class TestTheVersionsOfAnAct:
    def test_name_it(self):
        made = stories.an_approved_request()
        reasons = {line.history.latest().history_change_reason for line in stories.lines_of(made)}

        assert reasons == {"approve_budget"}
        assert act_under_way() == ""


def test_takes_as_many_queries_for_ten_lines_as_for_one():
    counts = []
    for many in (1, 10):
        made = stories.a_budget_to_approve(lines=[stories.SHELTER] * many)
        client, number = signed_in("Chen"), decision(made, "send_budget").number
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url_of(made, f"as-seen/{number}/")).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 25
