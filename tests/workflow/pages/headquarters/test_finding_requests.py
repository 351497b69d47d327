"""The line of words above the list of requests: what each keeps, what is not understood, and how headings sort."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from gaf import clock
from tests import stories
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")


def rows_of(page: HttpResponse) -> list[str]:
    """The references on a page of the list, in their order."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page.content.decode())


def count_of(page: HttpResponse) -> int:
    """How many requests the heading counts."""
    return int(re.search(r'<span class="count">([0-9]+)</span>', page.content.decode())[1])


def found(name: str, line: str, **more: str) -> list[str]:
    """The references a person gets for a line, in their order."""
    page = signed_in(name).get("/requests/", {"q": line, **more})
    assert page.status_code == 200
    return rows_of(page)


def errors(name: str, line: str) -> list[str]:
    """What the page says beside the field."""
    page = signed_in(name).get("/requests/", {"q": line})
    assert page.status_code == 200
    said = re.search(r'id="id_q_error">(.*?)</p>', page.content.decode(), re.DOTALL)
    return html.unescape(said[1]).partition("</span> ")[2].split("<br>") if said else []


class TestAWord:
    @pytest.mark.parametrize(
        ("line", "kept"),
        [
            ("", {"niger", "mexico", "draft"}),
            ("mission:NE", {"niger", "draft"}),
            ("Mission:mx", {"mexico"}),
            ("state:submitted", {"niger"}),
            ("state:eligibility-review", {"mexico"}),
            ("priority:p4", {"mexico"}),
            ("priority:P4 mission:NE", set()),
            ("is:open", {"niger", "mexico", "draft"}),
            ("is:ended", set()),
            ("is:urgent", set()),
            ("who:nobody mission:MX", {"mexico"}),
            ("who:me", set()),
            ("state:submitted state:draft", set()),
        ],
    )
    def test_keeps_what_fits_it(self, line, kept):
        made = {
            "niger": stories.a_submitted_request(),
            "mexico": stories.an_endorsed_request(head="Joaquín", author="Sofía", code="MX", priority="P4"),
            "draft": stories.a_draft(),
        }
        got = found("Omar", line)
        assert {name for name, one in made.items() if one.reference in got} == kept

    def test_who_me_keeps_what_the_person_wrote_or_has_taken(self):
        taken, free = stories.a_taken_request(), stories.an_endorsed_request()
        assert found("Bruno", "who:me") == [taken.reference]
        assert set(found("Amina", "who:me")) == {taken.reference, free.reference}

    def test_is_urgent_and_is_ended_keep_their_own(self):
        urgent, ended = stories.an_urgent_request(), stories.a_declined_request()
        assert found("Omar", "is:urgent") == [urgent.reference]
        assert found("Omar", "is:ended") == [ended.reference]

    def test_is_late_and_is_soon_keep_what_is_due(self):
        morning = clock.now()
        urgent, slow = stories.an_endorsed_request(priority="P2"), stories.an_endorsed_request(priority="P4")
        for hours, late, soon in [(1, [], []), (50, [], [urgent.reference]), (73, [urgent.reference], [])]:
            with clock.at(morning + timedelta(hours=hours)):
                assert found("Omar", "is:late") == late
                assert found("Omar", "is:soon") == soon
        with clock.at(morning + timedelta(days=60)):
            assert set(found("Omar", "is:late")) == {urgent.reference, slow.reference}

    def test_is_held_keeps_what_rests(self):
        held = stories.hold(stories.a_taken_request())
        stories.a_taken_request()
        assert found("Omar", "is:held") == [held.reference]

    def test_need_keeps_what_is_asked_or_planned(self):
        made = stories.a_budget_to_approve(lines=(("SHEL", "Safe shelter", "person-night", "10", "28.00", "USD"),))
        assert found("Omar", "need:shel") == [made.reference]
        assert found("Omar", "need:FAMTR") == []

    @pytest.mark.parametrize(
        ("word", "fits"),
        [
            ("280", True),
            ("280.00", True),
            ("280.01", False),
            (">279.99", True),
            (">280", False),
            (">=280", True),
            ("<280", False),
            ("<=280", True),
            ("<280.01", True),
        ],
    )
    def test_amount_compares_what_is_asked_in_dollars_to_the_cent(self, word, fits):
        made = stories.a_budget_to_approve(lines=(("SHEL", "Safe shelter", "person-night", "10", "28.00", "USD"),))
        assert found("Omar", f"amount:{word}") == ([made.reference] if fits else [])

    @pytest.mark.parametrize(
        ("sign", "kept"),
        [("", {0}), (">", {1}), (">=", {0, 1}), ("<", {-1}), ("<=", {-1, 0})],
    )
    def test_sent_compares_whole_days(self, sign, kept):
        noon = clock.now().replace(hour=12)
        sent = {}
        for days in (-1, 0, 1):
            sent[days] = stories.a_submitted_request()
            AssistanceRequest.objects.filter(pk=sent[days].pk).update(submitted_at=noon + timedelta(days=days))
        got = found("Omar", f"sent:{sign}{noon.date().isoformat()}")
        assert {days for days, one in sent.items() if one.reference in got} == kept


