"""How a mistake is put into the real code for the length of a `with`: functions of the project, changed in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from tests.proof import world as acts

Patch = Callable[[], Any]


@dataclass(frozen=True)
class Bug:
    """One mistake: what it is called, who must find it, how it is put in, and what is always on while it is hunted."""

    name: str
    harness: str
    put_in: Patch
    acts: tuple[acts.Act, ...] = ()
    on_wire: tuple[str, ...] = ()
    on_points: tuple[str, ...] = ()
    forgets: bool | None = None
    first: int = (
        0  # where a submission begins to look, near the seed or point that shows it; the whole hunt begins at 0
    )


def instead_of(target: Any, name: str, value: Any) -> Patch:
    return lambda: patch.object(target, name, value)


def around(target: Any, name: str, how: Callable[..., Any]) -> Patch:
    """`how` is called with the real function first."""
    real = getattr(target, name)

    def instead(*args: Any, **kwargs: Any) -> Any:
        return how(real, *args, **kwargs)

    return lambda: patch.object(target, name, instead)


def together(*patches: Patch) -> Patch:
    @contextmanager
    def entered() -> Iterator[None]:
        with ExitStack() as stack:
            for one in patches:
                stack.enter_context(one())
            yield

    return entered
