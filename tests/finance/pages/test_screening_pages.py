"""Screening in the browser: headquarters compares a payee with an entry of the list, the mission is not told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finance.models import PayeeVersion, ScreeningHit
from gaf import clock, ids
from gaf.decisions.models import Threshold
from tests.finance.builders import NOON, Fund, everything
from tests.finance.pages.test_payee_pages import typed
from tests.finance.pages.visits import Visit, codes, problems, words


@pytest.fixture
def listed(fund: Fund) -> PayeeVersion:
    """A confirmed payee whose holder has a name like one on the list, born in a year that differs."""
    return fund.payee(holder="Tarvek Osmarello", birth_year="1994")


@pytest.fixture
def page(listed: PayeeVersion) -> str:
    """The address of the hit."""
    return f"/screening/{ScreeningHit.objects.get().key}/"


class TestAHit:
    def test_waits_in_the_list_with_the_list_it_was_found_on(self, fund: Fund, page: str) -> None:
        shown = words(Visit.of(fund.viktor).get("/screening/"))

        assert "of 22 November 2026: 4 entries, 8 names." in shown
        assert "HIT-2026-00001 To be compared by two PAY-2026-00001/1 account holder ZZi.001 100" in shown

    def test_shows_payee_and_entry_beside_each_other_and_why_it_was_found(self, fund: Fund, page: str) -> None:
        shown = words(Visit.of(fund.viktor).get(page))

        assert "Account holder Tarvek Osmarello" in shown
        assert "TARVEK OSMARELLO DRINNOV; Tarvek Osmarelo; The Lamplighter; тарвек осмарелло дриннов" in shown
        assert "the year of birth differs; only you decide what that means" in shown
        assert "100 of 100" in shown

    def test_is_cleared_by_two_people_one_after_the_other(self, fund: Fund, page: str) -> None:
        first = Visit.of(fund.viktor)
        assert first.press(f"{page}clear/", reason="Another year of birth.")["Location"] == page
        assert "HIT-2026-00001 is cleared by you." in first.get(page).content.decode()
        refused = first.get(f"{page}clear/")
        assert (refused.status_code, codes(refused)) == (403, ["SOD-16"])

        second = Visit.of(fund.helena)
        assert "says a second person" in words(second.get(f"{page}clear/"))
        second.press(f"{page}clear/", reason="Seen the register.")

        shown = words(second.get(page))
        assert "Cleared by two" in shown
        assert "Another year of birth." in shown
        assert "Seen the register." in shown

    def test_that_is_the_same_is_confirmed_and_said(self, fund: Fund, page: str) -> None:
        visit = Visit.of(fund.viktor)

        assert visit.press(f"{page}confirm/", reason="Same passport.")["Location"] == page
        assert "The same: never paid" in words(visit.get(page))
        assert visit.get(f"{page}clear/").status_code == 409

    def test_keeps_what_was_typed_when_the_reason_is_missing(self, fund: Fund, page: str) -> None:
        before = everything()

        answer = Visit.of(fund.viktor).press(f"{page}clear/", reason="  ")

        assert (answer.status_code, problems(answer)) == (422, ["Answer “What you compared”."])
        assert everything() == before


class TestThePayeesPage:
    def test_tells_headquarters_of_the_hit_and_the_mission_nothing(
        self, fund: Fund, page: str, listed: PayeeVersion
    ) -> None:
        address = f"/payees/{listed.payee.key}/"

        assert "HIT-2026-00001 To be compared by two ZZi.001, account holder" in words(
            Visit.of(fund.viktor).get(address)
        )
        seen = words(Visit.of(fund.moussa).get(address))
        assert "HIT-" not in seen
        assert "Screening" not in seen

    def test_says_from_when_the_details_can_be_paid(self, fund: Fund) -> None:
        Threshold.objects.create(
            code="payee_cooling_off_hours", value=48, unit="hours", effective_from=NOON.date() - timedelta(days=1)
        )
        version = fund.payee()
        address = f"/payees/{version.payee.key}/"

        assert "money can be released to these details from 25 Nov 2026, 13:00 Geneva" in words(
            Visit.of(fund.moussa).get(address)
        )
        with clock.at(NOON + timedelta(hours=48)):
            assert "a short time ago" not in words(Visit.of(fund.moussa).get(address))

    def test_alerts_headquarters_to_the_same_account_of_another_payee(self, fund: Fund) -> None:
        one, other = fund.payee(), fund.payee()

        shown = words(Visit.of(fund.viktor).get(f"/payees/{one.payee.key}/"))

        assert f"The same account is recorded for another payee: {other.payee.key}" in shown
        assert "same account" not in words(Visit.of(fund.moussa).get(f"/payees/{one.payee.key}/"))


class TestAYearOfBirth:
    def test_is_recorded_with_the_payee(self, fund: Fund) -> None:
        Visit.of(fund.moussa).press("/payees/new/", **typed(birth_year="1984"))

        assert PayeeVersion.objects.get().born == 1984

    def test_that_is_none_is_refused(self, fund: Fund) -> None:
        answer = Visit.of(fund.moussa).press("/payees/new/", **typed(birth_year="84", idempotency_key=ids.random_key()))

        assert problems(answer) == ["Write the year with four digits, like 1984."]
