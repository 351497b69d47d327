"""Returns brought to a stage through the real actions: Niger asks, Lebanon receives, each when it is their turn."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from gaf import clock
from tests import stories
from tests.cast import YEAR_START, mission, people
from tests.stories import SHELTER, by, now, what_the_gates_ask
from tests.workflow.pages.headquarters.visits import form_on, send, signed_in
from workflow.actions import assisted_returns as actions
from workflow.actions.reintegration import Agreed, MeasureText, agree_reintegration_plan
from workflow.actions.surveys import Asked, Version, load_survey, record_survey
from workflow.models import AssistanceRequest, AssistedReturn, Survey
from workflow.return_items import items_of

TICKET = ("TRVL", "Ticket", "ticket", "1", "346.00", "USD")
SHOP = ("LIVE", "Shop", "grant", "1", "300.00", "USD")
CANARY = "Zebrafinka Quillmarsh opened a bakery by the well"
DEMONSTRATION = Path(settings.BASE_DIR) / "fixtures/reference/survey_demonstration.csv"


def two_missions() -> None:
    """Everybody who acts on a return is there."""
    people("Amina", "Idriss", "Moussa", "Rima", "Fadi", "Nour", "Bruno", "Omar", "Helena", "Marie")


def a_request(lines: Any = (SHELTER, TICKET), leave: tuple[str, ...] = (), **choices: Any) -> AssistanceRequest:
    """With the approver, for a woman who returns to Lebanon; what gates ask for is on file but for those left."""
    two_missions()
    made = stories.a_budget_to_approve(lines, leave=(*leave, "R4"), others=("LB",), **choices)
    return now(made) if "R4" in leave else what_the_gates_ask(made, "Rima", only=("R4",))


def begin(made: AssistanceRequest, who: str = "Amina", code: str = "LB", **said: Any) -> AssistedReturn:
    """The mission that asked begins the return."""
    return actions.begin_return(request_id=made.pk, origin_id=mission(code).pk, **said, **by(who))


def tick_owed(made: AssistedReturn, who: str = "Amina") -> AssistedReturn:
    """Everything that the stage owes was done today."""
    fresh = AssistedReturn.objects.get(pk=made.pk)
    for item in items_of(fresh.state):
        if item.owed and not fresh.items.filter(code=item.code).exists():
            actions.record_return_item(return_id=made.pk, code=item.code, done_on=clock.today(), **by(who))
    return AssistedReturn.objects.get(pk=made.pk)


def a_return(**choices: Any) -> AssistedReturn:
    """Before departure, with every gate open and nothing owed."""
    return tick_owed(begin(a_request(**choices)))


def depart(made: AssistedReturn, who: str = "Amina") -> AssistedReturn:
    """They leave today."""
    return actions.record_departure(return_id=made.pk, on=clock.today(), **by(who))


def arrive(made: AssistedReturn, who: str = "Rima") -> AssistedReturn:
    """They arrive today."""
    return actions.record_arrival(return_id=made.pk, on=clock.today(), **by(who))


def an_arrived_return(**choices: Any) -> AssistedReturn:
    """Lebanon received them today."""
    return arrive(depart(a_return(**choices)))


def a_shop_at_home() -> AssistedReturn:
    """Niger alone: somebody who came home ten days ago and gets a shop, while help is given."""
    made = stories.an_implementing_request(lines=(SHELTER, SHOP))
    return begin(made, code="NE", arrived_on=clock.today() - timedelta(days=10))


def agree(made: AssistedReturn, who: str = "Amina", **said: Any) -> AssistedReturn:
    """A plan of one measure, which line 2 pays."""
    usual = {"form": "INDIVIDUAL", "agreed_on": clock.today(), "words": CANARY}
    agreed = Agreed(**{**usual, "measures": [MeasureText("ECONOMIC", "L2")], **said})
    return agree_reintegration_plan(return_id=made.pk, agreed=agreed, **by(who))


def conclude(made: AssistedReturn, outcome: str, who: str = "Amina") -> AssistedReturn:
    """Somebody says what became of it."""
    return actions.conclude_return(return_id=made.pk, outcome=outcome, reason=CANARY, **by(who))


def fill(who: str, made: AssistedReturn, page: str, **said: Any) -> HttpResponse:
    """Open a page of the return, fill in what is said, and press its button."""
    client, address = signed_in(who), f"/assisted-returns/{made.assistance.reference}/{page}"
    return send(client, address, form_on(client.get(address)), **said)


def questions() -> list[Mapping[str, Any]]:
    """The questions of the demonstration set, as in the file."""
    return list(csv.DictReader(DEMONSTRATION.read_text().splitlines()))


def a_survey(number: int = 1, rows: Any = None, **said: Any) -> Survey:
    """A version in force since the year began, unless said otherwise."""
    usual = {"in_force_from": YEAR_START, "weights_source": "own wording", "is_demonstration": True}
    version = Version(number, **{**usual, **said})
    return load_survey(version=version, rows=rows or questions(), at=clock.now())


def all_with(share: str, but: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every question answered with one share, but for some."""
    return {**{row["code"]: share for row in questions()}, **(but or {})}


def ask(made: AssistedReturn, answers: Mapping[str, str], moment: str = "BASELINE", **said: Any) -> AssistedReturn:
    """Amina asks the one person of the request."""
    person = made.assistance.persons.order_by("pk")[0]
    usual = {"person_key": person.key, "moment": moment, "outcome": "ANSWERED", "asked_on": clock.today()}
    asked = Asked(**{**usual, "answers": answers, **said})
    return record_survey(return_id=made.pk, asked=asked, **by("Amina"))
