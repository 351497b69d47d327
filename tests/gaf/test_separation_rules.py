"""Changing a separation rule takes two people; a change binds from a day to come, and nothing is ever removed."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Decision, SeparationRule
from gaf.policy import Question, separation_refusal
from gaf.refusals import Refusal
from gaf.separation_rules import approve_rule, propose_rule
from tests.cast import open_house, person
from tests.stories import a_closed_request, now

pytestmark = [pytest.mark.both, pytest.mark.django_db]
MORNING = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
NEXT_MONTH = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = tmp_path / "private", tmp_path / "bank"
    with clock.at(MORNING):
        open_house()
        yield


def propose(who: str = "Helena", day: date = NEXT_MONTH) -> SeparationRule:
    """A proposal that whoever endorses may not also take."""
    return propose_rule(
        code="SOD-90",
        first_act="close",
        second_act="reopen",
        effective_from=day,
        actor=person(who),
        at=clock.now(),
    )


class TestAProposal:
    def test_has_no_effect_until_a_second_person_approves_it_and_its_day_has_come(self):
        assistance = a_closed_request()
        helena = person("Helena")
        rule = propose()
        with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=UTC)):
            assert separation_refusal(Question(now(assistance), "reopen", helena)) is None

        approve_rule(rule_id=rule.pk, actor=person("Nadia"), at=clock.now())

        assert separation_refusal(Question(now(assistance), "reopen", helena)) is None
        with clock.at(datetime(2026, 11, 2, 9, 0, tzinfo=UTC)):
            assert separation_refusal(Question(now(assistance), "reopen", helena)).code == "SOD-90"

    def test_leaves_a_decision_of_each_of_the_two(self):
        rule = propose()
        approve_rule(rule_id=rule.pk, actor=person("Nadia"), at=clock.now())

        rows = Decision.objects.filter(subject=f"RULE-{rule.pk}").order_by("number")
        assert [(row.act, row.actor.name, row.to_state) for row in rows] == [
            ("propose_rule", "Helena", "PROPOSED"),
            ("approve_rule", "Nadia", "IN_FORCE"),
        ]

    @pytest.mark.parametrize(
        ("who", "day", "code"), [("Nadia", NEXT_MONTH, "SOD-14"), ("Helena", date(2026, 10, 20), "SOD-15")]
    )
    def test_is_refused_to_others_and_for_a_day_that_has_begun(self, who, day, code):
        before = SeparationRule.objects.count(), Decision.objects.count()

        with pytest.raises(Refusal) as refused:
            propose(who, day)

        assert refused.value.code == code
        assert (SeparationRule.objects.count(), Decision.objects.count()) == before


class TestAnApproval:
    def test_is_refused_to_whoever_proposed_it_by_the_database_too(self):
        rule = propose()
        helena = person("Helena")

        with pytest.raises(Refusal, match="SOD-14"):
            approve_rule(rule_id=rule.pk, actor=helena, at=clock.now())
        with pytest.raises(IntegrityError, match="separation_rule_takes_two_people"), transaction.atomic():
            SeparationRule.objects.filter(pk=rule.pk).update(approved_by=helena)

        assert SeparationRule.objects.get(pk=rule.pk).approved_by is None

    def test_happens_once(self):
        rule = propose()
        approve_rule(rule_id=rule.pk, actor=person("Nadia"), at=clock.now())

        with pytest.raises(Refusal, match="SOD-13"):
            approve_rule(rule_id=rule.pk, actor=person("Nadia"), at=clock.now())

        assert Decision.objects.filter(act="approve_rule").count() == 1


class TestARule:
    def test_is_never_removed(self):
        rule = propose()

        with pytest.raises(IntegrityError, match="SOD-01"), transaction.atomic():
            SeparationRule.objects.filter(pk=rule.pk).delete()

        assert SeparationRule.objects.filter(pk=rule.pk).exists()
