"""So many requests: a scene played through the real actions, copies of it, and the rest played too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice

from gaf import clock
from gaf.demo.bulk.copying import AT_ONCE, Copier
from gaf.demo.bulk.pattern import Pattern, marks
from gaf.demo.bulk.preparing import Batch
from gaf.demo.bulk.ready import Ground, Local, make_ready, require_quiet
from gaf.demo.bulk.scene import ENDED, PARTS, WAITING, play
from gaf.demo.bulk.writing import look_at_rules
from gaf.installation.rehearsal import require_training

SCENE = len(PARTS)
FEW, MANY = 2, 20  # scenes of the mission that has 40 requests, and of the one that has 400 and more
_UNPAID = (*WAITING, *ENDED)


@dataclass(frozen=True)
class Loaded:
    """What one run made: how many by the real actions, how many as copies, and the seconds that each took."""

    played: int
    copied: int
    playing: float
    copying: float

    @property
    def rate(self) -> float:
        """Copies a second; 0 where there were none."""
        return self.copied / self.copying if self.copied else 0.0


def load(requests: int, seed: int, told: Callable[[int], None] = lambda done: None) -> Loaded:
    """Make exactly so many requests more. Raises Refusal where this is no training database, or it is not quiet."""
    require_training()
    require_quiet()
    begun = time.perf_counter()
    ground = make_ready()
    copies, rest = (requests // SCENE - 1, requests % SCENE) if requests >= SCENE else (0, requests)
    pattern = _play_whole(ground) if requests >= SCENE else None
    _play_rest(ground, rest)
    played = time.perf_counter()
    if pattern is not None and copies:
        _copy(Copier(ground, pattern, seed), ground, copies, told)
    ended = time.perf_counter()
    return Loaded(requests - copies * SCENE, copies * SCENE, played - begun, ended - played)


def _play_whole(ground: Ground) -> Pattern:
    since = marks()
    play(ground)
    return Pattern(since, ground.missions[0])


def _play_rest(ground: Ground, rest: int) -> None:
    while rest:
        parts = _UNPAID[:rest]
        play(ground, parts)
        rest -= len(parts)


def _copy(copier: Copier, ground: Ground, copies: int, told: Callable[[int], None]) -> None:
    """The oldest first, up to the present week, so that statements follow each other as the bank writes them."""
    weeks = max((clock.now() - timedelta(days=7) - ground.begins) // timedelta(weeks=1), 0)
    missions = islice(whose(ground.missions), copies)
    look_at_rules()
    parts = list(iter(lambda: list(islice(missions, AT_ONCE)), []))
    batches = (Batch(part, timedelta(weeks=weeks * place // len(parts))) for place, part in enumerate(parts, start=1))
    done = 0
    for batch in copier.write(batches):
        done += len(batch.locals) * SCENE
        told(done)


def whose(missions: list[Local]) -> Iterator[Local]:
    """Whose each copy is: the second mission has few, the first many, and then all but the second in turn."""
    if len(missions) < FEW:
        yield from cycle(missions)
    first, second = missions[:2]
    yield from [second] * FEW
    yield from [first] * (MANY - 1)
    yield from cycle([first, *missions[2:]])
