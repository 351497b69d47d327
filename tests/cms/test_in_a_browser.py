"""What only a browser can say: the editors' own scripts run under the policy, and lines are short enough to read."""

from __future__ import annotations

import pytest

from cms.models import CriteriaPage
from cms.second_reading import read_and_publish
from gaf.accounts.models import User
from tests.cms.conftest import PASSWORD
from workflow.models import CriteriaSet

LONGEST_LINE = """() => Math.max(...[...document.querySelectorAll('main p, main li, main dd')].map(e => {
  const lines = Math.round(e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight));
  return lines > 1 ? e.textContent.trim().length / lines : 0; }))"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("pages")
class TestInABrowser:
    @pytest.mark.parametrize("address", ["/en/", "/en/criteria/", "/en/guidance/evidence-to-keep/"])
    def test_pages_fit_a_telephone_and_keep_their_lines_short(self, page, phone_page, address: str) -> None:
        phone_page.goto(address)
        assert phone_page.evaluate("document.documentElement.scrollWidth") == 360
        page.goto(address)
        assert 35 <= page.evaluate(LONGEST_LINE) <= 70

    def test_an_editor_changes_a_question_and_a_second_person_reads_and_publishes_it(
        self, page, farid: User, leila: User
    ) -> None:
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
        page.goto("/sign-in/?next=/cms/")
        page.fill("input[name=login]", farid.email)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main button").first.click()
        page.goto(f"/cms/pages/{CriteriaPage.objects.get(locale__language_code='en').pk}/edit/")
        page.fill("input[name=criteria-0-value-question]", "Is the need tied to migration?")
        page.get_by_role("button", name="Toggle preview").click()
        preview = page.frame_locator("iframe[title=Preview]").last
        preview.get_by_role("heading", name="1. Is the need tied to migration?").wait_for()
        page.get_by_role("button", name="Save draft").click()
        page.get_by_text("has been updated").wait_for()
        assert CriteriaSet.objects.count() == 1
        draft = CriteriaPage.objects.get(locale__language_code="en")
        read_and_publish(page_id=draft.pk, revision_id=draft.latest_revision_id, follows_id=None, reader=leila)
        assert refused == []
        frozen = CriteriaSet.objects.order_by("-number").first()
        assert (frozen.number, frozen.criteria.first().question) == (2, "Is the need tied to migration?")
