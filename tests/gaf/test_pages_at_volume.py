"""What pages cost does not grow with the requests of the fund: each asks as often for many as for few."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf.accounts.models import RoleAssignment
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.django_db

FEW, MORE = 60, 540
PAGES = (
    ("case_worker", "/desk/"),
    ("head_of_unit", "/desk/"),
    ("mission_finance", "/desk/"),
    ("eligibility_reviewer", "/inbox/"),
    ("budget_approver", "/approvals/"),
    ("certifying_officer", "/certification/"),
    ("payer", "/releases/"),
    ("fund_manager", "/closing/"),
    ("fund_manager", "/fund/"),
    ("fund_manager", "/advances/"),
    ("fund_manager", "/overdue/"),
    ("fund_manager", "/turnaround/"),
    ("fund_manager", "/retention/"),
    ("reconciler", "/reconciliation/"),
    ("auditor", "/requests/"),
    ("auditor", "/requests/board/"),
    ("auditor", "/disbursements/"),
)
MOST_ASKED, MOST_BYTES = 20, 60_000


def cost_of(role: str, page: str) -> tuple[int, int]:
    """How often a page asks the database once it is warm, and its bytes."""
    rows = RoleAssignment.objects.filter(role=role).order_by("pk")
    client = Client()
    client.force_login((rows.filter(mission__code="NE").first() or rows[0]).person)
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(page)
    assert answer.status_code == 200, page
    return len(asked), len(answer.content)


def test_a_page_asks_no_more_often_for_six_hundred_requests_as_for_sixty_and_is_no_longer_than_a_list_may_be() -> None:
    call_command("load_volume", requests=FEW, verbosity=0)
    few = {place: cost_of(*place) for place in PAGES}
    call_command("load_volume", requests=MORE, verbosity=0)
    many = {place: cost_of(*place) for place in PAGES}
    # A desk that is full of what is most urgent may ask less than one with a bit of everything.
    assert {place: asked for place, (asked, _size) in many.items() if asked > few[place][0]} == {}
    assert max(asked for asked, _size in many.values()) <= MOST_ASKED
    waiting = AssistanceRequest.objects.filter(state="ELIGIBILITY_REVIEW")
    assert waiting.filter(taken_by=None).count() > 25 < waiting.exclude(taken_by=None).count()  # the inbox is full
    assert {place: size for place, (_asked, size) in many.items() if size > MOST_BYTES} == {}
