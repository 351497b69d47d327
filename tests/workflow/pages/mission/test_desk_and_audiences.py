"""The desk shows each person what waits for them; every mission page is there for its own mission and nobody else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.cast import CAST, person
from tests.workflow.pages.mission.browsing import signed_in, url_of, words
from workflow import mission_urls

pytestmark = pytest.mark.usefixtures("house")


def sections(name: str) -> dict[str, str]:
    """The words of each section of somebody's desk."""
    return sections_of(name, 1)


def sections_of(name: str, number: int) -> dict[str, str]:
    """The same of one page of what is to be done."""
    page = signed_in(name).get(f"/desk/?page={number}")
    assert page.status_code == 200
    parts = page.content.decode().split("<h2 ")[1:]
    return {part.split('id="')[1].split('"')[0]: part for part in parts}


class TestTheDesk:
    def test_says_so_when_nothing_waits(self):
        desk = words(signed_in("Amina").get("/desk/"))
        assert "My desk, Niger" in desk
        assert "Ask for help" in desk
        assert "Nothing waits for you." in desk
        for empty in ("No request is with anybody else.", "No draft.", "No request has ended yet."):
            assert empty in desk

    @pytest.mark.parametrize(
        ("story", "name", "section", "task"),
        [
            (stories.a_draft, "Amina", "drafts", ""),
            (stories.a_submitted_request, "Idriss", "must-act", "Endorse, or send back"),
            (stories.a_submitted_request, "Amina", "going-on", ""),
            (stories.an_asked_request, "Amina", "must-act", "Answer the questions"),
            (stories.an_eligible_request, "Amina", "must-act", "Write plan and budget"),
            (stories.a_budget_to_approve, "Amina", "going-on", ""),
            (stories.a_reporting_request, "Moussa", "must-act", "Report"),
            (stories.a_reporting_request, "Amina", "must-act", "Report"),
            (stories.an_urgent_request, "Amina", "must-act", "Urgent: finish the request"),
            (stories.an_urgent_request, "Idriss", "must-act", "Endorse, or send back"),
            (stories.a_refused_request, "Amina", "ended", ""),
        ],
    )
    def test_shows_a_request_where_its_work_is(self, story, name, section, task):
        made = story()
        shown = sections(name)
        assert made.reference in shown[section]
        assert task in shown[section]
        for other in {"drafts", "ended"} - {section}:
            assert made.reference not in shown.get(other, "")
        assert sections("Sofía")[section].count(made.reference) == 0

    def test_says_until_when_an_urgent_request_is_to_be_finished(self):
        stories.an_urgent_request(allowed="400.00")
        assert "3 days left" in words(signed_in("Amina").get("/desk/"))

    def test_says_until_when_a_report_is_due(self):
        stories.a_reporting_request()
        assert "19 Nov 2026" in words(signed_in("Moussa").get("/desk/"))

    def test_offers_mission_finance_no_drafts_and_no_asking(self):
        page = signed_in("Moussa").get("/desk/")
        assert "Ask for help" not in words(page)
        assert 'id="drafts"' not in page.content.decode()

    def test_asks_the_database_no_more_often_for_more_requests(self):
        def queries() -> int:
            client = signed_in("Amina")
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/desk/").status_code == 200
            return len(asked)

        stories.an_urgent_request(allowed="100.00")
        stories.an_asked_request()
        stories.an_eligible_request()
        stories.a_submitted_request()
        stories.a_draft()
        few = queries()
        for _one in range(3):
            stories.an_asked_request()
            stories.an_eligible_request()
            stories.a_submitted_request()
            stories.a_draft()
        assert queries() == few
        assert few <= 15

    def test_shows_what_is_to_be_done_page_by_page_and_the_first_of_what_others_have(self):
        drafts = [stories.a_draft().reference for _one in range(12)]
        sent = [stories.a_submitted_request().reference for _one in range(30)]
        first, last = (sections_of("Idriss", number) for number in (1, 2))
        assert "1 to 25 of 30" in first["must-act"]
        assert "26 to 30 of 30" in last["must-act"]
        shown = [one for one in sent if one in first["must-act"]] + [one for one in sent if one in last["must-act"]]
        assert sorted(shown) == sorted(sent)
        assert sum(one in first["drafts"] for one in drafts) == 10
        assert "10+" in first["drafts"]
        assert not any(one in first["going-on"] for one in sent)
        assert sum(one in sections("Amina")["going-on"] for one in sent) == 10
        client = signed_in("Idriss")
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get("/desk/").content) < 60_000
        assert len(asked) <= 20


