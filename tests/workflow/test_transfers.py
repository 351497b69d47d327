"""A case goes to another mission: little is told before it is accepted, and nothing stays with the former one after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import RoleAssignment
from gaf.accounts.roles import Role
from gaf.ages import Overdue
from gaf.decisions.models import Decision
from gaf.gate import first_decision
from gaf.outbox.outbox import drain
from gaf.privacy.models import NamedReader, Read
from gaf.refusals import MovedOn, NotPermitted
from tests import stories
from tests.cast import YEAR_START, criteria, mission, people, person
from tests.refused import refused
from tests.rules.walking import addresses
from tests.stories import by, now
from tests.workflow.pages.headquarters.visits import form_on, press, send, signed_in, text_of, url_of, visit
from tests.workflow.test_documents import PDF
from workflow import queries, worklists
from workflow.actions import case_transfers as actions
from workflow.actions.activities import Planned, plan_activity
from workflow.actions.consent import withdraw_consent
from workflow.actions.documents import add_document
from workflow.actions.drafting import CategoryText, PersonText, edit_situation, start_request
from workflow.actions.eligibility import take
from workflow.actions.endorsement import endorse
from workflow.actions.intake import return_to_author, submit
from workflow.actions.planning import edit_lines
from workflow.actions.privacy import restrict
from workflow.models import AssistanceRequest, Case, CaseTransfer, Consent, Document, RequestMission
from workflow.notices import writers_of
from workflow.subscribers import close_transfers_that_nobody_answered

pytestmark = [pytest.mark.both_at_night, pytest.mark.usefixtures("house", "lebanon")]
CANARY = "Zebrafinka Quillmarsh hides in the house by the well"
GIRL = PersonText("F", "15-17", "NG")


@pytest.fixture
def lebanon(house: object) -> None:
    people("Amina", "Idriss", "Moussa", "Rima", "Fadi", "Nour", "Sofía", "Joaquín", "Bruno", "Omar", "Helena")


def propose(made: AssistanceRequest, who: str = "Amina", code: str = "LB", **said: Any) -> CaseTransfer:
    asked = {"receiving_id": mission(code).pk, "aim": "MOVED", "reason": f"{CANARY} now.", **said}
    return actions.propose_transfer(request_id=made.pk, **asked, **by(who))


def accept(transfer: CaseTransfer, who: str = "Fadi") -> CaseTransfer:
    return actions.accept_transfer(transfer_id=transfer.pk, **by(who))


def refuse(transfer: CaseTransfer, who: str = "Fadi") -> CaseTransfer:
    return actions.refuse_transfer(transfer_id=transfer.pk, reason="Our shelter is full.", **by(who))


def a_transfer(make: Any = stories.a_submitted_request, **choices: Any) -> CaseTransfer:
    return propose(make(**choices))


def pages_of(transfer: CaseTransfer) -> list[str]:
    """Every address without a key, the transfer's own, and those under the request."""
    made = transfer.assistance
    keys = {"reference": made.reference, "transfer": transfer.key, "place": "1", "number": "1", "person": "1"}
    found = [
        f"transfers/{transfer.key}/accept-transfer/",
        f"requests/?q={made.reference}",
        f"search/?q={made.reference}",
    ]
    for route in addresses().values():
        if route.startswith(("^", "cms", "webhooks", "sign-", "documents/")):
            continue
        if "<" not in route or route.startswith(("requests/<str:reference>/", "transfers/<str:transfer>/")):
            filled = route
            for name, value in {**keys, "key": document_key(made), "act": "accept-transfer"}.items():
                filled = filled.replace(f"<str:{name}>", value).replace(f"<int:{name}>", value)
            found.append(filled)
    return found


def document_key(made: AssistanceRequest) -> str:
    row = Document.objects.filter(assistance=made).first()
    return row.key if row else "DOC-NOTTHERE"


