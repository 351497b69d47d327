"""Pages of amendments, statements, urgent costs, advances and tranches, from the button to what was kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.models import Tranche
from finance.queries import money_of
from gaf import clock
from tests import stories
from tests.stories import everything, now, usd
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of, visit
from tests.workflow.test_amendments import ask_for, reviewed, ticket
from tests.workflow.test_honoured_costs import paid
from tests.workflow.test_lost_receipts import declare
from workflow.models import Amendment, LostReceipt

pytestmark = pytest.mark.usefixtures("house")


def post(name: str, address: str, **fields: object):
    """Send a form of a page beside a request."""
    return signed_in(name).post(f"{address}?save=1", fields)


class TestAskingForAnAmendment:
    def test_takes_more_of_a_line_and_says_who_has_it_next(self):
        made = stories.an_approved_request()

        answer = press("Amina", made, "ask-amendment/", why="The bill is higher.", more_L1="2")

        assert answer.status_code == 302
        amendment = Amendment.objects.get()
        assert (amendment.delta, amendment.state) == (usd("56.00"), "ASKED")
        assert "Amendments 1" in text_of(visit("Bruno", made))
        assert amendment.key in text_of(visit("Bruno", made, "amendments/"))

    def test_keeps_what_was_typed_when_something_is_missing(self):
        made = stories.an_approved_request()
        before = everything()

        answer = press("Amina", made, "ask-amendment/", why="It costs more now.", more_L1="2", less_L1="1")

        assert answer.status_code == 422
        assert "Write more or less of a line, not both." in text_of(answer)
        assert "It costs more now." in text_of(answer)
        assert everything() == before

    def test_is_the_missions_own(self):
        made = stories.an_approved_request()

        assert [visit(name, made, "ask-amendment/").status_code for name in ("Bruno", "Rima")] == [404, 404]
        assert visit("Amina", stories.a_budget_to_approve(), "ask-amendment/").status_code == 409


class TestDecidingAnAmendment:
    def test_goes_step_by_step_to_the_committed_money(self):
        made = stories.an_approved_request()
        here = f"/amendments/{made.reference}/1/"
        ask_for(made, ticket())
        stories.what_the_gates_ask(made, only=("R5",))
        assert "Endorse the amendment" in text_of(signed_in("Idriss").get(here))
        assert signed_in("Idriss").get(f"{here}approve-amendment/").status_code == 409
        assert post("Idriss", f"{here}endorse-amendment/", seen_version="0").status_code == 302
        assert post("Bruno", f"{here}review-amendment/", seen_version="1", reason="").status_code == 302
        page = signed_in("Chen").get(f"{here}approve-amendment/")
        assert "The request comes to USD 1,648.00" in text_of(page)

        fields = {"seen_version": "2", "stream_A1": "A", "reason": ""}
        assert post("Chen", f"{here}approve-amendment/", **fields).status_code == 302

        assert money_of(made.reference).open == usd("1648.00")
        assert "Approved" in text_of(signed_in("Omar").get(here))

    def test_says_no_to_the_wrong_people_and_to_a_stale_page(self):
        made = stories.an_approved_request()
        here = f"/amendments/{made.reference}/1/"
        reviewed(ask_for(made, ticket()))
        before = everything()

        assert signed_in("Marie").get(f"{here}approve-amendment/").status_code == 403
        assert signed_in("Rima").get(here).status_code == 404
        assert signed_in("Chen").get(f"{here}unknown-act/").status_code == 404
        stale = {"seen_version": "0", "stream_A1": "A", "reason": ""}
        assert post("Chen", f"{here}approve-amendment/", **stale).status_code == 409
        empty = {"seen_version": "2", "stream_A1": "", "reason": "Kept."}
        assert "Choose the stream that bears it." in text_of(post("Chen", f"{here}approve-amendment/", **empty))
        assert everything() == before


class TestMoreTime:
    def test_moves_the_last_day(self):
        made = stories.an_approved_request()

        fields = {"ends_on_0": "31", "ends_on_1": "3", "ends_on_2": "2027", "reason": "The course runs on."}
        assert press("Helena", made, "extend-delivery/", **fields).status_code == 302

        assert str(now(made).delivery_ends_on) == "2027-03-31"
        assert visit("Amina", made, "extend-delivery/").status_code == 403


class TestAStatementInPlaceOfAReceipt:
    def test_is_declared_witnessed_and_accepted(self):
        made = stories.a_reporting_request()
        line = str(stories.lines_of(made)[0].pk)
        here = f"/lost-receipts/{made.reference}/1/"

        fields = {"line": line, "amount": "40.00", "statement": "The rain took the slip."}
        assert press("Moussa", made, "declare-lost-receipt/", **fields).status_code == 302
        assert signed_in("Moussa").get(f"{here}witness-lost-receipt/").status_code == 403
        assert post("Amina", f"{here}witness-lost-receipt/", seen_version="0", seen="on").status_code == 302
        assert post("Helena", f"{here}accept-lost-receipt/", seen_version="1", reason="").status_code == 302

        assert LostReceipt.objects.get().state == "ACCEPTED"
        assert "The rain took the slip." in text_of(signed_in("Amina").get(here))
        assert "The rain took the slip." not in text_of(signed_in("Divya").get(here))

    def test_above_a_cap_stays_undecided_and_says_why(self):
        made = stories.a_reporting_request()
        here = f"/lost-receipts/{made.reference}/1/"
        declare(made, "157.38")
        post("Amina", f"{here}witness-lost-receipt/", seen_version="0", seen="on")

        answer = post("Helena", f"{here}accept-lost-receipt/", seen_version="1", reason="")

        assert answer.status_code == 422
        assert "is above USD 100.00 for one statement" in text_of(answer)
        assert LostReceipt.objects.get().state == "WITNESSED"


class TestUrgentCostsOfARequestThatEnded:
    def test_are_accepted_and_then_closed(self):
        made = paid()

        assert press("Marie", made, "accept-urgent-costs/", accepted="340.00").status_code == 302
        assert press("Helena", made, "close/", reason_code="REFERRED").status_code == 302

        assert (now(made).state, now(made).closure_code) == ("WITHDRAWN", "REFERRED")
        assert visit("Helena", made, "accept-urgent-costs/").status_code == 403


class TestAdvances:
    def test_stand_by_age_with_the_mission_that_waits(self):
        owing = stories.a_reporting_request()
        with clock.at(clock.now() + timedelta(days=77)):
            page = text_of(signed_in("Helena").get("/advances/"))
            waiting = stories.a_submitted_request(priority="P4")
            assert "47 days overdue" in text_of(visit("Helena", waiting, "let-pass/"))
            assert press("Helena", waiting, "let-pass/", reason="The bank was closed.").status_code == 302

        assert owing.reference in page
        assert "Niger" in page
        assert "USD 928.00" in page
        assert signed_in("Amina").get("/advances/").status_code == 404


class TestTranches:
    def test_are_planned_opened_and_refused_in_words(self):
        made = stories.a_funded_request()
        here = f"/tranches/{made.reference}/"
        assert "Pay it in tranches" in text_of(signed_in("Marie").get(here))
        wrong = {"amount_1": "288.00", "amount_2": "299.99", "condition_2": "GATE"}
        assert "The tranches together are USD 588.00." in text_of(post("Marie", f"{here}L1/", **wrong))
        assert post("Marie", f"{here}L1/", **{**wrong, "amount_2": "300.00"}).status_code == 302

        unsaid = post("Marie", f"{here}L1/2/open-tranche/", seen_version="0", confirmed="")
        assert "Answer “How was the condition met? No names of persons.”." in text_of(unsaid)
        fields = {"seen_version": "0", "confirmed": "The plan was seen."}
        assert post("Marie", f"{here}L1/2/open-tranche/", **fields).status_code == 302

        assert list(Tranche.objects.values_list("state", flat=True)) == ["OPEN", "OPEN"]
        unpaid = {"seen_version": "0", "accepted": "288.00", "disallowed": "0", "reason_code": ""}
        assert post("Marie", f"{here}L1/1/account-for-tranche/", **unpaid).status_code == 422
        assert signed_in("Divya").get(f"{here}L1/1/account-for-tranche/").status_code == 403
