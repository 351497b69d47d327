"""A copy for the person: asked for, checked, handed over by the head of unit, and silent about everybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.decisions.models import Decision
from gaf.outbox.outbox import drain
from gaf.privacy.models import Read
from gaf.refusals import NotPermitted
from gaf.sealing import seal
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.stories import NO_FUNDS, WOMAN, by
from tests.workflow.protection.test_gates import GIRL
from tests.workflow.test_documents import add
from tests.workflow.test_erasure import erase
from tests.workflow.test_nothing_leaks import CANARY, a_life_full_of_the_word
from workflow.actions.drafting import edit_situation
from workflow.actions.person_copies import ask_copy, give_copy, refuse_copy
from workflow.models import AssistanceRequest, GateEvidence, PersonCopy, Referral, TraffickingScreening
from workflow.person_copies import as_text, left_out, parts_of

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]


def ask(made: AssistanceRequest, who: str = "Amina", place: int = 0, **changes: Any) -> PersonCopy:
    key = made.persons.order_by("pk")[place].key
    asked = {"person_key": key, "asked_by": "SELF", "asked_on": clock.today(), "reason": "She came herself."}
    return ask_copy(request_id=made.pk, **{**asked, **changes}, **by(who))


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


def page(name: str, address: str) -> HttpResponse:
    return signed_in(name).get(address)


class TestTheCopy:
    def test_says_everything_that_is_held_where_there_is_one_person(self):
        people("Bruno", "Beatriz", "Chen", "Marie", "Divya", "Helena")
        made = AssistanceRequest.objects.get(reference=a_life_full_of_the_word())
        copy = ask(made)

        titles = {part.title: part.rows for part in parts_of(copy)}
        assert set(titles) >= {"You", "Consent", "Request", "Assessments", "Screenings for trafficking", "Help"}
        assert set(titles) >= {"What was written about it", "Documents", "What was decided"}
        assert ("Nationality", "Nigeria") in titles["You"]
        text = as_text(copy)
        for words in ("In {0}.", "Leave {0}.", "Near {0}.", "Out of {0}.", "Ring {0}.", "Nothing in {0}.", "{0}.pdf"):
            assert words.format(CANARY) in text
        assert left_out(copy) == []

    def test_leaves_out_what_tells_of_other_persons(self):
        made = stories.a_draft(persons=(WOMAN, GIRL))
        edit_situation(request_id=made.pk, situation=f"They left {CANARY}.", alternatives=[NO_FUNDS], **by("Amina"))
        add(made)
        woman, other = made.persons.order_by("pk")
        said = {"assistance": made, "recorded_by": person("Amina"), "recorded_at": clock.now()}
        for whose, where in ((woman, "hers"), (other, "the girl’s")):
            note = seal(made.case_id, f"Of {where}.")
            GateEvidence.objects.create(
                person=whose, gate="R1", outcome="DONE", found_on=clock.today(), note=note, **said
            )
            TraffickingScreening.objects.create(
                person=whose, status="NotAVictimOfTrafficking", indication="NONE", note=note, **said
            )
        both = Referral.objects.create(kind="SERVICE", to_whom=seal(made.case_id, f"A house in {CANARY}"), **said)
        both.persons.set([woman, other])

        text = as_text(ask(made))

        assert "Of hers." in text
        assert "together with others" in text
        assert not [word for word in (CANARY, "girl", other.key, "Honduras", "15 to 17") if word in text]
        assert "Left out, because it tells of other persons too:" in text

    def test_tells_of_lines_for_this_person_alone_how_much_they_were(self):
        made = stories.an_approved_request(persons=(WOMAN, WOMAN))
        first, second = stories.lines_of(made)
        first.persons.set(made.persons.order_by("pk")[:1])

        (text, other) = (as_text(ask(made, place=place)) for place in (0, 1))

        assert "588.00" in text
        assert "588.00" not in other
        assert second.description_text not in text


class TestAfterAnErasure:
    def test_nothing_is_asked_for_or_told_any_more(self):
        people("Nadia", "Ngozi")
        made = stories.a_refused_request()
        given = give_copy(copy_id=ask(made).pk, **by("Idriss"))
        erase(made)

        with refused("SEAL-02"):
            ask(made)
        assert "Left without shelter" not in as_text(PersonCopy.objects.get(pk=given.pk))


class TestAskingForIt:
    def test_is_recorded_by_the_mission_and_told_to_its_head(self, mailoutbox):
        person("Idriss")
        copy = ask(stories.a_draft())
        drain()

        assert (copy.key, copy.state) == (f"{copy.assistance.reference}/C1", "ASKED")
        assert Decision.objects.get(act="ask_copy").facts["person"] == copy.person_key
        assert [mail.to for mail in mailoutbox if "asks for their data" in mail.subject] == [[person("Idriss").email]]

    @pytest.mark.parametrize("who", ["Moussa", "Rima", "Nadia", "Helena", "Omar"])
    def test_is_for_nobody_outside_the_mission_that_knows_the_person(self, who):
        people(who)
        made = stories.a_submitted_request()
        with refused("ROLE-02", NotPermitted):
            ask(made, who)

    @pytest.mark.parametrize("wrong", [{"person_key": "PER-NOBODY"}, {"asked_by": "FRIEND"}, {"asked_on": "tomorrow"}])
    def test_needs_a_person_of_the_request_and_a_day_that_was(self, wrong):
        made = stories.a_draft()
        if "asked_on" in wrong:
            wrong = {"asked_on": clock.today() + timedelta(days=1)}
        with refused("COPY-01"):
            ask(made, **wrong)

    def test_waits_for_the_one_that_was_asked_for_before(self):
        made = stories.a_draft()
        ask(made)
        with refused("COPY-02"):
            ask(made, "Idriss")


class TestHandingItOver:
    def test_is_done_by_the_head_of_unit_under_their_name(self):
        copy = give_copy(copy_id=ask(stories.a_draft()).pk, **by("Idriss"))

        assert (copy.state, copy.given_by.name) == ("GIVEN", "Idriss")

    def test_is_done_by_nobody_else(self):
        copy = ask(stories.a_draft())
        for who in ("Amina", "Fadi"):
            people(who)
            with refused("ROLE-02", NotPermitted):
                give_copy(copy_id=copy.pk, **by(who))

    def test_is_not_done_for_a_reason_that_is_kept(self):
        copy = refuse_copy(copy_id=ask(stories.a_draft()).pk, reason="It was not her.", **by("Idriss"))

        assert copy.state == "REFUSED"
        assert Decision.objects.get(act="refuse_copy").reason.startswith("s1:")

    def test_stays_as_it_was(self):
        copy = give_copy(copy_id=ask(stories.a_draft()).pk, **by("Idriss"))
        with pytest.raises(DatabaseError, match="COPY-03"), transaction.atomic():
            PersonCopy.objects.filter(pk=copy.pk).update(person_key="PER-OTHER")
        with pytest.raises(DatabaseError, match="COPY-03"), transaction.atomic():
            copy.delete()

    def test_has_somebody_who_did_it(self):
        copy = ask(stories.a_draft())
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonCopy.objects.filter(pk=copy.pk).update(given_at=clock.now())


class TestItsPages:
    def test_lead_from_who_asks_to_the_copy_and_its_file(self):
        made = stories.a_draft()
        key = made.persons.get().key
        amina, idriss = signed_in("Amina"), signed_in("Idriss")
        typed = {"person_key": key, "asked_by": "SELF", "reason": "She came herself.", "asked_on_0": "20"}
        typed |= {"asked_on_1": "10", "asked_on_2": "2026"}
        address = amina.post(f"/requests/{made.reference}/ask-copy/?save=1", typed).url

        assert address == f"/copies/{made.reference}/1/"
        assert "Read the copy" not in amina.get(address).content.decode()
        assert amina.get(f"{address}read/").status_code == 404
        assert "Left without shelter after an escape." in idriss.get(f"{address}read/").content.decode()
        file = idriss.get(f"{address}file/")
        assert file["Content-Disposition"] == f'attachment; filename="{made.reference}-C1.txt"'
        assert key in file.content.decode()
        assert idriss.post(f"{address}give/?save=1", {}).url == address
        assert PersonCopy.objects.get().state == "GIVEN"
        assert "GIVEN" not in idriss.get(f"/requests/{made.reference}/readers/").content.decode()

    def test_are_kept_in_the_read_log(self):
        copy = ask(stories.a_submitted_request())
        page("Idriss", f"/copies/{copy.assistance.reference}/1/read/")
        page("Idriss", f"/copies/{copy.assistance.reference}/1/file/")

        read = Read.objects.filter(reference=copy.assistance.reference, person=person("Idriss"))
        assert set(read.values_list("page", flat=True)) == {"person_copy_text", "person_copy_file"}

    def test_are_not_there_for_another_mission_or_headquarters(self):
        people("Fadi", "Nadia")
        copy = ask(stories.a_submitted_request())
        for who in ("Fadi", "Nadia"):
            for part in ("", "read/", "file/"):
                assert page(who, f"/copies/{copy.assistance.reference}/1/{part}").status_code == 404
