"""A form takes the fields it shows and no other: whatever else is sent with it, what is kept is the same (T15).

Each form of a request, in each state, is sent as somebody in earnest fills it in; then again with every column of every
model beside it, under the column's own name and with another value. Generated: a new form or column is tried by itself.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock, navigation
from tests.cast import PASSWORD, criteria, people, person
from tests.rules.test_every_url import STATES as STORIES
from tests.rules.test_every_url import of_a_request, one_who_acts
from tests.rules.walking import OF_EACH_ROLE, earnest, forms_of
from tests.workflow.conftest import house  # noqa: F401  # the fund on its first day
from tests.workflow.pages.headquarters.test_plain_acts import DONE, page_of
from tests.workflow.pages.headquarters.visits import form_on

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("house")]

Rows = list[tuple[Any, ...]]
OURS = {"accounts", "decisions", "privacy", "outbox", "vault", "finance", "workflow"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]
AT_ONCE = ["DRAFT", "BUDGET_REVIEW"]
AT_NIGHT = ["SUBMITTED", "CLARIFICATION", "PLAN_AND_BUDGET", "APPROVED", "IMPLEMENTING", "REPORTING", "RECONCILING"]
AT_NIGHT += ["ELIGIBILITY_REVIEW", "FUNDED", "ON_HOLD"]
STATES = [*AT_ONCE, *(pytest.param(state, marks=pytest.mark.nightly) for state in AT_NIGHT)]
NAMES_OF_NO_COLUMN = ["pk", "approver", "by", "status", "user", "on_behalf_of", "next_state", "amount_minor"]
# Of a row in a form of many rows; all columns for each would be more fields than a form may have.
OF_A_ROW = ["id", "pk", "state", "number", "reference", "key", "case_key", "mission", "mission_id", "assistance_id"]
OF_A_ROW += ["usd_minor", "approved_minor", "amount_minor", "version", "currency_id", "approved_by", "approved_by_id"]
WORD = "sent by nobody who was asked"


def another_value(field: models.Field) -> str:
    """A value a column could take and that nobody asked for."""
    if field.is_relation:
        last = field.related_model._base_manager.order_by("pk").last()
        return str(last.pk) if last else "1"
    if field.choices:
        return str(list(field.flatchoices)[-1][0])
    for kind, value in (
        (models.BooleanField, "on"),
        (models.IntegerField, "424242"),
        (models.DecimalField, "424242"),
        (models.DateTimeField, "2031-01-01T00:00:00Z"),
        (models.DateField, "2031-01-01"),
    ):
        if isinstance(field, kind):
            return value
    return "CLOSED" if field.name.endswith("state") else WORD


def unasked(form: Collection[str]) -> dict[str, str]:
    """Every column's name that is none of the form's fields."""
    values = {name: "CLOSED" if "stat" in name else "424242" for name in NAMES_OF_NO_COLUMN}
    for model in MODELS:
        for field in model._meta.concrete_fields:
            values.update(dict.fromkeys((field.name, field.attname, field.column), another_value(field)))
    for row in {found[1] for name in form if (found := re.match(r"(.+-\d+)-", name))}:
        values.update({f"{row}-{name}": values.get(name, "424242") for name in OF_A_ROW})
    return {name: value for name, value in values.items() if name not in form}


def everything() -> dict[str, tuple[list[str], Rows]]:
    """Each row of each table of ours with its columns' names; the log of reading is about pages, not about acts."""
    found = {}
    with connection.cursor() as cursor:
        for model in MODELS:
            if model._meta.db_table != "privacy_read":
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
                found[model._meta.db_table] = ([column[0] for column in cursor.description], cursor.fetchall())
    return found


def other_cells(one: dict[str, Any], two: dict[str, Any]) -> set[str]:
    """The columns in which two states of the database differ; the table itself where it has more rows."""
    found = set()
    for table, (columns, before) in one.items():
        after = two[table][1]
        if len(before) != len(after):
            found.add(f"{table}: {len(before)} rows, {len(after)}")
        for row, other in zip(before, after, strict=False):
            pairs = zip(columns, row, other, strict=True)
            found |= {f"{table}.{column}" for column, value, now in pairs if value != now}
    return found


