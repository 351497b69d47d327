"""Harness (b): one payment on each rail from prepared to reconciled, with a fault at every point where it can die.

A cell is a point and a kind of fault. After each run everything is healed and looked at; the cells hit are counted.
"""

from __future__ import annotations

import copy
import io
import pickle
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from finance.actions.files import prepare_file, sign_first, sign_second
from finance.actions.releasing import release
from finance.models import Commitment, Disbursement, PaymentFile
from finance.states import DisbursementState as S
from gaf import clock
from gaf.outbox.outbox import drain
from tests.finance.builders import usd
from tests.proof import world as acts
from tests.proof.chance import Chance, by_seed
from tests.proof.faults import KINDS
from tests.proof.memory import Moment
from tests.proof.simulator import Schedule, Swarm, Theatre
from tests.proof.truths import Violation, look_after_a_crash, look_each_step
from tests.proof.world import World

Step = tuple[str, Callable[[World], object]]
Fault = tuple[int, int]  # how many points from here, of which kind
RAILS = ("bank", "stripe")
AMOUNT = usd("123.45")


def _prepare(world: World, payee: str) -> None:
    if not Disbursement.objects.exists():
        made = world.fund.prepare(AMOUNT, world.stage.payees[payee], reference="GAF-2026-00042")
        world.told.append(("disbursement", made.number))


def _release(world: World) -> None:
    numbers = list(Disbursement.objects.filter(state=S.PREPARED).values_list("number", flat=True))
    if numbers:
        release(numbers=numbers, actor=world.fund.divya, at=clock.now())
        world.told.extend(("released", number) for number in numbers)


def _file(world: World) -> None:
    if Disbursement.objects.filter(state=S.RELEASED, payment_file=None).exists():
        prepare_file(bank_account=world.fund.geneva, actor=world.fund.divya, at=clock.now())


def _sign(world: World) -> None:
    for one in PaymentFile.objects.filter(state="PREPARED"):
        sign_first(file_id=one.pk, actor=world.fund.divya, at=clock.now())
    for one in PaymentFile.objects.filter(state="SIGNED_ONCE"):
        sign_second(file_id=one.pk, actor=world.fund.helena, at=clock.now())


def _days_pass(world: World) -> None:
    with_faults, world.faults.on = world.faults.on, False
    acts.bank_reads(world, _NOBODY)
    world.outside.stripe.advance(3 * 86_400)
    world.faults.on = with_faults


def _message(world: World) -> None:
    for event in world.outside.events():
        if event["type"] == "payout.paid":
            acts.post_event(world, event)


def _never(_n: int) -> int:
    raise AssertionError("nothing is left to chance here")


_NOBODY = Chance(_never)


def golden_path(rail: str) -> list[Step]:
    """Every step that people and workers take for one payment; each looks first whether it is still needed."""
    payee = "bank" if rail == "bank" else "acct_1Good"
    steps: list[Step] = [("prepare", lambda world: _prepare(world, payee)), ("release", _release)]
    if rail == "bank":
        steps += [("file", _file), ("sign", _sign)]
    steps += [("work", lambda _world: drain()), ("days", _days_pass)]
    if rail == "stripe":
        steps += [("message", _message), ("sweep", lambda world: acts.sweep(world, _NOBODY))]
        steps += [("statement", lambda world: acts.stripe_reports(world, _NOBODY))]
    else:
        steps += [("statement", lambda world: acts.bank_reports(world, _NOBODY))]
    return [*steps, ("match", lambda world: acts.match(world, by_seed(1)))]


@dataclass
class Coverage:
    """Cells: how many there are, how many were struck, by sort of point."""

    cells: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """`sql 400/400, commit 80/80, call 8/8, disk 8/8`."""
        return ", ".join(f"{sort} {self.hit[sort]}/{self.cells[sort]}" for sort in KINDS)


@dataclass(frozen=True)
class Doorstep:
    """The golden path where one of its steps begins: what comes before a fault is the same for every fault."""

    step: int
    before: int  # points passed by then
    world: World
    moment: Moment

    @classmethod
    def keep(cls, step: int, before: int, world: World) -> Doorstep:
        """Keep the world as it stands here."""
        return cls(step, before, _copied(world), Moment.keep())

    def begin(self, stage: Theatre) -> Schedule:
        """A schedule that stands here."""
        self.moment.come_back()
        stage.faults.rest()
        world = _copied(self.world)
        stage.wire.stripe, stage.wire.coming, stage.wire.meanwhile = world.outside.stripe, [], None
        return Schedule(world, _NOTHING_BY_CHANCE, by_seed(7))


def _shared(world: World) -> tuple[Any, ...]:
    """What stays the same thing in every copy of a world: its people, the wire out of it, and locks."""
    stand_in = world.outside.stripe
    locks = (stand_in._lock, stand_in._delivering, stand_in._ended, stand_in._keys._lock, stand_in.faults)
    return (world.faults, world.outside.wire, world.fund, *locks)


