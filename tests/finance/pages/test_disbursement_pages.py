"""Preparing, reading and stopping disbursements in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from finance.actions.files import prepare_file
from finance.actions.settlement import mark_returned
from finance.models import Commitment, Disbursement
from gaf import clock, ids
from gaf.decisions.models import Threshold
from gaf.decisions.record import record_decision
from gaf.money import Money
from tests.finance.builders import PAYEE_IBAN, WRONG_NUMBER, Fund, everything, usd
from tests.finance.pages.visits import Visit, codes, problems, words

PREPARE = "/disbursements/prepare/GAF-2026-00042/"


def typed(payee: str, **changes: str) -> dict[str, str]:
    """A form as the certifying officer fills it in."""
    return {"idempotency_key": ids.random_key(), "payee": payee, "account": "GVA", "amount_L1": "400.00", **changes}


def in_force(code: str, value: int) -> None:
    """A threshold in force since the day before."""
    Threshold.objects.create(code=code, value=value, unit="", effective_from=clock.today() - timedelta(days=1))


class TestPreparing:
    def test_takes_the_amount_out_of_its_line_and_tells_the_payer(self, fund: Fund) -> None:
        commitment = fund.commit(usd("1000.00"))
        payee = fund.payee().decision_subject()
        answer = Visit.of(fund.marie).press(PREPARE, **typed(payee, amount_L1="234,50"))
        made = Disbursement.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/disbursements/{made.number}/")
        assert (made.money, made.state) == (usd("234.50"), "PREPARED")
        assert Commitment.objects.get(pk=commitment.pk).open == usd("765.50")

    def test_pressed_twice_prepares_once_and_leads_to_the_same_record(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        payee, visit = fund.payee().decision_subject(), Visit.of(fund.marie)
        form = typed(payee, idempotency_key=visit.key(PREPARE))
        first, second = visit.press(PREPARE, **form), visit.press(PREPARE, **form)
        assert first["Location"] == second["Location"] == f"/disbursements/{Disbursement.objects.get().number}/"

    def test_does_nothing_for_whoever_was_signed_out_meanwhile(self, fund: Fund, monkeypatch) -> None:
        fund.commit(usd("1000.00"))
        payee, visit = fund.payee().decision_subject(), Visit.of(fund.marie)

        def signed_out(_request: object) -> str:
            Session.objects.all().delete()
            return ""

        monkeypatch.setattr("finance.views.preparing.made_before", signed_out)
        assert visit.press(PREPARE, **typed(payee)).status_code == 400
        assert (Disbursement.objects.count(), Session.objects.count()) == (0, 0)

    def test_opened_twice_prepares_two(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        payee, visit = fund.payee().decision_subject(), Visit.of(fund.marie)
        for _time in range(2):
            visit.press(PREPARE, **typed(payee, idempotency_key=visit.key(PREPARE)))
        assert Disbursement.objects.count() == 2

    def test_of_what_looks_like_paying_twice_asks_why_and_keeps_what_was_typed(self, fund: Fund) -> None:
        in_force("duplicate_payment_days", 30)
        fund.commit(usd("1000.00"))
        payee, visit = fund.payee(), Visit.of(fund.marie)
        first = fund.prepare(usd("400.00"), payee)
        assert "Why it is not the same payment" not in words(visit.get(PREPARE))

        answer = visit.press(PREPARE, **typed(payee.decision_subject()))

        assert answer.status_code == 422
        assert f"for the same request: {first.number} (Prepared, 23 Nov 2026)." in problems(answer)[0]
        assert "Why it is not the same payment" in words(answer)
        assert 'value="400.00"' in answer.content.decode()
        assert visit.press(PREPARE, **typed(payee.decision_subject(), duplicate_reason="Two.")).status_code == 302
        second = Disbursement.objects.order_by("-number")[0]
        page = words(Visit.of(fund.divya).get(f"/disbursements/{second.number}/"))
        assert f"goes to the same account for the same request: {first.number}" in page

    WRONG = [
        ({"amount_L1": ""}, "Write an amount for one line or more."),
        ({"amount_L1": "0"}, "It is nought. Write an amount, or leave the box empty."),
        ({"amount_L1": "NaN"}, "It is not a plain number. Write it like 1250.50."),
        ({"amount_L1": "-400"}, "It is below nought. Write an amount without a minus sign."),
        ({"amount_L1": "4.0055"}, "USD has 2 decimals, and more were written. Round the amount to 2 decimals."),
        ({"amount_L1": "9" * 60}, "Ensure this value has at most 40 characters (it has 60)."),
        ({"payee": ""}, "Answer “Payee”."),
        ({"account": "XXX"}, "Select a valid choice. XXX is not one of the available choices."),
        (
            {"account": "STR"},
            "The disbursement was not prepared. PAY-2026-00001 is paid by bank file, and account STR is not. "
            "Choose an account with the same rail.",
        ),
        (
            {"amount_L1": "1000.01"},
            "The disbursement was not prepared. Line L1 has USD 1,000.00 left, and USD 1,000.01 was asked. "
            "Prepare a smaller amount, or ask for an amendment.",
        ),
    ]

    def test_with_something_wrong_comes_back_with_what_was_typed(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        payee, visit = fund.payee().decision_subject(), Visit.of(fund.marie)
        before = everything()
        for changes, said in self.WRONG:
            form = {**typed(payee), **changes}
            answer = visit.press(PREPARE, **form)
            assert (answer.status_code, problems(answer)) == (422, [said])
            assert f'value="{form["amount_L1"]}"' in answer.content.decode() or form["amount_L1"] == ""
            assert b"<title>Error: " in answer.content
        assert everything() == before

    def test_offers_no_details_that_nobody_rang_back(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        waiting = fund.recorded_payee().decision_subject()
        before = everything()
        answer = Visit.of(fund.marie).press(PREPARE, **typed(waiting))
        assert problems(answer) == [f"Select a valid choice. {waiting} is not one of the available choices."]
        assert everything() == before

    def test_in_two_currencies_at_once_is_refused(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.commit(Money.of("92.00", "EUR"), rate="0.92", line_key="L2")
        form = typed(fund.payee().decision_subject(), amount_L2="10,00")
        before = everything()
        answer = Visit.of(fund.marie).press(PREPARE, **form)
        assert problems(answer) == ["The amounts are in two currencies. Prepare one disbursement for each currency."]
        assert everything() == before

    def test_of_a_request_with_nothing_left_says_so(self, fund: Fund, prepared: Disbursement) -> None:
        fund.prepare(usd("600.00"), prepared.payee_version)
        answer = Visit.of(fund.marie).get(PREPARE)
        assert "Nothing is left to disburse on this request." in words(answer)

    def test_is_not_for_whoever_approved_the_money(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        record_decision(
            act="approve_budget",
            actor=fund.marie,
            role="budget_approver",
            at=clock.now(),
            subject="GAF-2026-00042",
            reference="GAF-2026-00042",
        )
        answer = Visit.of(fund.marie).get(PREPARE)
        assert (answer.status_code, codes(answer)) == (403, ["SOD-04"])


class TestARepayment:
    @pytest.fixture
    def came_back(self, fund: Fund) -> Disbursement:
        fund.commit(usd("1000.00"))
        sent = fund.send_by_file(usd("400.00"), fund.payee(account=WRONG_NUMBER))
        return mark_returned(disbursement_id=sent.pk, code="AC01", at=clock.now())

    def test_begins_with_the_same_amounts_and_the_corrected_details(self, fund: Fund, came_back: Disbursement) -> None:
        fund.payee(account=PAYEE_IBAN, payee=came_back.payee_version.payee)
        page = Visit.of(fund.marie).get(f"{PREPARE}?replaces={came_back.number}").content.decode()
        assert 'name="amount_L1" value="400.00"' in page
        assert '<option value="PAY-2026-00001/2" selected>' in page
        assert f'action="?save=1&amp;replaces={came_back.number}"' in page

    def test_is_linked_with_what_came_back(self, fund: Fund, came_back: Disbursement) -> None:
        again = f"{PREPARE}?replaces={came_back.number}"
        answer = Visit.of(fund.marie).press(again, **typed("PAY-2026-00001/1"))
        made = Disbursement.objects.get(replaces=came_back)
        assert answer["Location"] == f"/disbursements/{made.number}/"
        assert f"It was paid again as {made.number} ." in words(
            Visit.of(fund.marie).get(f"/disbursements/{came_back.number}/")
        )

    def test_is_made_only_once(self, fund: Fund, came_back: Disbursement) -> None:
        again = f"{PREPARE}?replaces={came_back.number}"
        Visit.of(fund.marie).press(again, **typed("PAY-2026-00001/1"))
        answer = Visit.of(fund.marie).press(again, **typed("PAY-2026-00001/1"))
        assert (answer.status_code, Disbursement.objects.count()) == (409, 2)

    def test_of_another_requests_money_is_not_there(self, fund: Fund, came_back: Disbursement) -> None:
        fund.commit(usd("100.00"), reference="GAF-2026-00043")
        address = f"/disbursements/prepare/GAF-2026-00043/?replaces={came_back.number}"
        assert Visit.of(fund.marie).get(address).status_code == 404


class TestStopping:
    def test_opens_the_commitment_again(self, fund: Fund, prepared: Disbursement) -> None:
        address = f"/disbursements/{prepared.number}/stop/"
        answer = Visit.of(fund.divya).press(address, reason="The vendor closed.")
        assert answer["Location"] == f"/disbursements/{prepared.number}/"
        assert fund.now(prepared).state == "STOPPED"
        assert Commitment.objects.get().open == usd("1000.00")

    def test_without_a_reason_changes_nothing(self, fund: Fund, prepared: Disbursement) -> None:
        before = everything()
        answer = Visit.of(fund.divya).press(f"/disbursements/{prepared.number}/stop/", reason=" ")
        assert (answer.status_code, problems(answer)) == (422, ["Answer “Reason”."])
        assert everything() == before

    def test_twice_tells_that_it_is_stopped_and_keeps_what_was_typed(self, fund: Fund, prepared: Disbursement) -> None:
        address, visit = f"/disbursements/{prepared.number}/stop/", Visit.of(fund.divya)
        visit.press(address, reason="The vendor closed.")
        before = everything()
        answer = visit.press(address, reason="The vendor closed its doors last week.")
        assert answer.status_code == 409
        assert f"{prepared.number} is now: Stopped." in words(answer)
        assert "The vendor closed its doors last week." in words(answer)
        assert everything() == before

    def test_of_one_that_lies_in_a_file_says_to_discard_the_file(self, fund: Fund, prepared: Disbursement) -> None:
        fund.release(prepared)
        made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        answer = Visit.of(fund.divya).press(f"/disbursements/{prepared.number}/stop/", reason="Too late?")
        assert problems(answer) == [
            f"{prepared.number} was not stopped. It lies in file {made.message_id}. "
            "Discard the file first, if it is not signed by two yet."
        ]
        assert fund.now(prepared).state == "RELEASED"


class TestTheRecord:
    def test_tells_headquarters_and_not_the_mission_what_keeps_it_from_being_released(
        self, fund: Fund, prepared: Disbursement
    ) -> None:
        in_force("payee_cooling_off_hours", 48)
        address = f"/disbursements/{prepared.number}/"

        assert "PAYEE-10" in words(Visit.of(fund.divya).get(address))
        assert "PAYEE-10" not in words(Visit.of(fund.moussa).get(address))

    def test_shows_the_path_the_amounts_and_who_decided(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        sent = fund.send_by_file(usd("400.00"), fund.payee())
        said = words(Visit.of(fund.helena).get(f"/disbursements/{sent.number}/"))
        assert "Prepared (done) Released (done) Sent Confirmed Matched with the bank" in said
        assert "The payee receives USD 400.00" in said
        assert "Release a disbursement · Divya, payer" in said

    def test_says_why_an_act_is_closed_and_who_can_do_it(self, fund: Fund, prepared: Disbursement) -> None:
        said = words(Visit.of(fund.esi).get(f"/disbursements/{prepared.number}/"))
        assert "Stop This act belongs to another role. Who can: payer: Dan, Divya; fund manager: Helena." in said

    def test_leads_the_payer_to_the_release_of_the_whole_request(self, fund: Fund, prepared: Disbursement) -> None:
        page = Visit.of(fund.divya).get(f"/disbursements/{prepared.number}/").content.decode()
        assert '<a class="button" href="/requests/GAF-2026-00042/release/">Release</a>' in page

    def test_names_no_holder_to_the_reconciler(self, fund: Fund, prepared: Disbursement) -> None:
        address = f"/disbursements/{prepared.number}/"
        assert "Shelter House" in words(Visit.of(fund.divya).get(address))
        assert "Shelter House" not in words(Visit.of(fund.esi).get(address))

    def test_never_shows_the_whole_account(self, fund: Fund, prepared: Disbursement) -> None:
        page = Visit.of(fund.divya).get(f"/disbursements/{prepared.number}/").content.decode()
        assert PAYEE_IBAN not in page
        assert f"…{PAYEE_IBAN[-4:]}" in page


class TestTheList:
    def test_counts_each_state_and_filters_by_it(self, fund: Fund, prepared: Disbursement) -> None:
        other = fund.prepare(usd("100.00"), prepared.payee_version)
        fund.release(other)
        visit = Visit.of(fund.divya)
        assert "All 2 Prepared 1 Released 1" in words(visit.get("/disbursements/"))
        filtered = words(visit.get("/disbursements/?state=RELEASED"))
        assert (other.number in filtered, prepared.number in filtered) == (True, False)

    def test_groups_what_waits_for_release_by_request(self, fund: Fund, prepared: Disbursement) -> None:
        fund.prepare(usd("100.00"), prepared.payee_version)
        page = Visit.of(fund.divya).get("/disbursements/")
        assert "GAF-2026-00042 2 USD 500.00 Look and release" in words(page)
        assert "Look and release" not in words(Visit.of(fund.marie).get("/disbursements/"))

    @pytest.mark.parametrize("query", ["?state=NOPE", "?page=abc", "?page=-1", "?page=99999999", "?request=%00'"])
    def test_does_not_mind_a_strange_address(self, fund: Fund, prepared: Disbursement, query: str) -> None:
        answer = Visit.of(fund.divya).get(f"/disbursements/{query}")
        assert (answer.status_code, prepared.number in words(answer)) == (200, True)
