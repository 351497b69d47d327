"""The editors' desk: for editors, behind the fund's own sign-in, reduced to pages."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.editors import GROUP, let_people_edit
from cms.models import CriteriaPage, GuidancePage
from gaf.accounts.models import RoleAssignment, User
from gaf.refusals import Refusal
from workflow.models import CriteriaSet


@pytest.fixture
def desk(client: Client, farid: User, few_pages: None) -> Client:
    client.force_login(farid)
    return client


class TestTheDoor:
    def test_leads_strangers_to_the_funds_own_sign_in(self, client: Client) -> None:
        answer = client.get("/cms/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/cms/")

    def test_has_no_sign_in_of_its_own(self, client: Client) -> None:
        answer = client.get("/cms/login/?next=/cms/pages/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Fcms%2Fpages%2F")

    @pytest.mark.parametrize("address", ["/cms/password_reset/", "/cms/password_reset/done/"])
    def test_has_no_forgotten_password_of_its_own(self, client: Client, address: str) -> None:
        assert client.get(address).headers["Location"] == "/sign-in/password/"

    def test_lets_an_editor_in_who_signed_in_with_a_password(self, client: Client, farid: User) -> None:
        signed_in = client.post("/sign-in/?next=/cms/", {"login": farid.email, "password": "correct horse battery"})
        assert signed_in.headers["Location"] == "/cms/"
        assert client.get("/cms/").status_code == 200

    def test_is_not_there_for_a_case_worker(self, client: Client, amina: User) -> None:
        client.force_login(amina)
        inside = ["/cms/", "/cms/pages/", "/cms/reports/site-history/", "/cms/users/", "/cms/account/"]
        assert {client.get(address).status_code for address in inside} == {404}

    def test_is_not_there_for_a_case_worker_in_the_editors_group(self, client: Client, amina: User) -> None:
        let_people_edit(amina)
        client.force_login(amina)
        assert client.get("/cms/").status_code == 404

    def test_closes_when_the_role_ends(self, desk: Client, farid: User) -> None:
        RoleAssignment.objects.filter(person=farid).update(ends_on=date(2026, 1, 2))
        assert desk.get("/cms/").status_code == 404

    def test_lets_a_new_editor_join_the_group_on_the_way(self, client: Client, farid: User) -> None:
        farid.groups.clear()
        client.force_login(farid)
        assert client.get("/cms/").status_code == 200
        assert list(farid.groups.values_list("name", flat=True)) == [GROUP]

    def test_leaves_by_the_funds_own_sign_out(self, desk: Client) -> None:
        answer = desk.post("/cms/logout/")
        assert (answer.status_code, answer.headers["Location"]) == (307, "/sign-out/")
        assert desk.post("/cms/logout/", follow=True).redirect_chain[-1][0] == "/sign-in/"
        assert desk.get("/cms/").status_code == 302


class TestTheDesk:
    def test_shows_pages_and_reports_and_nothing_else(self, desk: Client) -> None:
        html = desk.get("/cms/").content.decode()
        assert "/cms/pages/" in html
        for unwanted in ("/cms/images/", "/cms/documents/", "/cms/users/", "/cms/groups/", "/cms/sites/"):
            assert unwanted not in html

    def test_opens_nothing_else_of_wagtail(self, desk: Client) -> None:
        closed = [
            "users",
            "groups",
            "images",
            "documents",
            "sites",
            "redirects",
            "collections",
            "workflows/list",
            "account",
        ]
        answers = {address: desk.get(f"/cms/{address}/") for address in closed}
        assert {answer.headers.get("Location") for answer in answers.values()} == {"/cms/"}

    def test_has_a_policy_of_its_own_that_stops_there(self, desk: Client) -> None:
        assert "'unsafe-inline'" in desk.get("/cms/").headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in desk.get("/en/").headers["Content-Security-Policy"]

    def test_previews_in_a_frame_of_its_own(self, desk: Client) -> None:
        page = CriteriaPage.objects.get()
        answer = desk.get(f"/cms/pages/{page.pk}/view_draft/")
        assert answer.status_code == 200
        assert "A draft: it binds nobody until it is published." in answer.content.decode()
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"

    def test_offers_no_button_to_publish_what_one_just_wrote(self, desk: Client) -> None:
        html = desk.get(f"/cms/pages/{GuidancePage.objects.get(slug='complaints').pk}/edit/").content.decode()
        assert "action-publish" not in html
        assert "Save draft" in html

    def test_publishes_nothing_for_its_writer(self, desk: Client) -> None:
        page = GuidancePage.objects.get(slug="complaints")
        typed = {
            "title": "Complaints",
            "slug": "complaints",
            "summary": "How to complain.",
            "belongs_to": "PUBLIC",
            "body": streamfield([("heading", "Write to us")]),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
            "action-publish": "1",
        }
        answer = desk.post(f"/cms/pages/{page.pk}/edit/", nested_form_data(typed))
        assert answer.status_code == 422
        assert "who reads it first" in answer.content.decode()
        assert "How to complain." not in desk.get("/en/complaints/").content.decode()


def criterion(code: str = "consent", question: str = "Is there consent?") -> dict:
    return {
        "code": code,
        "question": question,
        "guidance": "Look at the record.",
        "passes": streamfield([]) | {"count": 0},
        "fails": {"count": 0},
        "passage": "CONSENT",
    }


class TestTheFormOfTheCriteria:
    def _send(self, desk: Client, criteria: list[dict], press: str = "action-publish"):
        typed = {
            "title": "Eligibility criteria",
            "slug": "criteria",
            "summary": "What a request must meet.",
            "criteria": streamfield([("criterion", one) for one in criteria]),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
            press: "1",
        }
        page = CriteriaPage.objects.get()
        return desk.post(f"/cms/pages/{page.pk}/edit/", nested_form_data(typed))

    def _read(self, reader: User):
        page = CriteriaPage.objects.get()
        client = Client()
        client.force_login(reader)
        return client.post(f"/cms/second-reading/{page.pk}/", {"revision": page.latest_revision_id})

    def test_publishes_a_new_set_when_a_second_person_read_it(self, desk: Client, farid: User, leila: User) -> None:
        assert self._send(desk, [criterion()], press="action-save").status_code == 302
        assert self._read(farid).status_code == 403
        assert CriteriaSet.objects.count() == 1
        assert self._read(leila).status_code == 302
        frozen = CriteriaSet.objects.get(number=2)
        assert frozen.published_by == leila
        assert list(frozen.criteria.values_list("code", "question", "guidance", "passage")) == [
            ("consent", "Is there consent?", "Look at the record.", "CONSENT")
        ]

    @pytest.mark.parametrize(
        ("criteria", "says"),
        [
            ([criterion(), criterion()], "This code stands twice. Each criterion needs a code of its own."),
            ([criterion(question="")], "This field is required."),
            ([criterion(code="Not a code")], "Write 2 to 20 small letters, digits or underscores"),
            ([], "This field is required."),
        ],
    )
    def test_says_what_is_wrong_and_publishes_nothing(self, desk: Client, criteria: list[dict], says: str) -> None:
        answer = self._send(desk, criteria)
        assert answer.status_code == 200
        assert says in answer.content.decode()
        assert CriteriaSet.objects.count() == 1
        assert CriteriaPage.objects.get().criteria[0].value["code"] == "migration_link"

    def test_publishes_nothing_when_freezing_refuses(
        self, desk: Client, leila: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(**said: object) -> None:
            raise Refusal("CRIT-09", "The criteria were not published.", "A test says no.", "Wait for its end.")

        monkeypatch.setattr("cms.publishing.publish_criteria_set", refuse)
        self._send(desk, [criterion()], press="action-save")
        answer = self._read(leila)
        assert answer.status_code == 422
        assert "A test says no." in answer.content.decode()
        assert CriteriaSet.objects.count() == 1
        there = CriteriaPage.objects.get()
        assert there.criteria[0].value["code"] == "migration_link"
        assert there.get_latest_revision_as_object().criteria[0].value["code"] == "consent"

    def test_keeps_a_draft_without_freezing_it(self, desk: Client) -> None:
        assert self._send(desk, [criterion(question="")], press="action-save").status_code == 302
        assert CriteriaSet.objects.count() == 1
