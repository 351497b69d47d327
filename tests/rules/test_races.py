"""Two people, or one twice, at the same second over one request, on PostgreSQL: one act is done, and it is done once.

The races for disbursements, lines of the bank, messages and decisions are in `tests/postgres`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from finance.models import Commitment
from gaf import clock
from gaf.decisions.models import Decision
from gaf.refusals import MovedOn
from tests.cast import criteria, give, open_house, people, person, stream
from tests.postgres.test_races_for_money import NOON, after, books_are_true, holding, run_together, words
from tests.rules.walking import forms_of, values_of
from tests.stories import a_budget_to_approve, a_draft, by, now, usd, whole
from workflow.actions.approval import approve_budget
from workflow.models import AssistanceRequest

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(transactional_db, settings, tmp_path):
    """The fund on its first day, and everybody who races."""
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = tmp_path / "private", tmp_path / "bank"
    with clock.at(NOON):
        open_house()
        criteria()
        people("Amina", "Idriss", "Bruno", "Chen", "Ines")
        yield


def one_after_the_other(first_act: Callable[[], Any], second_act: Callable[[], Any]) -> list[Any]:
    """The second act is begun while the first has not ended; what each came to."""
    begun = threading.Event()
    return run_together(holding(first_act, begun), after(begun, second_act))


def approval_of(made: AssistanceRequest, approver: str, stream_code: str = "A") -> Callable[[], AssistanceRequest]:
    """This approver approves every line as asked, from the page as it stands now."""
    decisions, who = whole(made, stream_code), by(approver)
    return lambda: approve_budget(request_id=made.pk, decisions=decisions, seen_version=made.version, **who)


def page_of(name: str, address: str) -> tuple[Client, dict[str, Any]]:
    """A browser in which somebody has opened a page, and what its form would send."""
    client = Client()
    client.force_login(person(name))
    return client, values_of(forms_of(client.get(address))[0])


class TestTwoApproversOfOneRequest:
    def test_approve_it_once_and_the_slower_one_is_told(self, house):
        made = a_budget_to_approve()

        results = one_after_the_other(approval_of(made, "Chen"), approval_of(made, "Ines"))

        assert [words(one) for one in results] == ["done", "STATE-02"]
        assert isinstance(results[1], MovedOn)
        assert now(made).state == "APPROVED"
        decided = Decision.objects.filter(act="approve_budget")
        assert list(decided.values_list("actor__name", flat=True)) == ["Chen"]
        committed = Commitment.objects.filter(reference=made.reference).order_by("line_key")
        assert list(committed.values_list("line_key", "usd_minor")) == [("L1", 58_800), ("L2", 34_000)]
        assert books_are_true()


class TestTwoRequestsForOneBalance:
    def test_are_not_both_approved(self, house):
        give(stream("B"), "1000.00")
        first, second = a_budget_to_approve(), a_budget_to_approve()

        results = one_after_the_other(approval_of(first, "Chen", "B"), approval_of(second, "Ines", "B"))

        assert [words(one) for one in results] == ["done", "FUND-01"]
        assert [now(one).state for one in (first, second)] == ["APPROVED", "BUDGET_REVIEW"]
        assert not Commitment.objects.filter(reference=second.reference).exists()
        assert not Decision.objects.filter(reference=second.reference, act="approve_budget").exists()
        assert books_are_true()

    def test_are_both_approved_when_it_is_enough(self, house):
        give(stream("B"), "1856.00")
        first, second = a_budget_to_approve(), a_budget_to_approve()

        results = one_after_the_other(approval_of(first, "Chen", "B"), approval_of(second, "Ines", "B"))

        assert [words(one) for one in results] == ["done", "done"]
        assert sum(Commitment.objects.values_list("usd_minor", flat=True)) == usd("1856.00").minor
        assert books_are_true()


class TestAButtonPressedTwice:
    def pressed_twice(self, name: str, address: str, **typed: Any) -> list[tuple[int, str]]:
        """The same form sent twice at once by one person; how each press was answered, and where it led."""
        client, values = page_of(name, address)
        data = {**values, **typed}
        again = Client()
        again.cookies = client.cookies
        target = f"{address}?save=1"
        results = one_after_the_other(lambda: client.post(target, data), lambda: again.post(target, data))
        return [(answer.status_code, answer.headers.get("Location", "")) for answer in results]

    def test_opens_one_draft(self, house):
        answers = self.pressed_twice("Amina", "/requests/new/", urgency="standard")

        made = AssistanceRequest.objects.get()
        assert answers == [(302, f"/requests/{made.reference}/edit/person/")] * 2
        assert Decision.objects.filter(act="write").count() == 1

    def test_sends_a_request_once(self, house):
        made = a_draft()

        answers = self.pressed_twice("Amina", f"/requests/{made.reference}/edit/check/", declared="on")

        assert answers == [(302, f"/requests/{made.reference}/sent/")] * 2
        assert now(made).state == "SUBMITTED"
        assert Decision.objects.filter(act="submit").count() == 1

    def test_sends_one_urgent_request(self, house):
        typed = {
            "primary": "VOT",
            "dangers": ["NO_SHELTER"],
            "needs": ["SHEL"],
            "rough_cost": "600",
            "currency": "USD",
            "situation": "Hidden in a shop, and followed.",
            "consent": "VERBAL",
        }

        answers = self.pressed_twice("Amina", "/requests/new/urgent/", **typed)

        made = AssistanceRequest.objects.get()
        assert made.is_urgent
        assert answers == [(302, f"/requests/{made.reference}/sent/")] * 2
        assert Decision.objects.filter(act="send_urgent").count() == 1
