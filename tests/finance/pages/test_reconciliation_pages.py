"""Statements imported, lines matched and set aside, in the browser."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from finance.actions.proposals import candidate
from finance.forms import importing as statement_forms
from finance.models import CsvMapping, Disbursement, Statement, StatementFile, StatementLine
from finance.views.sides import ours_of
from gaf import clock
from tests.finance.builders import GENEVA, NOON, WRONG_NUMBER, YEAR_START, Fund, everything, usd
from tests.finance.pages.visits import Reported, Visit, problems, words

IMPORT = "/reconciliation/import/"
LIST = "/reconciliation/GVA/"


def statement_of(fund: Fund) -> bytes:
    """The next file of the bank."""
    bank = fund.bank()
    bank.receive(clock.now())
    return bank.statement(GENEVA, YEAR_START, date(2026, 11, 24)).read_bytes()


def upload(content: bytes, name: str = "statement.xml") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type="text/xml")


def told(answer: HttpResponse) -> str:
    """What the page says was done."""
    return answer.content.decode().partition('class="messages"')[2].partition("</div>")[0]


def found(visit: Visit, content: bytes, name: str = "statement.xml") -> HttpResponse:
    """The page that says what was found in a file."""
    return visit.get(visit.press(IMPORT, statement=upload(content, name))["Location"])


def bring(visit: Visit, content: bytes, name: str = "statement.xml") -> HttpResponse:
    """Bring a file, see what was found, import it."""
    return visit.press(visit.press(IMPORT, statement=upload(content, name))["Location"])


class TestImporting:
    def test_keeps_the_lines_and_suggests_what_is_ours(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.send_by_file(usd("400.00"), fund.payee())
        answer = bring(Visit.of(fund.esi), statement_of(fund))
        assert answer["Location"] == LIST
        assert list(StatementLine.objects.order_by("number").values_list("minor", "state")) == [
            (-40_000, "PROPOSED"),
            (-400, "PROPOSED"),
            (2_500, "UNMATCHED"),
        ]

    def test_shows_first_what_was_found_with_days_in_words(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.send_by_file(usd("400.00"), fund.payee())
        before = everything()
        page = words(found(Visit.of(fund.esi), statement_of(fund)))
        assert "camt.053.001.08" in page
        assert "GVA · Account GVA" in page
        assert "1 January 2026 to 24 November 2026" in page
        assert "3 new, 0 imported before" in page
        assert "USD 25.00" in page
        assert "USD 404.00" in page
        assert (everything(), Statement.objects.count()) == (before, 0)

    def test_keeps_the_file_as_it_came(self, fund: Fund) -> None:
        content = statement_of(fund)
        page = found(Visit.of(fund.esi), content, "from the bank.xml")
        kept = StatementFile.objects.get()
        assert (kept.name, kept.size, kept.sha256) == (
            "from the bank.xml",
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        address = page.request["PATH_INFO"] + "bytes/"
        assert Visit.of(fund.helena).get(address).content == content
        assert Visit.of(fund.divya).get(address).status_code == 404

    def test_f42_the_same_file_twice_changes_nothing_and_says_so(self, fund: Fund) -> None:
        content, visit = statement_of(fund), Visit.of(fund.esi)
        bring(visit, content)
        before = everything()
        assert "Exactly this statement was imported before." in words(found(visit, content, "other name.xml"))
        assert "was imported before: 0 new lines." in told(visit.get(bring(visit, content)["Location"]))
        windows = content.replace(b"\n", b"\r\n")
        assert "was imported before: 0 new lines." in told(visit.get(bring(visit, windows)["Location"]))
        assert (everything(), Statement.objects.count(), StatementFile.objects.count()) == (before, 1, 2)

    HOSTILE = [
        (b"", "The file is empty."),
        (b"   \n", "The file is empty."),
        (b"date;amount\n2026-11-24;400.00\n", "The file is in none of the formats that are read"),
        (b"%PDF-1.7", "by its first bytes it is PDF"),
        (b"<Document>", "The file is not whole, correct XML"),
        (
            b"<!DOCTYPE D [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Document>&x;</Document>",
            "The file declares a document type or an entity; no bank statement needs one.",
        ),
        (b"<?xml version='1.0' encoding='UTF-7'?><Document/>", "encoding"),
        (b"<html><body>Sign in</body></html>", "The file is not a bank statement in a camt format."),
    ]

    def test_a_hostile_or_foolish_file_is_refused_whole(self, fund: Fund) -> None:
        before, visit = everything(), Visit.of(fund.esi)
        for content, said in self.HOSTILE:
            answer = visit.press(IMPORT, statement=upload(content))
            assert answer.status_code == 422
            assert said in problems(answer)[0]
        assert (everything(), Statement.objects.count()) == (before, 0)

    def test_f45_a_file_that_does_not_add_up_waits_for_another_person(self, fund: Fund) -> None:
        fund.commit(usd("1000.00"))
        fund.send_by_file(usd("400.00"), fund.payee())
        changed = statement_of(fund).replace(b"25.00", b"26.00")
        esi, helena = Visit.of(fund.esi), Visit.of(fund.helena)
        assert "Opening and lines make USD 9,622.00, the bank says USD 9,621.00." in words(found(esi, changed))
        bring(esi, changed)
        assert Statement.objects.get().state == "NEEDS_REVIEW"
        assert set(StatementLine.objects.values_list("state", flat=True)) == {"HELD"}
        address = "/reconciliation/GVA/statements/1/accept/"
        assert "Waiting for a second look GVA" in words(esi.get(IMPORT))
        assert "Its statements have a gap" in words(esi.get(LIST))
        assert esi.press(address, reason="Rang the bank.").status_code == 403
        assert problems(helena.press(address, reason="")) == ["Answer “Reason”."]
        assert helena.press(address, reason="Rang the bank; the line is right.")["Location"] == LIST
        assert Statement.objects.get().state == "REVIEWED"
        assert "HELD" not in StatementLine.objects.values_list("state", flat=True)

    def test_f46_a_file_for_another_account_is_refused(self, fund: Fund) -> None:
        other, visit = statement_of(fund).replace(GENEVA.encode(), b"CH3109000000250097799"), Visit.of(fund.esi)
        page = words(found(visit, other))
        assert "It cannot be imported" in page
        assert "It is not for one of the fund's accounts." in page
        answer = bring(visit, other)
        assert problems(answer) == [
            "The statement was not imported, and nothing was changed. It is not for one of the fund's accounts. "
            "Check that this is the right file; the account is named in it."
        ]
        assert Statement.objects.count() == 0

    def test_a_list_is_read_by_its_saved_mapping(self, fund: Fund) -> None:
        visit = Visit.of(fund.esi)
        typed = {
            "name": "Geneva list", "bank_account": str(fund.geneva.pk), "delimiter": ";", "decimal_mark": ",",
            "date_order": "DMY", "column_booked_on": "Datum", "column_amount": "Betrag", "column_text": "Text",
        }  # fmt: skip
        assert visit.press("/reconciliation/import/mapping/", **typed)["Location"] == IMPORT
        mapping = CsvMapping.objects.get()
        content = b"Datum;Text;Betrag\n03/04/2026;=1+1;-1.250,50\n"
        answer = visit.press(IMPORT, statement=upload(content, "list.csv"), mapping=str(mapping.pk))
        assert "3 April 2026" in words(visit.get(answer["Location"]))
        assert visit.press(answer["Location"])["Location"] == LIST
        line = StatementLine.objects.get()
        assert (line.minor, line.booked_on, line.bank_text) == (-125_050, date(2026, 4, 3), "=1+1")
        assert line.statement.kind == "REPORT"

    def test_a_mapping_without_an_amount_is_refused_and_keeps_what_was_typed(self, fund: Fund) -> None:
        typed = {
            "name": "Half", "bank_account": str(fund.geneva.pk), "delimiter": ";", "decimal_mark": ",",
            "date_order": "DMY", "column_booked_on": "Datum", "column_credit": "In",
        }  # fmt: skip
        answer = Visit.of(fund.esi).press("/reconciliation/import/mapping/", **typed)
        assert answer.status_code == 422
        assert "It needs a booking day, and an amount" in problems(answer)[0]
        assert 'value="Datum"' in answer.content.decode()
        assert CsvMapping.objects.count() == 0

    def test_too_large_a_file_is_not_even_read(self, fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(statement_forms, "MOST_BYTES", 100)
        answer = Visit.of(fund.esi).press(IMPORT, statement=upload(b"<" + b"a" * 200))
        assert problems(answer) == ["The file has 0.0 MB, and 5 MB is the most. Ask the bank for a file of fewer days."]

    def test_no_file_at_all_is_asked_for(self, fund: Fund) -> None:
        answer = Visit.of(fund.esi).press(IMPORT)
        assert (answer.status_code, problems(answer)) == (422, ["Answer “The bank's file”."])

    def test_by_somebody_else_is_refused_before_the_file_is_read(self, fund: Fund) -> None:
        answer = Visit.of(fund.helena).press(IMPORT, statement=upload(statement_of(fund)))
        assert (answer.status_code, Statement.objects.count()) == (403, 0)


class TestFetchingFromStripe:
    def test_that_is_not_configured_says_so_on_the_page(self, fund: Fund, settings) -> None:
        settings.STRIPE_API_KEY = ""
        answer = Visit.of(fund.esi).press("/reconciliation/STR/fetch/")
        assert (answer.status_code, problems(answer)) == (
            422,
            ["Nothing was sent. Stripe is not configured here. Set STRIPE_API_KEY, or pay by bank file."],
        )


class TestTheAccounts:
    def test_agree_once_every_line_is_explained(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        assert "USD 10,000.00 USD 9,621.00 Differs by USD 379.00 3" in words(visit.get("/reconciliation/"))
        for minor in (-40_000, -400):
            visit.press(reported.address(minor, "match"), seen_version=1)
        visit.press(reported.address(2_500, "set-aside"), seen_version=0, reason_code="unknown_sender", reason="Asked.")
        assert "USD 9,621.00 USD 9,621.00 Agrees with the bank 0 · 1 set aside" in words(visit.get("/reconciliation/"))
        assert "Every line of this account is explained." in words(visit.get(LIST))

    def test_without_a_statement_say_so(self, fund: Fund) -> None:
        assert "No statement yet" in words(Visit.of(fund.esi).get("/reconciliation/"))


class TestTheLines:
    def test_stand_beside_ours_with_the_reasons(self, fund: Fund, reported: Reported) -> None:
        said = words(Visit.of(fund.esi).get(LIST))
        assert f"disbursement {reported.disbursement.number} , USD 400.00 reference equal · amount equal" in said
        assert "bank fee a charge of the bank, borne by unearmarked money" in said
        assert "nothing found under its reference" in said

    def test_can_be_looked_at_and_not_matched_by_others(self, fund: Fund, reported: Reported) -> None:
        for person in (fund.helena, fund.divya):
            page = Visit.of(person).get(LIST)
            assert (page.status_code, b"/match/" in page.content) == (200, False)


class TestMatching:
    def test_books_the_line_and_goes_on_to_the_next_open_one(self, fund: Fund, reported: Reported) -> None:
        following = reported.line(-400).identity[:16]
        answer = Visit.of(fund.esi).press(reported.address(-40_000, "match"), seen_version=1, show="all", page=1)
        assert answer["Location"] == f"{LIST}?show=all&page=1#line-{following}"
        assert reported.line(-40_000).state == "MATCHED"
        assert fund.now(reported.disbursement).state == "CONFIRMED"

    def test_twice_is_told_that_it_moved_on(self, fund: Fund, reported: Reported) -> None:
        address, visit = reported.address(-40_000, "match"), Visit.of(fund.esi)
        visit.press(address, seen_version=1)
        before = everything()
        answer = visit.press(address, seen_version=1)
        assert answer.status_code == 409
        assert "is now: Matched." in words(answer)
        assert everything() == before

    def test_from_a_stale_page_changes_nothing(self, fund: Fund, reported: Reported) -> None:
        before = everything()
        answer = Visit.of(fund.esi).press(reported.address(-40_000, "match"), seen_version=0)
        assert (answer.status_code, everything()) == (409, before)

    def test_without_a_version_it_could_have_seen_changes_nothing(self, fund: Fund, reported: Reported) -> None:
        before, visit = everything(), Visit.of(fund.esi)
        for version, code in (("", 422), ("-1", 422), ("x", 422), ("9" * 30, 409)):
            answer = visit.press(reported.address(-40_000, "match"), seen_version=version)
            assert answer.status_code == code
        assert everything() == before

    def test_a_line_nobody_knows_shows_why_it_cannot_be(self, fund: Fund, reported: Reported) -> None:
        address, visit = reported.address(2_500, "match"), Visit.of(fund.esi)
        assert "It cannot be matched now." in words(visit.get(address))
        before = everything()
        answer = visit.press(address, seen_version=0)
        assert problems(answer) == [
            "The line was not matched. Its reference is not one of ours, or the amount is another. "
            "Set it aside with a reason, and ask the bank."
        ]
        assert everything() == before

    def test_never_leads_to_an_address_somebody_typed(self, fund: Fund, reported: Reported) -> None:
        answer = Visit.of(fund.esi).press(
            reported.address(-400, "match"), seen_version=1, show="https://evil.example", page=1
        )
        assert (answer.status_code, reported.line(-400).state) == (422, "PROPOSED")


class TestSettingAside:
    WRONG = [
        ({"reason": "Asked the bank on Monday."}, "Answer “Why”."),
        ({"reason_code": "other", "reason": " "}, "Answer “What was asked of whom”."),
        (
            {"reason_code": "nope", "reason": "Asked."},
            "Select a valid choice. nope is not one of the available choices.",
        ),
        (
            {"reason_code": "other", "reason": "x" * 2001},
            "Ensure this value has at most 2000 characters (it has 2001).",
        ),
    ]

    def test_with_something_missing_keeps_what_was_typed(self, fund: Fund, reported: Reported) -> None:
        before, visit = everything(), Visit.of(fund.esi)
        for typed, said in self.WRONG:
            answer = visit.press(reported.address(2_500, "set-aside"), seen_version=0, **typed)
            assert (answer.status_code, problems(answer)) == (422, [said])
            assert typed["reason"].strip() in answer.content.decode()
        assert everything() == before

    def test_can_still_be_matched_later_and_not_set_aside_again(self, fund: Fund, reported: Reported) -> None:
        visit = Visit.of(fund.esi)
        typed = {"reason_code": "bank_asked", "reason": "Asked the bank."}
        visit.press(reported.address(-40_000, "set-aside"), seen_version=1, **typed)
        assert visit.get(reported.address(-40_000, "set-aside")).status_code == 409
        visit.press(reported.address(-40_000, "match"), seen_version=2)
        assert reported.line(-40_000).state == "MATCHED"


class TestWhatTheListShows:
    def test_is_what_the_act_would_do_for_every_line(self, fund: Fund) -> None:
        fund.commit(usd("2000.00"))
        bad = fund.send_by_file(usd("55.00"), fund.payee(account=WRONG_NUMBER))
        fund.send_by_file(usd("400.00"), fund.payee())
        statement = fund.import_next_statement(date(2026, 12, 1))
        for _round in range(2):
            lines = list(statement.lines.select_related("statement__bank_account"))
            shown = ours_of(lines, fund.geneva)
            for line in lines:
                if line.state == "MATCHED":
                    continue
                found, ours = candidate(line), shown.get(line.pk)
                assert (ours is not None and ours.can_match) == (found is not None), line.money
                if found is not None and ours is not None:
                    number = found.disbursement.number if found.disbursement else ""
                    assert (ours.kind, ours.key) == (found.kind, number)
            fund.match(next(line for line in lines if line.minor == -5_500)) if _round == 0 else None
        assert Disbursement.objects.get(pk=bad.pk).state == "CONFIRMED"
        assert clock.now() == NOON
