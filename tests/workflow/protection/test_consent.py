"""Consent: what it covers goes on, what it does not cover waits, and what saves life never waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from finance.models import Disbursement
from gaf import clock
from tests import stories
from tests.cast import mission, person
from tests.refused import refused
from tests.stories import MEDICAL, SHELTER, by, last_decision, lines_of, now, told
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of
from tests.workflow.protection.test_gates import silenced
from workflow.actions import intake
from workflow.actions.approval import LineDecision, NotDecided, approve_deferred_line
from workflow.actions.consent import record_consent, withdraw_consent
from workflow.actions.drafting import ConsentText, edit_persons
from workflow.codelists import LIFE_SAVING_TYPES, AssistanceType
from workflow.models import AssistanceRequest, Consent
from workflow.protection.gates import CONSENT_RULE
from workflow.protection.standing import closed_lines, gates_of
from workflow.queries import visible_to

pytestmark = pytest.mark.usefixtures("house")

COURSE = ("SKILL", "A course", "course", "1", "200.00", "USD")
NOT_YET = ConsentText("EXCEPTION", exception_reason="Unconscious in hospital.")


def agreed(*purposes: str, **said: Any) -> ConsentText:
    """Consent given today, by thumbprint unless said otherwise."""
    usual = {"mode": "THUMBPRINT", "consent_language": "hau", "with_interpreter": True, "given_on": clock.today()}
    return ConsentText(**{**usual, "purposes": purposes or ("ASSISTANCE",), **said})


def record(assistance: AssistanceRequest, consent: ConsentText, who: str = "Amina") -> AssistanceRequest:
    """The mission records how they agree now."""
    return record_consent(request_id=assistance.pk, consent=consent, **by(who))


def take_back(assistance: AssistanceRequest, *purposes: str) -> AssistanceRequest:
    """They do not agree to that any more."""
    return withdraw_consent(
        request_id=assistance.pk, purposes=purposes, withdrawn_on=clock.today(), reason="She told us.", **by("Amina")
    )


def a_budget_without_consent() -> AssistanceRequest:
    """With the approver: shelter and a course, and nobody could agree yet."""
    made = stories.a_budget_to_approve((SHELTER, COURSE))
    return record(made, NOT_YET)


def held(assistance: AssistanceRequest, act: str = "release") -> set[str]:
    """Types of help that wait at an act."""
    closed = closed_lines(now(assistance), act)
    return {line.assistance_type for line in lines_of(assistance) if line.pk in closed}


class TestOnFile:
    def test_it_says_how_in_which_language_with_whom_and_who_gave_it(self):
        made = record(stories.a_submitted_request(), agreed("ASSISTANCE", "REFERRAL", given_by="GUARDIAN"))

        row = Consent.objects.get(assistance=made)
        assert (row.mode, row.consent_language, row.with_interpreter) == ("THUMBPRINT", "hau", True)
        assert (row.given_by, row.given_on) == ("GUARDIAN", clock.today())
        assert (row.for_help, row.for_sharing, row.for_referral) == (True, False, True)
        assert last_decision(made).facts["purposes"] == ["ASSISTANCE", "REFERRAL"]

    def test_an_exception_agrees_to_nothing_whatever_else_is_said(self):
        made = stories.a_draft()

        edit_persons(request_id=made.pk, consent=NOT_YET, **by("Amina"))

        row = Consent.objects.get(assistance=made)
        assert (row.for_help, row.for_sharing, row.for_referral) == (False, False, False)
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(pk=row.pk).update(for_help=True)

    @pytest.mark.parametrize(
        "consent",
        [
            agreed("SHARING"),
            agreed(consent_language=""),
            agreed(given_on=None),
            ConsentText("EXCEPTION", exception_reason=" "),
        ],
        ids=["not to help", "no language", "no day", "no reason"],
    )
    def test_it_is_not_recorded_when_something_is_missing(self, consent):
        made = stories.a_submitted_request()

        with refused("CONSENT-01"):
            record(made, consent)

    def test_it_is_not_dated_to_the_future(self):
        made = stories.a_submitted_request()

        with refused("CONSENT-01"):
            record(made, agreed(given_on=clock.today() + timedelta(days=2)))


class TestWithoutConsent:
    def test_only_what_saves_life_goes_on(self):
        made = a_budget_without_consent()

        assert {held(made, act) == {"SKILL"} for act in ("approve_budget", "certify_funds", "release")} == {True}
        assert "only life-saving help goes on" in next(g for g in gates_of(made) if g.rule is CONSENT_RULE).sentence

    def test_every_type_of_help_is_either_life_saving_or_waits(self):
        assert set(CONSENT_RULE.lines) | set(LIFE_SAVING_TYPES) == set(AssistanceType.values)
        assert set(CONSENT_RULE.lines) & set(LIFE_SAVING_TYPES) == set()

    def test_a_line_that_does_not_save_life_is_deferred_and_comes_back_when_they_agree(self):
        made = a_budget_without_consent()
        with refused("GATE-01", NotDecided):
            stories.approve(made)
        shelter, course = lines_of(made)
        decisions = [LineDecision(shelter.pk, "approve", stream_code="A")]
        stories.approve(made, [*decisions, LineDecision(course.pk, "defer", gate_code="CONSENT")])

        record(made, agreed())

        assert lines_of(made)[1].gate_met_on == clock.today()
        approve_deferred_line(
            request_id=made.pk, decision=LineDecision(course.pk, "approve", stream_code="A"), **by("Chen")
        )
        assert lines_of(made)[1].state == "APPROVED"

    def test_the_database_alone_keeps_a_payment_back(self):
        made = stories.certify(stories.approve(stories.a_budget_to_approve((SHELTER, COURSE))))
        stories.prepare(made, {"L2": stories.usd("200.00")})
        take_back(made, "ASSISTANCE")

        with silenced(), pytest.raises(IntegrityError, match="CONSENT-03"), transaction.atomic():
            stories.release(now(made))
        assert Disbursement.objects.get().state == "PREPARED"

    def test_shelter_is_paid_all_the_same(self):
        made = stories.certify(stories.approve(stories.a_budget_to_approve((SHELTER, COURSE))))
        stories.prepare(made, {"L1": stories.usd("588.00")})
        take_back(made, "ASSISTANCE")

        stories.release(now(made))

        assert Disbursement.objects.get().state == "RELEASED"


class TestTakenBack:
    def test_to_help_takes_everything_else_with_it_and_tells_whoever_pays(self):
        made = record(stories.a_funded_request(), agreed("ASSISTANCE", "SHARING", "REFERRAL"))
        person("Helena")

        take_back(made, "ASSISTANCE")

        row = Consent.objects.get(assistance=made)
        assert (row.for_help, row.for_sharing, row.for_referral, row.purposes) == (False, False, False, [])
        assert row.withdrawn_on == clock.today()
        assert told("consent_withdrawn") == {"Marie", "Helena"}

    def test_one_purpose_leaves_the_others(self):
        made = record(stories.an_approved_request(), agreed("ASSISTANCE", "SHARING", "REFERRAL"))

        take_back(made, "REFERRAL")

        row = Consent.objects.get(assistance=made)
        assert (row.for_help, row.for_sharing, row.for_referral) == (True, True, False)

    def test_before_it_was_given_is_refused(self):
        made = stories.an_approved_request()

        with refused("CONSENT-02"):
            take_back(made, "REFERRAL")

    def test_with_a_prepared_payment_the_payer_reads_why_it_waits(self):
        made = stories.certify(stories.approve(stories.a_budget_to_approve((SHELTER, COURSE))))
        stories.prepare(made, {"L2": stories.usd("200.00")})
        take_back(made, "ASSISTANCE")

        page = text_of(signed_in("Divya").get(f"/requests/{made.reference}/release/"))

        assert "Consent to getting help: withdrawn on" in page


class TestSharing:
    def test_another_mission_sees_the_request_only_while_they_agree_to_it(self):
        made = stories.an_endorsed_request(others=["LB"])
        assert visible_to(person("Rima")).filter(pk=made.pk).exists()

        take_back(made, "SHARING")

        assert not visible_to(person("Rima")).filter(pk=made.pk).exists()
        assert signed_in("Rima").get(f"/requests/{made.reference}/").status_code == 404
        assert made.reference not in b"".join(signed_in("Rima").get("/requests/export/").streaming_content).decode()
        assert visible_to(person("Amina")).filter(pk=made.pk).exists()

    def test_a_mission_that_was_granted_money_goes_on_seeing_what_it_accounts_for(self):
        made = stories.an_eligible_request(others=["LB"])
        made = stories.plan(made, [SHELTER])
        stories.edit_lines(request_id=made.pk, lines=[stories.line_text(made, MEDICAL, "LB")], **by("Rima"))
        stories.planning.send_budget(request_id=made.pk, **by("Amina"))
        stories.approve(now(made))

        take_back(made, "SHARING")

        assert visible_to(person("Rima")).filter(pk=made.pk).exists()

    def test_a_request_with_another_mission_is_not_sent_without_it(self):
        made = stories.a_draft(others=["LB"])
        edit_persons(request_id=made.pk, consent=agreed(), **by("Amina"))

        with refused("SEND-01") as caught:
            intake.submit(request_id=made.pk, **by("Amina"))

        assert caught.value.obstacles == ["They did not agree to sharing with the other missions."]
        assert mission("LB").pk in made.mission_ids()


class TestThePages:
    def test_record_consent_later_and_say_what_it_means(self):
        made = a_budget_without_consent()
        page = text_of(signed_in("Amina").get(f"/requests/{made.reference}/record-consent/"))
        assert "only life-saving help is approved" in page

        day = clock.today()
        said = {"given_on_0": day.day, "given_on_1": day.month, "given_on_2": day.year, "consent_language": "fr"}
        said |= {"mode": "AUDIO", "given_by": "SELF", "purposes": ["ASSISTANCE"], "exception_reason": ""}
        answer = press("Amina", made, "record-consent/", **said)
        assert answer.status_code == 302, text_of(answer)

        assert Consent.objects.get(assistance=made).mode == "AUDIO"
        assert held(made) == set()

    def test_take_it_back_without_asking_why(self):
        made = stories.an_approved_request()
        day = clock.today()
        said = {"withdrawn_on_0": day.day, "withdrawn_on_1": day.month, "withdrawn_on_2": day.year}

        answer = press("Amina", made, "withdraw-consent/", purposes=["ASSISTANCE"], reason="", **said)

        assert answer.status_code == 302
        assert "taken back on" in text_of(signed_in("Amina").get(f"/requests/{made.reference}/"))

    def test_are_the_lead_missions_own(self):
        made = stories.an_endorsed_request(others=["LB"])

        assert signed_in("Rima").get(f"/requests/{made.reference}/withdraw-consent/").status_code == 403
        assert signed_in("Bruno").get(f"/requests/{made.reference}/withdraw-consent/").status_code == 404
