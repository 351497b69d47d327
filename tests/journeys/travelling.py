"""The installation on its first day, and people who sign in under the conditions of a journey, each act counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from finance.models import PayeeVersion
from gaf.accounts.models import User
from gaf.demo.playing import PASSWORD, the_stage
from gaf.demo.stage import Stage
from gaf.demo.volume import USUAL, live_until
from tests.journeys.conditions import Conditions
from tests.journeys.counting import Person

SignIn = Callable[..., Person]


@pytest.fixture
def conditions() -> Conditions:
    """A desktop, English, scripts and a good line, where a journey does not say otherwise."""
    return Conditions()


@pytest.fixture
def stage(tmp_path, settings, conditions: Conditions) -> Iterator[Stage]:
    """The installation as `setup` leaves it, without a request; everybody reads the language of the journey."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path) as found:
        User.objects.exclude(language=conditions.language).update(language=conditions.language)
        yield found


@pytest.fixture
def sign_in(new_context, live_server, tmp_path, conditions: Conditions) -> SignIn:
    """Somebody signed in, whose cost counts from here; on the line of the journey, in a window of its kind."""

    def signed_in(name: str, password: str = PASSWORD, under: Conditions = conditions, **wishes: Any) -> Person:
        person = Person(name, new_context(**{**under.window, **wishes}).new_page(), tmp_path, password)
        if under.satellite:
            person.go_by_satellite()
        return person

    return signed_in


def a_request(stage: Stage, stop: str) -> str:
    """A request of Amina's that has come so far, by the real actions; returns its reference."""
    return live_until(stage, PayeeVersion(), stop, USUAL)
