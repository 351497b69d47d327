"""Files for the bank in the browser: prepared, signed by two, discarded."""

from __future__ import annotations

import hashlib

import pytest

from finance.models import Disbursement, PaymentFile
from gaf.outbox.outbox import drain
from tests.finance.builders import Fund, everything, usd
from tests.finance.pages.visits import Visit, codes, problems, words

FILES = "/disbursements/files/"


@pytest.fixture
def waiting(fund: Fund, prepared: Disbursement) -> PaymentFile:
    """A file of one released disbursement, to be signed."""
    fund.release(prepared)
    Visit.of(fund.divya).press(FILES, account="GVA")
    return PaymentFile.objects.get()


class TestPreparingAFile:
    def test_takes_every_released_disbursement_of_the_account(self, fund: Fund, prepared: Disbursement) -> None:
        fund.release(prepared)
        visit = Visit.of(fund.divya)
        assert "GVA · Account GVA 1 USD 400.00 Prepare a file for GVA" in words(visit.get(FILES))
        answer = visit.press(FILES, account="GVA")
        made = PaymentFile.objects.get()
        assert answer["Location"] == f"{FILES}{made.message_id}/"
        assert (made.count, made.totals, made.state) == (1, {"USD": 40_000}, "PREPARED")

    def test_twice_finds_nothing_left_to_put_in(self, fund: Fund, waiting: PaymentFile) -> None:
        before = everything()
        answer = Visit.of(fund.divya).press(FILES, account="GVA")
        assert (answer.status_code, problems(answer)) == (
            422,
            [
                "No file was prepared. No released disbursement of account GVA waits for one. "
                "Release disbursements first."
            ],
        )
        assert everything() == before

    def test_of_an_account_that_has_no_files_is_not_there(self, fund: Fund) -> None:
        assert Visit.of(fund.divya).press(FILES, account="STR").status_code == 404

    def test_is_the_payers(self, fund: Fund, prepared: Disbursement) -> None:
        fund.release(prepared)
        before = everything()
        answer = Visit.of(fund.helena).press(FILES, account="GVA")
        assert (answer.status_code, codes(answer)) == (403, ["ROLE-02"])
        assert everything() == before


class TestSigning:
    def test_by_two_people_sends_the_file_and_each_compares_the_same_bytes(
        self, fund: Fund, waiting: PaymentFile
    ) -> None:
        address = f"{FILES}{waiting.message_id}/"
        for person, act in ((fund.divya, "sign-first"), (fund.helena, "sign-second")):
            visit = Visit.of(person)
            content = visit.get(f"{address}bytes/").content
            assert hashlib.sha256(content).hexdigest() == waiting.sha256
            page = words(visit.get(f"{address}{act}/"))
            assert waiting.sha256[:16] in page
            assert "Together USD 400.00 USD four hundred Orders 1" in page
            assert visit.press(f"{address}{act}/")["Location"] == address
        assert PaymentFile.objects.get().state == "SIGNED"

    def test_first_twice_is_told_that_it_moved_on(self, fund: Fund, waiting: PaymentFile) -> None:
        address = f"{FILES}{waiting.message_id}/sign-first/"
        Visit.of(fund.divya).press(address)
        before = everything()
        answer = Visit.of(fund.dan).press(address)
        assert answer.status_code == 409
        assert f"{waiting.message_id} is now: Signed once." in words(answer)
        assert everything() == before

    def test_second_before_first_is_told_where_the_file_stands(self, fund: Fund, waiting: PaymentFile) -> None:
        answer = Visit.of(fund.helena).get(f"{FILES}{waiting.message_id}/sign-second/")
        assert answer.status_code == 409

    def test_bytes_that_were_changed_is_refused_on_the_page(self, fund: Fund, waiting: PaymentFile, at_noon) -> None:
        (at_noon / "private" / waiting.stored_as).write_bytes(b"<Document/>")
        before = everything()
        answer = Visit.of(fund.divya).press(f"{FILES}{waiting.message_id}/sign-first/")
        assert (answer.status_code, problems(answer)) == (
            422,
            [
                f"File {waiting.message_id} was not used. Its bytes are not the bytes that were prepared. "
                "Discard it and tell the system administrator."
            ],
        )
        assert everything() == before

    def test_mails_the_second_signers_a_number_and_a_link(
        self, fund: Fund, waiting: PaymentFile, mailoutbox: list, settings
    ) -> None:
        Visit.of(fund.divya).press(f"{FILES}{waiting.message_id}/sign-first/")
        drain()
        mails = [mail for mail in mailoutbox if "second signature" in mail.subject]
        assert sorted(mail.to[0] for mail in mails) == ["helena@gaf.example", "marie@gaf.example"]
        assert mails[0].subject == f"{waiting.message_id}: a file waits for the second signature"
        assert f"{settings.GAF_SITE_ADDRESS}/disbursements/files/{waiting.message_id}/" in mails[0].body


class TestDiscarding:
    def test_lets_the_disbursements_go_into_another_file(self, fund: Fund, waiting: PaymentFile) -> None:
        address = f"{FILES}{waiting.message_id}/"
        answer = Visit.of(fund.helena).press(f"{address}discard/", reason="Wrong day.")
        assert answer["Location"] == address
        assert PaymentFile.objects.get().state == "DISCARDED"
        Visit.of(fund.divya).press(FILES, account="GVA")
        assert PaymentFile.objects.exclude(pk=waiting.pk).get().count == 1

    def test_needs_a_reason(self, fund: Fund, waiting: PaymentFile) -> None:
        before = everything()
        answer = Visit.of(fund.helena).press(f"{FILES}{waiting.message_id}/discard/")
        assert (answer.status_code, problems(answer)) == (422, ["Answer “Reason”."])
        assert everything() == before


class TestAMailAboutADisbursement:
    def test_names_the_request_and_the_page_of_its_release(
        self, fund: Fund, prepared: Disbursement, mailoutbox: list, settings
    ) -> None:
        drain()
        mails = [mail for mail in mailoutbox if mail.to == ["divya@gaf.example"]]
        assert [mail.subject for mail in mails] == ["GAF-2026-00042: a disbursement waits for release"]
        assert f"{settings.GAF_SITE_ADDRESS}/requests/GAF-2026-00042/release/" in mails[0].body
        assert "Shelter" not in mails[0].body
        assert str(usd("400.00")) not in mails[0].body
