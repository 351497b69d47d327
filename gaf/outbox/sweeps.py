"""Sweeps: each room says what must be looked at again from time to time, so a crash or lost message costs nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)
Sweep = Callable[[], object]
_sweeps: list[Sweep] = []


def sweeps(function: Sweep) -> Sweep:
    """Register a function the worker calls every minute."""
    if function not in _sweeps:
        _sweeps.append(function)
    return function


def sweep_everything() -> None:
    """Run every sweep; one that fails does not keep the others from running."""
    for sweep in _sweeps:
        try:
            sweep()
        except Exception as failure:
            logger.warning("sweep %s failed: %s", sweep.__qualname__, type(failure).__name__)
