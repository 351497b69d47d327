"""What it costs to see the money, to let it go, to explain a statement and to hand over (J8 to J10, J16)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from finance.models import Disbursement, StatementLine
from gaf.accounts.models import HandOver, User
from tests import stories
from tests.cast import PASSWORD, people, person
from tests.finance.builders import Fund
from tests.finance.conftest import at_noon, fund  # noqa: F401  # the fund at work
from tests.finance.matching.lines import import_lines, read, sent
from tests.journeys.conditions import under
from tests.journeys.counting import Cost, told
from tests.journeys.journey import day
from tests.journeys.travelling import conditions, sign_in, stage  # noqa: F401  # fixtures
from tests.stories import usd
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EXACT = 16


@under("J8")
def test_j08_twenty_payments_are_let_go_with_four_acts(conditions, house, sign_in):  # noqa: F811
    one, other = stories.a_funded_request(), stories.a_funded_request()
    for cents in range(1, 21):
        stories.prepare(one if cents % 2 else other, {"L1": usd(f"1.{cents:02d}")})
    person("Divya")
    User.objects.update(language=conditions.language)
    divya = sign_in("divya", PASSWORD)
    divya.open("/disbursements/")
    divya.cost = Cost()
    divya.follow(conditions.say("Release together"))
    page = divya.follow(conditions.say("Look at what is ticked"), "button")
    page.form().fill(password=PASSWORD).press()
    cost = told(f"J8 {conditions}", divya.cost, phone=conditions.phone)
    assert {one.state for one in Disbursement.objects.all()} == {"RELEASED"}
    assert cost.acts <= 4


@pytest.fixture
def statement(fund: Fund, conditions) -> Fund:  # noqa: F811
    """A statement of twenty lines, sixteen of them exactly ours; Esi, who explains it, has a password."""
    made = sent(fund, *(f"{n}.00" for n in range(10, 10 + EXACT)))
    exact = [read(f"-{one.money.decimal}", end_to_end=one.end_to_end) for one in made]
    import_lines(fund, *exact, *(read(f"{n}.50", text=f"Unknown sender {n}") for n in range(70, 74)))
    fund.esi.set_password(PASSWORD)
    fund.esi.language = conditions.language
    fund.esi.save()
    return fund


@under("J9")
def test_j09_sixteen_exact_lines_of_twenty(conditions, statement: Fund, sign_in):  # noqa: F811
    esi = sign_in("esi", PASSWORD)
    page = esi.open("/reconciliation/GVA/")
    esi.cost = Cost()
    if conditions.by_keys:
        esi.key("j")
        for left in range(19, 3, -1):
            esi.key("Enter")
            esi.page.wait_for_function("left => document.querySelectorAll('[data-line]').length === left", arg=left)
    else:
        esi.leave_by("main a[href*='exact']").form().press()
    cost = told(f"J9 {conditions}", esi.cost, phone=conditions.phone)
    states = list(StatementLine.objects.values_list("state", flat=True))
    assert (len(states), states.count("MATCHED")) == (20, EXACT)
    assert page.url.startswith("/reconciliation/GVA/")
    if conditions.by_keys:
        assert (cost.pages, cost.acts, cost.keys) == (0, 0, 1 + EXACT)
    else:
        assert cost.acts == 2


@under("J10")
def test_j10_where_the_money_stands(conditions, stage, sign_in):  # noqa: F811
    chen = sign_in("chen")
    page = chen.open("/fund/")
    cost = told(f"J10 {conditions}", chen.cost, phone=conditions.phone)
    for answer in ("Free", "Committed, not sent", "Spent", "On its way", "Refunds due", "Bank lines not matched"):
        assert conditions.say(answer) in page.words
    assert (cost.acts, cost.keys) == (0, 0)
    assert cost.bytes <= 45_000


def test_j16_approvals_are_handed_over_for_a_week_on_one_page(house, sign_in):  # noqa: F811
    people("Chen", "Ines", "Helena")
    chen = sign_in("chen", PASSWORD)
    page = chen.open("/out-of-office/")
    form = page.form("Hand over")
    first = date(*(int(form.options(f"starts_on_{box}")[0]) for box in (2, 1, 0)))
    until = day("ends_on", first + timedelta(days=7))
    form.fill({"deputy": person("Ines").pk, **until}).press("Hand over")
    cost = told("J16", chen.cost)
    assert HandOver.objects.filter(person__name="Chen").exists()
    assert cost.pages <= 2
    assert cost.acts <= 5  # the deputy, a day as its three boxes, and the button
