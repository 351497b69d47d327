"""The gates before money and travel: each holds back its own lines, lets the others go, and opens by evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from finance.actions.files import prepare_file, sign_first, sign_second
from finance.models import BankAccount, Disbursement
from finance.objections import objections_of
from finance.queries import money_of
from gaf import clock
from gaf.decisions.models import Decision
from gaf.demo.protecting_parts import passing
from gaf.outbox.outbox import drain
from gaf.refusals import Incomplete
from gaf.sealing import unseal
from tests import stories
from tests.cast import mission, person
from tests.refused import refused
from tests.stories import MEDICAL, SHELTER, by, lines_of, now, usd, what_the_gates_ask
from tests.workflow.pages.headquarters.visits import signed_in, text_of
from workflow.actions import intake
from workflow.actions.amending import NewLine, ask_amendment
from workflow.actions.amendment_decisions import approve_amendment, endorse_amendment, review_amendment
from workflow.actions.approval import LineDecision, NotDecided, approve_deferred_line
from workflow.actions.drafting import PersonText, edit_persons
from workflow.actions.gate_evidence import Finding, record_evidence
from workflow.models import AssistanceRequest, GateEvidence
from workflow.protection.gates import RULE_OF, RULES, GateRule, Outcome
from workflow.protection.standing import GateStanding, act_gates, closed_lines, gates_of

pytestmark = pytest.mark.usefixtures("house")

GIRL = PersonText("F", "15-17", "HN")
TICKET = ("TRVL", "Ticket", "ticket", "1", "346.00", "USD")
ESCORT = ("ESCORT", "Escort", "trip", "1", "531.00", "USD")
EVERYTHING = (SHELTER, MEDICAL, TICKET, ESCORT)
OF_A_CHILD = [rule for rule in RULES if rule.about == "child"]
OF_A_RETURN = [rule for rule in RULES if rule.about != "child"]
WITH_LINES = [rule for rule in RULES if rule.lines]
TAGS = {"R3": ("PREGNANT",), "R6": ("SERIOUS_MEDICAL",)}


def code(rule: GateRule) -> str:
    return rule.code.value


def a_budget(rule: GateRule | None = None, lines: Any = EVERYTHING, **choices: Any) -> AssistanceRequest:
    """With the approver: a girl alone for the gates of a child, else a trafficked woman; one gate left closed."""
    if rule is None or rule.about == "child":
        choices = {"primary": "UAC", "persons": (GIRL,), **choices}
    left = () if rule is None or code(rule) in ("G6", "G7") else (code(rule),)
    made = stories.a_budget_to_approve(lines, leave=left, **choices)
    if rule is not None and code(rule) in TAGS:
        AssistanceRequest.objects.filter(pk=made.pk).update(profile_tags=list(TAGS[code(rule)]))
        what_the_gates_ask(made, but=left)
    if rule is not None and code(rule) in ("G6", "G7"):  # the determination rested on it
        record(made, code(rule), outcome=Outcome.NO_LONGER)
    return now(made)


def the_gate(assistance: AssistanceRequest, gate: str) -> GateStanding:
    return next(one for one in gates_of(now(assistance)) if code(one.rule) == gate)


def record(assistance: AssistanceRequest, gate: str, who: str = "Idriss", **said: Any) -> AssistanceRequest:
    """Record what opens a gate, or what is said instead."""
    usual = passing(RULE_OF[gate], clock.now())
    finding = Finding(**{**usual.__dict__, **said})
    keys = [one.key for one in assistance.persons.order_by("pk")]
    return record_evidence(request_id=assistance.pk, finding=finding, person_keys=keys, **by(who))


def submit(assistance: AssistanceRequest) -> AssistanceRequest:
    return intake.submit(request_id=assistance.pk, **by("Amina"))


@contextmanager
def silenced() -> Iterator[None]:
    """Nobody objects in Python: what is left is the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("finance.objections._objectors", [])
        yield


