"""The reconciliation page: reasons in words, one press where one answer stands alone, choices, all exact, undo."""

from __future__ import annotations

import pytest
from lxml import html

from finance.models import MatchRule, StatementLine
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.roles import Role
from tests.finance.builders import YEAR_START, Fund, everything, usd
from tests.finance.matching.lines import fresh, import_lines, read, sent
from tests.finance.pages.visits import Reported, Visit, problems, words

LIST = "/reconciliation/GVA/"


def address(line: StatementLine, act: str) -> str:
    return f"{LIST}lines/{line.identity[:16]}/{act}/"


def focused(page, anchor: str):
    """The element that a browser gives the focus to."""
    return html.fromstring(page.content).get_element_by_id(anchor)


class TestTheHeader:
    def test_answers_both_questions(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        assert "Are the lines matched 0 of 3 Suggested 2 Open lines 3 Set aside 0" in words(visit.get(LIST))
        assert "Does the account agree Differs by USD 379.00" in words(visit.get(LIST))

        visit.press(reported.address(-40_000, "match"), seen_version=1)

        assert "Are the lines matched 1 of 3" in words(visit.get(LIST))


class TestAnExactLine:
    def test_j09_is_one_button_and_the_next_one_has_the_focus(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        answer = visit.press(reported.address(-40_000, "match"), seen_version=1)
        anchor = answer["Location"].partition("#")[2]

        button = focused(visit.get(LIST), anchor)
        assert (button.tag, button.text_content().startswith("Match")) == ("button", True)

    def test_somebody_else_matched_meanwhile_says_who(self, fund: Fund, reported: Reported) -> None:
        other = User.objects.create_user("other@gaf.example", "Other Reconciler")
        RoleAssignment.objects.create(person=other, role=Role.RECONCILER, starts_on=YEAR_START)
        Visit.of(other).press(reported.address(-40_000, "match"), seen_version=1)

        answer = Visit.of(fund.esi).press(reported.address(-40_000, "match"), seen_version=1)

        assert answer.status_code == 409
        assert "Other Reconciler was quicker." in words(answer)
        assert "by Other Reconciler" in words(Visit.of(fund.esi).get(f"{LIST}?show=all"))


class TestAllExactLines:
    def test_j09_take_two_acts_and_those_that_moved_on_stop_no_other(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        preview = visit.get(f"{LIST}exact/")
        assert "Match 2 exact lines" in words(preview)
        told = html.fromstring(preview.content).xpath("//main//input[@name='line']/@value")
        visit.press(reported.address(-400, "match"), seen_version=1)

        visit.press(f"{LIST}exact/", line=told)

        assert [reported.line(minor).state for minor in (-40_000, -400, 2_500)] == ["MATCHED", "MATCHED", "UNMATCHED"]
        page = visit.get(LIST).content.decode()
        assert "1 line is matched." in page
        assert "This act is not open from there." in page

    @pytest.mark.parametrize("line", ["x:1", "0123456789abcdef:-1", "0123456789abcdef", ":"])
    def test_take_only_what_the_page_offered(self, fund: Fund, reported: Reported, line: str) -> None:
        before = everything()
        answer = Visit.of(fund.esi).press(f"{LIST}exact/", line=[line])
        assert (answer.status_code, everything()) == (422, before)

    def test_of_another_account_lead_nowhere(self, fund: Fund, reported: Reported) -> None:
        assert Visit.of(fund.esi).press(f"{LIST}exact/", line=["0" * 16 + ":1"]).status_code == 404


class TestASuggestion:
    def test_with_a_fee_is_one_press_and_says_so(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        (line,) = import_lines(fund, read("-301.50", end_to_end=one.end_to_end))
        visit = Visit.of(fund.esi)
        said = words(visit.get(LIST))
        assert "reference equal · differs by USD 1.50, like a fee" in said
        assert "Match, the rest as bank fee" in said

        visit.press(address(line, "find"), seen_version=0, record=[one.number], books_to="bank_fee")

        assert (fresh(line).state, fund.now(one).state) == ("MATCHED", "CONFIRMED")
        assert "USD 1.50: bank fee" in words(visit.get(f"{LIST}?show=all"))

    def test_with_a_second_candidate_is_never_one_press(self, fund: Fund) -> None:
        one, two = sent(fund, "300.00", "300.00")
        (line,) = import_lines(fund, read("-300.00", text=f"{one.end_to_end} {two.end_to_end}"))
        visit = Visit.of(fund.esi)
        page = visit.get(LIST)
        assert "2 payments of USD 300.00 near 24 Nov 2026 · no one-key match" in words(page)
        form = html.fromstring(page.content).xpath("//main//table//form")[0]
        assert form.xpath(".//input[@name='record']/@type") == ["radio", "radio"]
        assert form.xpath(".//input[@name='record'][@checked]") == []
        assert visit.press(address(line, "find"), seen_version=0).status_code == 422

        visit.press(address(line, "find"), seen_version=0, record=[two.number])

        assert (fund.now(one).state, fund.now(two).state) == ("SENT", "CONFIRMED")

    def test_of_a_split_takes_its_other_lines_along(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        lines = import_lines(fund, read("-100.00", text=one.end_to_end), read("-200.00", text=one.end_to_end))
        visit = Visit.of(fund.esi)
        page = html.fromstring(visit.get(LIST).content)
        assert page.xpath("//main//input[@name='also']/@value") == [lines[1].identity[:16], lines[0].identity[:16]]

        visit.press(address(lines[0], "find"), seen_version=0, record=[one.number], also=[lines[1].identity[:16]])

        assert [fresh(line).state for line in lines] == ["MATCHED", "MATCHED"]

    def test_whose_record_is_gone_is_not_shown(self, fund: Fund) -> None:
        (one,) = sent(fund, "300.00")
        exact, fee = import_lines(fund, read("-300.00", end_to_end=one.end_to_end), read("-300.70"))
        assert fee.state == "UNMATCHED"
        fund.match(exact)

        assert one.number not in words(Visit.of(fund.esi).get(LIST))


class TestFinding:
    def test_searches_by_number_amount_and_payees_key(self, fund: Fund) -> None:
        one, two = sent(fund, "300.00", "400.00")
        (line,) = import_lines(fund, read("-300.00"))
        visit = Visit.of(fund.esi)
        for asked, found, left in (
            (one.number, one, two),
            ("400.00", two, one),
            ("", one, None),
            (one.payee_key, two, None),
        ):
            said = words(visit.get(f"{address(line, 'find')}?q={asked}"))
            assert f"disbursement {found.number}" in said
            assert left is None or f"disbursement {left.number}" not in said

    def test_keeps_what_was_chosen_when_it_does_not_add_up(self, fund: Fund) -> None:
        one, two = sent(fund, "300.00", "400.00")
        (line,) = import_lines(fund, read("-700.01"))
        before = everything()

        answer = Visit.of(fund.esi).press(address(line, "find"), seen_version=0, record=[one.number, two.number])

        assert (answer.status_code, everything()) == (422, before)
        assert problems(answer)[0].startswith("The line was not matched. The records do not add up to the line.")
        page = html.fromstring(answer.content)
        assert page.xpath("//input[@name='record'][@checked]/@value") == [one.number, two.number]

    def test_takes_no_keys_a_page_cannot_have_offered(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-700.01"))
        before, visit = everything(), Visit.of(fund.esi)
        for record in (["' OR 1=1"], ["P-1"] * 2 + [f"P-{n}" for n in range(30)], ["P-2026-99999"]):
            assert visit.press(address(line, "find"), seen_version=0, record=record).status_code == 422
        assert everything() == before


class TestUndoing:
    def test_the_last_one_is_one_press_on_the_list(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        visit.press(reported.address(-40_000, "match"), seen_version=1)
        page = visit.get(LIST)
        assert "Last: matched 23 Nov 2026, −USD 400.00." in words(page)
        form = html.fromstring(page.content).xpath("//main//form[contains(@action, '/undo/')]")[0]

        answer = visit.press(form.get("action").partition("?")[0], **dict(form.form_values()))

        line = reported.line(-40_000)
        assert answer["Location"].endswith(f"#line-{line.identity[:16]}")
        assert (line.state, fund.now(reported.disbursement).state) == ("UNMATCHED", "SENT")

    def test_is_there_for_the_reconciler_only(self, fund: Fund, reported: Reported) -> None:
        fund.match(reported.line(-40_000))
        for person in (fund.helena, fund.divya):
            assert b"/undo/" not in Visit.of(person).get(f"{LIST}?show=all").content
            assert Visit.of(person).press(reported.address(-40_000, "undo"), seen_version=2).status_code == 403


class TestRules:
    TYPED = {
        "name": "Card fees",
        "classifies": "BANK_FEE",
        "contains": "CARD FEE, GAF",
        "currency": "USD",
        "most": "50",
    }

    def test_are_written_tested_and_put_in_force_by_two_people(self, fund: Fund) -> None:
        (line,) = import_lines(fund, read("-12.00", text="GAF CARD FEES"))
        esi, helena = Visit.of(fund.esi), Visit.of(fund.helena)
        form = html.fromstring(esi.get("/reconciliation/rules/new/").content).xpath("//main//form")[0]
        key = form.fields["idempotency_key"]
        where = esi.press("/reconciliation/rules/new/", idempotency_key=key, **self.TYPED)["Location"]
        assert esi.press("/reconciliation/rules/new/", idempotency_key=key, **self.TYPED)["Location"] == where
        esi.press(f"{where}test/")
        assert esi.press(f"{where}activate/").status_code == 403
        helena.press(f"{where}activate/")

        rule = MatchRule.objects.get()
        assert (rule.state, rule.contains, rule.most) == ("ACTIVE", ["CARD FEE", "GAF"], usd("50.00"))
        said = words(esi.get(LIST))
        assert f"rule {rule} calls it a bank fee" in said
        esi.press(address(line, "match"), seen_version=0, fee="on")
        assert fresh(line).state == "MATCHED"

    def test_book_interest_by_one_press_and_say_which_version_did(self, fund: Fund) -> None:
        esi, helena = Visit.of(fund.esi), Visit.of(fund.helena)
        typed = {"name": "Interest", "classifies": "INTEREST", "incoming": "in", "contains": "INTEREST"}
        where = esi.press("/reconciliation/rules/new/", idempotency_key=f"{1:032x}", **typed)["Location"]
        esi.press(f"{where}test/")
        helena.press(f"{where}activate/")
        assert "It books to 3100 Interest received" in words(esi.get(where))
        (line,) = import_lines(fund, read("7.31", text="CREDIT INTEREST"))
        button = html.fromstring(esi.get(LIST).content).xpath("//button[@data-key='b']")[0]
        assert button.text_content().split()[0] == "Interest"

        esi.press(address(line, "match"), **dict(button.getparent().form_values()))

        rule = MatchRule.objects.get()
        assert fresh(line).state == "MATCHED"
        assert f"by rule {rule}" in words(esi.get(f"{LIST}?show=all"))
        assert "1 match was booked by this version." in words(esi.get(where))

    def test_of_the_exchange_carry_a_band_in_percent(self, fund: Fund) -> None:
        esi = Visit.of(fund.esi)
        typed = {"name": "Dinars", "classifies": "EXCHANGE", "contains": "FX", "band": "1,5"}
        where = esi.press("/reconciliation/rules/new/", idempotency_key=f"{1:032x}", **typed)["Location"]
        said = words(esi.get(where))
        assert "Band of the exchange 1.5" in said
        assert "It books to 5200 Realised exchange differences" in said

    WRONG = [
        ({"band": "1.5"}, "A rule of the exchange has a band of 0.01 to 10 %, and no other rule has one."),
        ({"classifies": "EXCHANGE", "band": "10.01"}, "Write a percentage up to 10, with at most two decimals."),
        ({"classifies": "INTEREST"}, "Such a line has the other direction."),
        ({"contains": "", "pattern": ""}, "It would fit every line, or has no name."),
        ({"pattern": "(a+)+"}, "Its pattern is none, or could take for ever."),
        ({"currency": "ZZZ"}, "This is no currency that the fund can count."),
        ({"currency": "", "most": "50"}, "An amount needs a currency."),
        ({"most": "1e9"}, ""),
    ]

    def test_with_something_wrong_keep_what_was_typed(self, fund: Fund) -> None:
        visit = Visit.of(fund.esi)
        for place, (typed, said) in enumerate(self.WRONG):
            answer = visit.press(
                "/reconciliation/rules/new/", idempotency_key=f"{place:032x}", **{**self.TYPED, **typed}
            )
            assert answer.status_code == 422
            assert said in problems(answer)[0]
            assert "Card fees" in answer.content.decode()
        assert not MatchRule.objects.exists()
