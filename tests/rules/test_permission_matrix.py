"""Who may do what from which state: written by hand from the fund's rules, and compared with what the permits say.

The table is the expectation, never made from the permits. Whoever changes a right changes it here too, and the
difference is what a compliance officer reads. What a rule adds (who has taken it, delegation, separation of duties)
is in the specification of each act.
"""

from __future__ import annotations

from datetime import date

import pytest

from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.gate import edge_of
from gaf.policy import Question
from tests.cast import mission
from workflow.models import AssistanceRequest
from workflow.policy import ACTS
from workflow.states import RequestState

SHORT = {
    "CW": "case_worker",
    "HU": "head_of_unit",
    "MF": "mission_finance",
    "ER": "eligibility_reviewer",
    "DO": "duty_officer",
    "BA": "budget_approver",
    "CO": "certifying_officer",
    "PA": "payer",
    "RE": "reconciler",
    "FM": "fund_manager",
    "PC": "payee_confirmer",
    "ED": "editor",
    "DS": "data_steward",
    "PF": "privacy_focal_point",
    "AU": "auditor",
    "OV": "oversight",
    "SA": "system_administrator",
    "SY": "system",
}

# From which state: which act, and which roles. A state that is not named with an act does not know it.
EXPECTED = """
DRAFT               record_evidence          CW HU
DRAFT               assess                   CW HU
DRAFT               screen_trafficking       CW HU
DRAFT               write                    CW HU
DRAFT               submit                   CW HU
DRAFT               send_urgent              CW HU
DRAFT               withdraw                 CW HU

SUBMITTED           record_evidence          CW HU
SUBMITTED           assess                   CW HU
SUBMITTED           screen_trafficking       CW HU
SUBMITTED           refer_persons            CW HU
SUBMITTED           fingerprint_person       CW HU
SUBMITTED           propose_transfer         CW HU
SUBMITTED           move_to_mission          SY
SUBMITTED           record_consent           CW HU
SUBMITTED           withdraw_consent         CW HU
SUBMITTED           return_to_author         HU
SUBMITTED           endorse                  HU
SUBMITTED           let_pass                 FM
SUBMITTED           withdraw                 CW HU

ELIGIBILITY_REVIEW  record_evidence          CW HU
ELIGIBILITY_REVIEW  assess                   CW HU
ELIGIBILITY_REVIEW  screen_trafficking       CW HU
ELIGIBILITY_REVIEW  refer_persons            CW HU
ELIGIBILITY_REVIEW  fingerprint_person       CW HU
ELIGIBILITY_REVIEW  propose_transfer         CW HU
ELIGIBILITY_REVIEW  move_to_mission          SY
ELIGIBILITY_REVIEW  record_consent           CW HU
ELIGIBILITY_REVIEW  withdraw_consent         CW HU
ELIGIBILITY_REVIEW  write                    CW HU
ELIGIBILITY_REVIEW  endorse                  HU
ELIGIBILITY_REVIEW  allow_urgent_spending    DO
ELIGIBILITY_REVIEW  let_wait                 DO
ELIGIBILITY_REVIEW  report_urgent_costs      CW HU MF
ELIGIBILITY_REVIEW  take                     ER
ELIGIBILITY_REVIEW  recuse                   ER
ELIGIBILITY_REVIEW  ask                      ER
ELIGIBILITY_REVIEW  confirm_eligibility      ER
ELIGIBILITY_REVIEW  refuse_eligibility       ER
ELIGIBILITY_REVIEW  withdraw_persons         CW HU
ELIGIBILITY_REVIEW  hold                     FM
ELIGIBILITY_REVIEW  withdraw                 CW HU
ELIGIBILITY_REVIEW  cancel                   FM

CLARIFICATION       record_evidence          CW HU
CLARIFICATION       assess                   CW HU
CLARIFICATION       screen_trafficking       CW HU
CLARIFICATION       refer_persons            CW HU
CLARIFICATION       fingerprint_person       CW HU
CLARIFICATION       propose_transfer         CW HU
CLARIFICATION       move_to_mission          SY
CLARIFICATION       record_consent           CW HU
CLARIFICATION       withdraw_consent         CW HU
CLARIFICATION       write                    CW HU
CLARIFICATION       endorse                  HU
CLARIFICATION       allow_urgent_spending    DO
CLARIFICATION       let_wait                 DO
CLARIFICATION       report_urgent_costs      CW HU MF
CLARIFICATION       answer                   CW HU
CLARIFICATION       withdraw_persons         CW HU
CLARIFICATION       hold                     FM
CLARIFICATION       withdraw                 CW HU
CLARIFICATION       cancel                   FM

PLAN_AND_BUDGET     record_evidence          CW HU
PLAN_AND_BUDGET     assess                   CW HU
PLAN_AND_BUDGET     screen_trafficking       CW HU
PLAN_AND_BUDGET     refer_persons            CW HU
PLAN_AND_BUDGET     fingerprint_person       CW HU
PLAN_AND_BUDGET     propose_transfer         CW HU
PLAN_AND_BUDGET     move_to_mission          SY
PLAN_AND_BUDGET     record_consent           CW HU
PLAN_AND_BUDGET     withdraw_consent         CW HU
PLAN_AND_BUDGET     write                    CW HU
PLAN_AND_BUDGET     endorse                  HU
PLAN_AND_BUDGET     allow_urgent_spending    DO
PLAN_AND_BUDGET     let_wait                 DO
PLAN_AND_BUDGET     report_urgent_costs      CW HU MF
PLAN_AND_BUDGET     send_budget              CW HU
PLAN_AND_BUDGET     withdraw_persons         CW HU
PLAN_AND_BUDGET     hold                     FM
PLAN_AND_BUDGET     withdraw                 CW HU
PLAN_AND_BUDGET     cancel                   FM

BUDGET_REVIEW       record_evidence          CW HU
BUDGET_REVIEW       assess                   CW HU
BUDGET_REVIEW       screen_trafficking       CW HU
BUDGET_REVIEW       allow_repeated_help      FM
BUDGET_REVIEW       refer_persons            CW HU
BUDGET_REVIEW       fingerprint_person       CW HU
BUDGET_REVIEW       record_consent           CW HU
BUDGET_REVIEW       withdraw_consent         CW HU
BUDGET_REVIEW       endorse                  HU
BUDGET_REVIEW       allow_urgent_spending    DO
BUDGET_REVIEW       let_wait                 DO
BUDGET_REVIEW       report_urgent_costs      CW HU MF
BUDGET_REVIEW       ask                      BA FM
BUDGET_REVIEW       return_budget            BA FM
BUDGET_REVIEW       approve_budget           BA FM
BUDGET_REVIEW       decline                  BA FM
BUDGET_REVIEW       withdraw_persons         CW HU
BUDGET_REVIEW       hold                     FM
BUDGET_REVIEW       withdraw                 CW HU
BUDGET_REVIEW       cancel                   FM

APPROVED            record_evidence          CW HU
APPROVED            assess                   CW HU
APPROVED            screen_trafficking       CW HU
APPROVED            refer_persons            CW HU
APPROVED            fingerprint_person       CW HU
APPROVED            record_consent           CW HU
APPROVED            withdraw_consent         CW HU
APPROVED            approve_deferred_line    BA FM
APPROVED            certify_funds            CO
APPROVED            return_to_approver       CO
APPROVED            withdraw_persons         CW HU
APPROVED            ask_amendment            CW HU
APPROVED            extend_delivery          FM
APPROVED            hold                     FM
APPROVED            cancel                   FM

FUNDED              record_evidence          CW HU
FUNDED              assess                   CW HU
FUNDED              screen_trafficking       CW HU
FUNDED              refer_persons            CW HU
FUNDED              fingerprint_person       CW HU
FUNDED              record_consent           CW HU
FUNDED              withdraw_consent         CW HU
FUNDED              approve_deferred_line    BA FM
FUNDED              certify_funds            CO
FUNDED              release                  PA
FUNDED              withdraw_persons         CW HU
FUNDED              ask_amendment            CW HU
FUNDED              extend_delivery          FM
FUNDED              hold                     FM
FUNDED              cancel                   FM

DISBURSING          record_evidence          CW HU
DISBURSING          assess                   CW HU
DISBURSING          screen_trafficking       CW HU
DISBURSING          refer_persons            CW HU
DISBURSING          fingerprint_person       CW HU
DISBURSING          record_consent           CW HU
DISBURSING          withdraw_consent         CW HU
DISBURSING          approve_deferred_line    BA FM
DISBURSING          certify_funds            CO
DISBURSING          release                  PA
DISBURSING          first_payment_confirmed  SY
DISBURSING          withdraw_persons         CW HU
DISBURSING          ask_amendment            CW HU
DISBURSING          extend_delivery          FM
DISBURSING          hold                     FM
DISBURSING          cancel                   FM

IMPLEMENTING        record_evidence          CW HU
IMPLEMENTING        assess                   CW HU
IMPLEMENTING        screen_trafficking       CW HU
IMPLEMENTING        refer_persons            CW HU
IMPLEMENTING        fingerprint_person       CW HU
IMPLEMENTING        record_consent           CW HU
IMPLEMENTING        withdraw_consent         CW HU
IMPLEMENTING        approve_deferred_line    BA FM
IMPLEMENTING        certify_funds            CO
IMPLEMENTING        release                  PA
IMPLEMENTING        withdraw_persons         CW HU
IMPLEMENTING        ask_amendment            CW HU
IMPLEMENTING        extend_delivery          FM
IMPLEMENTING        declare_lost_receipt     CW HU MF
IMPLEMENTING        end_delivery             CW HU SY
IMPLEMENTING        hold                     FM
IMPLEMENTING        cancel                   FM

REPORTING           record_evidence          CW HU
REPORTING           assess                   CW HU
REPORTING           screen_trafficking       CW HU
REPORTING           refer_persons            CW HU
REPORTING           fingerprint_person       CW HU
REPORTING           record_consent           CW HU
REPORTING           withdraw_consent         CW HU
REPORTING           release                  PA
REPORTING           report                   CW HU MF
REPORTING           declare_lost_receipt     CW HU MF
REPORTING           accept_reports           CO
REPORTING           hold                     FM

RECONCILING         record_evidence          CW HU
RECONCILING         assess                   CW HU
RECONCILING         screen_trafficking       CW HU
RECONCILING         refer_persons            CW HU
RECONCILING         fingerprint_person       CW HU
RECONCILING         record_consent           CW HU
RECONCILING         withdraw_consent         CW HU
RECONCILING         close                    FM
RECONCILING         hold                     FM

CLOSED              reopen                   FM

INELIGIBLE          certify_funds            CO
INELIGIBLE          release                  PA
INELIGIBLE          accept_urgent_costs      CO
INELIGIBLE          close                    FM
INELIGIBLE          reopen                   HU FM

DECLINED            certify_funds            CO
DECLINED            release                  PA
DECLINED            accept_urgent_costs      CO
DECLINED            close                    FM
DECLINED            reopen                   HU FM

WITHDRAWN           certify_funds            CO
WITHDRAWN           release                  PA
WITHDRAWN           accept_urgent_costs      CO
WITHDRAWN           close                    FM

CANCELLED           certify_funds            CO
CANCELLED           release                  PA
CANCELLED           accept_urgent_costs      CO
CANCELLED           close                    FM

ON_HOLD             resume                   FM
ON_HOLD             cancel                   FM
"""
# Acts of the lead mission alone; the others are done by every mission that takes part.
LEAD_ONLY = {
    "submit",
    "return_to_author",
    "endorse",
    "send_urgent",
    "report_urgent_costs",
    "send_budget",
    "withdraw",
    "record_consent",
    "withdraw_consent",
    "fingerprint_person",
    "propose_transfer",
}
# Where each act leads; a dot means that the state stays.
TARGETS = """
submit                   DRAFT               SUBMITTED
return_to_author         SUBMITTED           DRAFT
endorse                  SUBMITTED           ELIGIBILITY_REVIEW
send_urgent              DRAFT               ELIGIBILITY_REVIEW
ask                      ELIGIBILITY_REVIEW  CLARIFICATION
ask                      BUDGET_REVIEW       CLARIFICATION
confirm_eligibility      ELIGIBILITY_REVIEW  PLAN_AND_BUDGET
refuse_eligibility       ELIGIBILITY_REVIEW  INELIGIBLE
send_budget              PLAN_AND_BUDGET     BUDGET_REVIEW
return_budget            BUDGET_REVIEW       PLAN_AND_BUDGET
approve_budget           BUDGET_REVIEW       APPROVED
decline                  BUDGET_REVIEW       DECLINED
certify_funds            APPROVED            FUNDED
return_to_approver       APPROVED            BUDGET_REVIEW
release                  FUNDED              DISBURSING
first_payment_confirmed  DISBURSING          IMPLEMENTING
end_delivery             IMPLEMENTING        REPORTING
accept_reports           REPORTING           RECONCILING
close                    RECONCILING         CLOSED
reopen                   INELIGIBLE          ELIGIBILITY_REVIEW
reopen                   DECLINED            BUDGET_REVIEW
reopen                   CLOSED              RECONCILING
endorse                  ELIGIBILITY_REVIEW  .
endorse                  BUDGET_REVIEW       .
certify_funds            IMPLEMENTING        .
release                  DISBURSING          .
release                  REPORTING           .
release                  INELIGIBLE          .
take                     ELIGIBILITY_REVIEW  .
recuse                   ELIGIBILITY_REVIEW  .
write                    DRAFT               .
approve_deferred_line    IMPLEMENTING        .
withdraw_persons         IMPLEMENTING        .
ask_amendment            IMPLEMENTING        .
extend_delivery          APPROVED            .
declare_lost_receipt     REPORTING           .
accept_urgent_costs      INELIGIBLE          .
close                    DECLINED            .
let_pass                 SUBMITTED           .
allow_repeated_help      BUDGET_REVIEW       .
fingerprint_person       REPORTING           .
report                   REPORTING           .
allow_urgent_spending    ELIGIBILITY_REVIEW  .
let_wait                 ELIGIBILITY_REVIEW  .
"""


