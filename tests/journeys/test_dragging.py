"""The board by hand: a card that is dragged asks the gate as its link does, and moves nothing by itself."""

from __future__ import annotations

import pytest

from tests import stories
from tests.cast import criteria
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.states import RequestState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]


def drag(page, reference: str, stage: int) -> None:
    """Take the card of a request and let it go on a stage."""
    with page.expect_navigation():
        page.locator(f"[data-move$='={reference}']").drag_to(page.locator(f"[data-stage='{stage}']"))


class TestACard:
    def test_dragged_to_the_next_stage_opens_the_act_that_leads_there(self, open_window):  # noqa: F811
        criteria()
        made = stories.a_submitted_request()
        page = open_window("Idriss", "/requests/board/")
        drag(page, made.reference, 2)

        assert page.url.split("?")[0].endswith(f"/requests/{made.reference}/endorse/")
        assert stories.now(made).state == RequestState.SUBMITTED
        with page.expect_navigation():
            page.locator("main form button").click()
        assert stories.now(made).state == RequestState.ELIGIBILITY_REVIEW

    def test_dragged_where_no_act_leads_says_why_and_stays(self, open_window):  # noqa: F811
        made = stories.a_submitted_request()
        before = stories.everything()
        page = open_window("Idriss", "/requests/board/")
        drag(page, made.reference, 5)

        assert made.reference in page.locator("main").inner_text()
        assert stories.everything() == before
