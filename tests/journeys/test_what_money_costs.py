"""What it costs to let money go and to hand one's approvals over, counted and held against the targets (J8, J16)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from finance.models import Disbursement
from gaf.accounts.models import HandOver
from tests import stories
from tests.cast import PASSWORD, people, person
from tests.journeys.counting import Cost, Person, told
from tests.journeys.journey import day
from tests.stories import usd
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]


@pytest.fixture
def sign_in(new_context, live_server, tmp_path):
    """Somebody signed in, whose cost counts from here."""
    people("Divya", "Chen", "Ines", "Helena")
    return lambda name: Person(name, new_context().new_page(), tmp_path, PASSWORD)


def test_j08_twenty_payments_are_let_go_with_four_acts(sign_in):
    one, other = stories.a_funded_request(), stories.a_funded_request()
    for cents in range(1, 21):
        stories.prepare(one if cents % 2 else other, {"L1": usd(f"1.{cents:02d}")})
    divya = sign_in("divya")
    divya.open("/disbursements/")
    divya.cost = Cost()
    divya.follow("Release together")
    page = divya.follow("Look at what is ticked", "button")
    page.form("Release").fill(password=PASSWORD).press("Release")
    cost = told("J8", divya.cost)
    assert {one.state for one in Disbursement.objects.all()} == {"RELEASED"}
    assert cost.acts <= 4


def test_j16_approvals_are_handed_over_for_a_week_on_one_page(sign_in):
    chen = sign_in("chen")
    chen.cost = Cost()
    page = chen.open("/out-of-office/")
    form = page.form("Hand over")
    first = date(*(int(form.options(f"starts_on_{box}")[0]) for box in (2, 1, 0)))
    until = day("ends_on", first + timedelta(days=7))
    form.fill({"deputy": person("Ines").pk, **until}).press("Hand over")
    cost = told("J16", chen.cost)
    assert HandOver.objects.filter(person__name="Chen").exists()
    assert cost.pages <= 2
    assert cost.acts <= 5  # the deputy, a day as its three boxes, and the button
