"""The same person in two missions: found by fingerprints, judged by two people, told to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.accounts.models import RoleAssignment
from gaf.decisions.models import Decision
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.refusals import NotPermitted
from tests import stories
from tests.cast import mission, people, person
from tests.refused import refused
from tests.stories import by, now
from tests.workflow.pages.headquarters.visits import press, text_of, visit
from tests.workflow.test_erasure import erase
from tests.workflow.test_strict_cases import restrict
from workflow.actions.approval import allow_repeated_help, approve_budget
from workflow.actions.drafting import PersonText, edit_persons
from workflow.actions.exceptions import cancel
from workflow.actions.intake import return_to_author
from workflow.actions.likenesses import (
    fingerprint_person,
    join_persons,
    keep_persons_apart,
    weigh_likeness,
)
from workflow.actions.privacy import name_reader
from workflow.models import AssistanceRequest, Fingerprint, KnownPerson, Likeness
from workflow.protection.fingerprints import Details, Sign, hashes_of, sound_of

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house", "judges")]
HER = {"given": "Fatoumata", "family": "Diallo", "year": 1998}


@pytest.fixture
def judges(house: object) -> None:
    people("Nadia", "Ngozi", "Helena", "Chen", "Ines")


def typed(made: AssistanceRequest, who: str = "Amina", **changes: Any) -> AssistanceRequest:
    """The mission makes a fingerprint of the first person, and the worker looks for whom it looks like."""
    key = made.persons.order_by("pk")[0].key
    fingerprint_person(request_id=made.pk, person_key=key, details=Details(**{**HER, **changes}), **by(who))
    drain()
    return now(made)


def in_niger(**changes: Any) -> AssistanceRequest:
    return typed(stories.a_submitted_request(), **changes)


def in_lebanon(**changes: Any) -> AssistanceRequest:
    return typed(stories.a_submitted_request(author="Rima", code="LB"), "Rima", **changes)


def a_likeness() -> Likeness:
    in_niger()
    in_lebanon()
    return Likeness.objects.get()


def weigh(likeness: Likeness, proposed: str = "SAME", who: str = "Nadia") -> Likeness:
    return weigh_likeness(likeness_id=likeness.pk, proposed=proposed, reason="Both said yes.", **by(who))


def join(likeness: Likeness, who: str = "Ngozi") -> Likeness:
    return join_persons(likeness_id=likeness.pk, reason="Both missions described the same scar.", **by(who))


def page(name: str, address: str) -> HttpResponse:
    client = Client()
    client.force_login(person(name))
    return client.get(address)


class TestNames:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Muhammad", "محمد"),
            ("Mohamed", "Mohammed"),
            ("Ousmane Coulibaly", "Usman Kulibali"),
            ("Мария Иванова", "Ivanova, María"),
            ("Selam Tesfaye", "ሰላም ተስፋዬ"),
            ("Quispe", "Kispe"),
            ("Ben Salah", "Salah"),
        ],
    )
    def test_that_are_spelled_differently_sound_alike(self, one, other):
        assert sound_of(one) == sound_of(other)

    @pytest.mark.parametrize(("one", "other"), [("Amina", "Aminata"), ("Diallo", "Diop"), ("Maria", "Mona")])
    def test_that_are_others_do_not(self, one, other):
        assert sound_of(one) != sound_of(other)


class TestAFingerprint:
    def test_keeps_nothing_of_what_was_typed(self):
        made = in_niger(given="Zebrafinka", family="Quillmarsh", mother="Oldemira", phone="+224 620 99 88 77")

        row = Fingerprint.objects.get()
        assert all(len(kept) == 64 for kept in (row.whole, row.sound, row.family, row.phone))
        told = f"{list(Decision.objects.values())}{list(OutboxMessage.objects.values())}{list(made.history.values())}"
        for word in ("Zebrafinka", "Quillmarsh", "Oldemira", "99 88 77", "224620998877", row.whole, row.sound):
            assert word not in told
        assert not re.search(r"(?<![0-9a-f])1998(?![0-9a-f])", told)  # among hashes any four digits may stand

    def test_cannot_be_made_without_the_key_that_lies_outside_the_database(self, settings, tmp_path):
        here = hashes_of(Details(**HER), "F", "NGA")
        settings.GAF_KEY_FOLDER = str(tmp_path)

        elsewhere = hashes_of(Details(**HER), "F", "NGA")
        assert {here.whole, here.sound, here.family}.isdisjoint({elsewhere.whole, elsewhere.sound, elsewhere.family})

    def test_is_replaced_by_a_newer_one(self):
        made = in_niger()
        before = Fingerprint.objects.get().whole
        typed(made, year=1990)
        assert Fingerprint.objects.get().whole != before

    @pytest.mark.parametrize("who", ["Idriss", "Amina"])
    def test_is_made_by_the_mission(self, who):
        assert typed(stories.a_submitted_request(), who).persons.get().fingerprint.made_by == person(who)

    @pytest.mark.parametrize("who", ["Nadia", "Rima", "Bruno", "Moussa"])
    def test_is_made_by_nobody_else(self, who):
        made = stories.a_submitted_request()
        with refused("ROLE-02", NotPermitted):
            typed(made, who)

    @pytest.mark.parametrize("changes", [{"year": 1850}, {"year": 2030}, {"given": " "}, {"month": 13}])
    def test_needs_names_and_a_year_that_can_be(self, changes):
        made = stories.a_submitted_request()
        with refused("PRINT-02"):
            typed(made, **changes)

    def test_is_of_a_person_who_takes_part(self):
        made = stories.a_submitted_request()
        with refused("PRINT-01"):
            fingerprint_person(request_id=made.pk, person_key="PER-NOBODY22", details=Details(**HER), **by("Amina"))

    def test_keeps_its_person_on_the_request(self):
        made = in_niger()
        return_to_author(request_id=made.pk, reason_code="PERSONS", reason="Another one.", **by("Idriss"))
        with refused("WRITE-04"):
            edit_persons(
                request_id=made.pk,
                persons=[PersonText("M", "25-39", "NG")],
                consent=stories.WRITTEN_CONSENT,
                other_mission_ids=[],
                **by("Amina"),
            )


class TestWhatItFinds:
    @pytest.mark.parametrize(
        ("changes", "sign"),
        [
            ({}, Sign.WHOLE),
            ({"given": "Fatumata", "family": "Dialo"}, Sign.SOUND),
            ({"year": 1999}, Sign.SOUND),
            ({"given": "Mariam"}, Sign.FAMILY),
            ({"given": "Xolani", "family": "Zulu", "year": 1970, "phone": "00224 620 998 877"}, Sign.PHONE),
        ],
    )
    def test_is_who_looks_alike_in_another_mission(self, changes, sign):
        in_niger(phone="620998877")
        in_lebanon(**changes)
        assert Likeness.objects.get().sign == sign

    @pytest.mark.parametrize("changes", [{"year": 2003}, {"given": "Mariam", "family": "Keita"}])
    def test_is_nobody_where_nothing_is_alike(self, changes):
        in_niger()
        in_lebanon(**changes)
        assert not Likeness.objects.exists()

    def test_is_kept_once_however_often_it_is_looked_for(self):
        made = in_niger()
        in_lebanon()
        typed(made)
        assert Likeness.objects.count() == 1

    def test_is_told_to_the_data_steward_and_to_no_mission(self, mailoutbox):
        likeness = a_likeness()
        drain()
        assert stories.told("likeness_found") == {"Nadia"}
        assert [mail.to for mail in mailoutbox if likeness.key in mail.subject] == [["nadia@gaf.example"]]

    def test_stands_on_no_page_and_no_timeline_of_either_request(self):
        likeness = a_likeness()
        for one, name in ((likeness.first, "Amina"), (likeness.second, "Rima")):
            other = likeness.second if one == likeness.first else likeness.first
            for part in ("", "protection/", "timeline/", "history/", "changes/"):
                said = page(name, f"/requests/{one.assistance.reference}/{part}").content.decode()
                assert not [word for word in (likeness.key, other.key) if word in said]
        references = [one.assistance.reference for one in (likeness.first, likeness.second)]
        assert not Decision.objects.filter(reference__in=references, act="find_likeness").exists()

    def test_answers_who_made_the_fingerprint_the_same_as_where_nothing_was_found(self):
        def answer() -> bytes:
            made = stories.a_submitted_request()
            client, place = Client(), f"/requests/{made.reference}/fingerprint-person/"
            client.force_login(person("Amina"))
            said = {"person": made.persons.get().key, "seen_version": made.version, **HER}
            shown = client.post(f"{place}?save=1", said, follow=True)
            return shown.content.replace(made.reference.encode(), b"")

        first = answer()
        second = answer()
        drain()
        assert Likeness.objects.count() == 1
        assert b"Fatoumata" not in first
        assert len(first) == len(second)


class TestJudging:
    def test_takes_the_steward_and_a_third_person(self):
        likeness = a_likeness()
        weigh(likeness)
        assert stories.told("likeness_to_decide") == {"Ngozi"}
        join(likeness)

        keys = KnownPerson.objects.values_list("known_key", flat=True)
        assert len(keys) == 2
        assert len(set(keys)) == 1
        assert Likeness.objects.get().state == "SAME"

    def test_can_end_with_two_persons_who_are_not_found_again(self):
        likeness = a_likeness()
        weigh(likeness, "DIFFERENT")
        keep_persons_apart(likeness_id=likeness.pk, reason="Born in other towns.", **by("Ngozi"))
        typed(likeness.first.assistance)

        assert Likeness.objects.get().state == "DIFFERENT"
        assert not KnownPerson.objects.exists()

    def test_is_not_ended_by_who_weighed_it(self):
        likeness = weigh(a_likeness())
        with refused("LIKE-01", NotPermitted):
            join(likeness, "Nadia")

    @pytest.mark.parametrize("who", ["Amina", "Rima", "Helena", "Omar", "Ngozi"])
    def test_is_begun_by_nobody_but_the_steward(self, who):
        likeness = a_likeness()
        with refused("ROLE-02", NotPermitted):
            weigh(likeness, who=who)

    def test_is_not_for_somebody_who_served_in_one_of_the_missions(self):
        likeness = weigh(a_likeness())
        RoleAssignment.objects.create(
            person=person("Ngozi"),
            role="case_worker",
            mission=mission("LB"),
            starts_on=clock.today() - timedelta(days=400),
            ends_on=clock.today() - timedelta(days=30),
        )
        with refused("COI-02", NotPermitted):
            join(likeness)

    def test_gives_one_key_to_all_who_were_found_to_be_one(self):
        likeness = a_likeness()
        join(weigh(likeness))
        typed(stories.a_submitted_request(author="Sofía", code="MX"), "Sofía")
        third = Likeness.objects.exclude(pk=likeness.pk).order_by("pk")[0]
        join(weigh(third))
        assert len(set(KnownPerson.objects.values_list("known_key", flat=True))) == 1
        assert KnownPerson.objects.count() == 3

    def test_shows_whom_to_ask_and_nothing_of_either_case(self):
        likeness = a_likeness()
        shown = page("Nadia", f"/same-persons/{likeness.key}/").content.decode()
        assert "Ask Niger" in shown
        assert "Ask Lebanon" in shown
        for one in (likeness.first, likeness.second):
            assert one.assistance.reference not in shown
        assert page("Ngozi", f"/same-persons/{likeness.key}/").status_code == 404
        weigh(likeness)
        assert page("Ngozi", f"/same-persons/{likeness.key}/").status_code == 200
        assert page("Ngozi", "/same-persons/").content.decode().count(likeness.key) > 0


class TestARequestKeptToNamedPeople:
    def test_is_found_and_told_to_nobody_who_is_not_named(self):
        made = in_niger()
        restrict(request_id=made.pk, **by("Idriss"))
        in_lebanon()
        likeness = Likeness.objects.get()

        assert stories.told("likeness_found") == set()
        assert likeness.key not in page("Nadia", "/same-persons/").content.decode()
        assert page("Nadia", f"/same-persons/{likeness.key}/").status_code == 404
        with refused("LIKE-02", NotPermitted):
            weigh(likeness)

    def test_is_judged_by_who_is_named_to_it(self):
        made = in_niger()
        restrict(request_id=made.pk, **by("Idriss"))
        in_lebanon()
        name_reader(request_id=made.pk, person_id=person("Nadia").pk, **by("Idriss"))
        weigh(Likeness.objects.get())
        assert stories.told("likeness_to_decide") == set()


def one_person_in_two_requests() -> tuple[AssistanceRequest, AssistanceRequest]:
    """Helped by Niger, and in Lebanon's budget now."""
    helped = typed(stories.an_approved_request())
    again = typed(stories.a_budget_to_approve(author="Rima", code="LB", head="Fadi"), "Rima")
    join(weigh(Likeness.objects.get()))
    return now(helped), now(again)


