"""A strict request exists for the people named to it: for everybody else it is in no list, count, export or mail."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from gaf.decisions.models import Decision
from gaf.privacy.models import NamedReader, Read, StrictCase
from gaf.refusals import NotPermitted
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.rules.walking import addresses
from tests.stories import by
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of, url_of, visit
from workflow import notices, queries, worklists
from workflow.actions.privacy import can_be_named, end_reader, name_reader, restrict

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]
# Pages of records that many requests share.
KEYED = {
    "fund_stream": "fund/streams/A/",
    "stream_ledger": "fund/streams/A/committed/",
    "reconcile_account": "reconciliation/GVA/",
}
OUTSIDE = ["Moussa", "Beatriz", "Gloria", "Ines", "Divya", "Esi", "Viktor", "Nadia", "Omar"]


def a_strict_request(make=stories.an_implementing_request):
    """Kept to Amina, Idriss, and who decided on it at headquarters."""
    people("Amina", "Idriss", "Helena", *OUTSIDE)
    made = make()
    restrict(request_id=made.pk, **by("Idriss"))
    return made


def named(made) -> set[str]:
    rows = NamedReader.objects.filter(reference=made.reference, ended_at=None)
    return set(rows.values_list("person__name", flat=True))


class TestKeepingARequestToNamedPeople:
    def test_names_who_wrote_or_decided_on_it_and_the_head_of_its_unit(self):
        made = a_strict_request(stories.a_taken_request)

        assert named(made) == {"Amina", "Idriss", "Bruno"}
        assert visit("Amina", made).status_code == visit("Bruno", made).status_code == 200
        assert {visit(name, made).status_code for name in OUTSIDE} == {404}

    def test_is_decided_once_and_for_good(self):
        made = a_strict_request(stories.a_taken_request)

        with refused("STRICT-04"):
            restrict(request_id=made.pk, **by("Idriss"))
        assert StrictCase.objects.count() == 1

    @pytest.mark.parametrize("name", ["Moussa", "Fadi", "Bruno", "Omar"])
    def test_is_no_act_of_everybody(self, name):
        made = stories.a_taken_request()

        with pytest.raises(NotPermitted):
            restrict(request_id=made.pk, **by(name))
        assert not StrictCase.objects.exists()

    def test_is_done_on_its_page(self):
        made = stories.a_taken_request()

        assert press("Amina", made, "restrict/").status_code == 302
        assert "Only these people see it" in text_of(visit("Amina", made, "readers/"))


class TestForEverybodyElse:
    @pytest.mark.pages
    @pytest.mark.parametrize(
        "make", [stories.a_budget_to_approve, stories.a_disbursing_request, stories.a_reconciling_request]
    )
    def test_it_stands_on_no_page_of_the_site_that_is_not_its_own(self, make):
        made = a_strict_request(make)
        found = []
        for name in [one for one in OUTSIDE if one not in named(made)]:
            client = signed_in(name)
            for page, route in addresses().items():
                address = KEYED.get(page, route)
                if "<" in address or address.startswith(("^", "cms", "webhooks", "sign-out")):
                    continue
                answer = client.get(f"/{address}")
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                if made.reference.encode() in content:
                    found.append(f"{page}: {name}")
        assert found == []

    def test_it_is_in_no_list_and_no_count(self):
        people("Helena")
        made = stories.a_taken_request()
        before = {name: len(queries.visible_to(person(name))) for name in OUTSIDE}
        restrict(request_id=made.pk, **by("Idriss"))

        assert {name: before[name] - len(queries.visible_to(person(name))) for name in OUTSIDE} == dict.fromkeys(
            OUTSIDE, 1
        )

    def test_it_is_counted_on_no_desk(self):
        made = stories.a_budget_to_approve()
        assert worklists.counts(person("Ines"))["to_approve"] == 1

        restrict(request_id=made.pk, **by("Idriss"))

        assert worklists.counts(person("Ines"))["to_approve"] == 0
        assert list(worklists.to_approve(person("Ines"))) == []

    @pytest.mark.parametrize("page", ["", "history/", "timeline/", "review/", "approval/", "readers/"])
    def test_its_pages_answer_as_those_of_a_request_that_never_was(self, page):
        made = a_strict_request(stories.a_taken_request)
        client = signed_in("Ines")

        real, never = client.get(url_of(made, page)), client.get(f"/requests/GAF-2026-99999/{page}")

        assert (real.status_code, never.status_code) == (404, 404)
        assert text_of(real) == text_of(never)

    def test_pages_of_its_money_are_not_there_either(self):
        made = a_strict_request(stories.an_approved_request)

        assert signed_in("Divya").get(f"/tranches/{made.reference}/").status_code == 404
        assert signed_in("Chen").get(f"/requests/{made.reference}/").status_code == 200

    def test_who_knocks_is_kept(self):
        made = a_strict_request(stories.a_taken_request)

        visit("Ines", made)

        assert [(row.person.name, row.page, row.refused) for row in Read.objects.all()] == [("Ines", "record", True)]

    def test_no_mail_tells_of_it(self):
        made = a_strict_request(stories.a_taken_request)
        people("Ines")

        notices.tell_people([person("Ines"), person("Bruno")], "question_answered", made, None)

        assert stories.told("question_answered") == {"Bruno"}


class TestNamingReaders:
    def test_lets_one_more_person_see_it(self):
        made = a_strict_request(stories.a_taken_request)

        name_reader(request_id=made.pk, person_id=person("Ines").pk, **by("Idriss"))

        assert visit("Ines", made).status_code == 200
        assert Decision.objects.filter(reference=made.reference, act="name_reader").count() == 1

    def test_is_for_those_whose_role_sees_such_requests(self):
        made = a_strict_request(stories.a_taken_request)
        people("Fadi", "Tunde", "Ngozi")

        assert not {"Fadi", "Tunde", "Ngozi", "Amina"} & {one.name for one in can_be_named(made)}
        with refused("STRICT-05"):
            name_reader(request_id=made.pk, person_id=person("Fadi").pk, **by("Idriss"))
        assert "Fadi" not in named(made)

    def test_is_no_act_of_who_is_not_named(self):
        made = a_strict_request(stories.a_taken_request)

        with pytest.raises(NotPermitted):
            name_reader(request_id=made.pk, person_id=person("Ines").pk, **by("Helena"))
        assert "Ines" not in named(made)

    def test_ends_on_a_press_and_the_page_is_gone_at_once(self):
        made = a_strict_request(stories.a_taken_request)

        end_reader(request_id=made.pk, person_id=person("Bruno").pk, **by("Idriss"))

        assert visit("Bruno", made).status_code == 404

    def test_never_leaves_a_request_without_somebody_who_can_name_others(self):
        made = a_strict_request(stories.a_taken_request)

        with refused("STRICT-06"):
            end_reader(request_id=made.pk, person_id=person("Idriss").pk, **by("Idriss"))
        assert "Idriss" in named(made)


class TestTheDatabase:
    def test_names_nobody_to_a_request_that_is_not_strict(self):
        made = stories.a_taken_request()

        with pytest.raises(DatabaseError, match="STRICT-03"), transaction.atomic():
            NamedReader.objects.create(
                reference=made.reference, person=person("Ines"), named_by=person("Idriss"), at=made.moved_at
            )

    def test_lets_nobody_lift_it(self):
        a_strict_request(stories.a_taken_request)

        with pytest.raises(DatabaseError, match="STRICT-01"), transaction.atomic():
            StrictCase.objects.all().delete()
