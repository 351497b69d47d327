"""Two people answer or take back one transfer at the same second, on PostgreSQL: one wins, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gaf import clock
from gaf.decisions.models import Decision
from tests import stories
from tests.cast import mission, open_house, people
from tests.finance.builders import NOON
from tests.postgres.test_races_for_money import after, holding, run_together, words
from tests.stories import by, now
from workflow.actions.case_transfers import accept_transfer, propose_transfer, withdraw_transfer
from workflow.actions.planning import edit_lines
from workflow.models import AssistanceRequest, CaseTransfer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None, settings, tmp_path: Path):
    """An eligible request of Niger, and a second head of unit in Lebanon."""
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = tmp_path / "private", tmp_path / "bank"
    with clock.at(NOON):
        open_house()
        people("Amina", "Idriss", "Moussa", "Rima", "Fadi", "Sofía", "Joaquín", "Bruno")
        yield stories.an_eligible_request()


def proposed(made: AssistanceRequest, code: str = "LB") -> Callable[[], CaseTransfer]:
    said = {"receiving_id": mission(code).pk, "aim": "MOVED", "reason": "They are there."}
    who = by("Amina")
    return lambda: propose_transfer(request_id=made.pk, **said, **who)


def in_a_race(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """How both ended, where the second came while the first was still at it."""
    begun = threading.Event()
    return [words(one) for one in run_together(holding(first, begun), after(begun, second))]


class TestOneTransfer:
    def test_is_accepted_once(self, made):
        transfer, who = proposed(made)(), by("Fadi")

        def accept() -> CaseTransfer:
            return accept_transfer(transfer_id=transfer.pk, **who)

        assert in_a_race(accept, accept) == ["done", "STATE-02"]
        assert Decision.objects.filter(reference=made.reference, act="move_to_mission").count() == 1
        assert now(made).mission == mission("LB")

    def test_that_is_taken_back_first_is_not_accepted(self, made):
        transfer, amina, fadi = proposed(made)(), by("Amina"), by("Fadi")
        ended = in_a_race(
            lambda: withdraw_transfer(transfer_id=transfer.pk, **amina),
            lambda: accept_transfer(transfer_id=transfer.pk, **fadi),
        )
        assert ended == ["done", "STATE-02"]
        assert now(made).mission == mission("NE")

    def test_that_is_accepted_first_lets_the_former_mission_write_no_line(self, made):
        transfer, amina, fadi = proposed(made)(), by("Amina"), by("Fadi")
        line = stories.line_text(made, stories.SHELTER)
        ended = in_a_race(
            lambda: accept_transfer(transfer_id=transfer.pk, **fadi),
            lambda: edit_lines(request_id=made.pk, lines=[line], **amina),
        )
        assert ended == ["done", "ROLE-02"]
        assert not made.lines.exists()


def test_a_case_is_proposed_to_one_of_two_missions(made):
    assert in_a_race(proposed(made), proposed(made, "MX")) == ["done", "TRANSFER-04"]
    assert CaseTransfer.objects.get().receiving == mission("LB")