def held(assistance: AssistanceRequest, act: str) -> set[str]:
    """Types of help that wait at an act."""
    closed = closed_lines(now(assistance), act)
    return {line.assistance_type for line in lines_of(assistance) if line.pk in closed}


class TestEachGateBeforeLines:
    @pytest.mark.parametrize("rule", WITH_LINES, ids=code)
    def test_holds_back_its_own_lines_and_no_other(self, rule):
        made = a_budget(rule)
        asked = {kind for kind, *_rest in EVERYTHING}

        assert held(made, "release") == asked & set(rule.lines)
        assert held(made, "approve_budget") == (asked & set(rule.lines) if "approve_budget" in rule.before else set())
        assert MEDICAL[0] not in held(made, "release")

    @pytest.mark.parametrize("rule", WITH_LINES, ids=code)
    def test_opens_by_recorded_evidence_and_by_nothing_else_that_can_be_said_of_it(self, rule):
        made = a_budget(rule)
        for outcome in (*rule.failing, Outcome.NO_LONGER):
            record(made, code(rule), outcome=outcome)
            assert held(made, "release") == {kind for kind, *_rest in EVERYTHING} & set(rule.lines)

        record(made, code(rule))

        assert held(made, "release") == set()

    @pytest.mark.parametrize("rule", [rule for rule in WITH_LINES if rule.valid_days is not None], ids=code)
    def test_closes_again_when_its_evidence_has_ended(self, rule):
        made = a_budget(rule)
        record(made, code(rule))
        last = the_gate(made, code(rule)).each[0].evidence.valid_until

        with clock.at(clock.now() + (last - clock.today())):
            assert the_gate(made, code(rule)).is_open
        with clock.at(clock.now() + (last - clock.today()) + timedelta(days=1)):
            assert code(rule) in {code(g.rule) for gates in closed_lines(now(made), "release").values() for g in gates}
            assert "ended on" in the_gate(made, code(rule)).words

    def test_counts_no_longer_than_the_rule_lets_it(self):
        made = a_budget(RULE_OF["R5"])

        record(made, "R5", valid_until=clock.today() + timedelta(days=300))

        assert GateEvidence.objects.get(gate="R5").valid_until == clock.today() + timedelta(days=90)


class TestEachGateBeforeAnAct:
    def test_g1_keeps_a_request_about_a_child_alone_from_being_sent(self):
        made = stories.a_draft(primary="UAC", persons=(GIRL,))

        with refused("SEND-01", Incomplete) as caught:
            submit(made)
        assert caught.value.obstacles == [f"{RULE_OF['G1'].code.label}: missing for 1 person."]
        record(made, "G1", "Amina")
        assert submit(made).state == "SUBMITTED"

    def test_g1_does_not_keep_a_request_about_grown_ups(self):
        assert act_gates(stories.a_draft(), "submit") == []

    def test_g3_keeps_a_child_from_being_found_eligible_until_somebody_answers_for_it(self):
        made = stories.a_taken_request(primary="UAC", persons=(GIRL,))
        record(made, "G3", outcome="IN_PROGRESS")

        assert len(act_gates(now(made), "confirm_eligibility")) == 1
        record(made, "G3")
        assert act_gates(now(made), "confirm_eligibility") == []

    def test_g3_may_be_under_way_where_life_is_in_danger(self):
        made = stories.a_taken_request(primary="UAC", persons=(GIRL,), priority="P1")
        assert len(act_gates(made, "confirm_eligibility")) == 1

        record(made, "G3", outcome="IN_PROGRESS")

        assert act_gates(now(made), "confirm_eligibility") == []

    @pytest.mark.parametrize("gate", ["G4", "G5"])
    def test_an_assessment_with_the_childs_views_comes_before_approval(self, gate):
        made = a_budget(RULE_OF[gate], lines=(SHELTER, MEDICAL))

        with refused("APPROVE-01", Incomplete):
            stories.approve(made)
        record(made, gate, "Amina")
        assert stories.approve(made).state == "APPROVED"

    @pytest.mark.parametrize("gate", ["G4", "G5"])
    def test_an_assessment_may_follow_within_72_hours_where_life_is_in_danger(self, gate):
        made = a_budget(RULE_OF[gate], lines=(SHELTER, MEDICAL), priority="P1")

        with clock.at(clock.now() + timedelta(hours=72)):
            assert act_gates(made, "approve_budget") == []
        with clock.at(clock.now() + timedelta(hours=73)):
            assert len(act_gates(made, "approve_budget")) == 1

    def test_g11_keeps_a_file_open_only_where_a_child_went_home(self):
        stays = stories.approve(a_budget(lines=(SHELTER, MEDICAL)))
        assert act_gates(now(stays), "close") == []

        goes = stories.approve(a_budget(RULE_OF["G11"]))
        assert len(act_gates(now(goes), "close")) == 1
        record(goes, "G11", "Amina")
        assert act_gates(now(goes), "close") == []


