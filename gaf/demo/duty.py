"""Gloria is on duty this week and the one after next; the days between are a hole that the fund manager is told of.

One urgent request can wait, she finds, and says why.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.demo.volume import USUAL, asking
from gaf.duty import plan_duty
from gaf.working_days import GENEVA
from workflow.actions.allowance import let_wait

_NUMBER = "+41 22 000 00 17"
# Counted in days from today: from when to when, each time at eight in the morning in Geneva.
_SHIFTS = ((-3, 4), (6, 13))


def plan_the_rota(stage: Stage) -> None:
    """Helena puts Gloria on duty twice."""
    today = datetime.combine(clock.now().astimezone(GENEVA).date(), time(8), GENEVA)
    for first, last in _SHIFTS:
        plan_duty(
            person=stage.who("gloria"),
            telephone=_NUMBER,
            starts_at=today + timedelta(days=first),
            ends_at=today + timedelta(days=last),
            actor=stage.who("helena"),
            at=clock.now(),
        )


def put_one_off(stage: Stage) -> None:
    """Amina sends an urgent request; Gloria rings the centre, and finds that nothing must be spent tonight."""
    reference = do.write_request(stage, "amina", asking(USUAL, "P1"))
    do.send_urgent(stage, "amina", reference)
    let_wait(
        request_id=do.of(reference).pk,
        reason="The centre keeps a bed until headquarters works again; I rang, and the head of unit agrees.",
        actor=stage.who("gloria"),
        at=clock.now(),
    )