WHERE = {
    "edit/person/": stories.a_draft,
    "edit/situation/": stories.a_draft,
    "edit/help/": stories.a_draft,
    "edit/check/": stories.a_draft,
    "documents/": stories.a_draft,
    "sent/": stories.a_submitted_request,
    "answer/": stories.an_asked_request,
    "plan/": stories.an_eligible_request,
    "plan/assistance/": stories.an_eligible_request,
    "plan/budget/": stories.an_eligible_request,
    "plan/check/": stories.an_eligible_request,
    "withdraw-persons/": stories.an_approved_request,
    "end-delivery/": stories.an_implementing_request,
    "report/": stories.a_reporting_request,
    "report-urgent-costs/": lambda: stories.an_urgent_request(allowed="100.00"),
}
FOR_FINANCE_TOO = {"sent/", "documents/", "report/", "report-urgent-costs/"}
ENDORSED = ("answer/", "plan/", "plan/assistance/", "plan/budget/", "plan/check/")
HEADQUARTERS = [name for name, (_role, code) in CAST.items() if not code]


class TestEveryPageOfARequest:
    @pytest.mark.parametrize("page", WHERE)
    def test_is_there_for_its_own_mission_alone(self, page):
        made = WHERE[page]()
        assert signed_in("Amina").get(url_of(made, page)).status_code == 200
        assert signed_in("Moussa").get(url_of(made, page)).status_code == (200 if page in FOR_FINANCE_TOO else 404)
        for name in ("Sofía", "Joaquín", "Rima", "Nour"):
            assert signed_in(name).get(url_of(made, page)).status_code == 404
            assert signed_in(name).post(url_of(made, f"{page}?save=1")).status_code in (404, 405)

    @pytest.mark.parametrize("page", WHERE)
    def test_is_not_for_headquarters(self, page):
        made = WHERE[page]()
        before = stories.everything()
        for name in HEADQUARTERS:
            answer = signed_in(name).post(url_of(made, f"{page}?save=1"), {"seen_version": made.version})
            assert answer.status_code in (403, 404, 405), name
        assert stories.everything() == before

    @pytest.mark.parametrize("page", WHERE)
    def test_posts_to_another_address_and_says_nothing_in_address_or_title(self, page):
        made = WHERE[page]()
        shown = signed_in("Amina").get(url_of(made, page)).content.decode()
        forms = shown.count('method="post"') - 1
        assert shown.count("save=1") == forms + 1
        title = shown.split("<title>")[1].split("</title>")[0]
        assert "shelter after an escape" not in title
        assert all(key not in title for key in made.persons.values_list("key", flat=True))
        for hostile in (" style=", "<script>", "onclick=", " required"):
            assert hostile not in shown

    @pytest.mark.parametrize("page", WHERE)
    def test_asks_the_database_seldom_enough(self, page):
        made = WHERE[page]()
        client = signed_in("Amina")
        client.get("/desk/")
        with CaptureQueriesContext(connection) as asked:
            client.get(url_of(made, page))
        assert len(asked) <= 25, [row["sql"][:120] for row in asked]

    def test_is_404_where_there_is_no_request(self):
        for page in WHERE:
            assert signed_in("Amina").get(f"/requests/GAF-2026-99999/{page}").status_code == 404

    def test_is_behind_the_sign_in(self, client):
        made = stories.a_draft()
        for page in WHERE:
            assert client.get(url_of(made, page)).url.startswith("/sign-in/")


class TestPagesWithoutARequest:
    @pytest.mark.parametrize("url", ["/desk/", "/requests/new/", "/requests/new/urgent/"])
    def test_are_for_missions_only(self, url):
        for name in ("Amina", "Idriss"):
            assert signed_in(name).get(url).status_code == 200
        assert signed_in("Moussa").get(url).status_code == (200 if url == "/desk/" else 404)
        for name in HEADQUARTERS:
            assert signed_in(name).get(url).status_code == 404

    def test_each_say_who_they_are_for(self):
        person("Amina")
        assert all(getattr(pattern.callback, "audience", None) for pattern in mission_urls.urlpatterns)
