"""The sanctions list in the demo: an invented one, fetched anew from time to time as the system administrator would."""

from __future__ import annotations

from datetime import timedelta

from finance.actions.screening import load_list
from finance.screening.invented import invented_list
from gaf import clock


def fetch_list() -> None:
    """Load the invented list as made this minute; who can be paid is screened again."""
    load_list(content=invented_list(clock.now() - timedelta(minutes=1)), at=clock.now())
