"""Trying the rail from outside: a rehearsal on a training database, over somebody else's stand-in, told as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from finance.books import first_broken, verify
from finance.models import Disbursement
from gaf.accounts.models import User
from gaf.installation.rehearsal import NotForTraining, rehearse, require_training
from gaf.outbox.outbox import drain
from tests.finance.stripe.another_stand_in import AnotherStandIn

ACCOUNTS = ["acct_1A", "acct_1B"]


def exported() -> list[dict[str, object]]:
    out = StringIO()
    call_command("export_disbursements", "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.usefixtures("db", "at_noon")
class TestARehearsal:
    def test_makes_everything_it_needs_twice_over_and_pays_each_once_elsewhere(self, settings):
        made = [rehearse(payments=3, accounts=ACCOUNTS), rehearse(payments=2, accounts=ACCOUNTS)]
        before = exported()
        with AnotherStandIn() as there:
            settings.STRIPE_API_BASE = there.address
            drain()
            out = StringIO()
            call_command("sweep_stripe", stdout=out)

        numbers = [one.number for run in made for one in run]
        assert [row["reference"] for row in before] == numbers
        assert {row["state"] for row in before} == {"RELEASED"}
        assert {row["state"] for row in exported()} == {"CONFIRMED"}
        assert [(row["amount"], row["currency"].upper(), row["metadata"]["disbursement"]) for row in there.payouts] == [
            (row["amount"], row["currency"], row["reference"]) for row in before
        ]
        assert [row["destination"] for row in before] == [*ACCOUNTS, ACCOUNTS[0], *ACCOUNTS]
        assert "5 payments asked about" in out.getvalue()
        assert first_broken(verify()) is None

    def test_takes_another_currency(self):
        assert [str(one.money.currency) for one in rehearse(payments=1, accounts=["acct_1K"], currency="KWD")] == [
            "KWD"
        ]

    def test_is_refused_where_nothing_says_training(self, settings):
        settings.TRAINING = False
        with pytest.raises(NotForTraining, match="training"):
            require_training()
        with pytest.raises(CommandError, match="training"):
            exported()
        assert Disbursement.objects.count() == 0

    def test_is_refused_where_somebody_could_be_real(self):
        User.objects.create_user("somebody@fund.int", "Somebody")
        with pytest.raises(NotForTraining, match="could be real"):
            require_training()


class TestTheSettingsOfARealInstallation:
    def said(self, **environment: str) -> str:
        code = "import gaf.settings.production as p; print(p.TRAINING, p.GAF_CLOCK_SHIFT)"
        keys = {"GAF_SECRET_KEY": "kY7-" + "qW3zR9" * 9, "GAF_SEALING_KEYS": "a:" + "8f3a" * 16}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **keys, **environment},
            cwd=django_settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    def test_are_never_for_training_and_refuse_a_shifted_clock(self):
        assert self.said() == "False 0"
        assert "GAF_CLOCK_SHIFT" in self.said(GAF_CLOCK_SHIFT="3600")