class TestALineThatIsNotUnderstood:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("misson:NE", "“misson:” is not a filter. Did you mean “mission:”?"),
            ("is:lat", "“lat” is not known after is:. Known are: open, ended, urgent, late, soon, held."),
            ("mission:", "Nothing stands after “mission:”."),
            ("mission:ZZ", "“ZZ” is not the code of a mission you can choose."),
            ("priority:P9", "“P9” is not known after priority:. Known are: P1, P2, P3, P4."),
            ("who:Bruno", "“Bruno” is not known after who:. Known are: me, nobody."),
            ("amount:>2,000", "“>2,000” is not an amount."),
            ("amount:>-5", "“>-5” is not an amount."),
            ("amount:9999999999999", "“9999999999999” is not an amount."),
            ("amount:٣", "“٣” is not an amount."),
            ("sent:>2026-02-30", "“>2026-02-30” is not a day."),
            ("sent:9999-12-31", "“9999-12-31” is not a day."),
            ("state:'; DROP TABLE workflow_assistancerequest;--", "“';” is not known after state:."),
        ],
    )
    def test_says_why_shows_nothing_and_keeps_what_was_typed(self, line, said):
        one = stories.a_submitted_request()
        assert errors("Omar", line)[0].startswith(said)
        page = signed_in("Omar").get("/requests/", {"q": line})
        assert f'value="{html.escape(line)}"' in page.content.decode()
        assert count_of(page) == 0
        assert one.reference not in text_of(page)
        assert "Nothing is shown until every word is understood." in text_of(page)

    def test_names_every_word_that_is_wrong(self):
        assert len(errors("Omar", "misson:NE amount:x priority:P1")) == 2

    @pytest.mark.parametrize(
        "line",
        [
            "' OR 1=1 --",
            '"GAF',
            "%",
            "_",
            "\\",
            "ñandú 🦙",
            "\u202egnitset",
            "a" * 5000,
            "x\x00y",
            "<script>alert(1)</script>",
        ],
    )
    def test_that_is_hostile_finds_nothing_and_breaks_nothing(self, line):
        stories.a_submitted_request()
        page = signed_in("Omar").get("/requests/", {"q": line})
        assert page.status_code == 200
        assert rows_of(page) == []
        assert "<script>alert" not in page.content.decode()


class TestWhatOthersHave:
    @pytest.mark.parametrize("line", ["", "is:open", "who:nobody", "GAF", "amount:>0", "need:SHEL", "priority:P4"])
    def test_is_neither_shown_nor_counted_whatever_the_words(self, line):
        other = stories.an_endorsed_request(head="Joaquín", author="Sofía", code="MX", priority="P4")
        page = signed_in("Amina").get("/requests/", {"q": line})
        assert count_of(page) == 0
        assert other.reference not in text_of(page)

    def test_is_answered_like_what_does_not_exist(self):
        other = stories.a_submitted_request(author="Sofía", code="MX")
        answers = []
        for line in (other.reference, "GAF-1999-99999"):
            client = signed_in("Amina")
            with CaptureQueriesContext(connection) as asked:
                page = client.get("/requests/", {"q": line})
            answers.append((text_of(page), len(asked)))
        assert answers[0] == answers[1]


class TestAPicker:
    def test_writes_its_word_into_the_line_in_place_of_the_old_one(self):
        page = signed_in("Omar").get("/requests/", {"q": "is:open mission:NE", "mission": "MX", "sort": "asked"})
        assert (page.status_code, page["Location"]) == (302, "/requests/?q=is%3Aopen+mission%3AMX&sort=asked")

    def test_that_is_left_alone_leaves_the_line_alone(self):
        page = signed_in("Omar").get("/requests/", {"q": "mission:NE", "mission": "", "state": ""})
        assert page.status_code == 200


class TestAHeading:
    def test_sorts_and_sorts_the_other_way_round_when_pressed_again(self):
        first = stories.a_submitted_request(priority="P4")
        second = stories.a_submitted_request(priority="P2")
        assert found("Omar", "", sort="priority") == [second.reference, first.reference]
        assert found("Omar", "", sort="-priority") == [first.reference, second.reference]
        page = signed_in("Omar").get("/requests/", {"q": "is:open", "sort": "priority"}).content.decode()
        assert 'aria-sort="ascending"><a href="/requests/?q=is%3Aopen&amp;sort=-priority">Priority</a>' in page

    def test_shows_its_direction_and_so_does_the_choice_of_orders_for_those_who_see_no_headings(self):
        stories.a_submitted_request()
        page = signed_in("Omar").get("/requests/", {"sort": "-due"}).content.decode()
        assert 'aria-sort="descending"><a href="/requests/?sort=due">Due</a> <span aria-hidden="true">▼</span>' in page
        assert '<option value="-due" selected>Due, descending</option>' in page
        assert page.count(" selected>") - page.count('<option value="" selected>') == 1

    def test_puts_what_is_due_first_and_what_is_not_due_last(self):
        draft = stories.a_draft()
        slow, urgent = stories.an_endorsed_request(priority="P4"), stories.an_endorsed_request(priority="P2")
        assert found("Omar", "", sort="due") == [urgent.reference, slow.reference, draft.reference]
        assert found("Omar", "", sort="-due") == [slow.reference, urgent.reference, draft.reference]

    def test_puts_requests_without_an_amount_last_both_ways(self):
        without, with_one = stories.a_submitted_request(), stories.a_budget_to_approve()
        for sort in ("asked", "-asked"):
            assert found("Omar", "", sort=sort) == [with_one.reference, without.reference]

    @pytest.mark.parametrize("sort", ["nonsense", "-", "--asked", "author__password", "situation"])
    def test_that_does_not_exist_leaves_the_newest_moved_first(self, sort):
        first, second = stories.a_submitted_request(), stories.a_submitted_request()
        assert found("Omar", "", sort=sort) == [second.reference, first.reference]

    def test_takes_as_many_queries_for_five_requests_as_for_one(self):
        def queries() -> int:
            client = signed_in("Omar")
            with CaptureQueriesContext(connection) as asked:
                client.get("/requests/", {"q": "need:SHEL amount:>0 is:open mission:NE", "sort": "-due"})
            return len(asked)

        stories.a_budget_to_approve()
        few = queries()
        for _more in range(4):
            stories.a_budget_to_approve()
        assert queries() == few <= 15