def expected() -> dict[tuple[str, str], set[str]]:
    """The table: (state, act) to the roles that may."""
    rows = [line.split() for line in EXPECTED.strip().splitlines() if line.strip()]
    return {(state, act): {SHORT[short] for short in roles} for state, act, *roles in rows}


@pytest.fixture
def holders(db: None) -> dict[str, User]:
    """One person for each role, those of missions in Niger; and the system."""
    niger = mission("NE")
    people: dict[str, User] = {}
    for role in Role:
        system = role == Role.SYSTEM
        person = User.objects.create_user(f"{role.value}@gaf.example", role.label, is_system=system)
        if not system:
            here = niger if role in MISSION_ROLES else None
            assign_role(person=person, role=role, mission=here, starts_on=date(2020, 1, 1))
        people[role.value] = person
    return people


def in_state(state: str, led_by: Mission, helped_by: Mission | None = None) -> AssistanceRequest:
    """A request in a state, for asking the permits only."""
    made = AssistanceRequest(reference="GAF-2026-00001", case_id="C-1", mission=led_by, state=state)
    made.__dict__["_mission_ids"] = {led_by.pk} | ({helped_by.pk} if helped_by else set())
    return made


def may(assistance: AssistanceRequest, act: str, person: User) -> bool:
    """Whether the permit knows a role of this person for this act from this state."""
    edge = edge_of(assistance, act)
    return edge is not None and bool(edge.permission.role_used(Question(assistance, act, person)))


