"""The outbox: a promise belongs to a transaction, is kept once it can be, and is never lost or kept twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from gaf import clock
from gaf.outbox import outbox
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import NotYet, drain, enqueue, enqueue_all
from gaf.outbox.tasks import enqueue_due

pytestmark = [pytest.mark.both, pytest.mark.django_db]
NOON = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def heard(monkeypatch):
    """What a receiver of the topic `tried` was told; it fails or waits as the test asks."""
    said, troubles = [], []

    def listen(payload):
        if troubles:
            raise troubles.pop(0)
        said.append(payload)

    monkeypatch.setattr(outbox, "_handlers", {"tried": [("tests.listen", listen)]})
    said_and_troubles = (said, troubles)
    with clock.at(NOON):
        yield said_and_troubles


def promise(key: str = "one") -> None:
    enqueue("tried", key=key, reference="GAF-2026-00001")


class TestAPromise:
    def test_is_kept_once_however_often_it_was_made(self, heard):
        promise()
        promise()

        assert drain() == 1
        assert drain() == 0
        assert heard[0] == [{"reference": "GAF-2026-00001"}]

    def test_is_made_with_many_others_in_one_statement_and_leaves_alone_what_was_promised_before(
        self, heard, django_assert_num_queries
    ):
        promise("two")
        with django_assert_num_queries(1):
            enqueue_all("tried", {key: {"reference": key} for key in ("one", "two", "three")})

        assert drain() == 3
        assert [told["reference"] for told in heard[0]] == ["GAF-2026-00001", "one", "three"]

    def test_of_a_transaction_that_was_rolled_back_was_never_made(self, heard):
        with transaction.atomic():
            promise()
            transaction.set_rollback(True)

        assert drain() == 0
        assert heard[0] == []

    def test_that_failed_is_tried_again_later_and_keeps_only_the_kind_of_error(self, heard):
        heard[1].append(RuntimeError("a person's name"))
        promise()

        assert drain() == 0
        message = OutboxMessage.objects.get()
        assert (message.state, message.last_error) == ("READY", "RuntimeError")
        assert message.due_at > NOON
        with clock.at(NOON + timedelta(hours=1)):
            assert drain() == 1

    def test_that_came_too_early_waits_without_counting_as_a_try(self, heard):
        heard[1].append(NotYet(timedelta(minutes=10)))
        promise()
        drain()

        message = OutboxMessage.objects.get()
        assert (message.attempts, message.due_at) == (0, NOON + timedelta(minutes=10))

    def test_that_always_fails_is_parked_for_a_person(self, heard):
        heard[1].extend(RuntimeError() for _try in range(20))
        promise()
        for hour in range(1, 20):
            with clock.at(NOON + timedelta(hours=2 * hour)):
                drain()

        message = OutboxMessage.objects.get()
        assert (message.state, message.attempts) == ("PARKED", outbox.MOST_ATTEMPTS)
        assert heard[0] == []

    def test_claimed_by_a_worker_that_died_is_taken_over_after_its_lease(self, heard):
        promise()
        OutboxMessage.objects.update(state="CLAIMED", claimed_until=NOON + outbox.LEASE, attempts=1)

        assert drain() == 0
        with clock.at(NOON + outbox.LEASE + timedelta(seconds=1)):
            assert drain() == 1

    def test_is_handed_to_the_engine_once_a_lease(self, heard):
        promise()

        assert enqueue_due() == 1
        assert enqueue_due() == 0
