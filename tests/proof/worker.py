"""A worker as a process of its own: sweeps and keeps promises, over and over, until somebody kills it."""

from __future__ import annotations

import logging
import time

import stripe

from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything


def main() -> None:
    """Never ends by itself."""
    logging.disable(logging.WARNING)
    stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.MAX_DELAY = 0.001
    while True:
        sweep_everything()
        if not drain():
            time.sleep(0.02)
