"""What the most frequent jobs cost, counted and held against their targets (J1 to J7, J11, J12, J17 and J18)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gaf.demo import acting_parts as do
from tests.journeys.conditions import Conditions, under
from tests.journeys.counting import Cost, told
from tests.journeys.journey import write_the_request
from tests.journeys.test_first_paint import packed  # noqa: F401  # fixture
from tests.journeys.travelling import a_request, conditions, sign_in, stage  # noqa: F401  # fixtures
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@under("J1")
def test_j01_urgent_help_at_night(conditions, stage, sign_in):  # noqa: F811
    amina = sign_in("amina")
    form = amina.open("/requests/new/urgent/").form()
    form.fill(
        {
            "dangers": ["NO_SHELTER"],
            "primary": "VOT",
            "needs": ["SHEL"],
            "rough_cost": "250 000",
            "situation": "Elle a fui hier soir et n’a nulle part où dormir.",
            "consent": "VERBAL",
        }
    )
    page = form.press()
    cost = told(f"J1 {conditions}", amina.cost, phone=conditions.phone)
    made = AssistanceRequest.objects.get()
    assert made.priority == "P1"
    assert made.reference in page.words
    assert cost.pages <= 2
    assert cost.acts <= 9
    assert cost.words_typed <= 25
    assert cost.bytes <= 30_000
    assert cost.seconds(phone=conditions.phone) <= 90
    assert cost.seconds(phone=conditions.phone) + cost.waiting <= 100


@under("J2")
def test_j02_standard_request(conditions, stage, sign_in):  # noqa: F811
    amina = sign_in("amina")
    write_the_request(amina, conditions.say)
    cost = told(f"J2 {conditions}", amina.cost, phone=conditions.phone)
    assert AssistanceRequest.objects.get().state == "SUBMITTED"
    assert cost.acts <= 26
    assert cost.words_typed <= 60
    assert cost.words_read <= (220 if conditions.language == "en" else 260)
    assert cost.pages <= 6  # how urgent, four steps, and the receipt
    assert cost.bytes <= 60_000
    assert cost.seconds(phone=conditions.phone) <= (210 if conditions.phone else 180)


def test_j01_and_j02_on_a_phone_with_nothing_in_the_cache(stage, sign_in, packed):  # noqa: F811
    amina = sign_in("amina", under=Conditions(phone=True))
    amina.with_nothing_kept()
    amina.open("/requests/new/urgent/")
    first = told("J1, its first page, nothing in the cache", amina.cost).bytes
    amina.with_nothing_kept()
    write_the_request(amina)
    whole = told("J2, nothing in the cache", amina.cost, phone=True)
    assert 10_000 < first <= 30_000  # more than the page alone, or the cache was not empty
    assert first < whole.bytes <= 60_000
    assert whole.seconds(phone=True) <= 210


@under("J3")
def test_j03_a_broken_off_draft_on_another_device(conditions, stage, sign_in):  # noqa: F811
    say, amina = conditions.say, sign_in("amina", under=Conditions(conditions.language))
    page = amina.open("/requests/new/").form().fill(urgency="standard").press()
    page.form(say("Continue")).fill(
        {"persons-0-sex": "F", "persons-0-age_band": "18-24", "persons-0-nationality": "SL"}
    ).press(say("Save and come back later"))

    later = sign_in("amina")
    later.open("/desk/")
    later.cost = Cost()
    page = later.follow(AssistanceRequest.objects.get().reference)
    cost = told(f"J3 {conditions}", later.cost, phone=conditions.phone)
    for words in ("Female", "18 to 24"):
        assert say(words).lower() in page.words.lower()
    assert (cost.pages, cost.acts) == (1, 1)


@under("J4")
def test_j04_answer_a_question(conditions, stage, sign_in):  # noqa: F811
    reference = a_request(stage, "taken")
    do.ask(stage, "bruno", reference, [("SITUATION", "Since when is he stranded?")])
    amina = sign_in("amina")
    page = amina.open(f"/requests/{reference}/answer/")
    (answer,) = [name for name in page.form().names if name.startswith("answer_")]
    say = conditions.say
    form = page.form(say("Send answers")).fill({answer: "Since Monday."})
    with amina.told_that_it_is_done():
        page = form.press(say("Send answers"))
    cost = told(f"J4 {conditions}", amina.cost, phone=conditions.phone)
    assert AssistanceRequest.objects.get().state == "ELIGIBILITY_REVIEW"
    assert page.url == f"/requests/{reference}/"
    assert cost.pages <= 2  # the one to answer on, and the record that follows
    assert cost.acts == 2  # the box, and the button
    assert cost.bytes <= 15_000


@under("J5")
def test_j05_find_the_next_request_and_take_it(conditions, stage, sign_in):  # noqa: F811
    a_request(stage, "review")
    bruno = sign_in("bruno")
    bruno.open("/inbox/")
    bruno.cost = Cost()
    with bruno.told_that_it_is_done():
        if conditions.by_keys:
            bruno.key("j")
            bruno.go_by_key("t")
        else:
            bruno.leave_by("[name=no_tie]")
    cost = told(f"J5 {conditions}", bruno.cost, phone=conditions.phone)
    assert AssistanceRequest.objects.get().taken_by.name == "Bruno"
    assert (cost.acts, cost.keys) == ((0, 2) if conditions.by_keys else (1, 0))


@under("J6")
def test_j06_eight_criteria_and_the_decision(conditions, stage, sign_in):  # noqa: F811
    reference = a_request(stage, "taken")
    bruno = sign_in("bruno")
    page = bruno.open(f"/requests/{reference}/review/")
    if conditions.by_keys:
        for may_be_irrelevant in bruno.page.locator(".criterion").evaluate_all(
            "all => all.map(one => !!one.querySelector('[data-key=q]'))"
        ):
            bruno.key("q" if may_be_irrelevant else "y")
        bruno.key("c")
        with bruno.told_that_it_is_done():
            bruno.go_by_key("c")
    else:
        button = conditions.say("Save and confirm: eligible")
        form = page.form(button)
        for name in [name for name in form.names if name.startswith("answer-")]:
            form.fill({name: "NOT_RELEVANT" if "NOT_RELEVANT" in form.options(name) else "YES"})
        with bruno.told_that_it_is_done():
            form.press(button)
    cost = told(f"J6 {conditions}", bruno.cost, phone=conditions.phone)
    assert AssistanceRequest.objects.get().state == "PLAN_AND_BUDGET"
    assert cost.acts + cost.keys <= 10
    assert cost.pages <= 2  # the one to review and decide on, and the record that follows
    assert cost.bytes <= 30_000


@under("J7")
def test_j07_approve_a_budget(conditions, stage, sign_in):  # noqa: F811
    reference = a_request(stage, "to_approve")
    chen = sign_in("chen")
    page = chen.open(f"/requests/{reference}/approval/")
    if conditions.by_keys:
        chen.go_by_key("c")
        with chen.told_that_it_is_done():
            chen.go_by_key("c")
    else:
        button = conditions.say("Work out the effect")
        page = page.form(button).press(button)
        with chen.told_that_it_is_done():
            page.form().press()
    cost = told(f"J7 {conditions}", chen.cost, phone=conditions.phone)
    assert AssistanceRequest.objects.get().state == "APPROVED"
    assert cost.keys <= 4
    assert cost.acts <= 3
    assert cost.pages <= 3  # the budget, its effect on the fund, and the record that follows
    assert cost.seconds(phone=conditions.phone) <= 40


def test_j11_j12_j17_j18_find_compare_and_keep(stage, sign_in):  # noqa: F811
    reference = a_request(stage, "taken")
    bruno = sign_in("bruno")
    bruno.open(f"/requests/{reference}/")
    do.ask(stage, "bruno", reference, [("SITUATION", "Since when is he stranded?")])
    page = sign_in("amina").open(f"/requests/{reference}/edit/situation/?then=answer")
    page.form("Save").fill(situation="Bloqué depuis lundi à la gare.").press("Save")
    do.answer(stage, "amina", reference, "Since Monday.")

    bruno.open("/inbox/")
    bruno.cost = Cost()
    bruno.key("/")
    bruno.page.keyboard.type(reference)
    page = bruno.go_by_key("Enter")
    cost = told("J11", bruno.cost)
    assert page.url == f"/requests/{reference}/"
    assert (cost.pages, cost.acts, cost.keys) == (1, 0, 2)

    bruno.cost = Cost()
    page = bruno.follow("since you looked on")
    cost = told("J12", bruno.cost)
    assert page.url.startswith(f"/requests/{reference}/changes/")
    assert "depuis lundi" in page.words
    assert (cost.pages, cost.acts) == (1, 1)

    bruno.open("/requests/?q=who:me")
    bruno.cost = Cost()
    with bruno.page.expect_download() as file:
        bruno.click("CSV")
    cost = told("J17", bruno.cost)
    assert reference in Path(file.value.path()).read_text()
    assert (cost.pages, cost.acts) == (0, 1)

    bruno.open(f"/requests/{reference}/")
    bruno.cost = Cost()
    bruno.follow("Print it with its decisions")
    cost = told("J18", bruno.cost)
    printed = bruno.page.pdf(format="A4", prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    print(f"J18 prints on {sheets} sheets")
    assert (cost.pages, cost.acts) == (1, 1)
    assert sheets <= 3
