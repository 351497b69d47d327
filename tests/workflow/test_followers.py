"""Who follows a request, who is named in a message or note, and who hears of it: only those who may see it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.outbox.outbox import drain
from tests import stories
from tests.cast import person, somebody
from tests.finance.raw_sql import refused_by, run
from tests.refused import refused
from tests.stories import by
from tests.workflow.pages.headquarters.visits import form_on, press, send, signed_in, text_of, url_of, visit
from workflow.actions.following import follow, tell_followers
from workflow.actions.remarks import keep_note, send_message
from workflow.followers import choices_of, followers
from workflow.models import AssistanceRequest, Following, Mention, Remark
from workflow.queries import all_decisions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def names_of(made: AssistanceRequest) -> dict[str, str]:
    rows = followers(stories.now(made), all_decisions(made), choices_of(made))
    return {one.person.name: one.why for one in rows}


def following(made: AssistanceRequest, who: str, wish: bool = True) -> Following:
    return follow(request_id=made.pk, follows=wish, **by(who))


class TestARequest:
    def test_is_followed_by_who_wrote_it_who_has_it_and_who_decided(self):
        made = stories.a_taken_request()
        assert names_of(made) == {"Amina": "wrote it", "Idriss": "decided on it", "Bruno": "has it"}

    def test_is_followed_by_choice_and_left_by_choice(self):
        made = stories.a_taken_request()
        following(made, "Chen")
        following(made, "Idriss", wish=False)
        assert names_of(made) == {"Amina": "wrote it", "Bruno": "has it", "Chen": "wants to know"}
        following(made, "Chen", wish=False)
        assert "Chen" not in names_of(made)

    def test_tells_its_followers_of_a_message_and_nobody_who_left(self):
        made = stories.a_taken_request()
        following(made, "Chen")
        following(made, "Idriss", wish=False)
        send_message(request_id=made.pk, text="It rains in.", key="a" * 32, **by("Amina"))
        assert stories.told("message_received") == {"Bruno", "Chen"}

    def test_tells_nobody_of_a_message_who_may_not_see_it_any_more(self):
        made = stories.a_taken_request()
        following(made, "Chen")
        RoleAssignment.objects.filter(person=person("Chen")).update(ends_on=clock.today().replace(day=1))
        send_message(request_id=made.pk, text="It rains in.", key="a" * 32, **by("Amina"))
        assert "Chen" not in stories.told("message_received")

    def test_tells_those_who_do_not_read_text_of_no_message(self):
        made = stories.a_taken_request()
        following(made, "Divya")
        send_message(request_id=made.pk, text="It rains in.", key="a" * 32, **by("Bruno"))
        assert "Divya" not in stories.told("message_received")


class TestWhoFollowsByChoice:
    def test_hears_that_it_moved_once(self, mailoutbox):
        made = stories.a_taken_request()
        following(made, "Omar")
        assert tell_followers() == 0
        stories.answer_all_criteria(made)
        stories.refuse(made)
        assert (tell_followers(), tell_followers()) == (1, 0)
        drain()
        (mail,) = [one for one in mailoutbox if one.to == ["omar@gaf.example"]]
        assert mail.subject == f"{made.reference}: it moved"

    def test_hears_nothing_of_what_they_did_themselves_or_were_told_already(self):
        made = stories.a_taken_request()
        following(made, "Bruno")
        following(made, "Amina")
        stories.answer_all_criteria(made)
        stories.refuse(made)
        assert "Amina" in stories.told("eligibility_decided")
        assert tell_followers() == 0
        assert stories.told("followed_moved") == set()

    def test_hears_nothing_once_they_may_not_see_it(self):
        made = stories.a_taken_request()
        following(made, "Omar")
        RoleAssignment.objects.filter(person=person("Omar")).update(ends_on=clock.today().replace(day=1))
        stories.answer_all_criteria(made)
        stories.refuse(made)
        assert tell_followers() == 0


class TestANameInAMessage:
    def test_is_told_to_its_person_instead_of_the_plain_mail(self):
        made = stories.a_taken_request()
        person("Chen")
        send_message(request_id=made.pk, text="@Chen and @Idriss should know.", key="a" * 32, **by("Bruno"))
        assert stories.told("mentioned") == {"Chen", "Idriss"}
        assert stories.told("message_received") == {"Amina"}
        assert {one.person.name for one in Mention.objects.all()} == {"Chen", "Idriss"}

    def test_is_told_to_nobody_who_could_not_read_it(self):
        made = stories.a_taken_request()
        for name in ("Sofía", "Divya", "Omar", "Tunde"):
            person(name)
        send_message(request_id=made.pk, text="@Sofía @Divya @Omar @Tunde", key="a" * 32, **by("Bruno"))
        keep_note(request_id=made.pk, text="@Amina must not know.", key="b" * 32, **by("Bruno"))
        assert (stories.told("mentioned"), Mention.objects.count()) == (set(), 0)

    def test_that_two_people_share_needs_both_names(self):
        made = stories.a_taken_request()
        for name in ("Chen Wei", "Chen Li"):
            somebody(name, Role.BUDGET_APPROVER)
        keep_note(request_id=made.pk, text="@Chen or @Chen Li?", key="b" * 32, **by("Bruno"))
        assert stories.told("mentioned") == {"Chen Li"}

    def test_inside_a_word_names_nobody(self):
        made = stories.a_taken_request()
        person("Chen")
        keep_note(request_id=made.pk, text="a@chen.example and @Chenille", key="b" * 32, **by("Bruno"))
        assert stories.told("mentioned") == set()

    def test_can_be_picked_and_is_refused_when_it_cannot_read_it(self):
        made = stories.a_taken_request()
        chen, amina = person("Chen"), person("Amina")
        keep_note(request_id=made.pk, text="For you.", key="b" * 32, named=[chen.pk], **by("Bruno"))
        assert stories.told("mentioned") == {"Chen"}
        with refused("REMARK-04"):
            keep_note(request_id=made.pk, text="For you.", key="c" * 32, named=[amina.pk], **by("Bruno"))
        assert Remark.objects.count() == 1

    @pytest.mark.both
    def test_is_not_changed_or_removed_in_the_database(self):
        made = stories.a_taken_request()
        keep_note(request_id=made.pk, text="For you.", key="b" * 32, named=[person("Chen").pk], **by("Bruno"))
        with refused_by("REMARK-01"):
            run("UPDATE workflow_mention SET person_id = person_id")
        with refused_by("REMARK-01"):
            run("DELETE FROM workflow_mention")


class TestThePages:
    def test_say_who_follows_and_change_only_whether_oneself_does(self):
        made = stories.a_taken_request()
        assert "3 persons follow it: Amina, Bruno, Idriss" in text_of(visit("Chen", made))
        client = signed_in("Chen")
        address = url_of(made, "followers/")
        assert "Bruno has it" in text_of(client.get(address))
        send(client, address, form_on(client.get(address), 0), follow="yes")
        assert "4 persons follow it: Amina, Bruno, Chen, Idriss" in text_of(client.get(url_of(made)))
        send(client, address, form_on(client.get(address), 0), follow="no")
        assert "Chen" not in names_of(made)

    def test_offer_those_to_be_named_who_can_read_it(self):
        made = stories.a_taken_request()
        for name in ("Chen", "Divya", "Sofía"):
            person(name)
        note, message = (visit("Bruno", made, page).content.decode() for page in ("note/", "message/"))
        assert ("> Chen" in note or ">Chen" in note, ">Amina" in note) == (True, False)
        assert (">Amina" in message, ">Divya" in message, ">Sofía" in message) == (True, False, False)
        chen = User.objects.get(name="Chen")
        assert press("Bruno", made, "note/", text="For you.", named=[chen.pk]).status_code == 302
        assert stories.told("mentioned") == {"Chen"}

    def test_ask_no_more_when_many_follow(self):
        made, client = stories.a_closed_request(), signed_in("Helena")
        for place in range(4):
            somebody(f"Reader {place}", Role.AUDITOR)
            follow(request_id=made.pk, follows=True, actor=User.objects.get(name=f"Reader {place}"), at=clock.now())
        client.get(url_of(made))
        with CaptureQueriesContext(connection) as asked:
            page = text_of(client.get(url_of(made)))
        assert "Reader 3" in page
        assert len(asked) <= 25