class Sent:
    """What one form did: how it was answered, and what was kept then; all of it undone."""

    def __init__(self, client: Client, address: str, values: dict[str, Any]) -> None:
        with transaction.atomic():
            answer: HttpResponse = client.post(f"{address}?save=1", values)
            self.status, self.kept = answer.status_code, everything()
            transaction.set_rollback(True)


def wrong_with_more(
    client: Client, address: str, values: dict[str, Any], shown: Collection[str]
) -> tuple[bool, list[str]]:
    """Whether a form does something, and what it did otherwise when it was sent with more than it asks for."""
    before, plain, again = everything(), Sent(client, address, values), Sent(client, address, values)
    by_chance = other_cells(plain.kept, again.kept)
    told = Sent(client, address, {**unasked({*values, *shown}), **values})
    wrong = sorted(other_cells(plain.kept, told.kept) - by_chance)
    if told.status != plain.status:
        wrong.append(f"answers {told.status}, not {plain.status}")
    if any(WORD in str(row) for _columns, rows in told.kept.values() for row in rows):
        wrong.append("keeps a word that was in no field")
    return bool(other_cells(before, plain.kept)), wrong


@pytest.fixture(autouse=True)
def _one_hour_and_no_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "_providers", [])  # the bar is the same on every page, and a third of its time
    logging.disable(logging.WARNING)
    with clock.at(clock.now()):
        yield
    logging.disable(logging.NOTSET)


def signed_in(name: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person(name))
    return client


class TestFieldsNobodyAskedFor:
    @pytest.mark.parametrize("state", STATES)
    def test_t15_change_nothing_in_any_form_of_a_request(self, state: str) -> None:
        people(*OF_EACH_ROLE.values())
        criteria()
        made, wrong, did = STORIES[state](), [], set()
        for act, route in of_a_request().items():
            if route.count("<") > 1:
                continue
            client = signed_in(one_who_acts(state, act))
            address = f"/{route}".replace("<str:reference>", made.reference)
            for form in forms_of(client.get(address)):
                values = earnest(form)
                if "password" in values:
                    values["password"] = [PASSWORD]
                target = (form.get("action") or "").split("?")[0] or address
                acted, found = wrong_with_more(client, target, values, list(form.inputs.keys()))
                did |= {act} if acted else set()
                wrong += [f"{act}: {one}" for one in found]

        assert wrong == []
        assert len(did) >= 2, did

    @pytest.mark.parametrize("act", DONE)
    def test_t15_change_nothing_in_an_act_that_is_done(self, act: str) -> None:
        story, name, said, _state = DONE[act]
        made, client = story(), signed_in(name)
        address = f"/requests/{made.reference}/{page_of(act)}"
        page = client.get(address)
        shown = {name for form in forms_of(page) for name in form.inputs.keys()}  # noqa: SIM118  # lxml's own
        values = {**form_on(page)["fields"], **said}
        if "password" in values:
            values["password"] = PASSWORD

        acted, wrong = wrong_with_more(client, address, values, shown)

        assert (acted, wrong) == (True, [])


class TestTheTrial:
    def test_t15_sends_every_column_of_every_model_but_those_asked_for(self) -> None:
        sent = unasked({"reason", "line-0-type"})

        assert {"state", "reference", "case_key", "usd_minor", "is_staff", "id", "pk", "approver"} <= set(sent)
        assert {"line-0-state", "line-0-usd_minor"} <= set(sent)
        assert "reason" not in sent
        assert 300 < len(sent) < 1900

    def test_t15_sees_it_when_a_column_was_taken_over(self) -> None:
        one = {"table": (["id", "state"], [(1, "DRAFT")])}

        assert other_cells(one, {"table": (["id", "state"], [(1, "CLOSED")])}) == {"table.state"}
        assert other_cells(one, {"table": (["id", "state"], [])}) == {"table: 1 rows, 0"}