class TestApproval:
    def test_grants_shelter_and_care_while_the_journey_of_a_child_waits(self):
        made = a_budget(RULE_OF["G8"])
        shelter, care, ticket, escort = lines_of(made)
        two = [LineDecision(one.pk, "approve", stream_code="A") for one in (shelter, care)]

        with refused("GATE-01", NotDecided) as caught:
            stories.approve(
                made, [*two, *(LineDecision(one.pk, "approve", stream_code="A") for one in (ticket, escort))]
            )
        assert "Best-interests determination: missing for 1 person." in caught.value.why
        later = [LineDecision(one.pk, "defer", gate_code="BEST_INTERESTS") for one in (ticket, escort)]
        approved = stories.approve(made, [*two, *later])

        assert money_of(approved.reference).open == usd("928.00")

    def test_reopens_a_deferred_line_when_its_gate_opens_and_not_before(self, mailoutbox):
        made = self._waiting()
        ticket = lines_of(made)[2]
        grant = LineDecision(ticket.pk, "approve", stream_code="A")
        with refused("GATE-01", NotDecided):
            approve_deferred_line(request_id=made.pk, decision=grant, **by("Chen"))

        record(made, "G8")

        assert lines_of(made)[2].gate_met_on == clock.today()
        approve_deferred_line(request_id=made.pk, decision=grant, **by("Chen"))
        assert (lines_of(made)[2].state, lines_of(made)[2].gate_met_on) == ("APPROVED", None)

    def test_takes_the_mark_away_when_what_was_found_does_not_hold_any_more(self):
        made = self._waiting()
        record(made, "G8")

        record(made, "G8", outcome="STAY")

        assert [line.gate_met_on for line in lines_of(made)] == [None] * 4

    def test_of_an_amendment_asks_the_same_gates(self):
        made = stories.approve(a_budget(RULE_OF["G8"], lines=(SHELTER, MEDICAL)))
        ticket = NewLine(mission("NE").pk, "TRVL", "Ticket", "ticket", Decimal(1), usd("346.00"))
        asked = ask_amendment(request_id=made.pk, why="She can go home.", changes=[ticket], **by("Amina"))
        endorse_amendment(amendment_id=asked.pk, **by("Idriss"))
        review_amendment(amendment_id=asked.pk, **by("Bruno"))

        with refused("GATE-01", NotDecided):
            approve_amendment(amendment_id=asked.pk, streams={"A1": "A"}, **by("Chen"))
        what_the_gates_ask(made)
        assert approve_amendment(amendment_id=asked.pk, streams={"A1": "A"}, **by("Chen")).state == "APPROVED"

    def test_of_an_amendment_can_be_recorded_on_the_page_of_gates(self):
        made = stories.approve(a_budget(RULE_OF["G8"], lines=(SHELTER, MEDICAL)))
        assert "G8" not in {code(gate.rule) for gate in gates_of(made)}
        ticket = NewLine(mission("NE").pk, "TRVL", "Ticket", "ticket", Decimal(1), usd("346.00"))
        ask_amendment(request_id=made.pk, why="She can go home.", changes=[ticket], **by("Amina"))

        page = text_of(signed_in("Idriss").get(f"/requests/{made.reference}/gates/"))

        assert "Best-interests determination" in page
        assert "Holds back lines A1" in page

    def _waiting(self) -> AssistanceRequest:
        made = a_budget(RULE_OF["G8"])
        shelter, care, ticket, escort = lines_of(made)
        later = [LineDecision(one.pk, "defer", gate_code="BEST_INTERESTS") for one in (ticket, escort)]
        return stories.approve(
            made, [*(LineDecision(one.pk, "approve", stream_code="A") for one in (shelter, care)), *later]
        )


