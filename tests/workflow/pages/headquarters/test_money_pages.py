"""Urgent spending, confirming funds, releasing and accepting reports, each on its own page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from finance.actions.rates import approve_rate, enter_rate
from finance.models import Disbursement
from finance.queries import commitments_of
from gaf import clock
from tests import stories
from tests.stories import everything, now
from tests.workflow.pages.headquarters.visits import form_on, press, send, signed_in, text_of, url_of, visit
from workflow.models import ReportLine, UrgentAllowance

pytestmark = pytest.mark.usefixtures("house")


class TestUrgentSpending:
    def test_proposes_the_rough_cost_and_shows_free_money_before_and_after(self):
        made = stories.an_urgent_request()
        opened = visit("Gloria", made, "allow-urgent-spending/")
        assert form_on(opened)["fields"]["limit"] == "600.00"
        assert form_on(opened)["fields"]["assistance_types"] == ["SHEL"]
        page = text_of(opened)
        assert "At most USD 1,500.00." in page
        assert "Free USD 100,000.00" in page
        assert "Free USD 99,400.00" in page

    def test_is_allowed_up_to_the_limit_written(self):
        made = stories.an_urgent_request()
        answer = press("Gloria", made, "allow-urgent-spending/", limit="424", assistance_types=["SHEL", "HLTH"])
        assert answer.status_code == 302
        allowance = UrgentAllowance.objects.get()
        assert (allowance.limit_minor, allowance.assistance_types) == (42400, ["HLTH", "SHEL"])

    @pytest.mark.parametrize("limit", ["", "0", "-5", "NaN", "1500.01", "12.345", "much", "1e3", "9" * 41])
    def test_refuses_an_amount_that_is_none_or_too_much(self, limit):
        made = stories.an_urgent_request()
        before = everything()
        answer = press("Gloria", made, "allow-urgent-spending/", limit=limit)
        assert answer.status_code == 422
        assert everything() == before

    @pytest.mark.parametrize("kinds", [[], ["TRVL"]])
    def test_refuses_help_that_can_wait(self, kinds):
        made = stories.an_urgent_request()
        before = everything()
        assert press("Gloria", made, "allow-urgent-spending/", assistance_types=kinds).status_code == 422
        assert everything() == before

    def test_is_the_duty_officers_alone_and_once(self):
        made = stories.an_urgent_request()
        assert visit("Helena", made, "allow-urgent-spending/").status_code == 403
        assert visit("Sofía", made, "allow-urgent-spending/").status_code == 404
        allowed = stories.an_urgent_request(allowed="424.00")
        assert "Rule URGENT-02" in text_of(visit("Gloria", allowed, "allow-urgent-spending/"))


class TestConfirmingFunds:
    def test_prefills_both_codes_and_confirms_them(self):
        made = stories.an_approved_request()
        opened = visit("Marie", made, "certify-funds/")
        fields = form_on(opened)["fields"]
        assert (fields["form-0-wbs"], fields["form-0-gl"]) == ("GAF.A", "307400")
        answer = press("Marie", made, "certify-funds/", form__1__gl="307410")
        assert answer.status_code == 302
        assert now(made).state == "FUNDED"
        assert [(c.wbs, c.gl) for c in commitments_of(made.reference)] == [("GAF.A", "307400"), ("GAF.A", "307410")]

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"form__0__wbs": ""}, "Line 1: Answer “WBS element”."),
            ({"form__1__gl": "ACCOUNT"}, "Line 2, Ledger account: Write digits only."),
            ({"form__0__wbs": "GAF A; 1"}, "Line 1, WBS element: Write letters"),
            ({"form__0__wbs": "X" * 25}, "Line 1, WBS element"),
        ],
    )
    def test_says_at_the_line_what_is_wrong(self, said, words):
        made = stories.an_approved_request()
        before = everything()
        answer = press("Marie", made, "certify-funds/", **said)
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert everything() == before

    def test_warns_when_a_rate_has_moved(self):
        local = ("SHEL", "Safe shelter", "person-night", "21", "16000", "XOF")
        made = stories.an_approved_request(lines=(local,))
        assert "today 572" in text_of(visit("Marie", made, "certify-funds/"))
        entered = enter_rate(
            currency="XOF",
            effective_from=clock.today(),
            units_per_usd=Decimal("610"),
            source="invented",
            **stories.by("Marie"),
        )
        approve_rate(rate_id=entered.pk, **stories.by("Viktor"))
        page = text_of(visit("Marie", made, "certify-funds/"))
        assert "today 610, 6.6 %" in page
        assert "A rate has moved by more than 5 %" in page

    def test_is_not_for_others_nor_from_elsewhere(self):
        made = stories.an_approved_request()
        assert [visit(name, made, "certify-funds/").status_code for name in ("Chen", "Omar", "Sofía")] == [
            403,
            403,
            404,
        ]
        assert visit("Marie", stories.a_budget_to_approve(), "certify-funds/").status_code == 409

    def test_of_a_stale_page_confirms_nothing(self):
        made = stories.an_approved_request()
        before = everything()
        assert press("Marie", made, "certify-funds/", seen_version="1").status_code == 409
        assert everything() == before


class TestReleasing:
    def test_shows_what_is_prepared_by_whom_for_which_payee(self):
        made = stories.a_funded_request()
        disbursement = stories.prepare(made)
        page = text_of(visit("Divya", made, "release/"))
        assert "Approved by Chen Funds confirmed by Marie" in page
        assert disbursement.number in page
        assert disbursement.payee_key in page
        assert "Total USD USD 928.00" in page
        assert "Shelter House" not in page
        assert "DE89370400440532013000" not in page

    def test_lets_go_what_is_ticked_and_nothing_else(self):
        made = stories.a_funded_request()
        first = stories.prepare(made, {"L1": stories.usd("588.00")})
        second = stories.prepare(made, {"L2": stories.usd("340.00")})
        assert press("Divya", made, "release/", numbers=[second.number]).status_code == 302
        states = dict(Disbursement.objects.values_list("number", "state"))
        assert states == {first.number: "PREPARED", second.number: "RELEASED"}
        assert now(made).state == "DISBURSING"

    @pytest.mark.parametrize(("numbers", "words"), [([], "Tick at least one"), (["P-2026-09999"], "is not prepared")])
    def test_refuses_what_is_not_prepared_here(self, numbers, words):
        made = stories.a_funded_request()
        stories.prepare(made)
        before = everything()
        answer = press("Divya", made, "release/", numbers=numbers)
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert everything() == before

    def test_twice_lets_go_once(self):
        made, client = stories.a_funded_request(), signed_in("Divya")
        stories.prepare(made)
        form = form_on(client.get(url_of(made, "release/")))
        assert send(client, url_of(made, "release/"), form).status_code == 302
        before = everything()
        assert send(client, url_of(made, "release/"), form).status_code in (409, 422)
        assert everything() == before

    def test_is_not_for_others_nor_from_elsewhere(self):
        made = stories.a_funded_request()
        assert [visit(name, made, "release/").status_code for name in ("Marie", "Omar", "Sofía")] == [403, 403, 404]
        assert visit("Divya", stories.an_approved_request(), "release/").status_code == 409
        assert "No disbursement is prepared." in text_of(visit("Divya", made, "release/"))


class TestAcceptingReports:
    def test_shows_the_narrative_beside_what_was_granted_paid_and_spent(self):
        made = stories.report(stories.a_reporting_request(), {"L1": stories.usd("560.00")})
        opened = visit("Marie", made, "accept-reports/")
        page = text_of(opened)
        assert "The person is safe." in page
        assert "Granted USD 588.00 · Paid USD 588.00 · Spent USD 560.00" in page
        assert form_on(opened)["fields"]["form-0-accepted"] == "560.00"

    def test_accepts_line_by_line_and_less_with_a_reason(self):
        made = stories.report(stories.a_reporting_request())
        answer = press(
            "Marie", made, "accept-reports/", form__1__accepted="300.00", form__1__disallow_code="NO_EVIDENCE"
        )
        assert answer.status_code == 302
        assert now(made).state == "RECONCILING"
        rows = ReportLine.objects.order_by("line__number").values_list("accepted_minor", "disallowed_minor")
        assert list(rows) == [(58800, 0), (30000, 4000)]

    @pytest.mark.parametrize(
        ("accepted", "words"),
        [
            ("300.00", "Choose why less is accepted."),
            ("340.01", "Accept at most USD 340.00."),
            ("-1", "It is below nought."),
            ("NaN", "It is not a plain number."),
            ("1.005", "can be read in two ways"),
            ("", "Answer “Accepted”."),
        ],
    )
    def test_says_at_the_line_what_is_wrong(self, accepted, words):
        made = stories.report(stories.a_reporting_request())
        before = everything()
        answer = press("Marie", made, "accept-reports/", form__1__accepted=accepted, reason="Kept as I typed it here.")
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert "Kept as I typed it here." in text_of(answer)
        assert everything() == before

    def test_with_a_report_missing_says_whose(self):
        page = text_of(visit("Marie", stories.a_reporting_request(), "accept-reports/"))
        assert "The report of Niger is not in." in page

    def test_is_not_for_others_nor_from_elsewhere(self):
        made = stories.report(stories.a_reporting_request())
        codes = [visit(name, made, "accept-reports/").status_code for name in ("Helena", "Moussa", "Sofía")]
        assert codes == [403, 403, 404]
        assert visit("Marie", stories.a_funded_request(), "accept-reports/").status_code == 409


class TestClosing:
    def test_says_what_is_not_explained_yet(self):
        made = stories.accept(stories.report(stories.a_reporting_request()), {"L2": stories.usd("300.00")})
        page = text_of(visit("Helena", made, "close/"))
        assert "Not yet: this is missing" in page
        assert "has not come." in page
        with clock.at(clock.now() + timedelta(days=1)):
            assert "How did help end?" not in text_of(visit("Helena", made, "close/"))
