"""Tables of persons helped: two people, small figures hidden, and no two that could be subtracted."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.refusals import NotPermitted, Refusal
from tests import stories
from tests.cast import person
from tests.refused import refused
from tests.stories import by
from workflow.actions.tables import are_whole_quarters, discard_table, propose_table, publish_table
from workflow.models import AssistanceRequest, Person, Table
from workflow.statistics.shown import published_tables, shown

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]

AFTER_THE_YEAR = datetime(2027, 1, 15, 9, tzinfo=UTC)
QUARTER = (date(2026, 10, 1), date(2026, 12, 31))
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def closed(house) -> AssistanceRequest:
    """A request that was closed in the last quarter: twelve women, four girls."""
    made = stories.a_closed_request()
    made.persons.all().delete()
    for age_band, count in (("25-39", 12), ("12-14", 4)):
        for _number in range(count):
            Person.objects.create(assistance=made, sex="F", age_band=age_band, nationality="GIN")
    return made


@pytest.fixture(autouse=True)
def next_year(closed):
    with clock.at(AFTER_THE_YEAR):
        yield


def propose(days=QUARTER, dimensions=("sex",), for_whom="PUBLIC", who="Nadia") -> Table:
    first_day, last_day = days
    return propose_table(for_whom=for_whom, first_day=first_day, last_day=last_day, dimensions=dimensions, **by(who))


def publish(table: Table, who: str = "Helena") -> Table:
    return publish_table(table_id=table.pk, **by(who))


def figures(table: Table) -> dict[tuple[str | None, ...], int | None]:
    return {tuple(row["place"]): row["count"] for row in table.counts}


class TestATableByDisability:
    def test_tells_who_has_much_difficulty_and_who_was_not_asked(self, closed):
        women = list(closed.persons.filter(age_band="25-39").values_list("pk", flat=True))
        closed.persons.filter(age_band="12-14").delete()
        Person.objects.filter(pk__in=women).update(disability="YES")
        for _number in range(11):
            Person.objects.create(assistance=closed, sex="M", age_band="25-39", nationality="GIN")
        table = publish(propose(dimensions=("disability",)))

        assert figures(table) == {("YES",): 12, ("NOT_ASKED",): 11, (None,): 23}
        assert [row.words for row in shown(table).rows][:2] == [["Not asked"], ["Much difficulty"]]

    def test_hides_a_few_among_many(self, closed):
        few = closed.persons.filter(age_band="12-14")
        few.update(disability="YES")
        table = propose(dimensions=("sex", "disability"))

        assert not set(range(1, 11)) & set(figures(table).values())


class TestATable:
    def test_counts_each_person_helped_in_the_time_of_closing(self):
        assert figures(propose()) == {("F",): 16, (None,): 16}

    def test_hides_small_figures_and_what_would_give_them_back(self):
        found = figures(propose(dimensions=("age",)))

        assert found[("child",)] is None
        assert list(found.values()).count(None) >= 2

    def test_shows_people_of_the_fund_less_small_figures_only(self):
        found = figures(propose(dimensions=("sex",), for_whom="INTERNAL"))

        assert found == {("F",): 16, (None,): 16}

    def test_leaves_out_who_did_not_stay(self, closed):
        gone = closed.persons.filter(age_band="12-14")
        gone.update(left_code="DECEASED", left_at=clock.now())

        assert figures(propose()) == {("F",): 12, (None,): 12}

    def test_is_read_in_words(self):
        rows = shown(propose(dimensions=("age", "sex"))).rows

        assert [row.words for row in rows][-1] == ["all", "all"]
        assert ["Female", "Children"] in [row.words for row in rows]

    def test_takes_two_people(self):
        table = propose()
        assert published_tables() == []

        publish(table)

        assert [one.table for one in published_tables()] == [table]

    def test_is_published_by_nobody_but_the_fund_manager(self):
        table = propose()
        with refused("ROLE-02", NotPermitted):
            publish(table, "Nadia")
        with pytest.raises(IntegrityError), transaction.atomic():
            Table.objects.filter(pk=table.pk).update(published_by=person("Nadia"), published_at=AFTER_THE_YEAR)

        assert published_tables() == []

    def test_for_the_fund_is_not_shown_to_everybody(self):
        publish(propose(for_whom="INTERNAL"))

        assert published_tables() == []

    def test_that_is_discarded_is_read_by_nobody(self):
        table = discard_table(table_id=propose().pk, reason="The wrong quarter.", **by("Helena"))

        assert table.state == "DISCARDED"
        assert published_tables() == []

    @pytest.mark.parametrize("days", [(date(2026, 10, 2), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 3, 31))])
    def test_is_not_made_of_other_days_than_quarters_that_are_over(self, days):
        with refused("TABLE-03", Refusal):
            propose(days)

        assert not Table.objects.exists()

    def test_is_not_made_of_nothing_and_not_of_everything(self):
        for dimensions in ((), ("region", "category", "sex", "age")):
            with refused("TABLE-04", Refusal):
                propose(dimensions=dimensions)

    def test_is_not_made_where_nobody_was_helped(self):
        with refused("TABLE-05", Refusal):
            propose((date(2026, 1, 1), date(2026, 3, 31)))

        assert not Table.objects.exists()


class TestASecondTable:
    @pytest.mark.parametrize(("days", "dimensions"), [(QUARTER, ("age",)), (YEAR, ("sex",)), (QUARTER, ("sex",))])
    def test_of_some_of_the_same_days_is_refused(self, days, dimensions):
        publish(propose())

        with refused("TABLE-02", Refusal):
            propose(days, dimensions)

        assert Table.objects.count() == 1

    def test_that_was_proposed_before_is_refused_when_it_comes_to_publishing(self):
        first, second = propose(), propose(dimensions=("age",))
        publish(first)

        with refused("TABLE-02", Refusal):
            publish(second)

        assert Table.objects.get(pk=second.pk).state == "PROPOSED"

    def test_is_the_same_one_for_other_readers(self):
        publish(propose())

        assert publish(propose(for_whom="INTERNAL")).state == "PUBLISHED"

    def test_may_stand_beside_one_that_was_discarded(self):
        discard_table(table_id=propose().pk, reason="Too many figures are hidden.", **by("Nadia"))

        assert publish(propose(dimensions=("age",))).state == "PUBLISHED"


class TestTheDatabase:
    def test_refuses_another_table_of_the_same_days_past_the_rules(self, monkeypatch):
        publish(propose())
        with clock.at(datetime(2027, 1, 16, tzinfo=UTC)):
            monkeypatch.setattr("workflow.actions.tables.told_already", lambda table: None)
            other = propose(dimensions=("age",))
            with pytest.raises(DatabaseError, match="TABLE-02"), transaction.atomic():
                publish(other)

        assert Table.objects.get(pk=other.pk).state == "PROPOSED"

    def test_refuses_other_figures_than_those_proposed(self):
        table = propose()
        with pytest.raises(DatabaseError, match="TABLE-01"), transaction.atomic():
            Table.objects.filter(pk=table.pk).update(counts=[{"place": ["F"], "count": 3}])
        with pytest.raises(DatabaseError, match="TABLE-01"), transaction.atomic():
            table.delete()

        assert figures(Table.objects.get(pk=table.pk)) == {("F",): 16, (None,): 16}

    def test_refuses_a_public_table_that_hides_too_little(self):
        table = propose()
        with pytest.raises(DatabaseError), transaction.atomic():
            Table.objects.filter(pk=table.pk).update(k=5)


def key_of(page: HttpResponse) -> str:
    """The key under which a form's record is made once."""
    return re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page.content.decode())[1]