class TestCertification:
    def test_leaves_a_line_whose_gate_closed_again_for_later_and_confirms_the_rest(self):
        made = stories.approve(a_budget())
        record(made, "G8", outcome="STAY")

        stories.certify(made)

        certified = {c.line_key for c in stories.commitments_of(made.reference) if c.wbs}
        assert certified == {"L1", "L2"}

    def test_is_refused_when_nothing_else_is_left(self):
        made = stories.approve(a_budget(lines=(TICKET,)))
        record(made, "G8", outcome="STAY")

        with refused("GATE-02"):
            stories.certify(made)


class TestRelease:
    @pytest.mark.parametrize("gate", ["G6", "G7", "G8", "G9", "G10", "R2"])
    def test_keeps_the_journey_of_a_child_and_lets_shelter_go(self, gate):
        made = stories.certify(stories.approve(a_budget()))
        stories.prepare(made, {"L3": usd("346.00")})
        record(made, gate, outcome=Outcome.NO_LONGER)

        with refused("GATE-03"):
            stories.release(now(made))
        stay = Disbursement.objects.get()
        shelter = stories.prepare(made, {"L1": usd("588.00")})

        stories.payment.release(request_id=made.pk, numbers=[shelter.number], **by("Divya"))
        assert Disbursement.objects.get(pk=stay.pk).state == "PREPARED"

    def test_waits_for_a_place_fit_for_a_child(self):
        made = stories.certify(stories.approve(a_budget(RULE_OF["G2"], lines=(SHELTER, MEDICAL))))
        stories.prepare(made, {"L1": usd("588.00")})

        with refused("GATE-03"):
            stories.release(made)
        record(made, "G2", "Amina")
        assert stories.release(now(made)).state == "DISBURSING"

    def test_of_what_waited_at_the_bank_is_recalled_when_a_gate_closed_meanwhile(self):
        made = stories.certify(stories.approve(a_budget()))
        stories.prepare(made, {"L3": usd("346.00")})
        stories.release(now(made))
        file = prepare_file(bank_account=BankAccount.objects.get(code="GVA"), **by("Divya"))
        sign_first(file_id=file.pk, **by("Divya"))
        sign_second(file_id=file.pk, **by("Helena"))
        record(made, "G8", outcome="STAY")

        drain()

        assert Decision.objects.get(act="recall_file").reason_code == "objected"
        assert Disbursement.objects.get().state == "RELEASED"

    def test_of_one_disbursement_says_why_in_words(self):
        made = stories.certify(stories.approve(a_budget()))
        one = stories.prepare(made, {"L3": usd("346.00")})
        record(made, "G9", outcome=Outcome.REFUSED)

        [refusal] = objections_of([one], clock.now())[one.pk]

        assert refusal.why.startswith(
            "Line L3 waits. Consent of guardian and family, agreement of the child: not passed"
        )