def approve(made: AssistanceRequest, who: str = "Chen") -> AssistanceRequest:
    return approve_budget(request_id=made.pk, decisions=stories.whole(made), **by(who))


class TestRepeatedHelp:
    def test_is_not_approved_without_an_exception(self):
        _helped, again = one_person_in_two_requests()
        assert stories.told("repeated_help_to_allow") == {"Helena"}
        with refused("REPEAT-01"):
            approve(again)
        assert "needs an exception" in page("Chen", f"/requests/{again.reference}/approval/").content.decode()

    def test_is_approved_by_another_once_the_manager_made_an_exception(self):
        _helped, again = one_person_in_two_requests()
        allow_repeated_help(request_id=again.pk, reason="The first shelter was found by them.", **by("Helena"))
        with refused("SOD-20", NotPermitted):
            approve(again, "Helena")
        assert approve(again).state == "APPROVED"
        assert stories.told("repeated_help_allowed") >= {"Chen"}

    @pytest.mark.parametrize("who", ["Chen", "Nadia", "Rima"])
    def test_is_excepted_by_nobody_but_the_manager(self, who):
        _helped, again = one_person_in_two_requests()
        with refused("ROLE-02", NotPermitted):
            allow_repeated_help(request_id=again.pk, reason="Again.", **by(who))

    def test_is_excepted_only_where_it_is_one(self):
        made = stories.a_budget_to_approve()
        with refused("REPEAT-02"):
            allow_repeated_help(request_id=made.pk, reason="Again.", **by("Helena"))

    def test_is_excepted_on_its_page(self):
        _helped, again = one_person_in_two_requests()
        assert "needs an exception" in text_of(visit("Helena", again, "allow-repeated-help/"))
        press("Helena", again, "allow-repeated-help/", reason="Her first shelter was found by them.")
        assert stories.last_decision(again).act == "allow_repeated_help"

    def test_after_twenty_four_months_is_help_like_any_other(self):
        helped, again = one_person_in_two_requests()
        KnownPerson.objects.filter(person__assistance=helped).update(helped_until=clock.now())
        assert approve(again).state == "APPROVED"

    def test_counts_from_the_approval_of_the_other_request(self):
        first = typed(stories.a_budget_to_approve())
        second = typed(stories.a_budget_to_approve(author="Rima", code="LB", head="Fadi"), "Rima")
        join(weigh(Likeness.objects.get()))
        assert approve(first).state == "APPROVED"
        with refused("REPEAT-01"):
            approve(now(second))
        until = KnownPerson.objects.get(person__assistance=first).helped_until
        assert until is not None
        assert 729 <= (until - now(first).approved_at).days <= 731  # type: ignore[operator]

    def test_of_a_request_that_was_cancelled_does_not_count(self):
        helped, again = one_person_in_two_requests()
        cancel(request_id=helped.pk, reason_code="LOST_CONTACT", reason="Left before.", **by("Helena"))
        assert approve(again).state == "APPROVED"

    def test_of_a_request_kept_to_named_people_is_not_given_away_by_a_refusal(self):
        helped, again = one_person_in_two_requests()
        restrict(request_id=helped.pk, **by("Idriss"))
        assert approve(again).state == "APPROVED"

    def test_is_held_by_the_database_too(self, monkeypatch):
        _helped, again = one_person_in_two_requests()
        for place in ("workflow.actions.approval.require_no_repeat", "workflow.obstacles.needs_exceptional_approval"):
            monkeypatch.setattr(place, lambda *_asked: None)
        with pytest.raises(DatabaseError, match="REPEAT-01"), transaction.atomic():
            approve(again)
        assert now(again).state == "BUDGET_REVIEW"


