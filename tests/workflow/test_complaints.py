"""What people served say: recorded, looked into by somebody who had no part in it, answered, or passed on unseen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from gaf import clock
from gaf.ages import Overdue
from gaf.decisions.models import Decision
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.refusals import NotPermitted
from gaf.sealing import has_key, unseal
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.stories import by, now
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from tests.workflow.test_erasure import erase
from workflow.actions import closing
from workflow.actions.complaints import (
    Said,
    answer_complaint,
    close_complaint,
    complaint_of,
    conclude_complaint,
    note_complaint,
    pass_on_complaint,
    receive_complaint,
    record_complaint,
    take_up_complaint,
)
from workflow.actions.forgetting import forget_old_words
from workflow.actions.privacy import restrict
from workflow.complaint_sight import open_complaints
from workflow.models import AssistanceRequest, Complaint
from workflow.obstacles import obstacles

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house", "desk")]
WORDS = "The blankets came after the cold nights."


@pytest.fixture
def desk(house: object) -> None:
    people("Helena", "Wanjiru", "Omar", "Idriss", "Moussa", "Nadia", "Ngozi")


def record(made: AssistanceRequest, who: str = "Amina", about: str = "", **changes: Any) -> Complaint:
    """Amina records what somebody told her."""
    said = Said(**{"kind": "QUALITY", "words": WORDS, "heard_on": clock.today(), "answer_by": "IN_PERSON", **changes})
    about_id = person(about).pk if about else None
    return record_complaint(request_id=made.pk, said=said, about_id=about_id, **by(who))


def take_up(complaint: Complaint, who: str = "Helena") -> Complaint:
    return take_up_complaint(complaint_id=complaint.pk, **by(who))


def answer(complaint: Complaint, who: str = "Helena") -> Complaint:
    said = {"answer": "You are right; we ordered too late.", "reason": "The order went out nine days late."}
    return answer_complaint(complaint_id=complaint.pk, **said, **by(who))


def pass_on(complaint: Complaint, who: str = "Helena") -> Complaint:
    return pass_on_complaint(complaint_id=complaint.pk, reason="It is not for us.", **by(who))


def close(made: AssistanceRequest) -> AssistanceRequest:
    return closing.close(request_id=made.pk, reason_code="COMPLETED", **by("Helena"))


def page(name: str, address: str) -> HttpResponse:
    client = Client()
    client.force_login(person(name))
    return client.get(address)


def seen_by(name: str) -> set[str]:
    return set(open_complaints(person(name)).values_list("key", flat=True))


class TestAComplaint:
    def test_is_recorded_sealed_and_told_to_those_who_look_into_it(self, mailoutbox):
        made = stories.a_submitted_request()
        complaint = record(made)
        drain()

        assert complaint.state == "RECEIVED"
        assert WORDS not in f"{list(Complaint.objects.values())}{list(OutboxMessage.objects.values())}"
        assert unseal(complaint.words) == WORDS
        assert stories.told("complaint_received") == {"Idriss", "Helena"}
        assert all(
            WORDS not in mail.body and made.reference not in mail.body
            for mail in mailoutbox
            if complaint.key in mail.body
        )

    def test_stands_on_no_timeline_and_is_no_decision_on_the_request(self):
        made = stories.a_submitted_request()
        before = Decision.objects.filter(reference=made.reference).count()
        complaint = record(made)

        assert Decision.objects.filter(reference=made.reference).count() == before
        for name in ("Amina", "Idriss"):
            for part in ("", "timeline/", "history/", "changes/"):
                assert complaint.key not in page(name, f"/requests/{made.reference}/{part}").content.decode()

    def test_is_looked_into_answered_and_closed(self):
        complaint = close_complaint(
            complaint_id=answer(take_up(record(stories.a_submitted_request()))).pk,
            reason="She said thank you.",
            **by("Helena"),
        )
        drain()

        assert complaint.state == "CLOSED"
        assert stories.told("complaint_answered") == {"Amina"}
        assert [one.act for one in Decision.objects.filter(subject=complaint.key).order_by("number")] == [
            "record_complaint",
            "take_up_complaint",
            "answer_complaint",
            "close_complaint",
        ]

    @pytest.mark.parametrize("who", ["Moussa", "Amina", "Bruno", "Omar", "Wanjiru"])
    def test_is_looked_into_by_no_other_role(self, who):
        complaint = record(stories.a_submitted_request())
        with refused("ROLE-02", NotPermitted):
            take_up(complaint, who)

    def test_is_not_looked_into_by_the_head_who_endorsed_the_request(self):
        complaint = record(stories.an_endorsed_request())
        with refused("COMPLAINT-04", NotPermitted):
            take_up(complaint, "Idriss")

    def test_is_not_looked_into_by_the_manager_who_approved_it(self):
        made = stories.a_budget_to_approve()
        stories.approve(made, approver="Helena")
        complaint = record(made)
        with refused("COMPLAINT-04", NotPermitted):
            take_up(complaint)

    def test_may_be_looked_into_by_a_head_who_had_no_part_in_it(self):
        assert take_up(record(stories.a_submitted_request()), "Idriss").looked_into_by == person("Idriss")

    def test_is_not_recorded_by_whom_it_is_about(self):
        made = stories.a_submitted_request()
        with refused("COMPLAINT-01"):
            record(made, about="Amina")

    def test_is_neither_seen_nor_judged_by_whom_it_is_about(self):
        complaint = record(stories.a_submitted_request(), about="Idriss")
        drain()

        assert complaint.key not in seen_by("Idriss")
        assert page("Idriss", f"/complaints/{complaint.key}/").status_code == 404
        assert "Idriss" not in stories.told("complaint_received")
        with refused("COMPLAINT-03", NotPermitted):
            take_up(complaint, "Idriss")

    def test_about_a_persons_conduct_is_not_the_missions_to_judge(self):
        complaint = record(stories.a_submitted_request(), "Moussa", about="Amina", kind="CONDUCT")
        drain()

        assert stories.told("complaint_received") == {"Helena"}
        assert (seen_by("Idriss"), seen_by("Amina"), seen_by("Helena")) == (set(), set(), {complaint.key})
        with refused("ROLE-02", NotPermitted):
            take_up(complaint, "Idriss")

    @pytest.mark.parametrize(
        "changes", [{"kind": "NONE"}, {"channel": "PIGEON"}, {"words": " "}, {"answer_by": "SONG"}]
    )
    def test_must_be_one_that_can_be(self, changes):
        made = stories.a_submitted_request()
        with refused("COMPLAINT-05"):
            record(made, **changes)

    def test_was_not_heard_tomorrow(self):
        made = stories.a_submitted_request()
        with refused("COMPLAINT-05"):
            record(made, heard_on=clock.today() + timedelta(days=1))

    @pytest.mark.parametrize("who", ["Rima", "Helena", "Bruno", "Wanjiru"])
    def test_is_recorded_by_the_missions_of_the_request_only(self, who):
        made = stories.a_submitted_request()
        with refused("ROLE-02", NotPermitted):
            record(made, who)

    def test_is_not_edited_and_not_removed(self):
        complaint = record(stories.a_submitted_request())
        for change in (
            {"words": "s1:other:x"},
            {"kind": "FEEDBACK"},
            {"about": person("Idriss")},
            {"assistance": None},
        ):
            with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
                Complaint.objects.filter(pk=complaint.pk).update(**change)
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            complaint.delete()

    def test_shows_its_words_to_those_who_look_into_it_and_not_to_who_recorded_it(self):
        complaint = record(stories.a_submitted_request())

        assert WORDS in page("Idriss", f"/complaints/{complaint.key}/").content.decode()
        told = page("Amina", f"/complaints/{complaint.key}/").content.decode()
        assert complaint.key in told
        assert WORDS not in told
        assert page("Rima", f"/complaints/{complaint.key}/").status_code == 404

    def test_of_a_strict_request_is_seen_only_by_those_named_to_it(self):
        made = stories.an_endorsed_request()
        restrict(request_id=made.pk, **by("Amina"))
        complaint = record(made)

        assert seen_by("Helena") == set()
        assert complaint.key not in page("Helena", "/complaints/").content.decode()


class TestClosingARequest:
    def test_waits_until_the_complaint_is_answered(self):
        made = stories.a_reconciling_request()
        complaint = record(made)
        with refused("CLOSE-01"):
            close(made)

        answer(take_up(complaint))
        assert close(now(made)).state == "CLOSED"

    def test_is_refused_by_the_database_too(self):
        made = stories.a_reconciling_request()
        record(made)
        with pytest.raises((DatabaseError, IntegrityError), match="COMPLAINT-02"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(closed_at=clock.now())

    @pytest.mark.parametrize("how", ["abuse", "passed on"])
    def test_does_not_wait_for_what_is_with_oversight_so_that_nothing_tells_of_it(self, how):
        made = stories.a_reconciling_request()
        pass_on(record(made)) if how == "passed on" else record(made, kind="ABUSE")

        assert obstacles(now(made), "close") == []
        assert close(now(made)).state == "CLOSED"


class TestWhatGoesToOversight:
    def test_is_abuse_from_the_first_moment(self, mailoutbox):
        complaint = record(stories.a_submitted_request(), kind="ABUSE")
        drain()

        assert complaint.state == "PASSED_ON"
        assert stories.told("complaint_passed_on") == {"Wanjiru"}
        assert stories.told("complaint_received") == set()
        assert [mail.to for mail in mailoutbox if complaint.key in mail.subject] == [["wanjiru@gaf.example"]]

    def test_is_what_is_about_those_who_would_judge_it(self):
        assert record(stories.a_submitted_request(), about="Helena", kind="CONDUCT").state == "PASSED_ON"

    def test_is_seen_by_nobody_else_not_even_who_recorded_it_or_passed_it_on(self):
        made = stories.an_endorsed_request()
        abuse, passed = record(made, kind="ABUSE"), pass_on(record(made))

        for name in ("Amina", "Idriss", "Moussa", "Helena", "Omar", "Bruno"):
            assert seen_by(name) == set()
            for complaint in (abuse, passed):
                assert page(name, f"/complaints/{complaint.key}/").status_code == 404
        assert seen_by("Wanjiru") == {abuse.key, passed.key}

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Helena", "Omar"])
    def test_appears_on_no_page_of_anybody_in_the_case(self, name):
        made = stories.an_endorsed_request()
        complaint = record(made, kind="ABUSE")
        drain()
        with clock.at(clock.now() + timedelta(days=90)):
            for address in (
                "/complaints/",
                "/overdue/",
                "/notices/",
                "/requests/",
                "/requests/export/",
                *(f"/requests/{made.reference}/{part}" for part in ("", "timeline/", "history/", "readers/", "pack/")),
            ):
                answered = page(name, address)
                content = b"".join(answered.streaming_content) if answered.streaming else answered.content
                assert complaint.key.encode() not in content, address

    @pytest.mark.parametrize("name", ["Amina", "Idriss", "Helena", "Omar"])
    def test_is_searched_for_in_vain(self, name):
        abuse, none = record(stories.a_submitted_request(), kind="ABUSE").key, "CMP-AAAAAAAA"
        found, nothing = (
            re.sub(
                r'name="csrfmiddlewaretoken" value="[^"]*"', "", page(name, f"/search/?q={key}").content.decode()
            ).replace(key, "")
            for key in (abuse, none)
        )
        assert found == nothing

    def test_counts_as_overdue_on_the_page_of_oversight_alone(self):
        record(stories.a_submitted_request(), kind="ABUSE")
        later = clock.now() + timedelta(days=2)

        assert {one.kind.name for one in Overdue(now=later).oldest(50)}.isdisjoint({"complaint", "passed_on"})
        assert [one.kind.name for one in Overdue(now=later, kept_for="oversight").oldest(50)] == ["passed_on"]

    def test_does_not_come_back(self):
        complaint = pass_on(record(stories.a_submitted_request()))
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Complaint.objects.filter(pk=complaint.pk).update(passed_on_at=None)

    @pytest.mark.parametrize("who", ["Helena", "Idriss", "Amina", "Omar"])
    def test_is_concluded_by_nobody_else(self, who):
        complaint = record(stories.a_submitted_request(), kind="ABUSE")
        with refused("ROLE-02", NotPermitted):
            conclude_complaint(complaint_id=complaint.pk, reason="Nothing.", **by(who))

    def test_is_noted_and_concluded_by_oversight(self):
        complaint = record(stories.a_submitted_request(), kind="ABUSE")
        note_complaint(complaint_id=complaint.pk, reason="Spoke with her.", **by("Wanjiru"))
        conclude_complaint(complaint_id=complaint.pk, reason="It is so.", **by("Wanjiru"))

        assert Complaint.objects.get().state == "CLOSED"
        told = page("Wanjiru", f"/complaints/{complaint.key}/").content.decode()
        assert all(words in told for words in (WORDS, "Spoke with her.", "It is so."))


class TestOverdue:
    def test_is_a_complaint_nobody_took_up(self):
        complaint = record(stories.a_submitted_request())
        drain()
        with clock.at(clock.now() + timedelta(days=9)):
            for name in ("Helena", "Idriss"):
                assert complaint.key in page(name, "/overdue/").content.decode()

    def test_says_nothing_to_a_head_about_conduct_or_another_mission(self):
        people("Fadi")
        conduct = record(stories.a_submitted_request(), kind="CONDUCT")
        with clock.at(clock.now() + timedelta(days=9)):
            assert conduct.key not in page("Idriss", "/overdue/").content.decode()
            assert conduct.key not in page("Fadi", "/overdue/").content.decode()


class TestThePublicPage:
    said = {"kind": "QUALITY", "words": "Nobody came.", "reference": ""}

    @pytest.mark.parametrize(
        ("language", "title"),
        [
            ("en", "Complain, or say how the help was"),
            ("fr", "Se plaindre, ou dire comment était l’aide"),
            ("es", "Quejarse, o decir cómo fue la ayuda"),
        ],
    )
    def test_speaks_three_languages_to_people_who_have_not_signed_in(self, language, title):
        answered = Client(headers={"accept-language": language}).get("/complaints/new/")
        assert answered.status_code == 200
        assert title in answered.content.decode()

    def test_gives_a_number_and_a_word_by_which_the_answer_is_found(self):
        shown = Client().post("/complaints/new/?save=1", self.said)
        number, word = re.findall(r"<strong>([A-Z0-9-]+)</strong>", shown.content.decode())

        assert shown.headers["Cache-Control"] == "no-store"
        assert word not in f"{list(Complaint.objects.values())}{list(OutboxMessage.objects.values())}"
        asked = {"number": number.lower(), "word": word.lower()}
        assert "It is being looked into." in Client().post("/complaints/answer/?save=1", asked).content.decode()
        answer(take_up(Complaint.objects.get()))
        assert "we ordered too late" in Client().post("/complaints/answer/?save=1", asked).content.decode()

    def test_says_the_same_to_a_wrong_word_and_a_number_that_is_none(self):
        complaint, _word = receive_complaint(said=Said("OTHER", "Hello.", clock.today()), at=clock.now())
        wrong = [
            Client().post("/complaints/answer/?save=1", {"number": number, "word": "W-AAAAAAAA"})
            for number in (complaint.key, "CMP-AAAAAAAA")
        ]
        assert [one.status_code for one in wrong] == [422, 422]
        assert complaint_of(complaint.key, "") is None
        assert all("No complaint has this number and this word." in one.content.decode() for one in wrong)

    def test_tells_nothing_about_whether_a_request_exists(self):
        made = stories.a_submitted_request()
        real, none = (
            Client().post("/complaints/new/?save=1", {**self.said, "reference": reference})
            for reference in (made.reference, "GAF-2026-09999")
        )

        assert (real.status_code, len(real.content)) == (none.status_code, len(none.content))
        assert [one.assistance for one in Complaint.objects.order_by("pk")] == [made, None]

    def test_asks_for_words(self):
        answered = Client().post("/complaints/new/?save=1", {**self.said, "words": ""})
        assert answered.status_code == 422
        assert not Complaint.objects.exists()

    def test_without_a_request_is_headquarters(self):
        complaint, _word = receive_complaint(said=Said("QUALITY", "Nobody came.", clock.today()), at=clock.now())
        assert (seen_by("Helena"), seen_by("Idriss")) == ({complaint.key}, set())

    def test_about_a_request_goes_past_the_mission_that_helps(self):
        made = stories.a_submitted_request()
        complaint, _word = receive_complaint(
            said=Said("QUALITY", "Nobody came.", clock.today(), channel="PAGE"),
            reference=made.reference,
            at=clock.now(),
        )

        assert complaint.assistance == made
        assert (seen_by("Helena"), seen_by("Idriss"), seen_by("Amina")) == ({complaint.key}, set(), set())
        assert "Idriss" not in stories.told("complaint_received")
        assert "Helena" in stories.told("complaint_received")
        with clock.at(clock.now() + timedelta(days=60)):
            assert complaint.key not in text_of(signed_in("Idriss").get("/overdue/"))
            assert complaint.key in text_of(signed_in("Helena").get("/overdue/"))

    def test_lets_an_address_send_only_so_many_within_an_hour(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"complain": "1/h/ip"}
        answers = [Client(REMOTE_ADDR="192.0.2.77").post("/complaints/new/?save=1", self.said) for _time in range(2)]
        assert [one.status_code for one in answers] == [200, 429]
        assert Complaint.objects.count() == 1


class TestTheEnd:
    def test_of_a_case_takes_the_words_along(self):
        made = stories.a_refused_request()
        complaint = answer(take_up(record(made)))
        erase(made)

        complaint = Complaint.objects.get()
        assert unseal(complaint.words) == unseal(complaint.answer) == "(erased)"

    def test_of_a_case_leaves_what_oversight_looks_into(self):
        made = stories.a_refused_request()
        complaint = pass_on(record(made))
        erase(made)

        complaint = Complaint.objects.get()
        assert unseal(complaint.words) == WORDS

    def test_of_its_own_time_takes_the_words_of_one_that_belongs_to_no_case(self):
        complaint, word = receive_complaint(said=Said("OTHER", WORDS, clock.today()), at=clock.now())
        answer(take_up(complaint))
        close_complaint(complaint_id=complaint.pk, reason="Told.", **by("Helena"))

        assert forget_old_words(clock.now() + timedelta(days=59 * 30)) == 0
        with clock.at(clock.now() + timedelta(days=61 * 31)):
            assert forget_old_words(clock.now()) == 1
            assert forget_old_words(clock.now()) == 0
        complaint = Complaint.objects.get()
        assert (complaint.words, complaint.answer, has_key(complaint.key)) == ("", "", False)
        assert complaint_of(complaint.key, word) is None


class TestNothingTellsOfIt:
    def test_a_number_of_an_erased_request_is_answered_as_any_other(self):
        made = stories.a_refused_request()
        erase(made)
        said = {"kind": "QUALITY", "words": WORDS, "reference": made.reference}

        assert Client().post("/complaints/new/?save=1", said).status_code == 200
        assert (Complaint.objects.get().assistance, unseal(Complaint.objects.get().words)) == (None, WORDS)

    def test_the_readers_of_a_request_do_not_tell_who_opened_the_form(self):
        made = stories.a_submitted_request()
        assert page("Moussa", f"/requests/{made.reference}/record-complaint/").status_code == 200

        assert "Moussa" not in page("Idriss", f"/requests/{made.reference}/readers/").content.decode()

    def test_a_head_of_unit_finds_no_overdue_complaint_about_anybody(self):
        made = stories.a_submitted_request()
        about_him, about_nobody = record(made, "Moussa", about="Idriss"), record(made, "Moussa")
        drain()
        with clock.at(clock.now() + timedelta(days=20)):
            shown = page("Idriss", "/overdue/").content.decode()

        assert (about_him.key in shown, about_nobody.key in shown) == (False, True)

    def test_notices_of_what_went_to_oversight_are_taken_back(self):
        complaint = record(stories.a_submitted_request())
        drain()
        assert complaint.key in page("Idriss", "/notices/").content.decode()
        pass_on(complaint)
        drain()

        assert complaint.key not in page("Idriss", "/notices/").content.decode()
