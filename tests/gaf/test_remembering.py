"""Stories told again bring their keys along, also those that another story told within them gave."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from gaf.sealing import erase_key, seal, unseal
from tests import stories, stories_asking
from tests.remembering import watch_from_here
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from workflow.models import AssistanceRequest

pytestmark = pytest.mark.usefixtures("house")


def as_a_test(tell: Callable[[], AssistanceRequest]) -> str:
    """Tell a story as a test does, which is undone afterwards; whose key seals its text."""
    with transaction.atomic():
        watch_from_here()
        made = tell()
        assert unseal(seal(made.seal_owner(), "Shelter.")) == "Shelter."
        transaction.set_rollback(True)
    return made.seal_owner()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite are stories told again")
def test_a_case_erased_by_another_test_can_be_sealed_again():
    first = as_a_test(stories_asking.a_draft)
    second = as_a_test(stories.a_submitted_request)  # tells the draft again: its key lies there already
    assert first == second
    erase_key(first)

    assert as_a_test(stories.a_submitted_request) == first
