"""What the most frequent jobs cost, counted and held against their targets (J1 to J10 of the specification)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gaf.accounts.models import User
from gaf.demo.playing import the_stage
from tests.journeys.counting import Cost, Person, told
from tests.journeys.journey import everybody_reads_english, plan, write_the_request
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def house(tmp_path, settings):
    """The installation as `setup` leaves it, without a request; everybody reads English."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path):
        everybody_reads_english()
        yield


@pytest.fixture(params=["a good line", pytest.param("a satellite", marks=pytest.mark.nightly)])
def sign_in(new_context, live_server, house, tmp_path, request):
    """Somebody signed in, whose cost counts from here; every job is done over a satellite, too."""

    def signed_in(name: str, **wishes) -> Person:
        person = Person(name, new_context(**wishes).new_page(), tmp_path)
        if request.param == "a satellite":
            person.go_by_satellite()
        return person

    return signed_in


@pytest.mark.parametrize(
    ("language", "scripts"),
    [
        ("fr", True),
        ("fr", False),
        ("en", True),
        ("es", True),
        pytest.param("en", False, marks=pytest.mark.nightly),
        pytest.param("es", False, marks=pytest.mark.nightly),
    ],
)
def test_j01_urgent_help_at_night(language, scripts, sign_in):
    User.objects.filter(email="amina@gaf.example").update(language=language)
    amina = sign_in("amina", java_script_enabled=scripts, **PHONE)
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
    form.press()
    cost = told(f"J1 {language}", amina.cost, phone=True)
    made = AssistanceRequest.objects.get()
    assert made.priority == "P1"
    assert cost.pages <= 2
    assert cost.acts <= 9
    assert cost.words_typed <= 25
    assert cost.bytes <= 30_000
    assert cost.seconds(phone=True) <= 90


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_j02_standard_request(width, sign_in):
    amina = sign_in("amina", **(PHONE if width == "phone" else {}))
    write_the_request(amina)
    cost = told(f"J2 {width}", amina.cost, phone=width == "phone")
    assert AssistanceRequest.objects.get().state == "SUBMITTED"
    assert cost.acts <= 26
    assert cost.words_typed <= 60
    assert cost.bytes <= 60_000
    assert cost.seconds(phone=width == "phone") <= (210 if width == "phone" else 180)


def test_j03_a_broken_off_draft_on_another_device(sign_in):
    amina = sign_in("amina")
    page = amina.open("/requests/new/").form().fill(urgency="standard").press()
    page = page.form("Start").press()
    page.form("Continue").fill(
        {"persons-0-sex": "F", "persons-0-age_band": "18-24", "persons-0-nationality": "SL"}
    ).press("come back later")

    later = sign_in("amina", **PHONE)
    later.open("/desk/")
    later.cost = Cost()
    page = later.follow(AssistanceRequest.objects.get().reference)
    cost = told("J3", later.cost, phone=True)
    assert "Female, 18 to 24, Sierra Leone" in page.words
    assert (cost.pages, cost.acts) == (1, 1)


def test_j04_j11_j12_j17_j18_ask_answer_find_and_keep(sign_in):
    amina, bruno = sign_in("amina"), sign_in("bruno")
    reference = write_the_request(amina)
    sign_in("idriss").open(f"/requests/{reference}/endorse/").form().press()
    bruno.open(f"/requests/{reference}/take/").form().fill(no_tie=True).press()
    question = {"form-0-section": "SITUATION", "form-0-text": "Since when is he stranded?"}
    bruno.open(f"/requests/{reference}/ask/").form().fill(question).press("Send")

    page = amina.open(f"/requests/{reference}/edit/situation/?then=answer")
    page.form("Save").fill(situation="Bloqué depuis lundi à la gare.").press("Save")
    amina.cost = Cost()
    page = amina.open(f"/requests/{reference}/answer/")
    (answer,) = [name for name in page.form().names if name.startswith("answer_")]
    page.form().fill({answer: "Since Monday."}).press("Send")
    cost = told("J4", amina.cost)
    assert AssistanceRequest.objects.get().state == "ELIGIBILITY_REVIEW"
    assert cost.pages <= 2  # the one to answer on, and the record that follows
    assert cost.acts == 2  # the box, and the button
    assert cost.bytes <= 15_000

    bruno.open("/inbox/")
    bruno.cost = Cost()
    bruno.key("/")
    bruno.page.keyboard.type(reference)
    with bruno.page.expect_navigation():
        bruno.key("Enter")
    page = bruno.seen(200)
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


def test_j05_j06_j07_find_review_approve(sign_in):
    amina = sign_in("amina")
    reference = write_the_request(amina)
    sign_in("idriss").open(f"/requests/{reference}/endorse/").form().press()

    bruno = sign_in("bruno")
    bruno.open("/inbox/")
    bruno.cost = Cost()
    bruno.key("j")
    with bruno.page.expect_navigation():
        bruno.key("t")
    cost = told("J5", bruno.cost)
    assert AssistanceRequest.objects.get().taken_by.name == "Bruno"
    assert (cost.acts, cost.keys) == (0, 2)

    bruno.cost = Cost()
    bruno.open(f"/requests/{reference}/review/")
    for may_be_irrelevant in bruno.page.locator(".criterion").evaluate_all(
        "all => all.map(one => !!one.querySelector('[data-key=q]'))"
    ):
        bruno.key("q" if may_be_irrelevant else "y")
    for _press in range(2):
        with bruno.page.expect_navigation():
            bruno.key("c")
    cost = told("J6", bruno.cost)
    assert AssistanceRequest.objects.get().state == "PLAN_AND_BUDGET"
    assert (cost.pages, cost.acts) == (1, 0)
    assert cost.keys <= 10

    plan(amina, reference)
    chen = sign_in("chen")
    chen.open(f"/requests/{reference}/approval/")
    for _press in range(2):
        with chen.page.expect_navigation():
            chen.key("c")
        chen.cost.pages += 1
    cost = told("J7", chen.cost)
    assert AssistanceRequest.objects.get().state == "APPROVED"
    assert cost.keys <= 4
    assert cost.pages <= 3


def test_j10_where_the_money_stands(sign_in):
    chen = sign_in("chen")
    page = chen.open("/fund/")
    cost = told("J10", chen.cost)
    for answer in ("Free", "Committed", "Paid"):
        assert answer in page.words
    assert (cost.acts, cost.keys) == (0, 0)
    assert cost.bytes <= 45_000