def _copied(world: World) -> World:
    """Another world like it."""
    return copy.deepcopy(world, {id(one): one for one in _shared(world)})


def mark_of(world: World) -> bytes:
    """Everything that decides how a world goes on, as one number: two worlds with the same mark are the same."""
    written = io.BytesIO()
    _Marker(written, world).dump((world, Moment.keep()))
    return sha256(written.getvalue()).digest()


class _Marker(pickle.Pickler):
    """Writes a world down to the last byte, and of what all worlds share only which it is."""

    def __init__(self, into: io.BytesIO, world: World) -> None:
        super().__init__(into)
        self._shared = {id(one): place for place, one in enumerate(_shared(world), start=1)}

    def persistent_id(self, thing: object) -> int | None:
        return self._shared.get(id(thing))


@dataclass(frozen=True)
class Rehearsal:
    """The golden path without any fault: every point it passes, in order, and every step's beginning."""

    passed: list[str]
    doorsteps: list[Doorstep]

    def doorstep_before(self, at: int) -> Doorstep:
        """The last beginning from which this point is still to come."""
        return next(one for one in reversed(self.doorsteps) if one.before < at)


def rehearse(stage: Theatre, rail: str) -> Rehearsal:
    """Play the golden path once, with nothing in its way."""
    schedule = Schedule(stage.new_world(7), _NOTHING_BY_CHANCE, by_seed(7))
    passed: list[str] = []
    doorsteps = []
    for step, (name, act) in enumerate(golden_path(rail)):
        doorsteps.append(Doorstep.keep(step, len(passed), schedule.world))
        stage.faults.arm(0, 0)
        schedule.do(name, lambda act=act: act(schedule.world))  # type: ignore[misc]
        passed += stage.faults.passed
    return Rehearsal(passed, doorsteps)


_NOTHING_BY_CHANCE = Swarm([], [], [], 3, False, False)


def run_once(
    stage: Theatre,
    rail: str,
    rehearsal: Rehearsal,
    at: int,
    kind: int,
    then: Fault | None = None,
    met: set[tuple[str, bytes]] | None = None,
) -> str:
    """Strike one point with one kind; then everybody does what they find undone. Gives the name of what struck.

    `then` is a second strike while that is done: so many points later, of this kind. A world that was met after the
    same step is not played on: nothing is left to chance, so it ends as it did the first time.
    """
    doorstep = rehearsal.doorstep_before(at)
    schedule = doorstep.begin(stage)
    world, left, struck = schedule.world, at - doorstep.before, ""
    for name, act in golden_path(rail)[doorstep.step :]:
        ended = "again"
        for _try in range(3 if then is None else 4):
            stage.faults.arm(max(left, 0), kind)
            ended = schedule.do(name, lambda act=act: act(world))  # type: ignore[misc]
            left -= stage.faults.n
            struck = stage.faults.struck or struck
            if stage.faults.struck and then is not None:
                (left, kind), then = then, None
            world.now(lambda: look_each_step(world))
            if ended == "done" or not stage.faults.struck:
                break
            world.now(lambda: look_after_a_crash(world))
        if struck and then is None and met is not None:
            place = (name, mark_of(world))  # the same world at another step has other steps before it
            if place in met:
                return struck
            met.add(place)
    schedule.heal()
    if not Commitment.objects.filter(disbursed_usd_minor=AMOUNT.minor).exists():
        raise Violation("the payment was not taken out of its line")
    return struck


def kinds_at(rehearsal: Rehearsal, at: int) -> list[int]:
    """Each kind of fault at a point; dying after a statement is left to the next one, for it is dying before that."""
    sort, follows = rehearsal.passed[at - 1], rehearsal.passed[at : at + 1]
    left_to_the_next = sort == "sql" and follows == ["sql"]
    return [kind for kind in range(4) if not (left_to_the_next and KINDS[sort][kind] == "crash_after")]


def sweep(stage: Theatre, rail: str, rehearsal: Rehearsal, points: Iterable[int]) -> Coverage:
    """Every one of these points with each kind of fault that no other point has."""
    coverage, met = Coverage(), set[tuple[str, bytes]]()
    for at in points:
        sort = rehearsal.passed[at - 1]
        for kind in kinds_at(rehearsal, at):
            coverage.cells[sort] += 1
            try:
                struck = run_once(stage, rail, rehearsal, at, kind, met=met)
                name = f"{sort}.{KINDS[sort][kind]}"
                coverage.hit[sort] += struck == name
                coverage.missed += [] if struck == name else [f"{rail} {at} {name}, but {struck or 'nothing'}"]
            except Violation as violation:
                coverage.hit[sort] += 1
                coverage.violations.append(f"{rail} {at}.{kind} ({sort}.{KINDS[sort][kind]}): {violation}")
    return coverage
