"""Persons in two requests: one pair waits for the steward, one for a third, and one was found to be the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.demo.volume import asking
from gaf.outbox.outbox import drain
from workflow.actions.likenesses import fingerprint_person, join_persons, weigh_likeness
from workflow.models import Likeness
from workflow.protection.fingerprints import Details

# Invented names; the same as two offices write them.
_ISMAEL = (Details("Ismaël", "Condé", 1996), Details("Ismail", "Kondé", 1997))
_JOSE = (Details("José Luis", "Quispe", 2001), Details("Jose Luis", "Kispe", 2001))
_OMAR = (Details("Omar", "Traoré", 1989), Details("عمر", "Traore", 1989))


def find_the_same(stage: Stage, helped: str, again: str, asked: str, live: Callable[[str], str]) -> None:
    """`helped` was approved, `again` has a budget to decide, `asked` is under review; `live` lives one to a stop."""
    in_mexico = _sent_from_mexico(stage), _sent_from_mexico(stage)
    for reference, who, details in (
        (helped, "amina", _ISMAEL[0]),
        (again, "amina", _ISMAEL[1]),
        (asked, "amina", _JOSE[0]),
        (in_mexico[0], "sofia", _JOSE[1]),
        (live("taken"), "amina", _OMAR[0]),
        (in_mexico[1], "sofia", _OMAR[1]),
    ):
        _fingerprint(stage, reference, who, details)
    _waits, weighed, same = Likeness.objects.order_by("-pk")[:3]
    for likeness in (same, weighed):
        said = "Both missions asked their person, and both said yes."
        weigh_likeness(likeness_id=likeness.pk, proposed="SAME", reason=said, actor=stage.who("nadia"), at=clock.now())
    words = "Place of birth and the journey agree in both accounts."
    join_persons(likeness_id=same.pk, reason=words, actor=stage.who("ngozi"), at=clock.now())
    drain()


def _sent_from_mexico(stage: Stage) -> str:
    reference = do.write_request(stage, "sofia", replace(asking(), mission="MX", language="es"))
    do.submit(stage, "sofia", reference)
    return reference


def _fingerprint(stage: Stage, reference: str, who: str, details: Details) -> None:
    person = do.of(reference).persons.all()[0]
    fingerprint_person(
        request_id=do.of(reference).pk, person_key=person.key, details=details, actor=stage.who(who), at=clock.now()
    )
    drain()
