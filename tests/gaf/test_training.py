"""A database for training says so for good: nobody real is in it, and nothing real goes out of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.db import IntegrityError, transaction
from django.test import Client

from gaf import clock, training
from gaf.accounts.models import Mission, TrainingMark, User
from gaf.accounts.queries import missions_of
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import deliver
from gaf.refusals import Refusal
from tests.cast import YEAR_START, open_house, people, person

pytestmark = [pytest.mark.both, pytest.mark.django_db]
PASSWORD = "a password of the specifications"


def somebody_real() -> User:
    return User.objects.create_user("amina@mission.org", "Amina")


class TestTheMark:
    def test_is_made_once_where_everybody_is_invented(self):
        people("Amina", "Bruno")
        training.mark_for_training()
        training.mark_for_training()
        assert TrainingMark.objects.count() == 1
        assert training.is_marked()

    def test_is_refused_where_somebody_could_be_real(self):
        somebody_real()
        with pytest.raises(Refusal, match="TRAIN-03"):
            training.mark_for_training()
        assert not training.is_marked()

    def test_is_refused_by_the_database_too(self):
        somebody_real()
        with pytest.raises(IntegrityError, match="TRAIN-03"), transaction.atomic():
            TrainingMark.objects.create(made_at=clock.now())
        assert not training.is_marked()

    def test_is_refused_under_settings_that_are_not_for_training(self, settings: Any):
        settings.TRAINING = False
        with pytest.raises(Refusal, match="TRAIN-01"):
            training.mark_for_training()
        assert not training.is_marked()

    def test_is_never_taken_away_or_changed(self):
        training.mark_for_training()
        with pytest.raises(IntegrityError, match="TRAIN-06"), transaction.atomic():
            TrainingMark.objects.all().delete()
        with pytest.raises(IntegrityError, match="TRAIN-06"), transaction.atomic():
            TrainingMark.objects.update(made_at=clock.now())
        assert training.is_marked()


class TestAMarkedDatabase:
    def test_takes_nobody_whose_address_could_be_real(self):
        amina = person("Amina")
        training.mark_for_training()
        with pytest.raises(IntegrityError, match="TRAIN-04"), transaction.atomic():
            somebody_real()
        with pytest.raises(IntegrityError, match="TRAIN-04"), transaction.atomic():
            User.objects.filter(pk=amina.pk).update(email="amina@mission.org")
        amina.refresh_from_db()
        assert amina.email == "amina@gaf.example"
        assert not User.objects.filter(email="amina@mission.org").exists()

    def test_lets_nothing_out_under_real_settings(self, settings: Any, caplog: pytest.LogCaptureFixture):
        training.mark_for_training()
        now = clock.now()
        waits = OutboxMessage.objects.create(key="k", topic="mail", payload={}, created_at=now, due_at=now)
        settings.TRAINING = False
        assert deliver(waits.pk) is False
        waits.refresh_from_db()
        assert (waits.state, waits.attempts) == (OutboxMessage.State.READY, 0)
        assert "TRAIN-07" in caplog.text

    def test_is_no_database_for_real_settings(self, settings: Any):
        training.mark_for_training()
        settings.TRAINING = False
        found = run_checks(tags=["database"], databases=["default"])
        assert "GAF-E006" in [one.id for one in found]


class TestTheMissionToPractiseIn:
    def test_has_one_person_for_each_role_of_a_mission_and_is_made_once(self):
        training.mark_for_training()
        mission = training.open_training_mission(YEAR_START, PASSWORD)
        assert training.open_training_mission(YEAR_START, PASSWORD) == mission
        assert sorted(mission.assignments.values_list("role", flat=True)) == [
            "case_worker",
            "head_of_unit",
            "mission_finance",
        ]
        assert missions_of(User.objects.get(email="lena@gaf.example")) == [mission]

    def test_stands_on_no_database_that_is_not_marked(self):
        with pytest.raises(IntegrityError, match="TRAIN-05"), transaction.atomic():
            training.open_training_mission(YEAR_START, PASSWORD)
        assert not Mission.objects.filter(is_training=True).exists()
        assert not User.objects.filter(email="lena@gaf.example").exists()

    def test_is_no_real_mission_renamed(self):
        people("Amina")
        with pytest.raises(IntegrityError, match="TRAIN-05"), transaction.atomic():
            Mission.objects.update(is_training=True)
        assert not Mission.objects.filter(is_training=True).exists()


BAND = "Training: nobody here is real, and no money moves."


def page_of(name: str, address: str) -> str:
    client = Client()
    client.force_login(person(name))
    return client.get(address).content.decode()


class TestTheBand:
    def test_stands_in_words_on_pages_with_and_without_signing_in(self):
        open_house()
        assert BAND in Client().get("/sign-in/").content.decode()
        assert BAND in page_of("Amina", "/desk/")
        assert BAND in page_of("Amina", "/nowhere/")

    def test_stands_on_no_page_of_a_real_installation(self, settings: Any):
        open_house()
        settings.TRAINING = False
        assert BAND not in Client().get("/sign-in/").content.decode()
        assert BAND not in page_of("Amina", "/desk/")

    def test_stands_where_the_database_says_so_whatever_the_settings_are(self, settings: Any):
        open_house()
        people("Amina")
        training.mark_for_training()
        settings.TRAINING = False
        assert BAND in page_of("Amina", "/desk/")


class TestTheKeyOfALiveAccount:
    @pytest.mark.parametrize("kind", ["training", "demo"])
    def test_is_refused_by_the_settings_of(self, kind: str, tmp_path: Any):
        environment = {**os.environ, "STRIPE_API_KEY": "rk_live_" + "1" * 20}
        code = f"import gaf.settings.{kind}"
        command = [sys.executable, "-c", code]
        asked = subprocess.run(command, env=environment, cwd=django_settings.BASE_DIR, capture_output=True, text=True)
        assert asked.returncode != 0
        assert "live account" in asked.stderr

    def test_is_named_by_a_check_wherever_people_are_invented(self, settings: Any):
        settings.STRIPE_API_KEY = "sk_live_" + "1" * 20
        assert "GAF-E005" in [one.id for one in run_checks(tags=["security"])]
