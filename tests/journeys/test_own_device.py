"""A device of one's own: what was typed comes back after a closed tab, and lies there as bytes that nobody can read."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page

from gaf.accounts.models import OwnDevice, User
from gaf.accounts.own_devices import forget_all
from tests.cast import PASSWORD, people, person
from tests.conftest import _chromium
from tests.journeys.signed_in import open_window  # noqa: F401  # a fixture
from tests.journeys.test_shared_device import files_with
from tests.stories_asking import an_empty_draft, now
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]
WORD, LEFT_OPEN = "Zanzibarqua", "Timbuktaro"
STORY = f"In {WORD} since Monday. Elle n’a nulle part où dormir: “cold” & <wet>."
# Every database of this origin, and what the script keeps in its own: bytes as letters of one byte each.
DATABASES = "() => indexedDB.databases().then((all) => all.map((one) => one.name))"
COPIES = """() => new Promise((done) => {
  const asked = indexedDB.open("typed"), letters = (bytes) => String.fromCharCode(...new Uint8Array(bytes));
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = () => done([]);
  asked.onsuccess = () => {
    const all = asked.result.transaction("copies").objectStore("copies").getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(all.result.map(({id, at, iv, box}) => ({id: letters(id), at, iv: letters(iv), box: letters(box)})));
    };
  };
})"""
AGE = """(hours) => new Promise((done) => {
  const asked = indexedDB.open("typed");
  asked.onsuccess = () => {
    const work = asked.result.transaction("copies", "readwrite"), store = work.objectStore("copies");
    store.getAll().onsuccess = ({target}) => target.result.forEach((copy) => {
      store.put({...copy, at: copy.at - hours * 3600000});
    });
    work.oncomplete = () => (asked.result.close(), done());
  };
})"""
LEAVE_IN_THE_OPEN = """(text) => new Promise((done) => {
  const asked = indexedDB.open("open", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("texts", {autoIncrement: true}).add(text);
  asked.onsuccess = () => (asked.result.close(), done());
})"""


@pytest.fixture
def draft(settings) -> AssistanceRequest:
    """A request that Amina has begun, in earnest; she reads English here, so that the test does."""
    settings.TRAINING = False
    made = an_empty_draft()
    people("Tunde", "Idriss")
    User.objects.filter(name="Amina").update(language="en")
    return made


def sign_in(page: Page, name: str, whose: str = "") -> None:
    page.goto("/sign-in/")
    page.fill("[name=login]", f"{name.lower()}@gaf.example")
    page.fill("[name=password]", PASSWORD)
    if whose:
        page.get_by_label(whose).check()
    page.locator("main form.entrance button").first.click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def situation(draft: AssistanceRequest) -> str:
    return f"/requests/{draft.reference}/edit/situation/"


def type_story(page: Page, at_once: bool = True) -> None:
    """Typed as people do; the script writes within five seconds, or when the page goes out of sight."""
    with page.expect_response("**/device/key/"):
        page.reload()
    page.locator("[name=situation]").fill(STORY)
    page.locator("[name=tried-0-programme]").fill("Programme national")
    if at_once:
        page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    wait_for_copies(page, 1)


def wait_for_copies(page: Page, number: int) -> None:
    for _try in range(80):
        if len(page.evaluate(COPIES)) == number:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{len(page.evaluate(COPIES))} copies, not {number}")


def press(page: Page) -> None:
    page.locator("main form .buttons button").first.click()


def test_words_come_back_after_a_closed_tab_and_no_file_of_the_browser_has_them(draft, browser, live_server, tmp_path):
    profile = tmp_path / "profile"
    window = browser.browser_type.launch_persistent_context(
        str(profile), executable_path=_chromium(), base_url=live_server.url, locale="en-GB"
    )
    page = window.new_page()
    sign_in(page, "Amina", whose="This is my own device")
    page.goto(situation(draft))
    type_story(page, at_once=False)
    [copy] = page.evaluate(COPIES)
    told = "".join(str(part) for part in copy.values())
    assert set(copy) == {"id", "at", "iv", "box"}
    assert len(copy["box"]) > len(STORY)
    for known in (WORD, "dormir", "Programme", draft.reference, "situation", "Amina"):
        assert known not in told

    page.close()
    Session.objects.all().delete()
    page = window.new_page()
    sign_in(page, "Amina")
    page.goto(situation(draft))
    page.get_by_role("button", name="Recover").click()
    assert page.locator("[name=situation]").input_value() == STORY
    assert page.locator("[name=tried-0-programme]").input_value() == "Programme national"
    press(page)
    page.locator("[data-focus]").wait_for()  # the programme lacks a day: nothing was saved, and the copy stays
    assert (now(draft).situation, len(page.evaluate(COPIES))) == ("", 1)
    page.locator("[name=tried-0-programme]").fill("")
    with page.expect_navigation(url="**/edit/help/"):
        press(page)
    assert now(draft).situation_text == STORY
    assert page.evaluate(COPIES) == []

    page.goto(situation(draft))
    type_story(page)
    leave = page.locator("header form button", has_text="Sign out")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault(), {once: true})")
    leave.click()
    wait_for_copies(page, 0)  # also where a browser clears nothing away when a server says so
    with page.expect_navigation():
        leave.click()
    assert page.evaluate(DATABASES) == []
    sign_in(page, "Amina")
    page.goto(situation(draft))
    type_story(page)
    page.evaluate(LEAVE_IN_THE_OPEN, f"In {LEFT_OPEN} since Monday.")
    window.close()
    assert files_with(WORD, profile) == []
    assert [file for file in files_with(LEFT_OPEN, profile) if "IndexedDB" in file] != []  # what lies open is found


def test_the_copy_is_dead_for_others_after_three_days_and_once_the_device_is_forgotten(draft, open_window):  # noqa: F811
    page = open_window("Amina", situation(draft))
    page.locator("[name=situation]").fill(STORY)
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    assert page.locator("script[src*=draft]").count() == 0
    assert page.evaluate(DATABASES) == []  # nobody said that the device is hers

    page.goto("/device/")
    with page.expect_navigation():
        page.get_by_role("button", name="This device is mine alone").click()
    page.goto(situation(draft))
    type_story(page)
    page.evaluate(AGE, 71.9)
    look_again(page)
    page.evaluate("document.querySelector('[name=tried-0-programme]').name = 'of-another-day'")
    offer(page).get_by_role("button", name="Recover").click()
    assert page.locator("[name=situation]").input_value() == STORY
    assert page.locator("[data-left] textarea").input_value() == "Programme national"  # it has no field any more
    wait_for_copies(page, 2)
    page.evaluate(AGE, 72.1)
    look_again(page)
    wait_for_copies(page, 0)
    assert not offer(page).is_visible()

    type_story(page)
    look_again(page)
    offer(page).get_by_role("button", name="Throw away").click()
    wait_for_copies(page, 0)
    assert page.locator("[name=situation]").input_value() == ""

    type_story(page)
    forget_all(person=person("Amina"), by=person("Tunde"), why="lost")
    look_again(page)
    wait_for_copies(page, 0)
    assert not offer(page).is_visible()

    page.goto("/device/")
    with page.expect_navigation():
        page.get_by_role("button", name="This device is mine alone").click()
    page.goto(situation(draft))
    type_story(page)
    page.context.clear_cookies(name="sessionid")
    sign_in(page, "Idriss")
    assert page.evaluate(COPIES) == []
    assert OwnDevice.objects.count() == 0
    page.goto(situation(draft))
    assert (page.locator("form[data-keep]").count(), page.locator("script[src*=draft]").count()) == (1, 0)


def look_again(page: Page) -> None:
    with page.expect_response("**/device/key/"):
        page.reload()
    page.wait_for_timeout(200)


def offer(page: Page) -> Locator:
    return page.locator("[data-copy]")
