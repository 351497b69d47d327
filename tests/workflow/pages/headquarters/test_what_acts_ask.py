"""What pressing a button costs the database: an act takes at most twenty statements, also with many people.

Acts that book money take more, and no more than is written here; there the lock that PostgreSQL takes for each chain is
not counted, which SQLite does not need.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from tests import stories
from tests.cast import PASSWORD, criteria
from tests.stories import last_decision
from tests.workflow.pages.headquarters.visits import form_on, send, signed_in, text_of, url_of

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]
MOST = 20
REASON = "Seen on the case worker’s second visit."


def submitted_under_criteria():
    """Submitted, with criteria in force."""
    criteria()
    return stories.a_submitted_request()


def eligible_but_for_the_decision():
    """Bruno has answered every criterion with yes."""
    made = stories.a_taken_request()
    stories.answer_all_criteria(made)
    return stories.now(made)


def planned():
    """Eligible, with plan and two lines."""
    made = stories.an_eligible_request()
    stories.plan(made)
    return stories.now(made)


def after_another(story):
    """The same story after another request was committed, so that every balance it touches is there."""

    def told():
        stories.an_approved_request()
        return story()

    return told


# Acts that stand on a page of another name.
PAGES = {"submit": "edit/check", "send-urgent": "edit/check", "send-budget": "plan/check"}
PLAIN = [
    ("Amina", "submit", stories.a_draft, {"declared": "on"}),
    ("Amina", "send-budget", planned, {"declared": "on"}),
    (
        "Bruno",
        "ask",
        stories.a_taken_request,
        {"form__0__section": "ALTERNATIVES", "form__0__text": "Which, and when?"},
    ),
    ("Amina", "answer", stories.an_asked_request, {"answer_1": "They have no funds this year."}),
    ("Idriss", "endorse", submitted_under_criteria, {}),
    ("Bruno", "take", stories.an_endorsed_request, {"no_tie": "on"}),
    ("Bruno", "confirm-eligibility", eligible_but_for_the_decision, {"reason": REASON}),
    (
        "Bruno",
        "refuse-eligibility",
        stories.a_taken_request,
        {"reason_code": "MANDATE", "reason": REASON, "referral": "The national service."},
    ),
    ("Helena", "hold", stories.a_funded_request, {"reason_code": "OTHER", "reason": "The shelter asks for a day."}),
    ("Amina", "withdraw", stories.a_submitted_request, {"reason_code": "REFERRED", "reason": "Found another way."}),
    ("Chen", "return-budget", stories.a_budget_to_approve, {"reason": "Too dear.", "reason_code": "OTHER"}),
    ("Helena", "reopen", stories.a_closed_request, {"reason_code": "NEW_FACTS", "reason": "An invoice came late."}),
    ("Gloria", "let-wait", stories.an_urgent_request, {"reason": "She is safe until Monday."}),
    ("Bruno", "recuse", stories.a_taken_request, {"reason": "I know the family."}),
    ("Chen", "decline", stories.a_budget_to_approve, {"reason_code": "NO_FUNDS", "reason": "Nothing is left."}),
    ("Marie", "certify-funds", stories.an_approved_request, {}),
    ("Helena", "resume", lambda: stories.hold(stories.a_funded_request()), {"reason": "The shelter is ready."}),
    ("Idriss", "return-to-author", stories.a_submitted_request, {"reason_code": "CONSENT", "reason": "Whose word?"}),
    ("Amina", "end-delivery", stories.an_implementing_request, {}),
    (
        "Helena",
        "extend-delivery",
        stories.an_implementing_request,
        {"ends_on_0": "31", "ends_on_1": "3", "ends_on_2": "2027", "reason": REASON},
    ),
    ("Helena", "close", stories.a_reconciling_request, {"reason_code": "COMPLETED", "reason": REASON}),
]
# Acts that book: of two lines each, on a stream that bore others before.
DEARER = [
    (22, "Helena", "cancel", stories.an_approved_request, {"reason_code": "LOST_CONTACT", "reason": REASON}),
    (23, "Marie", "return-to-approver", stories.an_approved_request, {"reason_code": "STREAM", "reason": REASON}),
    (22, "Gloria", "allow-urgent-spending", after_another(stories.an_urgent_request), {}),
]


def pressed(who, assistance, act, **said):
    """Press the button on the page of an act; what the database was asked."""
    client, address = signed_in(who), url_of(assistance, f"{PAGES.get(act, act)}/")
    page = client.get(address)
    form = next(one for one in map(form_on, [page] * 3, range(3)) if "seen_version" in one["fields"])
    return sent(client, address, form, assistance, act, **said)


def sent(client, address, form, assistance, act, **said):
    """Send a form; what the database was asked."""
    with CaptureQueriesContext(connection) as asked:
        answer = send(client, address, form, **said)
    assert answer.status_code == 302, text_of(answer)[:900]
    assert last_decision(assistance).act == act.replace("-", "_")
    return [one["sql"][:160] for one in asked]


def ready_together():
    """Two disbursements of one request and one of another, each ready to be released."""
    one, other = stories.a_funded_request(), stories.a_funded_request()
    return [
        stories.prepare(one, {"L1": stories.usd("588.00")}),
        stories.prepare(one, {"L2": stories.usd("340.00")}),
        stories.prepare(other, {"L1": stories.usd("100.00")}),
    ]


def besides_locks(asked):
    """The statements but those that only wait for the chains of decisions and journals."""
    return [sql for sql in asked if "pg_advisory_xact_lock" not in sql]


@pytest.mark.parametrize(("who", "act", "story", "said"), PLAIN, ids=[act for _who, act, _story, _said in PLAIN])
class TestAPlainAct:
    def test_takes_at_most_twenty_statements(self, who, act, story, said):
        asked = pressed(who, story(), act, **said)

        assert len(asked) <= MOST, f"{len(asked)}\n" + "\n".join(asked)


class TestLettingARoutineRequestPass:
    def test_takes_at_most_twenty_statements(self):
        stories.a_reporting_request()
        with clock.at(clock.now() + timedelta(days=77)):
            asked = pressed("Helena", stories.a_submitted_request(priority="P4"), "let-pass", reason=REASON)

        assert len(asked) <= MOST, f"{len(asked)}\n" + "\n".join(asked)


@pytest.mark.parametrize(
    ("most", "who", "act", "story", "said"), DEARER, ids=[act for _most, _who, act, _story, _said in DEARER]
)
class TestAnActThatBooks:
    def test_takes_the_statements_that_are_written_here(self, most, who, act, story, said):
        asked = besides_locks(pressed(who, story(), act, **said))

        assert len(asked) == most, f"{len(asked)}\n" + "\n".join(asked)


class TestApprovingABudget:
    def test_takes_the_statements_that_are_written_here(self):
        assistance = after_another(stories.a_budget_to_approve)()
        client, address = signed_in("Chen"), url_of(assistance, "approval/")
        effect = send(client, address, form_on(client.get(address)))
        page = url_of(assistance, "approve-budget/")
        asked = besides_locks(sent(client, page, form_on(effect), assistance, "approve-budget"))

        assert len(asked) == 29, f"{len(asked)}\n" + "\n".join(asked)


class TestApprovingADeferredLine:
    def test_takes_the_statements_that_are_written_here(self):
        assistance = after_another(stories.a_deferred_request)()
        client, page = signed_in("Chen"), url_of(assistance, "approve-deferred-line/")
        form = form_on(client.get(page))
        asked = besides_locks(sent(client, page, form, assistance, "approve-deferred-line", L2__condition_met="on"))

        assert len(asked) == 28, f"{len(asked)}\n" + "\n".join(asked)


class TestReleasing:
    """Two records and two decisions, and the fresh look at payee, list and gates; the password is kept as typed."""

    def test_takes_the_statements_that_are_written_here(self):
        assistance = stories.a_funded_request()
        stories.prepare(assistance)
        asked = besides_locks(pressed("Divya", assistance, "release", password=PASSWORD))

        assert len(asked) == 27, f"{len(asked)}\n" + "\n".join(asked)

    def test_of_two_takes_five_statements_more_and_looks_at_both_at_once(self):
        assistance = stories.a_funded_request()
        for line, amount in (("L1", "588.00"), ("L2", "340.00")):
            stories.prepare(assistance, {line: stories.usd(amount)})
        asked = besides_locks(pressed("Divya", assistance, "release", password=PASSWORD))

        assert len(asked) == 27 + 5, f"{len(asked)}\n" + "\n".join(asked)

    def test_of_three_requests_together_takes_much_less_than_three_times_one(self):
        rows, client = ready_together(), signed_in("Divya")
        address = "/releases/together/"
        form = form_on(client.get(address + "?" + "&".join(f"numbers={one.number}" for one in rows)))
        with CaptureQueriesContext(connection) as asked:
            answer = send(client, address, form, password=PASSWORD)
        found = besides_locks([one["sql"][:160] for one in asked])

        assert answer.status_code == 302
        assert len(found) == 56, f"{len(found)}\n" + "\n".join(found)
