"""Payees in the browser: recorded by the mission, rung back by headquarters."""

from __future__ import annotations

import pytest

from finance.models import Payee, PayeeVersion
from gaf import ids
from gaf.accounts.models import Mission
from gaf.accounts.roles import Role
from gaf.outbox.outbox import drain
from tests.finance.builders import PAYEE_IBAN, Fund, everything
from tests.finance.pages.visits import Visit, problems, words

NEW = "/payees/new/"


def typed(**changes: str) -> dict[str, str]:
    """The form of a new payee as the mission's finance officer fills it in."""
    return {
        "idempotency_key": ids.random_key(),
        "mission": "NE",
        "kind": "VENDOR",
        "rail": "BANK_FILE",
        "currency": "USD",
        "holder": "Maison Sûre",
        "account_is": "IBAN",
        "account": "DE89 3704 0044 0532 0130 00",
        "bic": "cobadeffxxx",
        "bank": "Sample Bank",
        "town": "Frankfurt",
        "country": "de",
        **changes,
    }


class TestRecording:
    def test_seals_the_details_and_asks_for_a_call_back(self, fund: Fund, mailoutbox: list) -> None:
        answer = Visit.of(fund.moussa).press(NEW, **typed())
        version = PayeeVersion.objects.get()
        assert answer["Location"] == f"/payees/{version.payee.key}/"
        assert (version.account_number, version.bic, version.country, version.state) == (
            PAYEE_IBAN,
            "COBADEFFXXX",
            "DE",
            "RECORDED",
        )
        drain()
        mail = next(mail for mail in mailoutbox if mail.to == ["viktor@gaf.example"])
        assert mail.subject == f"{version.payee.key}: details to confirm by call-back"
        assert "Maison" not in mail.body
        assert PAYEE_IBAN not in mail.body

    def test_pressed_twice_records_one_payee(self, fund: Fund) -> None:
        visit = Visit.of(fund.moussa)
        form = typed(idempotency_key=visit.key(NEW))
        assert visit.press(NEW, **form)["Location"] == visit.press(NEW, **form)["Location"]
        assert Payee.objects.count() == 1

    WRONG = [
        ({"holder": ""}, "Answer “Account holder”."),
        ({"holder": "x" * 71}, "Ensure this value has at most 70 characters (it has 71)."),
        (
            {"holder": "日本"},
            "Banks do not carry the character “日”. Write it in Latin letters, as the payee's bank does.",
        ),
        ({"currency": "XXX"}, "Select a valid choice. XXX is not one of the available choices."),
        ({"country": "Niger"}, "Write the country as two letters, like NE."),
        ({"account": "DE89!"}, "An account number has letters and digits only."),
        (
            {"account": "DE00370400440532013000"},
            "The details were not recorded. The IBAN is wrong: Invalid checksum digits. Ask the payee for it again.",
        ),
        (
            {"bic": ""},
            "The details were not recorded. The bank's BIC is missing. Ask the payee for it.",
        ),
        (
            {"rail": "STRIPE"},
            "The details were not recorded. A connected account begins with acct_. Copy it from the provider's page.",
        ),
        ({"mission": "MX"}, "Select a valid choice. MX is not one of the available choices."),
    ]

    def test_with_something_wrong_records_nothing_and_keeps_what_was_typed(self, fund: Fund, mexico: Mission) -> None:
        before, visit = everything(), Visit.of(fund.moussa)
        for changes, said in self.WRONG:
            answer = visit.press(NEW, **typed(**changes))
            assert (answer.status_code, problems(answer)) == (422, [said])
            assert 'value="Sample Bank"' in answer.content.decode()
        assert (everything(), Payee.objects.count()) == (before, 0)

    def test_new_details_leaves_the_confirmed_ones_in_force(self, fund: Fund) -> None:
        known = fund.payee()
        address = f"/payees/{known.payee.key}/new-version/"
        Visit.of(fund.moussa).press(address, **typed(account="GB82WEST12345698765432", bic="DEUTDEFF"))
        versions = list(PayeeVersion.objects.order_by("number").values_list("number", "state", "account_hint"))
        assert versions == [(1, "CONFIRMED", "3000"), (2, "RECORDED", "5432")]
        assert "version 1 is paid meanwhile" in words(Visit.of(fund.viktor).get("/payees/"))