def test_every_state_act_and_role_is_as_the_table_says(holders):
    found: dict[tuple[str, str], set[str]] = {}
    for state in RequestState.values:
        assistance = in_state(state, mission("NE"))
        for act in ACTS:
            roles = {role for role, person in holders.items() if may(assistance, act, person)}
            if roles or edge_of(assistance, act) is not None:
                found[(state, act)] = roles

    assert found == expected()


def test_a_mission_that_only_helps_has_no_act_of_the_lead(holders):
    helper, lead = mission("NE"), mission("LB")
    for (state, act), roles in expected().items():
        assistance = in_state(state, lead, helped_by=helper)
        of_missions = roles & {role.value for role in MISSION_ROLES}
        found = {role for role in of_missions if may(assistance, act, holders[role])}
        if act == "write":
            shared = state in ("CLARIFICATION", "PLAN_AND_BUDGET")
        elif act == "reopen":
            shared = False
        else:
            shared = act not in LEAD_ONLY
        assert found == (of_missions if shared else set()), (state, act)


def test_a_mission_that_takes_no_part_has_no_act_at_all(holders):
    lead = mission("LB")
    for state, act in expected():
        assistance = in_state(state, lead)
        assert not [role for role in MISSION_ROLES if may(assistance, act, holders[role.value])], (state, act)


