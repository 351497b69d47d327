"""The end of the chain of decisions is read once in a piece, and anew where something of the piece was undone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.references import issue, issue_many
from gaf.refusals import Refusal
from tests.cast import person

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def decide(subject: str) -> Decision:
    amina = User.objects.get(email="amina@gaf.example")
    return record_decision(act="write", actor=amina, role="x", at=clock.now(), subject=subject, reference=subject)


def looks_for_the_end(asked: CaptureQueriesContext) -> int:
    return sum("FROM" in one["sql"] and 'ORDER BY "decisions' in one["sql"] for one in asked) + sum(
        "ORDER BY 1 DESC" in one["sql"] for one in asked
    )


@in_one_piece
def decided_and_refused(subject: str) -> None:
    decide(subject)
    raise Refusal("TEST-01", "Nothing was done.", "It is refused.", "Go on.")


class TestTheEndOfTheChain:
    @pytest.fixture(autouse=True)
    def amina(self) -> User:
        return person("Amina")

    def test_is_read_once_however_much_a_piece_decides(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            in_one_piece(lambda: [decide(subject) for subject in ("A-1", "A-2", "A-3")])()

        assert looks_for_the_end(asked) == 1
        assert list(Decision.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]

    def test_is_read_anew_after_a_part_of_the_piece_was_undone(self) -> None:
        @in_one_piece
        def goes_on() -> None:
            decide("A-1")
            with pytest.raises(Refusal, match="TEST-01"):
                decided_and_refused("A-2")
            decide("A-3")

        goes_on()

        rows = Decision.objects.order_by("number")
        assert [(row.number, row.subject) for row in rows] == [(1, "A-1"), (2, "A-3")]
        assert rows[1].previous_hash == rows[0].hash

    def test_of_another_piece_is_read_anew(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            for subject in ("A-1", "A-2"):
                in_one_piece(lambda subject=subject: decide(subject))()

        assert looks_for_the_end(asked) == 2


class TestANumber:
    def test_is_counted_on_from_the_first_of_its_year_in_one_statement(self) -> None:
        year = clock.now().year
        with CaptureQueriesContext(connection) as asked:
            given = [in_one_piece(issue)("GAF"), *in_one_piece(issue_many)("GAF", year, 3), in_one_piece(issue)("P")]

        assert given == [f"GAF-{year}-0000{place}" for place in (1, 2, 3, 4)] + [f"P-{year}-00001"]
        assert sum("referencecounter" in one["sql"] for one in asked) == 3
