"""What was typed stays: the line may drop, the answer be lost, the session end, the language change."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from gaf.accounts.models import User
from gaf.decisions.models import Decision
from tests import stories
from tests.cast import person
from tests.conftest import _chromium
from tests.journeys.signed_in import cookie_of, open_window  # noqa: F401  # one is a fixture
from tests.stories_asking import a_taken_request, an_empty_draft, now
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
STORY = "Elle a fui hier soir. Elle n’a nulle part où dormir."
NOT_SENT = "[data-not-sent]:visible"


@pytest.fixture
def draft() -> AssistanceRequest:
    """A request that Amina has begun; she reads English here, so that the test does."""
    made = an_empty_draft()
    User.objects.filter(name="Amina").update(language="en")
    return made


def situation(draft: AssistanceRequest) -> str:
    return f"/requests/{draft.reference}/edit/situation/"


def type_story(page) -> None:
    page.locator("[name=situation]").fill(STORY)


def press(page) -> None:
    page.locator("main .buttons button").first.click()


def writes(draft: AssistanceRequest) -> int:
    return Decision.objects.filter(reference=draft.reference).count()


class TestTheLine:
    def test_drops_at_continue_and_the_text_stays_and_goes_when_it_is_back(self, draft, open_window):  # noqa: F811
        page, before = open_window("Amina", situation(draft)), writes(draft)
        type_story(page)
        page.context.set_offline(True)
        press(page)
        page.locator(NOT_SENT).wait_for()
        assert page.locator("[name=situation]").input_value() == STORY
        assert now(draft).situation == ""
        with page.expect_navigation(url="**/edit/help/"):
            page.context.set_offline(False)
        assert now(draft).situation_text == STORY
        assert writes(draft) - before <= 1

    def test_loses_the_answer_and_a_second_press_does_no_harm(self, draft, open_window):  # noqa: F811
        page, before = open_window("Amina", situation(draft)), writes(draft)
        type_story(page)
        reached: list[int] = []

        def swallow(route) -> None:
            reached.append(route.fetch().status)
            route.abort()

        page.route("**/edit/situation/?save=1", swallow, times=1)
        press(page)
        page.locator(NOT_SENT).wait_for()
        assert reached == [204]
        version = now(draft).version
        assert now(draft).situation_text == STORY
        with page.expect_navigation(url="**/edit/help/"):
            press(page)
        assert now(draft).version == version
        assert writes(draft) - before <= 1

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_leads_to_a_server_that_cannot_answer_and_the_text_stays(self, status, draft, open_window):  # noqa: F811
        page = open_window("Amina", situation(draft))
        type_story(page)
        page.route("**/edit/situation/?save=1", lambda route: route.fulfill(status=status, body="no"), times=1)
        press(page)
        page.locator(NOT_SENT).wait_for()
        assert page.locator("[name=situation]").input_value() == STORY
        with page.expect_navigation(url="**/edit/help/"):
            press(page)
        assert now(draft).situation_text == STORY

    def test_drops_with_scripts_off_and_back_brings_the_text(self, draft, browser, live_server):
        # Playwright turns the page cache off, which everybody's browser has.
        chromium = browser.browser_type.launch(
            executable_path=_chromium(), ignore_default_args=["--disable-back-forward-cache"]
        )
        context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
        context.add_cookies([cookie_of("Amina", live_server.url)])
        page = context.new_page()
        page.goto(situation(draft))
        type_story(page)
        page.context.set_offline(True)
        press(page)
        page.wait_for_timeout(500)
        page.go_back(wait_until="commit")
        assert page.locator("[name=situation]").input_value() == STORY
        page.context.set_offline(False)
        with page.expect_navigation(url="**/edit/help/"):
            press(page)
        assert now(draft).situation_text == STORY
        chromium.close()


class TestTheSession:
    def test_ends_and_after_signing_in_elsewhere_the_text_goes(self, draft, open_window, live_server):  # noqa: F811
        page = open_window("Amina", situation(draft))
        type_story(page)
        Session.objects.all().delete()
        press(page)
        note = page.locator("[data-signed-out]:visible")
        note.wait_for()
        assert page.locator("[name=situation]").input_value() == STORY
        assert now(draft).situation == ""

        page.context.clear_cookies()
        page.context.add_cookies([cookie_of("Amina", live_server.url)])
        with page.expect_navigation(url="**/edit/help/"):
            press(page)
        assert now(draft).situation_text == STORY

    def test_of_somebody_else_writes_nothing_of_ours(self, draft, open_window, live_server):  # noqa: F811
        page = open_window("Amina", situation(draft))
        type_story(page)
        page.context.clear_cookies()
        page.context.add_cookies([cookie_of("Sofía", live_server.url)])
        before = stories.everything()
        with page.expect_navigation():
            press(page)
        assert stories.everything() == before
        assert STORY not in page.content()


class TestWhatIsWrong:
    def test_is_said_on_the_same_page_with_the_text_as_typed(self, open_window):  # noqa: F811
        made = a_taken_request()
        page = open_window("Bruno", f"/requests/{made.reference}/review/")
        page.locator("[type=radio][data-key=n]").first.check()
        page.locator("textarea").nth(1).fill("Asked the mission.")
        press(page)
        page.locator("[data-focus]").wait_for()
        assert page.evaluate("document.activeElement.matches('[data-focus]')")
        assert page.title().startswith("Error:")
        assert page.locator("textarea").nth(1).input_value() == "Asked the mission."
        page.locator("textarea").first.fill("Nothing was shown.")
        with page.expect_navigation():
            press(page)
        assert now(made).eligibility_answers.count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
class TestTheLanguage:
    def test_changes_in_the_middle_of_a_step_and_no_word_is_lost(self, scripts, draft, open_window):  # noqa: F811
        page, before = open_window("Amina", situation(draft), java_script_enabled=scripts), stories.everything()
        type_story(page)
        page.locator("[name=tried-0-programme]").fill("Programme national")
        page.get_by_role("button", name="Español").click()
        page.locator("html[lang=es]").wait_for()
        assert page.locator("[name=situation]").input_value() == STORY
        assert page.locator("[name=tried-0-programme]").input_value() == "Programme national"
        assert page.locator(".error, .error-summary").count() == 0
        assert stories.everything() == before
        assert person("Amina").language == "es"

    def test_changes_on_the_urgent_screen_and_nothing_is_sent(self, scripts, draft, open_window):  # noqa: F811
        page = open_window("Amina", "/requests/new/urgent/", java_script_enabled=scripts)
        made = AssistanceRequest.objects.count()
        page.locator("[name=situation]").fill(STORY)
        page.locator("[name=persons]").fill("3")
        page.get_by_role("button", name="Français").click()
        page.locator("html[lang=fr]").wait_for()
        assert page.locator("[name=situation]").input_value() == STORY
        assert page.locator("[name=persons]").input_value() == "3"
        assert AssistanceRequest.objects.count() == made
