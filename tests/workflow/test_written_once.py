"""Long parts of questions are written once; what they find is what Django finds when it writes them anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import BooleanField, CharField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from gaf import clock
from gaf.accounts.models import User
from gaf.privacy.models import NamedReader, StrictCase
from gaf.privacy.sight import is_open_to, open_to
from gaf.written import sql_of, written
from tests import stories
from tests.cast import CAST, mission, people, person
from tests.stories import by
from workflow import worklists
from workflow.actions.privacy import restrict
from workflow.models import AssistanceRequest, BudgetLine, RequestMission
from workflow.queries import listed, takes_part, visible_to
from workflow.worklists import Worklist

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]
ALL = [one for one in vars(worklists).values() if isinstance(one, Worklist)]


@pytest.fixture
def many():
    """Requests in most states, of two missions, one for several, one kept to named people."""
    people(*CAST)
    kept = stories.a_taken_request()
    restrict(request_id=kept.pk, **by("Idriss"))
    stories.a_draft(others=["LB"])
    stories.a_submitted_request(author="Rima", code="LB")
    for make in (
        stories.a_draft,
        stories.a_submitted_request,
        stories.an_asked_request,
        stories.an_eligible_request,
        stories.an_urgent_request,
        stories.a_budget_to_approve,
        stories.an_approved_request,
        stories.a_reporting_request,
    ):
        make()


def keys(rows) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def plainly(part, *told) -> Combinable:
    """The part as Django writes it when it is not kept."""
    return part.__wrapped__(*(OuterRef(one) if isinstance(one, str) else one for one in told))


class TestWorklists:
    @pytest.mark.parametrize("worklist", ALL, ids=lambda worklist: worklist.name)
    def test_count_and_hold_what_they_list_for_everybody_and_at_any_time(self, many, worklist):
        for name in CAST:
            for later in (timedelta(0), timedelta(days=400)):
                with clock.at(clock.now() + later):
                    who = person(name)
                    rows = keys(worklist(who))
                    anew = worklist.rows(worklist.reader(who)).filter(plainly(is_open_to, who.pk, "reference"))
                    held = keys(AssistanceRequest.objects.filter(worklist.holds(who)))
                    size = User.objects.values_list(worklist.size(who), flat=True)[0]

                assert (rows, held, size or 0) == (keys(anew), rows, len(rows))

    def test_are_not_all_empty(self, many):
        found = {one.name for one in ALL for name in CAST if one(person(name)).exists()}

        assert len(found) >= 10


class TestSight:
    def test_of_missions_is_what_django_finds(self, many):
        for missions in ([mission("NE").pk], [mission("LB").pk], [mission("LB").pk, mission("NE").pk]):
            once = keys(AssistanceRequest.objects.filter(takes_part(missions, "pk")))

            assert once == keys(AssistanceRequest.objects.filter(plainly(takes_part, missions, "pk")))
            assert once

    def test_of_nobodys_mission_is_nothing(self, many):
        assert keys(AssistanceRequest.objects.filter(takes_part([], "pk"))) == []
        assert len(keys(AssistanceRequest.objects.exclude(takes_part([], "pk")))) == AssistanceRequest.objects.count()

    def test_inside_another_question_looks_at_that_questions_own_rows(self, many):
        # Django calls the tables of either question the same.
        for name in ("Bruno", "Omar", "Divya"):
            seen = AssistanceRequest.objects.filter(open_to(person(name)))
            lines = BudgetLine.objects.filter(assistance__in=seen)
            parts = RequestMission.objects.filter(Exists(seen.filter(pk=OuterRef("assistance"))))

            assert set(lines.values_list("assistance", flat=True)) <= set(keys(seen))
            assert set(parts.values_list("assistance", flat=True)) == set(keys(seen))
        assert len(keys(AssistanceRequest.objects.filter(open_to(person("Divya"))))) < AssistanceRequest.objects.count()

    def test_can_be_turned_round(self, many):
        strict = set(StrictCase.objects.values_list("reference", flat=True))
        outside = AssistanceRequest.objects.filter(~Q(open_to(person("Divya"))))

        assert set(outside.values_list("reference", flat=True)) == strict

    def test_is_asked_anew_of_what_has_changed(self, many):
        NamedReader.objects.create(
            reference=StrictCase.objects.get().reference,
            person=person("Divya"),
            named_by=person("Idriss"),
            at=clock.now(),
        )

        assert AssistanceRequest.objects.filter(open_to(person("Divya"))).count() == AssistanceRequest.objects.count()


def test_sums_of_lines_are_those_of_the_lines(many):
    for one in listed(AssistanceRequest.objects.all()):
        lines = list(one.lines.all())

        assert (one.asked_usd_minor or 0) == sum(line.usd_minor for line in lines)
        assert (one.granted_usd_minor or 0) == sum(line.approved_usd_minor - line.cancelled_usd_minor for line in lines)


def test_a_list_can_be_counted_and_grouped(many):
    rows = visible_to(person("Omar"))
    by_state = dict(rows.order_by().values_list("state").annotate(size=Count("pk")))

    assert sum(by_state.values()) == rows.count() == AssistanceRequest.objects.count() - StrictCase.objects.count()


class TestAPart:
    def test_is_built_once_for_each_number_of_values(self):
        built = []

        @written(BooleanField())
        def of_missions(ids, own):
            built.append(len(ids))
            return Exists(AssistanceRequest.objects.filter(pk=own, mission__pk__in=ids))

        made = stories.a_draft()
        for ids in ([made.mission_id], [-1], [-1, made.mission_id], [made.mission_id]):
            found = AssistanceRequest.objects.filter(of_missions(ids, "pk"))
            assert keys(found) == ([made.pk] if made.mission_id in ids else [])

        assert built == [1, 2]

    def test_puts_each_value_where_it_belongs(self):
        @written(CharField())
        def both(first, second):
            first, second = (ExpressionWrapper(one, CharField()) for one in (first, second))
            return Concat(second, Value(" 50% of %s "), first, second, output_field=CharField())

        people("Omar")
        found = User.objects.annotate(said=both("name", Value("%s")))

        assert found.get(name="Omar").said == "%s 50% of %s Omar%s"

    def test_says_the_same_without_a_question_around_it(self):
        @written(CharField())
        def name_of(key):
            return Subquery(User.objects.filter(pk=key).values("name"))

        with connection.cursor() as cursor:
            text, told = sql_of(name_of(person("Omar").pk))
            cursor.execute(f"SELECT {text}", told)
            assert cursor.fetchone() == ("Omar",)