class TestTheAccountNumber:
    def test_is_whole_for_who_recorded_it_and_who_rings_back_only(
        self, fund: Fund, recorded: PayeeVersion, somebody
    ) -> None:
        address = f"/payees/{recorded.payee.key}/"
        colleague = somebody(Role.MISSION_FINANCE)
        whole = {
            name: PAYEE_IBAN in Visit.of(person).get(address).content.decode()
            for name, person in {**fund.people, "colleague": colleague}.items()
            if Visit.of(person).get(address).status_code == 200
        }
        assert whole == {
            "Moussa": True,
            "Viktor": True,
            "Marie": False,
            "Divya": False,
            "Dan": False,
            "Helena": False,
            "colleague": False,
        }


class TestConfirming:
    def test_shows_every_detail_and_writes_down_the_call(self, fund: Fund, recorded: PayeeVersion) -> None:
        address, visit = f"/payees/{recorded.payee.key}/1/confirm/", Visit.of(fund.viktor)
        said = words(visit.get(address))
        assert f"Account {PAYEE_IBAN}" in said
        assert "Account holder Shelter House" in said
        answer = visit.press(address, call_back_note="Rang the number of last year; the manager read it back.")
        assert answer["Location"] == f"/payees/{recorded.payee.key}/"
        assert PayeeVersion.objects.get().state == "CONFIRMED"
        assert "Rang the number of last year" in words(visit.get(answer["Location"]))
        assert "Rang the number of last year" not in words(Visit.of(fund.moussa).get(answer["Location"]))

    def test_of_a_changed_account_warns(self, fund: Fund) -> None:
        known = fund.payee()
        fund.recorded_payee(payee=known.payee, account="GB82WEST12345698765432", is_iban=True)
        said = words(Visit.of(fund.viktor).get(f"/payees/{known.payee.key}/2/confirm/"))
        assert "The account changes: version 1, which is paid now, ends in 3000." in said

    def test_without_a_note_changes_nothing(self, fund: Fund, recorded: PayeeVersion) -> None:
        before = everything()
        answer = Visit.of(fund.viktor).press(f"/payees/{recorded.payee.key}/1/confirm/", call_back_note="  ")
        assert (answer.status_code, problems(answer)) == (422, ["Answer “The call-back”."])
        assert (everything(), PayeeVersion.objects.get().state) == (before, "RECORDED")

    @pytest.mark.django_db(transaction=True)
    def test_twice_is_told_that_it_is_confirmed(self, fund: Fund, recorded: PayeeVersion) -> None:
        address, visit = f"/payees/{recorded.payee.key}/1/confirm/", Visit.of(fund.viktor)
        visit.press(address, call_back_note="Rang back.")
        before = everything()
        answer = visit.press(address, call_back_note="Rang back once more.")
        assert (answer.status_code, everything()) == (409, before)
        assert PayeeVersion.objects.get().state == "CONFIRMED"

    def test_of_a_version_that_is_not_there_is_404(self, fund: Fund, recorded: PayeeVersion) -> None:
        visit = Visit.of(fund.viktor)
        for number in ("0", "2", "99999999999999999999"):
            assert visit.get(f"/payees/{recorded.payee.key}/{number}/confirm/").status_code == 404


class TestRejecting:
    def test_needs_a_reason_and_is_final(self, fund: Fund, recorded: PayeeVersion) -> None:
        address, visit = f"/payees/{recorded.payee.key}/1/reject/", Visit.of(fund.viktor)
        assert problems(visit.press(address)) == ["Answer “Why they are rejected”."]
        assert PayeeVersion.objects.get().state == "RECORDED"
        visit.press(address, reason="Nobody there knows the account.")
        assert PayeeVersion.objects.get().state == "REJECTED"
        assert "Nobody there knows" in words(Visit.of(fund.moussa).get(f"/payees/{recorded.payee.key}/"))
        assert visit.get(f"/payees/{recorded.payee.key}/1/confirm/").status_code == 409
