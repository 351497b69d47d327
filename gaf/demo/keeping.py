"""Three requests that were withdrawn long ago before they were sent: one is past its time, one held, one erased; and a
person who asks for a copy."""

from __future__ import annotations

from datetime import timedelta

from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.demo.volume import asking
from gaf.outbox.outbox import drain
from workflow.actions.erasing import confirm_erasure, propose_erasure
from workflow.actions.exceptions import withdraw
from workflow.actions.person_copies import ask_copy
from workflow.actions.retention_holds import place_retention_hold

_LONG_AGO = timedelta(days=120)


def keep_and_erase(stage: Stage, asked_about: str) -> None:
    """What the pages of retention have to show; `asked_about` is the request whose person asks for a copy."""
    with clock.at(clock.now() - _LONG_AGO):
        past, held, erased = (_withdrawn(stage) for _request in range(3))
    del past  # it waits for somebody who proposes to erase it
    nadia, ngozi, at = stage.who("nadia"), stage.who("ngozi"), clock.now()
    place_retention_hold(
        request_id=do.of(held).pk,
        ground="AUDIT",
        until=clock.today() + timedelta(days=60),
        reason="The auditors look at requests that were withdrawn.",
        actor=nadia,
        at=at,
    )
    erasure = propose_erasure(
        request_id=do.of(erased).pk, ground="RETENTION_END", reason="Its three months are over.", actor=nadia, at=at
    )
    confirm_erasure(erasure_id=erasure.pk, actor=ngozi, at=at)
    drain()
    ask_copy(
        request_id=do.of(asked_about).pk,
        person_key=do.of(asked_about).persons.all()[0].key,
        asked_by="SELF",
        asked_on=clock.today(),
        reason="Came to the office and showed the card of the transit centre.",
        actor=stage.who("amina"),
        at=at,
    )


def _withdrawn(stage: Stage) -> str:
    reference = do.write_request(stage, "amina", asking())
    withdraw(
        request_id=do.of(reference).pk,
        reason_code="DECLINED_HELP",
        reason="Il est parti chez un parent.",
        actor=stage.who("amina"),
        at=clock.now(),
    )
    return reference