def test_nobody_has_an_act_after_their_role_ended(holders):
    person = holders["fund_manager"]
    person.assignments.update(ends_on=date(2020, 1, 2))
    person.__dict__.pop("_assignments_by_day", None)

    assert not may(in_state("ON_HOLD", mission("NE")), "resume", person)


@pytest.mark.parametrize("row", TARGETS.strip().splitlines())
def test_an_act_leads_where_the_list_says(row):
    act, source, target = row.split()

    edge = getattr(AssistanceRequest, act)._django_fsm.get_transition(source)

    assert edge is not None
    assert (edge.target or ".") == target


def test_every_act_names_its_word_and_its_chapter():
    for act in ACTS:
        for edge in getattr(AssistanceRequest, act)._django_fsm.transitions.values():
            assert edge.custom["label"], act
            assert edge.custom["manual"], act
            assert edge.permission.roles, act


def test_no_state_is_without_words_and_a_stage():
    from gaf.templatetags.state_words import ENDED, REQUEST, STAGE_OF

    paused = {"CLARIFICATION", "ON_HOLD"}
    assert set(REQUEST) == set(RequestState.values)
    assert set(STAGE_OF) | ENDED | paused == set(RequestState.values)


# Who moves an amendment, and a statement in place of a lost receipt, from each of their states.
BESIDE = """
amendment     ASKED      endorse_amendment     HU
amendment     ASKED      withdraw_amendment    CW HU
amendment     ASKED      lapse_amendment       SY
amendment     ENDORSED   review_amendment      ER
amendment     ENDORSED   refuse_amendment      ER
amendment     ENDORSED   withdraw_amendment    CW HU
amendment     ENDORSED   lapse_amendment       SY
amendment     REVIEWED   approve_amendment     BA FM
amendment     REVIEWED   refuse_amendment      BA FM
amendment     REVIEWED   withdraw_amendment    CW HU
amendment     REVIEWED   lapse_amendment       SY
lost_receipt  DECLARED   witness_lost_receipt  CW HU MF
lost_receipt  DECLARED   refuse_lost_receipt   FM
lost_receipt  WITNESSED  accept_lost_receipt   FM
lost_receipt  WITNESSED  refuse_lost_receipt   FM
write_off     ASKED      approve_write_off     BA FM
write_off     ASKED      refuse_write_off      BA FM
write_off     POSTED     take_back_write_off   CO FM
tranche       WAITING    open_tranche          CO SY
tranche       OPEN       account_for_tranche   CO
table         PROPOSED   publish_table         FM
table         PROPOSED   discard_table         DS FM
person_copy   ASKED      give_copy             HU
person_copy   ASKED      refuse_copy           HU
erasure       PROPOSED   confirm_erasure       PF DS FM
erasure       PROPOSED   discard_erasure       PF DS FM
erasure       CONFIRMED  carry_out_erasure     SY
cost_norm     RECORDED   confirm_cost_norm     CO FM
cost_norm     RECORDED   discard_cost_norm     CO FM
crisis_window RECORDED   open_crisis_window    BA FM
crisis_window RECORDED   discard_crisis_window BA FM
crisis_window OPEN       ask_window_end        ER FM
crisis_window END_ASKED  confirm_window_end    BA FM
crisis_window END_ASKED  refuse_window_end     BA FM
donor_report  DRAFT      write_donor_report    FM
donor_report  DRAFT      propose_donor_report  FM
donor_report  DRAFT      discard_donor_report  FM
donor_report  PROPOSED   issue_donor_report    CO DS FM
donor_report  PROPOSED   return_donor_report   CO DS FM
donor_report  PROPOSED   discard_donor_report  FM
retention_hold STANDING  lift_retention_hold   PF DS FM
case_transfer PROPOSED   accept_transfer       HU
case_transfer PROPOSED   refuse_transfer       HU
case_transfer PROPOSED   withdraw_transfer     CW HU
case_transfer PROPOSED   lapse_transfer        SY
assisted_return PRE_DEPARTURE record_return_item CW HU
assisted_return PRE_DEPARTURE agree_reintegration_plan CW HU
assisted_return PRE_DEPARTURE record_departure CW HU
assisted_return PRE_DEPARTURE conclude_return  CW HU
assisted_return TRAVEL     record_return_item  CW HU
assisted_return TRAVEL     record_arrival      CW HU
assisted_return TRAVEL     conclude_return     CW HU
assisted_return POST_ARRIVAL record_return_item CW HU
assisted_return POST_ARRIVAL agree_reintegration_plan CW HU
assisted_return POST_ARRIVAL begin_reintegration CW HU
assisted_return POST_ARRIVAL record_survey     CW HU
assisted_return POST_ARRIVAL conclude_return   CW HU
assisted_return REINTEGRATION record_return_item CW HU
assisted_return REINTEGRATION agree_reintegration_plan CW HU
assisted_return REINTEGRATION record_survey    CW HU
assisted_return REINTEGRATION conclude_return  CW HU
follow_up_visit PLANNED    record_visit        CW HU
likeness      FOUND      weigh_likeness        DS
likeness      WEIGHED    join_persons          PF DS
likeness      WEIGHED    keep_persons_apart    PF DS
complaint     RECEIVED   take_up_complaint     HU FM
complaint     RECEIVED   pass_on_complaint     HU FM
complaint     BEING_LOOKED_INTO answer_complaint HU FM
complaint     BEING_LOOKED_INTO pass_on_complaint HU FM
complaint     ANSWERED   close_complaint       HU FM
complaint     ANSWERED   pass_on_complaint     HU FM
complaint     PASSED_ON  note_complaint        OV
complaint     PASSED_ON  conclude_complaint    OV
complaint     CLOSED     forget_complaint      SY
concern       RECEIVED   look_into_concern     OV
concern       RECEIVED   note_concern          OV
concern       LOOKED_INTO note_concern         OV
concern       LOOKED_INTO close_concern        OV
concern       CLOSED     forget_concern        SY
"""


def test_every_act_on_a_record_beside_the_request_is_as_the_table_says():
    from gaf.documents.machines import MACHINES, ways

    by_words = {machine.words: machine for machine in MACHINES}
    found = {
        (words, state, way.act): {role.value for role in way.permit.roles}
        for words in (
            "amendment",
            "lost_receipt",
            "tranche",
            "write_off",
            "table",
            "retention_hold",
            "erasure",
            "cost_norm",
            "crisis_window",
            "donor_report",
            "person_copy",
            "likeness",
            "complaint",
            "concern",
            "case_transfer",
            "assisted_return",
            "follow_up_visit",
        )
        for way in ways(by_words[words])
        for state in way.sources
    }
    rows = [row.split() for row in BESIDE.strip().splitlines()]

    assert found == {(words, state, act): {SHORT[code] for code in roles} for words, state, act, *roles in rows}
