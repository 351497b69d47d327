"""Search by anything: straight to a whole reference, only what one may see, nothing of what is sealed."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.content import load_content
from finance.models import Disbursement, PayeeVersion, StatementLine
from gaf import clock
from tests import stories
from tests.cast import person
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.headquarters.visits import signed_in, text_of

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("house")]


def searched(name: str, text: str) -> HttpResponse:
    """The answer a person gets."""
    return signed_in(name).get("/search/", {"q": text})


def hits(name: str, text: str) -> list[str]:
    """What the page links to, in its order."""
    page = searched(name, text)
    assert page.status_code == 200
    main = page.content.decode().partition("<main")[2]
    return re.findall(r'<li><a href="([^"]*)"', main.partition("</main>")[0])


def nothing(name: str, text: str) -> bool:
    """Whether the page says that nothing was found."""
    return f"Nothing was found for “{text}”." in text_of(searched(name, text))


class TestAWholeReference:
    def test_of_a_request_leads_straight_to_its_record_whole_or_by_its_tail(self):
        made = stories.a_submitted_request()
        number = int(made.reference[-5:])
        for text in (made.reference, made.reference.lower(), f" {made.reference} ", str(number), f"2026-{number}"):
            answer = searched("Amina", text)
            assert (answer.status_code, answer["Location"]) == (302, f"/requests/{made.reference}/")

    def test_typed_into_the_list_leads_there_too(self):
        made = stories.a_submitted_request()
        answer = signed_in("Amina").get("/requests/", {"q": made.reference.lower()})
        assert (answer.status_code, answer["Location"]) == (302, f"/requests/{made.reference}/")

    def test_of_a_payment_by_its_number_or_by_the_text_on_the_statement(self):
        stories.a_disbursing_request()
        row = Disbursement.objects.get()
        for text in (row.number, row.end_to_end, row.end_to_end.lower()):
            answer = searched("Esi", text)
            assert (answer.status_code, answer["Location"]) == (302, f"/disbursements/{row.number}/")

    def test_of_the_bank_leads_to_its_line(self):
        stories.a_reconciling_request()
        line = StatementLine.objects.exclude(bank_reference="").first()
        answer = searched("Esi", line.bank_reference)
        assert answer.status_code == 302
        assert answer["Location"].endswith(f"#line-{line.identity[:16]}")
        assert line.identity[:16] in signed_in("Esi").get(answer["Location"]).content.decode()

    def test_of_a_payee_by_its_key_or_its_whole_account(self):
        stories.a_disbursing_request()
        version = PayeeVersion.objects.get()
        for text in (version.payee.key, version.account_number):
            answer = searched("Marie", text)
            assert (answer.status_code, answer["Location"]) == (302, f"/payees/{version.payee.key}/")

    def test_that_is_a_line_of_words_leads_to_the_list(self):
        answer = searched("Omar", "is:late mission:NE")
        assert (answer.status_code, answer["Location"]) == (302, "/requests/?q=is%3Alate+mission%3ANE")


class TestWhatOneMayNotSee:
    def test_is_answered_like_what_does_not_exist_with_as_many_queries(self):
        other = stories.a_submitted_request(author="Sofía", code="MX")
        answers = []
        for text in (other.reference, "GAF-2026-99999"):
            client = signed_in("Amina")
            with CaptureQueriesContext(connection) as asked:
                page = client.get("/search/", {"q": text})
            answers.append((page.status_code, text_of(page).replace(text, "…"), len(asked)))
        assert answers[0] == answers[1]
        assert answers[0][0] == 200

    @pytest.mark.parametrize("name", ["Amina", "Bruno", "Sofía"])
    def test_payments_payees_and_lines_are_not_found_by_those_who_work_on_none(self, name):
        stories.a_reconciling_request()
        row, version = Disbursement.objects.get(), PayeeVersion.objects.get()
        line = StatementLine.objects.exclude(bank_reference="").first()
        for text in (row.number, row.end_to_end, version.payee.key, version.account_number, line.bank_reference):
            assert nothing(name, text)

    def test_drafts_are_not_found_by_headquarters(self):
        draft = stories.a_draft()
        assert nothing("Helena", draft.reference)

    def test_editors_and_administrators_find_no_request(self):
        made = stories.a_submitted_request()
        for name in ("Farid", "Tunde"):
            assert nothing(name, made.reference)

    def test_sealed_text_is_never_found(self):
        made = stories.a_submitted_request()
        words = re.findall(r"\w{6,}", made.situation_text)
        assert words
        for word in words:
            assert f"/requests/{made.reference}/" not in hits("Amina", word)
        stories.a_disbursing_request()
        assert nothing("Marie", PayeeVersion.objects.get().holder_name)


class TestSeveralHits:
    def test_stand_in_groups_with_their_counts(self):
        one, two = stories.a_submitted_request(), stories.a_submitted_request()
        stories.a_submitted_request(author="Sofía", code="MX")
        page = text_of(searched("Amina", "GAF-2026"))
        assert "Requests 2" in page
        assert hits("Amina", "GAF-2026")[:2] == [f"/requests/{two.reference}/", f"/requests/{one.reference}/"]

    def test_say_how_many_there_are_beyond_the_first_ten_and_where(self):
        for _one in range(11):
            stories.a_draft()
        page = searched("Amina", "GAF-20")
        assert "The first 10 of 11." in text_of(page)
        assert '<a href="/requests/?q=GAF-20">All of them</a>' in page.content.decode()

    def test_of_a_name_lead_to_the_list_that_it_names(self):
        person("Sofía")
        assert "/requests/?q=mission%3AMX" in hits("Omar", "mexico")
        assert "/requests/?q=need%3ASHEL" in hits("Bruno", "shelter")

    def test_of_guidance_rank_titles_first_and_show_the_passage(self):
        load_content(person("Farid"), clock.now())
        found = hits("Tunde", "consent")
        assert "consent" in found[0]
        assert all(address.startswith("/en/") for address in found)
        assert len(found) > 2


class TestNothing:
    def test_is_asked_on_the_empty_page_which_says_what_can_be_searched(self):
        page = searched("Amina", "")
        assert page.status_code == 200
        assert "A reference such as GAF-2026-00142" in text_of(page)

    def test_of_one_letter_is_searched(self):
        assert "Two letters or one digit at least." in text_of(searched("Amina", "a"))

    def test_found_says_so_and_offers_what_was_perhaps_meant(self):
        person("Amina")
        page = searched("Omar", "nigre")
        assert "Nothing was found for “nigre”. Did you mean “Niger”?" in text_of(page)
        assert '<a href="/search/?q=Niger">' in page.content.decode()

    @pytest.mark.parametrize(
        "text", ["%", "__", "' OR 1=1 --", "\x00\x00GAF", "<script>alert(1)</script>", "a" * 5000, "ñandú 🦙", "\\\\"]
    )
    def test_hostile_breaks_anything(self, text):
        page = searched("Omar", text)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


class TestTheCost:
    def test_is_the_same_for_many_hits_as_for_one(self):
        def queries() -> int:
            client = signed_in("Omar")
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/search/", {"q": "GAF-2026-"}).status_code == 200
            return len(asked)

        stories.a_draft()
        few = queries()
        for _more in range(4):
            stories.a_draft()
        assert queries() == few <= 20


class TestTheBox:
    def test_stands_on_every_page_of_whoever_is_signed_in_and_on_no_other(self):
        assert '<form class="find" method="get" action="/search/"' in signed_in("Amina").get("/desk/").content.decode()
        assert 'action="/search/"' not in Client().get("/sign-in/").content.decode()
