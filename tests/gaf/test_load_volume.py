"""`manage.py load_volume`: so many requests that nobody can tell the copies from those that were played."""

from __future__ import annotations

from collections import Counter
from threading import current_thread, main_thread
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from finance.books import verify
from finance.models import Balance, Disbursement, Journal, PaymentFile, StatementLine
from gaf.accounts.models import RoleAssignment, User
from gaf.decisions.models import Decision
from gaf.demo.bulk import copying, loading
from gaf.demo.bulk.keys import Keys
from gaf.demo.bulk.loading import SCENE, whose
from gaf.demo.bulk.preparing import Preparer
from gaf.guards import missing_guards
from gaf.outbox.models import OutboxMessage
from gaf.sealing import unseal
from workflow.models import AssistanceRequest
from workflow.states import RequestState

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def load(requests: int) -> None:
    call_command("load_volume", requests=requests, verbosity=0)


def broken() -> list[str]:
    return [f"{one.code} {row.row}: {row.what}" for one in verify() for row in one.broken]


class TestRequestsInBulk:
    def test_are_as_many_as_asked_for_in_every_state_and_true_under_every_check_also_when_more_are_added(self) -> None:
        load(3 * SCENE + 2)
        assert AssistanceRequest.objects.count() == 3 * SCENE + 2
        assert set(AssistanceRequest.objects.values_list("state", flat=True)) == set(RequestState.values)
        assert (Disbursement.objects.count(), StatementLine.objects.count()) == (3 * 7, 3 * 6)
        assert broken() == []
        before = set(AssistanceRequest.objects.values_list("reference", flat=True))
        load(2 * SCENE)
        assert AssistanceRequest.objects.count() == 5 * SCENE + 2
        assert before < set(AssistanceRequest.objects.values_list("reference", flat=True))
        assert broken() == []
        assert missing_guards() == []

    def test_have_own_names_and_seals_and_belong_to_the_people_of_their_mission(self) -> None:
        load(3 * SCENE)
        rows = list(AssistanceRequest.objects.select_related("case"))
        assert len({row.case.key for row in rows}) == len({row.situation for row in rows}) == 3 * SCENE
        for row in rows:
            assert row.situation.split(":")[1] == row.case.key
            assert unseal(row.situation).startswith("Has been at the bus station")
            assert row.history.count() >= Decision.objects.filter(subject=row.reference).count()
            there = RoleAssignment.objects.filter(person=row.author_id, mission=row.mission_id, role="case_worker")
            assert there.exists()
        assert sorted(Counter(row.mission_id for row in rows).values()) == [SCENE, 2 * SCENE]
        copied = PaymentFile.objects.order_by("-pk")[0]
        assert copied.count == copied.disbursements.count() == 2


def keys_of_the_database() -> tuple[int, int]:
    """How many keys point at other rows, and how many of them nobody has looked at whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE NOT convalidated) FROM pg_constraint WHERE contype = 'f'"
        )
        told: tuple[int, int] = cursor.fetchone()
    return told


@pytest.mark.postgres
class TestKeysThatPointAtOtherRows:
    def test_are_all_back_when_it_is_done_and_hold_for_every_row(self) -> None:
        before = keys_of_the_database()
        load(3 * SCENE)
        assert keys_of_the_database() == before
        assert before[1] == 0

    def test_are_all_back_when_a_batch_fails(self, monkeypatch: Any) -> None:
        before = keys_of_the_database()
        monkeypatch.setattr(copying, "took_ids_until", Mock(side_effect=RuntimeError("no more room")))
        with pytest.raises(RuntimeError, match="no more room"), transaction.atomic():
            load(3 * SCENE)
        assert keys_of_the_database() == before

    def test_find_a_row_that_points_at_nothing(self) -> None:
        keys = Keys([Balance])
        with transaction.atomic(), keys.set_aside():
            Balance.objects.create(account_id=999_999, stream_key="none")
        with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
            keys.look_at_all()


class TestABatchInTheMaking:
    def test_is_made_beside_the_one_that_is_written_and_asks_no_database(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(loading, "AT_ONCE", 1)
        made, prepare = [], Preparer.prepare

        def watched(preparer: Preparer, batch: Any, issued: Any) -> Any:
            prepared = prepare(preparer, batch, issued)
            made.append((current_thread() is not main_thread(), connection.connection))
            return prepared

        monkeypatch.setattr(Preparer, "prepare", watched)
        load(3 * SCENE)
        assert made == [(True, None), (True, None)]
        assert broken() == []


class TestWhoseTheyAre:
    def test_one_mission_has_four_hundred_of_eight_hundred_and_another_forty(self) -> None:
        missions: list[Any] = ["first", "second", "third", "fourth"]
        dealt = Counter({"first": 1})  # the scene itself
        copies = whose(missions)
        dealt.update(next(copies) for _scene in range(800 // SCENE - 1))
        assert dealt["first"] * SCENE >= 400
        assert dealt["second"] * SCENE == 40


class TestItIsRefused:
    def test_where_the_settings_are_not_for_training(self, settings: Any) -> None:
        settings.TRAINING = False
        with pytest.raises(CommandError, match="TRAIN-01: These settings are not for training"):
            load(SCENE)
        assert not User.objects.filter(email="amina@gaf.example").exists()

    def test_where_somebody_could_be_real(self) -> None:
        User.objects.create_user("somebody@un.org", "Somebody")
        with pytest.raises(CommandError, match="TRAIN-02: People in this database have addresses that could be real"):
            load(SCENE)
        assert not AssistanceRequest.objects.exists()

    def test_while_messages_wait_to_be_sent(self) -> None:
        load(1)
        OutboxMessage.objects.filter(pk=OutboxMessage.objects.order_by("pk")[0].pk).update(state="READY")
        journals = Journal.objects.count()
        with pytest.raises(CommandError, match="VOLUME-02: Messages of this database are still waiting"):
            load(SCENE)
        assert AssistanceRequest.objects.count() == 1
        assert Journal.objects.count() == journals

    @pytest.mark.parametrize("requests", [0, -1, 5_000_001])
    def test_for_no_number_of_requests(self, requests: int) -> None:
        with pytest.raises(CommandError, match="Give 1 to 5000000 requests"):
            load(requests)
