"""Builds the demo: a database of its own, the installation, the guidance, and the stories through the real actions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from cms.content import load_content
from finance.models import BankAccount, PayeeVersion
from finance.stand_ins.stripe_server import StripeStandIn
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.away import decline_and_ask_again, send_somebody_away
from gaf.demo.banking import banking, early_days, mapping_of
from gaf.demo.complaints import hear_people
from gaf.demo.cost_norms import tell_usual_costs
from gaf.demo.crises import open_a_crisis_window
from gaf.demo.donor_reports import tell_the_donor
from gaf.demo.duty import plan_the_rota, put_one_off
from gaf.demo.keeping import keep_and_erase
from gaf.demo.match_rules import pay_interest
from gaf.demo.same_persons import find_the_same
from gaf.demo.screening import fetch_list
from gaf.demo.stage import LAST_ACT, Stage, play, weeks_to_move
from gaf.demo.stories import (
    s01_six_men,
    s02_saturday_night,
    s04_girl_of_fifteen,
    s05_three_decimals,
    s06_brother_and_sister,
    s07_who_must_stay_unseen,
    s09_two_returns,
    s10_a_shop_in_three_parts,
    s11_three_boys,
    s12_national_programme,
    s13_fishing_crew,
    s14_who_was_not_seen_again,
    s15_helped_again,
)
from gaf.demo.stories.told import Told
from gaf.demo.talking import talk_about
from gaf.demo.volume import USUAL, WAITING_STOPS, asking, live_until
from gaf.installation.install import install, person, start_of
from gaf.installation.plan import Plan
from gaf.training import mark_for_training, open_training_mission

STORIES = (
    s01_six_men,
    s02_saturday_night,
    s04_girl_of_fifteen,
    s05_three_decimals,
    s06_brother_and_sister,
    s07_who_must_stay_unseen,
    s09_two_returns,
    s10_a_shop_in_three_parts,
    s11_three_boys,
    s12_national_programme,
    s13_fishing_crew,
    s14_who_was_not_seen_again,
    s15_helped_again,
)
PASSWORD = "demo-only-password"  # noqa: S105  # printed on the screen; the demo holds no real data
PLAN = Path("fixtures") / "demo" / "installation.toml"


class NotTheDemo(Exception):
    """The database in use is not the demo's own; nothing was touched."""


def require_own_database() -> Path:
    """The demo's folder. Raises NotTheDemo for any database that is not the file inside it."""
    folder = getattr(settings, "GAF_DATA", None)
    name = Path(str(connection.settings_dict["NAME"]))
    if not getattr(settings, "DEMO", False) or folder is None or name.parent != Path(folder):
        raise NotTheDemo(
            "The demo plays only on a database of its own and refuses any other. "
            "Run `python3 manage.py demo` without settings of your own."
        )
    return Path(folder)


def start_clean(folder: Path) -> None:
    """Throw away what an earlier demo left, and build the tables anew."""
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("", "private", "mail", "bank", "static", "media"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)


def stripe_stand_in(stage_clock: Callable[[], datetime], folder: Path) -> StripeStandIn:
    """Stripe's stand-in, which keeps its book in the demo's folder."""
    return StripeStandIn(
        api_key=settings.STRIPE_API_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRETS.split(",")[0],
        clock=stage_clock,
        kept_in=folder / "stripe.json",
    )


def install_everything(stage: Stage) -> None:
    """People, accounts, streams, rates, separation rules, guidance and the criteria in force."""
    plan = Plan.read(Path(settings.BASE_DIR) / PLAN, stage.shift)
    start = start_of(plan)
    stage.moment = start
    with clock.at(start):
        mark_for_training()
        install(plan, PASSWORD)
        open_training_mission(plan.starts_on, PASSWORD)
        load_content(person(plan.signer("criteria")), start)
        stage.stripe.top_up(1_200_000, "usd")
        fetch_list()


@contextmanager
def the_stage(folder: Path) -> Iterator[Stage]:
    """The stage with everything installed and Stripe's stand-in listening, until the block ends."""
    holder: list[Stage] = []
    stand_in = stripe_stand_in(lambda: holder[0].moment if holder else clock.now(), folder)
    settings.STRIPE_API_BASE = stand_in.start()
    try:
        stage = Stage(weeks_to_move(clock.now()), stand_in)
        holder.append(stage)
        install_everything(stage)
        yield stage
    finally:
        stand_in.stop()


def leave_some_open(stage: Stage) -> None:
    """A request of Niger at each stop, and an urgent one: everybody who signs in finds something that waits."""
    stage.moment = clock.now() - timedelta(hours=20)
    with clock.at(stage.moment):
        fetch_list()
        payee = PayeeVersion.objects.filter(payee__mission__code="NE", state="CONFIRMED").order_by("pk")[0]
        waiting = {stop: live_until(stage, payee, stop, USUAL) for stop in WAITING_STOPS}
        talk_about(stage, waiting["taken"], waiting["to_approve"])
        reference = do.write_request(stage, "amina", asking(USUAL, "P1"))
        do.send_urgent(stage, "amina", reference)
        pay_interest(stage)
        for account in BankAccount.objects.filter(rail="BANK_FILE"):
            mapping_of(account, stage)
        reviewed = live_until(stage, payee, "to_approve", USUAL)
        decline_and_ask_again(stage, reviewed)
        hear_people(stage, waiting["taken"])
        open_a_crisis_window(stage)
        keep_and_erase(stage, waiting["approved"])
        again = live_until(stage, payee, "to_approve", USUAL)
        find_the_same(stage, waiting["approved"], again, waiting["taken"], lambda stop: live_until(stage, payee, stop))
    send_somebody_away(stage)
    plan_the_rota(stage)
    tell_usual_costs(stage)
    tell_the_donor(stage)
    put_one_off(stage)


def play_everything(folder: Path) -> list[Told]:
    """Play every story; returns what each promises, with its reference and what was found."""
    with the_stage(folder) as stage:
        told = play_stories(stage)
        leave_some_open(stage)
    return told


def play_stories(stage: Stage) -> list[Told]:
    """Every story to its end, after what happened the autumn before; the bank works meanwhile."""
    play(stage, [s15_helped_again.play_first_time(stage), early_days(stage)])
    first, last = stage.at("2026-10-05 17:00"), LAST_ACT + stage.shift - timedelta(hours=6)
    play(stage, [*(story.play(stage) for story in STORIES), banking(stage, first, last)])
    return [story.TOLD for story in STORIES]