@pytest.mark.both
class TestTheDatabase:
    @pytest.mark.parametrize("change", [{"sign": "PHONE"}, {"key": "SAME-OTHER222"}])
    def test_keeps_a_likeness_as_it_was_found(self, change):
        likeness = a_likeness()
        with pytest.raises(DatabaseError, match="LIKE-04"), transaction.atomic():
            Likeness.objects.filter(pk=likeness.pk).update(**change)

    def test_removes_none_while_its_cases_stand(self):
        likeness = a_likeness()
        with pytest.raises(DatabaseError, match="LIKE-04"), transaction.atomic():
            likeness.delete()

    def test_knows_nobody_as_another_who_was_not_found_to_be(self):
        likeness = a_likeness()
        with pytest.raises(DatabaseError, match="LIKE-05"), transaction.atomic():
            KnownPerson.objects.create(person=likeness.first, known_key="ONE-22222222")

    def test_takes_two_people(self):
        likeness = weigh(a_likeness())
        with pytest.raises(IntegrityError), transaction.atomic():
            Likeness.objects.filter(pk=likeness.pk).update(decided_by=person("Nadia"))

    def test_keeps_no_name_for_a_fingerprint(self):
        in_niger()
        with pytest.raises(IntegrityError), transaction.atomic():
            Fingerprint.objects.update(family="Diallo")


class TestAnErasure:
    def test_takes_away_fingerprint_likeness_and_common_key(self):
        made = stories.a_refused_request()
        Fingerprint.objects.all().delete()
        other = in_lebanon()
        Fingerprint.objects.create(
            person=made.persons.get(),
            **{
                name: getattr(other.persons.get().fingerprint, name)
                for name in ("whole", "sound", "sound_before", "sound_after", "family", "phone", "made_by", "made_at")
            },
        )
        typed(other, "Rima")
        join(weigh(Likeness.objects.get()))
        erase(made)

        assert not Fingerprint.objects.filter(person__assistance=made).exists()
        assert not Likeness.objects.exists()
        assert not KnownPerson.objects.filter(person__assistance=made).exists()
        assert Fingerprint.objects.filter(person__assistance=other).exists()