class TestRecording:
    def test_is_sealed_dated_and_a_decision_of_the_mission(self):
        made = a_budget(RULE_OF["G8"])

        record(made, "G8", note="Four people sat, minutes kept.")

        row = GateEvidence.objects.get(gate="G8")
        assert (row.note[:3], unseal(row.note)) == ("s1:", "Four people sat, minutes kept.")
        decision = Decision.objects.filter(act="record_evidence").latest("number")
        assert (decision.actor, decision.facts["gate"], decision.facts["panel"]) == (person("Idriss"), "G8", 4)
        assert "Four people" not in str(decision.__dict__)

    def test_of_a_determination_belongs_to_the_head_of_unit(self):
        made = a_budget(RULE_OF["G8"])

        with refused("GATE-05"):
            record(made, "G8", "Amina")

    def test_of_reception_belongs_to_the_receiving_mission(self):
        made = a_budget(RULE_OF["R4"], others=("LB",))

        with refused("GATE-05"):
            record(made, "R4", "Amina")
        record(made, "R4", "Rima")
        assert the_gate(made, "R4").is_open

    @pytest.mark.parametrize(
        "left_out",
        [{"note": "  "}, {"panel_size": 2}, {"valid_until": None}, {"found_on": None}],
        ids=["no words", "too small a panel", "no end", "a day to come"],
    )
    def test_of_a_determination_is_refused_when_something_belongs_to_it_that_is_missing(self, left_out):
        made = a_budget(RULE_OF["G8"])
        if "found_on" in left_out:
            left_out = {"found_on": clock.today() + timedelta(days=3)}

        with refused("GATE-06"):
            record(made, "G8", **left_out)

    def test_of_a_declaration_needs_every_statement(self):
        made = a_budget(RULE_OF["R1"])

        with refused("GATE-06"):
            record(made, "R1", "Amina", statements=("INFORMED",))

    def test_of_a_return_rests_on_tracing_and_family_assessment(self):
        made = a_budget(RULE_OF["G8"])
        record(made, "G7", outcome="UNSUITABLE")

        with refused("GATE-07"):
            record(made, "G8")
        record(made, "G8", outcome="STAY")

    def test_refuses_an_outcome_of_another_gate_and_a_person_of_another_request(self):
        made = a_budget(RULE_OF["G8"])
        other = stories.a_draft(author="Rima", code="LB").persons.get().key

        with refused("GATE-04"):
            record(made, "G8", outcome="FIT")
        with refused("GATE-04"):
            record_evidence(
                request_id=made.pk,
                finding=passing(RULE_OF["G8"], clock.now()),
                person_keys=[other],
                **by("Idriss"),
            )

    def test_keeps_the_person_it_is_about_in_the_draft(self):
        made = stories.a_draft(primary="UAC", persons=(GIRL,))
        record(made, "G1", "Amina")

        with refused("WRITE-04"):
            edit_persons(request_id=made.pk, persons=[PersonText("M", "18-24", "HN")], **by("Amina"))

    def test_is_never_edited_nor_removed(self):
        a_budget()
        for change in (lambda rows: rows.update(outcome="DONE"), lambda rows: rows.delete()):
            with pytest.raises(IntegrityError, match="GATE-08"), transaction.atomic():
                change(GateEvidence.objects.filter(gate="G8"))


class TestTheDatabase:
    @pytest.mark.both
    def test_lets_no_journey_of_a_child_go_without_a_determination_whoever_writes(self):
        made = stories.certify(stories.approve(a_budget()))
        one = stories.prepare(made, {"L3": usd("346.00")})
        record(made, "G8", outcome="STAY")

        with pytest.raises(IntegrityError, match="GATE-09"), transaction.atomic(), silenced():
            stories.release(now(made))
        assert Disbursement.objects.get(pk=one.pk).state == "PREPARED"

    @pytest.mark.both
    def test_refuses_a_determination_of_two_people_or_without_an_end(self):
        made = a_budget(RULE_OF["G8"])
        said = {"assistance": made, "person": made.persons.get(), "gate": "G8", "outcome": "RETURN", "note": "s1:x:y"}
        when = {"found_on": clock.today(), "recorded_by": person("Idriss"), "recorded_at": clock.now()}
        for wrong in ({"panel_size": 2, "valid_until": clock.today()}, {"panel_size": 4, "valid_until": None}):
            with pytest.raises(IntegrityError, match="determination_has_a_panel_and_an_end"), transaction.atomic():
                GateEvidence.objects.create(**said, **when, **wrong)
