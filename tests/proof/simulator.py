"""Harness (a): random schedules of everything that people, workers, banks and faults can do. One seed, one story.

Each seed switches on only a random part of the acts and faults: where everything always happens, one thing repairs
what another has broken before anybody looks.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import OperationalError

from finance.models import StatementLine
from gaf.outbox import sweeps
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from tests.finance.builders import NOON
from tests.proof import memory
from tests.proof import world as acts
from tests.proof.chance import Chance, by_seed
from tests.proof.columns import columns_remembered
from tests.proof.faults import SQL, Crash, Faults, bury, disk_watched, watched
from tests.proof.provider import SPOILT, Outside, Wire, real_rail_on_a_wire
from tests.proof.stage import STRIPE_BALANCE, Stage, build
from tests.proof.truths import Violation, look_after_a_crash, look_at_rest, look_each_step
from tests.proof.world import Act, World

STEPS = 30
LENGTHS = (8, 8, 8, 24)  # of the schedules of a submission: many short ones, and a long one now and then
# Hours before each quiet day: within the age of a key at Stripe; over it and over a bank's days. Then statements come.
QUIET, STILL_QUIET = (21, 120), (30, 2)


@dataclass
class Theatre:
    """The stage built once, and the database as it was then."""

    stage: Stage
    folder: Path
    faults: Faults
    wire: Wire
    morning: bytes

    def new_world(self, seed: int) -> World:
        """A fresh world: database, files, providers, keys."""
        memory.put_back(self.morning)
        memory.use_folder(self.folder)
        memory.make_keys_follow(seed)
        self.faults.rest()
        stage = replace(self.stage, payees=dict(self.stage.payees))
        world = World(stage, None, self.faults, NOON)  # type: ignore[arg-type]
        world.outside = world.now(lambda: Outside.begin(self.faults, self.wire, STRIPE_BALANCE))
        return world


@contextmanager
def theatre() -> Iterator[Theatre]:
    """Opens the stage on a database in memory, and closes it."""
    logging.disable(logging.WARNING)
    gc.set_threshold(200_000, 50, 100)
    faults = Faults()
    with memory.database_in_memory() as folder, real_rail_on_a_wire(faults) as wire, columns_remembered():
        memory.use_folder(folder)
        memory.make_keys_follow(0)
        stage = build()
        morning = memory.snapshot()
        with watched(faults), disk_watched(faults):
            try:
                yield Theatre(stage, folder, faults, wire, morning)
            finally:
                logging.disable(logging.NOTSET)


@dataclass
class Swarm:
    """Which acts and faults one schedule has."""

    acts: list[Act]
    on_points: list[int]
    on_wire: list[str]
    breaks_often: int
    overlaps: bool
    forgets: bool

    @classmethod
    def draw(cls, chance: Chance, forgets: bool | None = None) -> Swarm:
        """A random part of everything; what no payment can do without is always there."""
        chosen = [*acts.ALWAYS * 2, *(acts.OFTEN * 2 if not chance.one_in(4) else []), *chance.some(acts.SOMETIMES)]
        faulty = not chance.one_in(4)
        forgetful = chance.one_in(5) if forgets is None else forgets
        return cls(
            acts=[*chosen, *(acts.FORGETTING if forgetful else [])],
            on_points=chance.some(range(len(SQL))) if faulty else [],
            on_wire=chance.some(SPOILT, 3) if faulty else [],
            breaks_often=chance.pick([3, 6]),
            overlaps=chance.one_in(4),
            forgets=forgetful,
        )


@dataclass
class Schedule:
    """One schedule while it is played: its world, its swarm, and what happened, in words."""

    world: World
    swarm: Swarm
    chance: Chance
    story: list[str] = field(default_factory=list)

    def step(self) -> None:
        """One act with whatever strikes it; then everything that must hold is looked at."""
        chance, world = self.chance, self.world
        act = chance.pick(self.swarm.acts)
        self._arm()
        ended = self.do(act.__name__, lambda: act(world, chance))
        world.outside.wire.meanwhile = None
        world.now(lambda: look_each_step(world))
        if ended == "Crash":
            world.now(lambda: look_after_a_crash(world))

    def _arm(self) -> None:
        chance, wire = self.chance, self.world.outside.wire
        self.world.faults.arm(0, 0)
        if self.swarm.on_wire and chance.one_in(self.swarm.breaks_often):
            wire.coming = [chance.pick(self.swarm.on_wire) for _call in range(1 + chance.choose(2))]
            wire.small_pages, wire.only_posts = chance.one_in(3), not chance.one_in(3)
        elif self.swarm.on_points and chance.one_in(self.swarm.breaks_often):
            self.world.faults.arm(1 + chance.choose(90), chance.pick(self.swarm.on_points))
        if self.swarm.overlaps and chance.one_in(3):
            wire.meanwhile = self._another_worker

    def _another_worker(self) -> None:
        """The claim of the first one has run out while it waits for Stripe, and a second worker takes it up."""
        world = self.world
        was = world.moment
        world.moment += timedelta(minutes=6)
        world.now(lambda: drain(rounds=1))
        world.moment = was + timedelta(minutes=6)

    def do(self, name: str, how: Callable[[], Any]) -> str:
        """Do one act and say how it ended; what nobody expects is a violation."""
        world = self.world
        try:
            world.now(how)
            ended = "done"
        except Refusal as refusal:
            ended = refusal.code
        except Crash:
            bury()
            ended = "Crash"
        except (OperationalError, OSError) as failure:
            if not world.faults.struck:
                raise Violation(f"{name}: {failure!r}") from failure
            ended = type(failure).__name__
        except Violation:
            raise
        except Exception as failure:
            raise Violation(f"{name}: {failure!r}") from failure
        finally:
            struck = world.faults.struck
            world.faults.rest()
        self.story.append(f"{world.moment:%d %H:%M} {name}: {ended}{f' after {struck}' if struck else ''}")
        return ended

    def heal(self) -> None:
        """Nothing strikes any more; workers, banks and the reconciler do what they do on quiet days, until all is at
        rest: at the latest after the second time that statements came. Raises Violation when it is not."""
        wire = self.world.outside.wire
        wire.coming, wire.small_pages, wire.meanwhile = [], False, None
        self.world.faults.rest()
        self._quiet_days(QUIET)
        try:
            self.world.now(lambda: look_at_rest(self.world))
        except Violation:
            self._quiet_days(STILL_QUIET)
            self.world.now(lambda: look_at_rest(self.world))

    def _quiet_days(self, hours: Sequence[int]) -> None:
        world = self.world
        for later in hours:
            world.moment += timedelta(hours=later)
            self.do("quiet day", lambda: _quiet_day(world))
        self.do("stripe's statement", lambda: acts.stripe_reports(world, self.chance))
        self.do("bank's statement", lambda: acts.bank_reports(world, self.chance))
        self.do("matching", lambda: _match_everything(world))
        world.moment += timedelta(hours=2)
        self.do("worker", drain)


def _quiet_day(world: World) -> None:
    world.outside.stripe.advance(0)
    for one in sweeps._sweeps:
        if one.__module__.startswith("finance"):
            one()
    drain()
    world.fund.bank().receive(world.moment)


def _match_everything(world: World) -> None:
    """Returns come after the lines they return; a line set aside before its answer came is matched now."""
    for line in StatementLine.objects.exclude(state="MATCHED").order_by("statement_id", "number"):
        try:
            world.fund.match(line)
        except Refusal:
            if line.state == "UNMATCHED":
                world.fund.set_aside(line)


def play(
    stage: Theatre,
    seed: int,
    *,
    steps: int | None = STEPS,
    forgets: bool | None = None,
    also: Sequence[Act] = (),
    on_wire: Sequence[str] = (),
    on_points: Sequence[str] = (),
) -> Schedule:
    """Play one schedule to its rest, of so many steps, or of as many as its seed says where None is given; `also`,
    `on_wire` and `on_points` are on whatever the swarm says.

    Raises Violation, with the seed and the story.
    """
    chance = by_seed(seed)
    swarm = Swarm.draw(chance, forgets)
    swarm.acts += list(also) * 2
    swarm.on_wire += list(on_wire) * 3
    swarm.on_points += [SQL.index(kind) for kind in on_points] * 3
    schedule = Schedule(stage.new_world(seed), swarm, chance)
    try:
        for _step in range(steps or chance.pick(LENGTHS)):
            schedule.step()
        schedule.heal()
    except Violation as violation:
        told = "\n  ".join(schedule.story[-60:])
        raise Violation(f"seed {seed}: {violation}\n  {told}") from violation
    finally:
        stage.faults.rest()
    return schedule