class TestItsPages:
    def signed_in(self, name: str) -> Client:
        client = Client()
        client.force_login(person(name))
        return client

    def test_lead_from_the_choice_to_the_table_to_its_readers(self):
        nadia, helena = self.signed_in("Nadia"), self.signed_in("Helena")
        key = key_of(nadia.get("/tables/new/"))
        typed = {"span": "2026-4", "dimensions": ["sex"], "for_whom": "PUBLIC", "idempotency_key": key}
        made = nadia.post("/tables/new/", typed)
        again = nadia.post("/tables/new/", typed)

        table = Table.objects.get()
        assert made.url == again.url == f"/tables/{table.key}/"
        assert "16" in nadia.get(made.url).content.decode()

        helena.post(f"{made.url}publish/", {})
        table = Table.objects.get()
        assert (table.state, table.published_by.name) == ("PUBLISHED", "Helena")

    def test_say_at_the_field_why_no_table_was_made(self):
        nadia = self.signed_in("Nadia")
        key = key_of(nadia.get("/tables/new/"))
        typed = {"span": "2026-1", "dimensions": ["sex"], "for_whom": "PUBLIC", "idempotency_key": key}

        answer = nadia.post("/tables/new/", typed)

        assert answer.status_code == 422
        assert "No request was closed in this time." in answer.content.decode()
        assert not Table.objects.exists()

    def test_are_not_there_for_a_case_worker(self):
        assert self.signed_in("Amina").get("/tables/").status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), True),
        (date(2026, 4, 1), date(2026, 6, 30), True),
        (date(2026, 4, 1), date(2026, 5, 31), False),
        (date(2026, 2, 1), date(2026, 6, 30), False),
        (date(2026, 4, 1), date(2026, 3, 31), False),
    ],
)
def test_whole_quarters_begin_and_end_with_one(first, last, whole):
    assert are_whole_quarters(first, last) is whole
