"""Saved lists: kept under a name with their words, for oneself or one's side; one of them may open first."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.cast import person
from tests.workflow.pages.headquarters.test_finding_requests import rows_of
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.models import SavedView

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house")]

LATE = "is:late mission:NE by:state"


@pytest.fixture(autouse=True)
def _mission_in_niger(house):
    person("Amina")


def keep(name: str, title: str, line: str = LATE, **more: str) -> HttpResponse:
    """What a person gets who keeps a list."""
    return signed_in(name).post("/requests/views/?save=1", {"name": title, "q": line, **more})


def change(name: str, title: str, what: str) -> HttpResponse:
    """What a person gets who presses a button beside a list."""
    view = SavedView.objects.get(name=title)
    return signed_in(name).post("/requests/views/?save=1", {"view": view.key, "change": what})


def sees(name: str, title: str) -> bool:
    """Whether the list stands above a person's list of requests."""
    return f">{title}</a>" in signed_in(name).get("/requests/", {"q": ""}).content.decode()


class TestKeepingAList:
    def test_leads_back_to_it_by_its_words_and_its_order(self):
        answer = keep("Bruno", "Late in Niger", sort="due")
        assert answer["Location"] == "/requests/?q=is%3Alate+mission%3ANE+by%3Astate&sort=due"
        page = signed_in("Bruno").get(answer["Location"]).content.decode()
        assert 'sort=due" aria-current="page">Late in Niger</a>' in page

    def test_begins_with_the_words_one_came_from(self):
        page = signed_in("Bruno").get("/requests/", {"q": LATE, "sort": "due"}).content.decode()
        assert '/requests/views/?q=is%3Alate+mission%3ANE+by%3Astate&amp;sort=due">Keep this list</a>' in page
        form = signed_in("Bruno").get("/requests/views/", {"q": LATE, "sort": "due"}).content.decode()
        assert f'value="{LATE}"' in form
        assert '<option value="due" selected>' in form

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"name": ""}, "Give the list a name."),
            ({"name": "x" * 61}, "60"),
            ({"q": "misson:NE"}, "Did you mean “mission:”?"),
            ({"q": "mission:MX"}, "“MX” is not the code of a mission you can choose."),
        ],
    )
    def test_refuses_what_it_cannot_keep_and_keeps_what_was_typed(self, said, why):
        assert keep("Amina", "Mine", "is:open").status_code == 302
        form = {"name": "Other", "q": "is:open", **said}
        answer = signed_in("Amina").post("/requests/views/?save=1", form)
        assert answer.status_code == 422
        assert why in text_of(answer)
        assert SavedView.objects.count() == 1

    def test_refuses_a_second_list_of_the_same_name(self):
        keep("Bruno", "Late")
        answer = keep("Bruno", "Late", "is:open")
        assert answer.status_code == 422
        assert "You have a list called “Late” already. Choose another name, or remove that one first. (VIEW-01)" in (
            text_of(answer)
        )
        assert SavedView.objects.get().line == LATE
        assert keep("Chen", "Late").status_code == 302


class TestWhoSeesAList:
    def test_only_its_owner_while_it_is_not_shared(self):
        keep("Bruno", "Late in Niger")
        assert [sees(name, "Late in Niger") for name in ("Bruno", "Chen", "Amina")] == [True, False, False]

    def test_headquarters_when_somebody_there_shares_it(self):
        keep("Bruno", "Late in Niger", shared="on")
        assert [sees(name, "Late in Niger") for name in ("Bruno", "Chen", "Amina")] == [True, True, False]

    def test_the_mission_when_somebody_there_shares_it(self):
        keep("Amina", "À nous", "is:open", shared="on")
        assert [sees(name, "À nous") for name in ("Idriss", "Sofía", "Bruno")] == [True, False, False]

    def test_and_in_a_shared_list_each_reader_only_what_they_may_see(self):
        draft, sent = stories.a_draft(), stories.a_submitted_request()
        keep("Omar", "Everything", "", shared="on")
        address = "/requests/?q="
        assert set(rows_of(signed_in("Omar").get(address))) == {draft.reference, sent.reference}
        assert rows_of(signed_in("Bruno").get(address)) == [sent.reference]


class TestTheListThatOpensFirst:
    def test_opens_when_one_comes_without_words_and_leaves_the_way_to_all(self):
        keep("Bruno", "Late", opens_first="on")
        client = signed_in("Bruno")
        assert client.get("/requests/")["Location"] == "/requests/?q=is%3Alate+mission%3ANE+by%3Astate"
        page = client.get("/requests/?q=")
        assert page.status_code == 200
        assert '<a href="/requests/?q=" aria-current="page">All requests</a>' in page.content.decode()

    def test_is_one_at_most_and_another_takes_its_place(self):
        keep("Bruno", "Late", opens_first="on")
        keep("Bruno", "Open", "is:open", opens_first="on")
        assert [view.name for view in SavedView.objects.filter(opens_first=True)] == ["Open"]
        change("Bruno", "Late", "first")
        assert [view.name for view in SavedView.objects.filter(opens_first=True)] == ["Late"]
        change("Bruno", "Late", "none")
        assert signed_in("Bruno").get("/requests/").status_code == 200

    def test_is_nobody_elses_even_when_it_is_shared(self):
        keep("Bruno", "Late", opens_first="on", shared="on")
        assert signed_in("Chen").get("/requests/").status_code == 200

    def test_is_one_at_most_by_the_database(self):
        keep("Bruno", "Late", opens_first="on")
        keep("Bruno", "Open", "is:open")
        with pytest.raises(IntegrityError, match=r"opens_first|owner_id"), transaction.atomic():
            SavedView.objects.update(opens_first=True)


class TestRemoving:
    def test_throws_the_words_away_and_no_request(self):
        made = stories.a_submitted_request()
        keep("Bruno", "Late")
        assert change("Bruno", "Late", "remove").status_code == 302
        assert SavedView.objects.count() == 0
        assert rows_of(signed_in("Bruno").get("/requests/", {"q": ""})) == [made.reference]

    @pytest.mark.parametrize("what", ["remove", "first", "none"])
    def test_is_the_owners_alone_even_of_a_shared_list(self, what):
        keep("Bruno", "Late", shared="on", opens_first="on")
        person("Chen")
        assert change("Chen", "Late", what).status_code == 404
        assert SavedView.objects.get().opens_first


def test_saved_lists_cost_one_query_however_many_there_are():
    def queries() -> int:
        client = signed_in("Bruno")
        with CaptureQueriesContext(connection) as asked:
            client.get("/requests/", {"q": LATE})
        return len(asked)

    few = queries()
    for place in range(3):
        keep("Chen", f"List {place}", shared="on")
    assert queries() == few <= 15