def read_by(name: str, transfer: CaseTransfer) -> dict[str, str]:
    """What each of these pages says to a person, by its address."""
    client, found = signed_in(name), {}
    for address in pages_of(transfer):
        answer = client.get(f"/{address}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = content.decode(errors="replace") if answer.status_code == 200 else ""
    return found


class TestProposing:
    def test_is_told_to_the_heads_of_unit_there_by_a_key_alone(self, mailoutbox):
        transfer = a_transfer()
        drain()

        assert stories.told("transfer_proposed") == {"Fadi"}
        mail = next(one for one in mailoutbox if transfer.key in one.subject)
        assert transfer.assistance.reference not in mail.subject + mail.body
        assert "Zebrafinka" not in mail.subject + mail.body
        assert now(transfer.assistance).mission == mission("NE")

    @pytest.mark.parametrize(
        "make",
        [stories.a_submitted_request, stories.a_taken_request, stories.an_asked_request, stories.an_eligible_request],
    )
    def test_is_open_until_a_budget_is_sent(self, make):
        assert a_transfer(make).state == "PROPOSED"

    @pytest.mark.parametrize("make", [stories.a_draft, stories.a_budget_to_approve, stories.an_approved_request])
    def test_is_not_open_before_it_was_sent_and_once_there_is_a_budget(self, make):
        made = make()
        with refused("STATE-02", MovedOn):
            propose(made)
        assert not CaseTransfer.objects.exists()

    @pytest.mark.parametrize("who", ["Moussa", "Rima", "Fadi", "Bruno", "Omar", "Helena"])
    def test_is_the_act_of_the_mission_that_has_it(self, who):
        made = stories.a_submitted_request()
        people(who)
        with refused("ROLE-02", NotPermitted):
            propose(made, who)
        assert not CaseTransfer.objects.exists()

    def test_needs_consent_to_sharing(self):
        made = stories.a_submitted_request()
        withdraw_consent(request_id=made.pk, purposes=["SHARING"], withdrawn_on=clock.today(), **by("Amina"))
        with refused("TRANSFER-01"):
            propose(made)
        assert not CaseTransfer.objects.exists()
        assert "have not agreed to sharing" in text_of(visit("Amina", made, "propose-transfer/"))

    def test_waits_until_lines_of_this_mission_are_taken_out(self):
        made = stories.plan(stories.an_eligible_request())
        with refused("TRANSFER-04"):
            propose(made)
        edit_lines(request_id=made.pk, lines=[], remove=[line.pk for line in made.lines.all()], **by("Amina"))
        assert propose(made).state == "PROPOSED"

    def test_is_closed_once_urgent_spending_was_allowed(self):
        made = stories.an_urgent_request(allowed="100.00")
        with refused("TRANSFER-04"):
            propose(made)
        assert not CaseTransfer.objects.exists()

    def test_is_done_once_at_a_time(self):
        made = stories.a_submitted_request()
        propose(made)
        with refused("TRANSFER-04"):
            propose(made, code="MX")
        assert CaseTransfer.objects.count() == 1

    @pytest.mark.parametrize(("code", "aim"), [("NE", "MOVED"), ("PL", "MOVED"), ("LB", "ELSE")])
    def test_is_refused_for_the_own_mission_for_one_without_a_head_and_for_an_unknown_aim(self, code, aim):
        made = stories.a_submitted_request()
        with refused("TRANSFER-05"):
            propose(made, code=code, aim=aim)
        assert not CaseTransfer.objects.exists()

    def test_is_done_on_its_page_and_the_record_says_where_it_was_offered(self):
        made = stories.a_submitted_request()
        answer = press(
            "Amina",
            made,
            "propose-transfer/",
            receiving=str(mission("LB").pk),
            aim="SAFETY",
            reason="They are looked for here.",
        )
        transfer = CaseTransfer.objects.get()
        assert answer.url == f"/transfers/{transfer.key}/"
        assert f"Lebanon ({transfer.key})" in text_of(visit("Amina", made))
        assert "What the other mission sees" in text_of(signed_in("Amina").get(answer.url))


class TestBeforeItIsAccepted:
    def test_the_other_mission_reads_codes_alone(self):
        made = stories.a_submitted_request(persons=[GIRL])
        transfer = propose(made)
        said = text_of(signed_in("Fadi").get(f"/transfers/{transfer.key}/"))
        for words in ("Female, 15", "French", "Within 72 hours", "Niger"):
            assert words in said
        assert "Nigeria" not in said
        assert Read.objects.filter(page="transfer", reference=made.reference, person=person("Fadi")).exists()

    @pytest.mark.pages
    @pytest.mark.parametrize("who", ["Fadi", "Rima", "Nour"])
    def test_no_page_of_theirs_has_its_words_its_document_its_persons_or_its_number(self, who):
        made = stories.a_draft(persons=[GIRL])
        edit(made)
        content = PDF + CANARY.encode()
        stated = {"mission_id": mission("NE").pk, "kind": "CONSENT", "filename": "zebrafinka.pdf"}
        add_document(request_id=made.pk, content=content, **stated, **by("Amina"))
        stories.what_the_gates_ask(made, "Amina", only=("G1",))
        transfer = propose(submit(request_id=made.pk, **by("Amina")))

        told = read_by(who, transfer)
        hidden = [CANARY, "Zebrafinka", "zebrafinka.pdf", made.persons.get().key, made.case_id]
        assert [(page, word) for page, said in told.items() for word in hidden if word in said] == []
        asked_for = {f"requests/?q={made.reference}", f"search/?q={made.reference}"}  # what they typed stands there
        assert [page for page, said in told.items() if made.reference in said and page not in asked_for] == []
        assert not queries.visible_to(person(who)).exists()

    def test_none_is_told_to_each_reader_in_their_own_words(self):
        said = {name: text_of(signed_in(name).get("/transfers/")) for name in ("Amina", "Omar")}

        assert "No case was proposed to or by your mission." in said["Amina"]
        assert "No mission has proposed a case to another." in said["Omar"]

    def test_case_workers_there_and_other_missions_see_none_of_it(self):
        transfer = a_transfer()
        for name in ("Rima", "Sofía", "Joaquín"):
            assert transfer.key not in signed_in(name).get("/transfers/").content.decode()
            assert signed_in(name).get(f"/transfers/{transfer.key}/").status_code == 404

    def test_nothing_of_the_persons_is_told_once_they_took_their_consent_back(self):
        transfer = a_transfer()
        made = transfer.assistance
        withdraw_consent(request_id=made.pk, purposes=["SHARING"], withdrawn_on=clock.today(), **by("Amina"))
        said = text_of(signed_in("Fadi").get(f"/transfers/{transfer.key}/"))
        assert "Nothing is told of the persons now" in said
        assert "Female" not in said
        with refused("TRANSFER-01"):
            accept(transfer)
        assert now(made).mission == mission("NE")


def edit(made: AssistanceRequest) -> None:
    """Words of the situation that must not leave the mission."""
    edit_situation(
        request_id=made.pk,
        categories=CategoryText("VOT"),
        situation=CANARY,
        alternatives=[stories.NO_FUNDS],
        **by("Amina"),
    )


class TestAccepting:
    def test_gives_the_case_to_the_other_mission(self):
        transfer = accept(a_transfer())
        made = now(transfer.assistance)

        assert (made.mission, made.state) == (mission("LB"), "SUBMITTED")
        assert set(RequestMission.objects.filter(assistance=made).values_list("mission__code", flat=True)) == {"LB"}
        assert visit("Rima", made).status_code == 200
        assert "Taken over from" in text_of(visit("Rima", made))
        assert stories.told("transfer_answered") == {"Amina", "Idriss"}
        criteria()
        assert endorse(request_id=made.pk, **by("Fadi")).state == "ELIGIBILITY_REVIEW"

    def test_is_kept_as_a_decision_of_the_head_and_one_of_the_system(self):
        transfer = accept(a_transfer())
        kept = Decision.objects.filter(reference=transfer.assistance.reference).order_by("number")
        assert list(kept.values_list("act", "actor__name"))[-2:][0] == ("accept_transfer", "Fadi")
        newest = stories.last_decision(transfer.assistance)
        assert (newest.act, newest.actor.is_system) == ("move_to_mission", True)
        assert newest.facts == {"transfer": transfer.key, "from": "NE", "to": "LB"}

    @pytest.mark.parametrize("who", ["Rima", "Nour", "Joaquín", "Idriss", "Helena", "Omar"])
    def test_is_for_nobody_but_the_head_of_unit_there(self, who):
        transfer = a_transfer()
        with refused("ROLE-02", NotPermitted):
            accept(transfer, who)
        assert now(transfer.assistance).mission == mission("NE")

    def test_takes_two_people_also_where_one_serves_in_both(self):
        assign_role(person=person("Idriss"), role=Role.HEAD_OF_UNIT, mission=mission("LB"), starts_on=YEAR_START)
        transfer = propose(stories.a_submitted_request(), "Idriss")
        with refused("TRANSFER-02", NotPermitted):
            accept(transfer, "Idriss")
        assert now(transfer.assistance).mission == mission("NE")

    def test_is_refused_once_the_request_has_gone_on(self):
        made = stories.an_eligible_request()
        transfer = propose(made)
        stories.what_the_gates_ask(stories.plan(made))
        with refused("TRANSFER-04"):
            accept(transfer)
        CaseTransfer.objects.get(state="PROPOSED")

    def test_is_done_on_its_page(self):
        transfer = a_transfer()
        client, address = signed_in("Fadi"), f"/transfers/{transfer.key}/accept-transfer/"
        shown = client.get(address)
        assert "Niger opens nothing of it any more" in text_of(shown)
        send(client, address, form_on(shown))
        assert now(transfer.assistance).mission == mission("LB")
        assert transfer.assistance.reference in text_of(client.get(f"/transfers/{transfer.key}/"))

    def test_lets_nobody_review_it_who_served_in_the_former_mission(self):
        made = stories.an_endorsed_request()
        people("Beatriz")
        days = {"starts_on": clock.today() - timedelta(days=300), "ends_on": clock.today() - timedelta(days=9)}
        RoleAssignment.objects.filter(person=person("Beatriz")).update(starts_on=clock.today() - timedelta(days=8))
        RoleAssignment.objects.create(person=person("Beatriz"), role="case_worker", mission=mission("NE"), **days)
        accept(propose(made))
        with refused("COI-02", NotPermitted):
            take(request_id=made.pk, **by("Beatriz"))

    def test_takes_it_from_a_reviewer_who_served_in_the_receiving_mission(self):
        made = stories.a_taken_request()
        days = {"starts_on": clock.today() - timedelta(days=300), "ends_on": clock.today() - timedelta(days=9)}
        RoleAssignment.objects.filter(person=person("Bruno")).update(starts_on=clock.today() - timedelta(days=8))
        RoleAssignment.objects.create(person=person("Bruno"), role="case_worker", mission=mission("LB"), **days)
        people("Beatriz")
        accept(propose(made))

        after = now(made)
        assert (after.taken_by, after.proposed_for) == (None, person("Beatriz"))
        assert stories.told("request_to_review") >= {"Beatriz"}

    def test_leaves_it_with_a_reviewer_who_has_no_such_tie(self):
        made = stories.a_taken_request()
        accept(propose(made))
        assert now(made).taken_by == person("Bruno")

    def test_ends_what_the_former_mission_had_planned(self):
        made = stories.a_submitted_request()
        work = Planned("CALL", person("Amina").pk, clock.today(), "Ring her.")
        planned = plan_activity(request_id=made.pk, planned=work, key="a" * 32, **by("Amina"))
        accept(propose(made))

        planned.refresh_from_db()
        assert (planned.ended_by, planned.done_at) == (person("Fadi"), None)
        assert planned.cancelled_at is not None

    def test_lets_the_new_mission_ask_again_for_the_same_case_and_the_former_one_no_more(self):
        made = now(accept(a_transfer()).assistance)
        asked = {"language": "FR", "case_key": made.case_id}
        again = start_request(mission_id=mission("LB").pk, idempotency_key="b" * 32, **asked, **by("Rima"))
        assert again.case == made.case
        with pytest.raises(Case.DoesNotExist):
            start_request(mission_id=mission("NE").pk, idempotency_key="c" * 32, **asked, **by("Amina"))

    def test_names_nobody_of_the_former_mission_as_its_writer(self):
        transfer = accept(a_transfer())
        made = return_to_author(
            request_id=transfer.assistance_id, reason_code="PERSONS", reason="Another age.", **by("Fadi")
        )
        assert "Lebanon is writing it." in text_of(visit("Rima", made))
        late = Overdue(mission_ids={mission("LB").pk}, now=clock.now() + timedelta(days=91))
        found = [one for one in late.of(Role.CASE_WORKER, 0, 9) if one.subject == made.reference]
        assert [one.person_id for one in found] == [None]

    def test_tells_the_new_case_workers_what_the_author_used_to_hear(self):
        transfer = accept(a_transfer())
        return_to_author(request_id=transfer.assistance_id, reason_code="PERSONS", reason="Another age.", **by("Fadi"))
        assert stories.told("request_returned") == {"Rima"}

    def test_can_be_undone_only_by_a_transfer_back(self):
        transfer = accept(a_transfer())
        back = propose(now(transfer.assistance), "Rima", code="NE")
        accept(back, "Idriss")
        assert now(transfer.assistance).mission == mission("NE")
        assert visit("Rima", transfer.assistance).status_code == 404


class TestTheFormerMission:
    @pytest.mark.pages
    @pytest.mark.parametrize("who", ["Amina", "Idriss", "Moussa"])
    def test_t04_is_closed_to_the_former_mission(self, who):
        made = stories.a_draft()
        stated = {"mission_id": mission("NE").pk, "kind": "CONSENT", "filename": "consent.pdf"}
        add_document(request_id=made.pk, content=PDF + CANARY.encode(), **stated, **by("Amina"))
        stories.what_the_gates_ask(made, "Amina", only=("G1",))
        transfer = accept(propose(submit(request_id=made.pk, **by("Amina"))))
        people(who)
        client = signed_in(who)

        under = [one for one in pages_of(transfer) if one.startswith(f"requests/{made.reference}/")]
        assert len(under) > 50
        answers = {one: client.get(f"/{one}").status_code for one in under}
        only_sent = {one: client.post(f"/{one}").status_code for one, code in answers.items() if code == 405}
        assert {one: code for one, code in {**answers, **only_sent}.items() if code not in (403, 404)} == {}
        assert client.get(url_of(made)).status_code == 404
        document = f"/requests/{made.reference}/documents/{document_key(made)}/"
        assert client.get(document).status_code == 404
        assert signed_in("Rima").get(document).status_code == 200

    @pytest.mark.parametrize("who", ["Amina", "Idriss", "Moussa"])
    def test_is_in_no_list_search_export_or_count_of_the_former_mission(self, who):
        people(who)
        transfer = accept(a_transfer(stories.a_taken_request))
        made, client = transfer.assistance, signed_in(who)

        assert not queries.visible_to(person(who)).filter(pk=made.pk).exists()
        assert not any(worklists.counts(person(who)).values())
        for page in ("requests/", "requests/export/", "desk/", "board/", "activities/", "transfers/"):
            answer = client.get(f"/{page}")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert made.reference.encode() not in content, page
        found = client.get(f"/search/?q={made.reference}")
        assert url_of(made) not in found.content.decode()

    def test_keeps_no_act_on_it(self):
        made = accept(a_transfer()).assistance
        with refused("ROLE-02", NotPermitted):
            return_to_author(request_id=made.pk, reason_code="PERSONS", reason="No.", **by("Idriss"))
        with refused("ROLE-02", NotPermitted):
            propose(now(made))

    def test_sees_that_it_gave_the_case_away_and_nothing_of_the_case(self):
        transfer = accept(a_transfer())
        said = text_of(signed_in("Amina").get(f"/transfers/{transfer.key}/"))
        assert "Fadi" in said
        assert transfer.assistance.reference not in said
        assert "Zebrafinka" not in said
        assert "Zebrafinka" in text_of(signed_in("Fadi").get(f"/transfers/{transfer.key}/"))


class TestNotAccepting:
    def test_changes_nothing_of_the_request_and_tells_why_to_who_has_it(self):
        made = stories.a_submitted_request()
        transfer = propose(made)
        before = now(made)
        refuse(transfer)

        after = now(made)
        assert (after.mission, after.state, after.version) == (before.mission, before.state, before.version)
        assert stories.told("transfer_answered") == {"Amina", "Idriss"}
        assert "Our shelter is full." in text_of(signed_in("Amina").get(f"/transfers/{transfer.key}/"))

    def test_closes_what_was_seen_of_it(self):
        transfer = a_transfer()
        refuse(transfer)
        said = text_of(signed_in("Fadi").get(f"/transfers/{transfer.key}/"))
        assert "Female" not in said
        assert "Our shelter is full." not in said
        assert visit("Fadi", transfer.assistance).status_code == 404
        with refused("STATE-02", MovedOn):
            accept(transfer)

    def test_is_also_taking_it_back(self):
        transfer = a_transfer()
        actions.withdraw_transfer(transfer_id=transfer.pk, **by("Amina"))
        assert stories.told("transfer_withdrawn") == {"Fadi"}
        assert "Female" not in text_of(signed_in("Fadi").get(f"/transfers/{transfer.key}/"))
        assert propose(now(transfer.assistance), code="MX").state == "PROPOSED"

    @pytest.mark.parametrize("who", ["Fadi", "Joaquín", "Moussa"])
    def test_is_taken_back_by_nobody_but_who_proposed_it(self, who):
        transfer = a_transfer()
        people(who)
        with refused("ROLE-02", NotPermitted):
            actions.withdraw_transfer(transfer_id=transfer.pk, **by(who))


class TestWithoutAnAnswer:
    @pytest.mark.parametrize(("priority", "hours"), [("P1", 4), ("P2", 72)])
    def test_it_is_overdue_for_the_head_of_unit_there(self, priority, hours):
        transfer = a_transfer(priority=priority)

        def late(after: timedelta) -> list[str]:
            found = Overdue(mission_ids={mission("LB").pk}, now=transfer.proposed_at + after)
            return [one.subject for one in found.of(Role.HEAD_OF_UNIT, 0, 9)]

        assert late(timedelta(hours=hours, minutes=-1)) == []
        assert late(timedelta(hours=hours, minutes=1)) == [transfer.key]

    def test_it_lapses_after_a_week(self):
        transfer = a_transfer()
        with clock.at(transfer.proposed_at + timedelta(days=6)):
            assert close_transfers_that_nobody_answered() == 0
        with clock.at(transfer.proposed_at + timedelta(days=7, minutes=1)):
            assert close_transfers_that_nobody_answered() == 1
        assert CaseTransfer.objects.get().state == "LAPSED"
        assert stories.told("transfer_answered") == {"Amina", "Idriss"}
        assert now(transfer.assistance).mission == mission("NE")


class TestARequestKeptToNamedPeople:
    def a_kept_one(self) -> AssistanceRequest:
        made = stories.a_submitted_request()
        restrict(request_id=made.pk, **by("Idriss"))
        return made

    def test_is_offered_to_one_person_by_name(self):
        made = self.a_kept_one()
        with refused("TRANSFER-05"):
            propose(made)
        assert "Whom do you ask" in text_of(visit("Amina", made, "propose-transfer/"))

    def test_is_seen_and_answered_by_that_person_alone(self):
        assign_role(person=person("Joaquín"), role=Role.HEAD_OF_UNIT, mission=mission("LB"), starts_on=YEAR_START)
        made = self.a_kept_one()
        transfer = propose(made, asked_person_id=person("Fadi").pk)

        assert stories.told("transfer_proposed") == {"Fadi"}
        assert signed_in("Fadi").get(f"/transfers/{transfer.key}/").status_code == 200
        for name in ("Joaquín", "Rima", "Moussa", "Omar"):
            people(name)
            assert signed_in(name).get(f"/transfers/{transfer.key}/").status_code in (403, 404)
            assert transfer.key not in signed_in(name).get("/transfers/").content.decode()
        with refused("TRANSFER-03", NotPermitted):
            accept(transfer, "Joaquín")
        later = Overdue(now=transfer.proposed_at + timedelta(days=6))
        assert transfer.key not in [one.subject for one in later.of(Role.HEAD_OF_UNIT, 0, 99)]

    def test_is_open_to_who_accepted_it_and_to_nobody_of_the_former_mission(self):
        made = self.a_kept_one()
        transfer = accept(propose(made, asked_person_id=person("Fadi").pk))

        rows = NamedReader.objects.filter(reference=made.reference, ended_at=None)
        assert set(rows.values_list("person__name", flat=True)) == {"Fadi"}
        assert visit("Fadi", made).status_code == 200
        for name in ("Amina", "Idriss", "Rima"):
            assert visit(name, made).status_code == 404
            assert signed_in(name).get(f"/transfers/{transfer.key}/").status_code == 404

    def test_is_not_named_in_a_mail_to_who_is_not_named_to_it(self):
        made = now(accept(propose(self.a_kept_one(), asked_person_id=person("Fadi").pk)).assistance)
        assert writers_of(made) == []


@pytest.mark.both
class TestTheDatabase:
    def test_moves_a_request_along_an_accepted_transfer_only(self):
        made = stories.a_submitted_request()
        propose(made)
        for code in ("LB", "MX"):
            with pytest.raises(IntegrityError, match="TRANSFER-07"), transaction.atomic():
                AssistanceRequest.objects.filter(pk=made.pk).update(mission=mission(code))

    def test_moves_it_once_for_each_transfer(self):
        made = accept(a_transfer()).assistance
        accept(propose(now(made), "Rima", code="NE"), "Idriss")
        with pytest.raises(IntegrityError, match="TRANSFER-07"), transaction.atomic():
            AssistanceRequest.objects.filter(pk=made.pk).update(mission=mission("LB"))

    def test_takes_no_answer_without_its_decision(self):
        transfer = a_transfer()
        answered = {"state": "ACCEPTED", "decided_by": person("Fadi"), "decided_at": clock.now()}
        with pytest.raises(DatabaseError, match="STATE-01"), transaction.atomic():
            CaseTransfer.objects.filter(pk=transfer.pk).update(**answered)

    @pytest.mark.parametrize("change", ["receiving", "sending", "aim", "proposed_by", "key"])
    def test_keeps_what_was_proposed(self, change):
        transfer = a_transfer()
        other: Any = {
            "receiving": mission("MX"),
            "sending": mission("MX"),
            "aim": "SAFETY",
            "proposed_by": person("Rima"),
            "key": "MOVE-OTHER222",
        }[change]
        with pytest.raises(IntegrityError, match="TRANSFER-06"), transaction.atomic():
            CaseTransfer.objects.filter(pk=transfer.pk).update(**{change: other})

    def test_answers_a_transfer_once_and_removes_none(self):
        transfer = a_transfer()
        refuse(transfer)
        with pytest.raises(IntegrityError, match="TRANSFER-06"), transaction.atomic():
            CaseTransfer.objects.filter(pk=transfer.pk).update(decided_at=clock.now())
        with pytest.raises(IntegrityError, match="TRANSFER-06"), transaction.atomic():
            CaseTransfer.objects.filter(pk=transfer.pk)._raw_delete("default")

    def test_offers_a_case_to_one_mission_at_a_time(self):
        made = a_transfer().assistance
        with pytest.raises(IntegrityError, match=r"one_open_transfer|assistance_id"), transaction.atomic():
            past_the_code(made)

    def test_offers_no_case_without_consent(self):
        transfer = a_transfer()
        made = transfer.assistance
        actions.withdraw_transfer(transfer_id=transfer.pk, **by("Amina"))
        Consent.objects.filter(assistance=made).update(for_sharing=False)
        with pytest.raises(IntegrityError, match="TRANSFER-01"), transaction.atomic():
            past_the_code(made)


def past_the_code(made: AssistanceRequest) -> None:
    """Write a proposal with its decision, and ask no rule."""
    row = CaseTransfer(
        key="MOVE-SECOND22",
        assistance=made,
        sending=mission("NE"),
        receiving=mission("MX"),
        aim="MOVED",
        proposed_by=person("Amina"),
        proposed_at=clock.now(),
    )
    first_decision(subject=row, act="propose_transfer", actor=person("Amina"), role="case_worker", at=clock.now())
    row.save(force_insert=True)
