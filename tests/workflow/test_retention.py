"""How long a case is kept: by how it ended, by the youngest of its persons, and by a hold that two people end."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from gaf import clock
from gaf.decisions.models import Decision
from gaf.privacy.models import RetentionRule
from gaf.refusals import NotPermitted, Refusal
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.stories import by
from workflow.actions.privacy import restrict
from workflow.actions.retention_holds import lift_retention_hold, place_retention_hold
from workflow.models import AssistanceRequest, Case, Person, RetentionHold
from workflow.retention.schedule import kept_until, past_their_time, schedule

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]
ENDED = date(2026, 10, 20)


@pytest.fixture(autouse=True)
def keepers(house) -> None:
    people("Nadia", "Ngozi", "Helena", "Omar")


def until(made: AssistanceRequest) -> date | None:
    return kept_until(Case.objects.get(key=made.case_id), schedule())


def past(day: date, who: str = "Ngozi") -> list[str]:
    return [one.key for one in past_their_time(person(who), day)]


def hold(made: AssistanceRequest, who: str = "Nadia", **changes) -> RetentionHold:
    audit = {"ground": "AUDIT", "until": clock.today() + timedelta(days=90), "reason": "The auditors asked."}
    return place_retention_hold(request_id=made.pk, **{**audit, **changes}, **by(who))


class TestACase:
    def test_is_kept_for_good_while_a_request_of_it_is_open(self):
        made = stories.a_reporting_request()

        assert until(made) is None
        assert past(date(2066, 1, 1)) == []

    @pytest.mark.parametrize(
        ("story", "day"),
        [
            (lambda: stories.withdraw(stories.a_draft()), date(2027, 1, 20)),
            (stories.a_refused_request, date(2028, 10, 20)),
            (stories.a_closed_request, date(2031, 10, 20)),
        ],
        ids=["never sent", "refused", "closed"],
    )
    def test_is_kept_by_how_it_ended(self, story, day):
        made = story()

        assert until(made) == day
        assert past(day - timedelta(days=1)) == []
        assert past(day) == [made.case_id]

    @pytest.mark.parametrize(
        ("band", "day"),
        [("0-4", date(2049, 10, 20)), ("15-17", date(2034, 10, 20)), ("18-24", date(2031, 10, 20))],
    )
    def test_with_a_child_is_kept_until_five_years_after_it_must_have_turned_eighteen(self, band, day):
        made = stories.a_closed_request()
        Person.objects.create(assistance=made, sex="F", age_band=band, nationality="GIN")

        assert until(made) == day
        assert past(day - timedelta(days=1)) == []
        assert past(day) == [made.case_id]

    def test_is_kept_as_long_as_the_request_that_is_kept_longest(self):
        first = stories.a_refused_request()
        later = stories.a_closed_request()
        case = Case.objects.get(key=first.case_id)
        both = [*case.requests.all(), *Case.objects.get(key=later.case_id).requests.all()]
        case._prefetched_objects_cache = {"requests": both}

        assert kept_until(case, schedule()) == date(2031, 10, 20)

    def test_follows_a_rule_that_was_changed_from_its_day_on(self):
        made = stories.a_closed_request()
        changed = {"at_the_end": "PSEUDONYMISE", "source": "A new rule.", "effective_from": date(2026, 10, 20)}
        RetentionRule.objects.create(record_class="CLOSED", months=12, **changed)

        assert until(made) == date(2027, 10, 20)
        assert past(date(2027, 10, 20)) == [made.case_id]

    def test_that_is_strict_is_listed_for_nobody_who_is_not_named(self):
        made = stories.a_closed_request()
        restrict(request_id=made.pk, **by("Helena"))

        assert past(date(2031, 10, 20), "Ngozi") == []
        assert past(date(2031, 10, 20), "Helena") == [made.case_id]


class TestARule:
    def test_that_lets_something_go_says_when(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            RetentionRule.objects.create(
                record_class="CLOSED", months=None, at_the_end="ERASE", source="-", effective_from=ENDED
            )

    def test_stands_for_every_class(self):
        classes = {"UNSENT", "ENDED", "CLOSED", "CHILD", "FINANCE", "DECISION", "COMPLAINT", "CONCERN"}
        assert set(schedule()) == classes


class TestAHold:
    def test_says_who_why_and_until_when(self):
        made = hold(stories.a_closed_request())

        assert (made.key, made.state, made.placed_by.name) == ("HOLD-2026-00001", "STANDING", "Nadia")
        decided = Decision.objects.get(act="place_retention_hold")
        assert decided.facts["ground"] == "AUDIT"
        assert decided.reference == made.key

    def test_is_lifted_by_somebody_else(self):
        made = hold(stories.a_closed_request())
        lifted = lift_retention_hold(hold_id=made.pk, reason="The audit is over.", **by("Ngozi"))

        assert (lifted.state, lifted.lifted_by.name) == ("LIFTED", "Ngozi")

    def test_is_not_lifted_by_who_placed_it(self):
        made = hold(stories.a_closed_request())
        with refused("HOLD-01", NotPermitted):
            lift_retention_hold(hold_id=made.pk, reason="It is over.", **by("Nadia"))
        with pytest.raises(IntegrityError), transaction.atomic():
            RetentionHold.objects.filter(pk=made.pk).update(lifted_by=person("Nadia"), lifted_at=clock.now())

        assert RetentionHold.objects.get().state == "STANDING"

    def test_stands_once_on_a_case(self):
        made = stories.a_closed_request()
        hold(made)
        with refused("HOLD-04", Refusal):
            hold(made, "Ngozi")

    def test_needs_a_day_to_come(self):
        made = stories.a_closed_request()
        with refused("HOLD-03", Refusal):
            hold(made, until=clock.today())

    @pytest.mark.parametrize("who", ["Amina", "Omar", "Bruno"])
    def test_is_placed_by_nobody_else(self, who):
        made = stories.a_closed_request()
        with refused("ROLE-02", NotPermitted):
            hold(made, who)

    def test_is_not_changed_or_removed(self):
        made = hold(stories.a_closed_request())
        with pytest.raises(DatabaseError, match="HOLD-02"), transaction.atomic():
            RetentionHold.objects.filter(pk=made.pk).update(until=date(2030, 1, 1))
        with pytest.raises(DatabaseError, match="HOLD-02"), transaction.atomic():
            made.delete()


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


class TestThePage:
    def test_shows_schedule_what_is_past_its_time_and_holds(self):
        made = stories.a_closed_request()
        hold(made)
        with clock.at(datetime(2031, 10, 21, tzinfo=UTC)):
            words = signed_in("Ngozi").get("/retention/").content.decode()

        assert "60 months after turning 18" in words
        assert made.reference in words
        assert "20 October 2031" in words
        assert "HOLD-2026-00001" in words

    def test_leads_from_the_reference_to_the_hold_to_its_end(self):
        made = stories.a_closed_request()
        nadia = signed_in("Nadia")
        page = nadia.get("/retention/hold/").content.decode()
        key = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page)[1]
        typed = {"reference": made.reference.lower(), "ground": "CLAIM", "reason": "A letter came.", "until_0": "1"}
        typed |= {"until_1": "3", "until_2": "2027", "idempotency_key": key}
        for _press in range(2):
            assert nadia.post("/retention/hold/?save=1", typed).url == "/retention/"

        (made_hold,) = RetentionHold.objects.all()
        assert nadia.get(f"/retention/{made_hold.key}/lift/").status_code == 403
        signed_in("Ngozi").post(f"/retention/{made_hold.key}/lift/?save=1", {"reason": "Answered."})
        assert RetentionHold.objects.get().state == "LIFTED"

    def test_knows_no_draft_and_nothing_strict(self):
        strict = stories.a_closed_request()
        restrict(request_id=strict.pk, **by("Helena"))
        for reference in (stories.a_draft().reference, strict.reference, "GAF-2026-99999"):
            typed = {"reference": reference, "ground": "CLAIM", "reason": "-"}
            answer = signed_in("Ngozi").post("/retention/hold/?save=1", typed)
            assert "There is no request of this reference." in answer.content.decode()

    def test_costs_no_more_however_much_is_past_its_time(self, django_assert_max_num_queries):
        for _case in range(3):
            stories.a_refused_request()
        with clock.at(datetime(2031, 10, 21, tzinfo=UTC)):
            ngozi = signed_in("Ngozi")
            with django_assert_max_num_queries(13):
                assert ngozi.get("/retention/").status_code == 200

    def test_tells_nobody_of_the_mission_that_the_case_is_looked_into(self):
        made = hold(stories.a_closed_request(), ground="INVESTIGATION").assistance

        for part in ("", "timeline/", "history/"):
            words = signed_in("Amina").get(f"/requests/{made.reference}/{part}").content.decode()
            assert not [word for word in ("HOLD-", "etention hold", "investigated") if word in words]
