"""Messages between mission and headquarters, and notes of one side: who reads which, and what never changes."""

from __future__ import annotations

import pytest

from gaf.outbox.outbox import drain
from gaf.refusals import Incomplete, NotPermitted
from gaf.sealing import unseal
from tests import stories
from tests.cast import person
from tests.finance.raw_sql import refused_by, run
from tests.stories import by
from workflow.actions.remarks import keep_note, send_message
from workflow.models import AssistanceRequest, Remark
from workflow.queries import mission_ids_of
from workflow.remarks import recipients, remarks_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
KEY = "0" * 31


def message(made: AssistanceRequest, who: str, text: str = "Which shelter is it?", key: str = KEY + "1") -> Remark:
    return send_message(request_id=made.pk, text=text, key=key, **by(who))


def note(made: AssistanceRequest, who: str, text: str = "Ring the hospital first.", key: str = KEY + "2") -> Remark:
    return keep_note(request_id=made.pk, text=text, key=key, **by(who))


def read_by(made: AssistanceRequest, who: str) -> list[str]:
    return [remark.kind for remark in remarks_for(made, person(who))]


class TestAMessage:
    def test_of_headquarters_is_read_by_both_sides_and_told_to_the_mission(self):
        made = stories.a_taken_request()
        message(made, "Bruno")
        assert stories.told("message_received") == {"Amina", "Idriss"}
        assert [read_by(made, who) for who in ("Amina", "Moussa", "Bruno", "Chen")] == [["MESSAGE"]] * 4

    def test_of_the_mission_is_told_to_those_who_follow_it(self):
        made = stories.a_budget_to_approve()
        message(made, "Amina")
        assert stories.told("message_received") == {"Bruno", "Idriss"}

    def test_goes_to_every_reviewer_while_nobody_at_headquarters_has_acted(self):
        made = stories.an_endorsed_request()
        person("Bruno"), person("Beatriz")
        assert [str(one) for one in recipients(made, person("Amina"))] == ["Beatriz", "Bruno", "Idriss"]

    def test_needs_both_sides_so_it_waits_until_the_request_is_sent(self):
        made = stories.a_draft()
        with pytest.raises(NotPermitted, match="REMARK-03"):
            message(made, "Amina")
        assert (Remark.objects.count(), stories.told("message_received")) == (0, set())

    def test_is_told_by_number_and_link_and_not_one_word_of_it(self, mailoutbox):
        made = stories.a_taken_request()
        drain()
        mailoutbox.clear()
        message(made, "Bruno", text="Ask at the Zanzibarqua hospital.")
        drain()
        (first, second) = sorted(mailoutbox, key=lambda mail: mail.to)
        assert [first.to, second.to] == [["amina@gaf.example"], ["idriss@gaf.example"]]
        assert f"/requests/{made.reference}/" in first.body
        assert "Zanzibarqua" not in first.subject + first.body


class TestANote:
    def test_of_headquarters_is_read_there_and_never_by_the_mission(self):
        made = stories.a_taken_request()
        note(made, "Bruno")
        assert [read_by(made, who) for who in ("Bruno", "Chen", "Omar")] == [["NOTE"]] * 3
        assert [read_by(made, who) for who in ("Amina", "Idriss")] == [[], []]
        assert stories.told("message_received") == set()

    def test_of_a_mission_is_read_there_and_never_by_headquarters(self):
        made = stories.a_taken_request()
        note(made, "Amina")
        assert [read_by(made, who) for who in ("Amina", "Idriss", "Moussa")] == [["NOTE"]] * 3
        assert [read_by(made, who) for who in ("Bruno", "Helena", "Omar")] == [[], [], []]
        assert mission_ids_of(person("Amina"))

    def test_can_be_kept_on_a_draft(self):
        made = stories.a_draft()
        assert unseal(note(made, "Amina").body) == "Ring the hospital first."


class TestBoth:
    def test_are_sealed_under_the_key_of_the_case(self):
        made = stories.a_taken_request()
        written = note(made, "Bruno")
        assert written.body.startswith(f"s1:{made.case_id}:")
        assert written.body_text == "Ring the hospital first."

    @pytest.mark.parametrize("write", [message, note])
    def test_are_written_once_however_often_the_button_is_pressed(self, write):
        made = stories.a_taken_request()
        assert write(made, "Bruno").pk == write(made, "Bruno", text="Again.").pk
        assert Remark.objects.count() == 1

    @pytest.mark.parametrize("write", [message, note])
    def test_need_a_word(self, write):
        with pytest.raises(Incomplete, match="REMARK-02"):
            write(stories.a_taken_request(), "Bruno", text=" \n ")
        assert Remark.objects.count() == 0

    @pytest.mark.parametrize("write", [message, note])
    @pytest.mark.parametrize("who", ["Divya", "Esi", "Omar", "Rima", "Farid", "Tunde"])
    def test_are_written_by_those_who_read_the_text_and_by_nobody_else(self, write, who):
        made = stories.a_taken_request()
        person(who)
        before = stories.everything()
        with pytest.raises(NotPermitted, match="ROLE-02"):
            write(made, who)
        assert (Remark.objects.count(), stories.everything()) == (0, before)


@pytest.mark.both
class TestTheDatabase:
    @pytest.mark.parametrize("change", ["kind = 'MESSAGE'", "body = 's1:x:y'", "mission_id = NULL", "id = id"])
    def test_refuses_any_change_by_remark_01(self, change):
        made = stories.a_taken_request()
        note(made, "Amina")
        with refused_by("REMARK-01"):
            run(f"UPDATE workflow_remark SET {change}")

    def test_refuses_removal_by_remark_01(self):
        note(stories.a_taken_request(), "Amina")
        with refused_by("REMARK-01"):
            run("DELETE FROM workflow_remark")
        assert Remark.objects.count() == 1

    def test_refuses_text_that_is_not_sealed(self):
        made = stories.a_taken_request()
        with refused_by("remark_is_sealed"):
            Remark.objects.create(
                key="k",
                assistance=made,
                kind="NOTE",
                body="plain",
                written_by=person("Bruno"),
                written_at=made.moved_at,
            )
