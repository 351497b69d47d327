"""How old each unfinished request, and what hangs on it, may be; whose it is then, and what to do.

A request's time before the decision is also told by its clock; here stands how long it may rest where it is.
"""

from __future__ import annotations

from django.db.models import Case, CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.ages import Age, Kind, register
from gaf.privacy.models import StrictCase
from workflow.models import (
    Amendment,
    AssistanceRequest,
    AssistedReturn,
    CaseTransfer,
    Complaint,
    ComplaintChannel,
    Concern,
    CostNorm,
    CrisisWindow,
    DonorReport,
    Erasure,
    FollowUpVisit,
    Likeness,
    LostReceipt,
    PersonCopy,
    RetentionHold,
    Table,
    Upload,
    UrgentAllowance,
)
from workflow.models.complaints import OF_THE_MISSION
from workflow.states import FINAL_STATES, UNDER_REVIEW

_CW, _HU, _FM, _PF = Role.CASE_WORKER, Role.HEAD_OF_UNIT, Role.FUND_MANAGER, Role.PRIVACY_FOCAL_POINT
_DECIDE = _("Decide, ask, or hand it on.")
_TARGETS = {
    "P1": "priority_P1_decision_hours",
    "P2": "priority_P2_decision_hours",
    "P3": "priority_P3_decision_days",
    "P4": "priority_P4_decision_days",
}


def _decisions(state: str, owner: Role) -> tuple[Age, ...]:
    """Where headquarters decides, as long as the priority leaves it."""
    return tuple(Age(state, most, owner, _DECIDE, only={"priority": priority}) for priority, most in _TARGETS.items())


def _record(key: str, place: str) -> str:
    return f"/requests/{key}/"


def _likenesses() -> QuerySet[Likeness]:
    """Without those of requests that are kept to named people, of which nobody else is to learn."""
    strict = StrictCase.objects.values("reference")
    rows = Likeness.objects.exclude(first__assistance__reference__in=strict)
    return rows.exclude(second__assistance__reference__in=strict)


def _uploads() -> QuerySet[Upload]:
    """What has not arrived, without that of requests that are kept to named people."""
    rows = Upload.objects.exclude(assistance__reference__in=StrictCase.objects.values("reference"))
    return rows.annotate(
        state=Case(When(arrived_at=None, then=Value("UNDER_WAY")), default=None, output_field=CharField())
    )


def _complaints() -> QuerySet[Complaint]:
    """Without what is with oversight, and without those about requests that are kept to named people."""
    strict = StrictCase.objects.values("reference")
    rows = Complaint.objects.filter(passed_on_at=None)
    return rows.filter(Q(assistance=None) | ~Q(assistance__reference__in=strict))


def _complaint(key: str, place: str) -> str:
    return f"/complaints/{key}/"


def _transfers() -> QuerySet[CaseTransfer]:
    """Without those of requests that are kept to named people: whoever was asked by name finds it in the list."""
    strict = StrictCase.objects.values("reference")
    rows = CaseTransfer.objects.exclude(assistance__reference__in=strict)
    return rows.annotate(priority=F("assistance__priority"))


def _visits() -> QuerySet[FollowUpVisit]:
    """Without those of a return that is concluded, or whose request has ended: they are owed no more."""
    rows = FollowUpVisit.objects.exclude(assisted_return__state="CONCLUDED")
    return rows.exclude(assistance__state__in=FINAL_STATES)


def _returns() -> QuerySet[AssistedReturn]:
    """Without those whose request has ended."""
    return AssistedReturn.objects.exclude(assistance__state__in=FINAL_STATES)


def _of_return(key: str, place: str) -> str:
    return f"/assisted-returns/{place}/"


_HERE = Case(When(arrived_on=None, then=F("assistance__mission_id")), default=F("origin_id"))
_GO_ON = _("Record what was done, or conclude the return.")
# Whoever wrote it first has nothing to do with it any more.
_MOVED = CaseTransfer.objects.filter(assistance=OuterRef("pk"), state="ACCEPTED")
_ANSWER = _("Accept the transfer, or say why not.")


register(
    Kind(
        "request",
        _("Request"),
        lambda: AssistanceRequest.objects.all(),
        F("reference"),
        (
            Age("DRAFT", "age_draft_days", _CW, _("Send it, or withdraw it.")),
            Age("SUBMITTED", "age_endorse_days", _HU, _("Endorse, or send back")),
            *_decisions("ELIGIBILITY_REVIEW", Role.ELIGIBILITY_REVIEWER),
            Age("CLARIFICATION", "age_answer_days", _CW, _("Answer the questions")),
            Age("PLAN_AND_BUDGET", "age_plan_days", _CW, _("Write plan and budget")),
            *_decisions("BUDGET_REVIEW", Role.BUDGET_APPROVER),
            Age("APPROVED", "age_certify_days", Role.CERTIFYING_OFFICER, _("Confirm funds, or return it.")),
            Age("FUNDED", "age_pay_days", Role.CERTIFYING_OFFICER, _("Prepare the disbursements.")),
            Age("DISBURSING", "age_bank_days", Role.RECONCILER, _("Match the first payment, or ask the bank.")),
            Age("IMPLEMENTING", "implementation_months_max", _CW, _("End the help, or ask for more time.")),
            Age("REPORTING", "final_financial_due_days", Role.MISSION_FINANCE, _("Send the report.")),
            Age("RECONCILING", "age_close_days", _FM, _("Have every cent explained, and close.")),
            Age("ON_HOLD", "age_hold_days", _FM, _("Let it go on, or cancel it.")),
        ),
        _record,
        since=F("moved_at"),
        mission=F("mission_id"),
        person=Coalesce(
            Case(When(state="ELIGIBILITY_REVIEW", then=F("taken_by_id"))),
            Case(When(~Exists(_MOVED), state="DRAFT", then=F("author_id"))),
        ),
    ),
    Kind(
        "urgent_file",
        _("Urgent request to finish"),
        lambda: UrgentAllowance.objects.filter(assistance__endorsed_at=None).annotate(
            state=Case(When(assistance__state__in=UNDER_REVIEW, then=Value("UNFINISHED")), output_field=CharField())
        ),
        F("assistance__reference"),
        (
            Age(
                "UNFINISHED",
                "preapproval_regularise_hours",
                _HU,
                _("Finish the request and endorse it."),
                _("money allowed, not endorsed"),
            ),
        ),
        _record,
        since=F("allowed_at"),
        mission=F("assistance__mission_id"),
    ),
    Kind(
        "amendment",
        _("Amendment"),
        lambda: Amendment.objects.all(),
        F("key"),
        (
            Age("ASKED", "age_endorse_days", _HU, _("Endorse the amendment, or take it back.")),
            Age("ENDORSED", "age_second_person_days", Role.ELIGIBILITY_REVIEWER, _DECIDE),
            Age("REVIEWED", "age_second_person_days", Role.BUDGET_APPROVER, _DECIDE),
        ),
        lambda key, place: f"/requests/{place}/",
        since=F("moved_at"),
        place=F("assistance__reference"),
        mission=F("assistance__mission_id"),
    ),
    Kind(
        "lost_receipt",
        _("Lost receipt"),
        lambda: LostReceipt.objects.all(),
        F("key"),
        (
            Age("DECLARED", "age_endorse_days", _HU, _("A second person witnesses the statement.")),
            Age("WITNESSED", "age_second_person_days", _FM, _("Accept the statement, or not.")),
        ),
        lambda key, place: f"/requests/{place}/",
        place=F("assistance__reference"),
        mission=F("assistance__mission_id"),
    ),
    Kind(
        "table",
        _("Table of persons helped"),
        lambda: Table.objects.all(),
        F("key"),
        (Age("PROPOSED", "age_second_person_days", _FM, _("Publish the table, or discard it.")),),
        lambda key, place: f"/tables/{key}/",
        since=F("proposed_at"),
    ),
    Kind(
        "cost_norm",
        _("Cost norm"),
        lambda: CostNorm.objects.all(),
        F("key"),
        (Age("RECORDED", "age_second_person_days", _FM, _("Confirm the norm, or discard it.")),),
        lambda key, place: "/cost-norms/",
        since=F("recorded_at"),
        mission=F("mission_id"),
    ),
    Kind(
        "crisis_window",
        _("Crisis window"),
        lambda: CrisisWindow.objects.all(),
        F("key"),
        (
            Age("RECORDED", "age_second_person_days", _FM, _("Open the window, or discard it.")),
            Age("END_ASKED", "age_second_person_days", _FM, _("Confirm the new last day, or leave it as it is.")),
        ),
        lambda key, place: "/crisis-windows/",
        since=Coalesce(F("asked_at"), F("recorded_at")),
    ),
    Kind(
        "donor_report",
        _("Donor report"),
        lambda: DonorReport.objects.all(),
        F("key"),
        (
            Age("DRAFT", "age_draft_days", _FM, _("Send the report to a second reader, or discard it.")),
            Age("PROPOSED", "age_second_person_days", Role.CERTIFYING_OFFICER, _("Issue the report, or return it.")),
        ),
        lambda key, place: f"/donor-reports/{key}/",
        since=Coalesce(F("proposed_at"), F("begun_at")),
    ),
    Kind(
        "retention_hold",
        _("Retention hold"),
        lambda: RetentionHold.objects.all(),
        F("key"),
        (
            Age(
                "STANDING",
                "age_second_person_days",
                _PF,
                _("Have the hold lifted, and placed anew if it is still needed."),
            ),
        ),
        lambda key, place: "/retention/",
        since=Cast(F("until"), DateTimeField()),
    ),
    Kind(
        "erasure",
        _("Erasure of a case"),
        lambda: Erasure.objects.all(),
        F("key"),
        (
            Age("PROPOSED", "age_second_person_days", _PF, _("A second person confirms it, or discards it.")),
            Age("CONFIRMED", "age_job_hours", Role.SYSTEM_ADMINISTRATOR, _("See whether the worker runs.")),
        ),
        lambda key, place: f"/erasures/{key}/",
        since=Coalesce(F("confirmed_at"), F("proposed_at")),
    ),
    Kind(
        "likeness",
        _("Two persons who may be one"),
        _likenesses,
        F("key"),
        (
            Age("FOUND", "age_answer_days", Role.DATA_STEWARD, _("Ask both missions, and say what they answered.")),
            Age("WEIGHED", "age_second_person_days", _PF, _("A third person decides whether they are one.")),
        ),
        lambda key, place: f"/same-persons/{key}/",
        since=Coalesce(F("weighed_at"), F("found_at")),
    ),
    Kind(
        "case_transfer",
        _("Transfer to another mission"),
        _transfers,
        F("key"),
        (
            Age("PROPOSED", "age_transfer_urgent_hours", _HU, _ANSWER, only={"priority": "P1"}),
            *(
                Age("PROPOSED", "age_transfer_hours", _HU, _ANSWER, only={"priority": priority})
                for priority in ("P2", "P3", "P4")
            ),
        ),
        lambda key, place: f"/transfers/{key}/",
        since=F("proposed_at"),
        mission=F("receiving_id"),
    ),
    Kind(
        "assisted_return",
        _("Assisted return"),
        _returns,
        F("key"),
        tuple(
            Age(state, most, _CW, _GO_ON)
            for state, most in (
                ("PRE_DEPARTURE", "age_departure_days"),
                ("TRAVEL", "age_arrival_days"),
                ("POST_ARRIVAL", "age_reintegration_days"),
                ("REINTEGRATION", "age_return_months"),
            )
        ),
        _of_return,
        since=F("moved_at"),
        place=F("assistance__reference"),
        mission=_HERE,
    ),
    Kind(
        "follow_up_visit",
        _("Follow-up visit"),
        _visits,
        F("key"),
        (Age("PLANNED", "age_visit_days", _CW, _("Visit the persons, and record what was found.")),),
        _of_return,
        since=Cast(F("due_on"), DateTimeField()),
        place=F("assistance__reference"),
        mission=F("assisted_return__origin_id"),
    ),
    Kind(
        "person_copy",
        _("Copy for a person"),
        lambda: PersonCopy.objects.all(),
        F("key"),
        (Age("ASKED", "age_copy_days", _HU, _("Hand the copy over, or say why not.")),),
        lambda key, place: f"/copies/{place}/{key.rpartition('/C')[2]}/",
        since=F("recorded_at"),
        place=F("assistance__reference"),
        mission=F("assistance__mission_id"),
    ),
    Kind(
        "upload",
        _("File on its way"),
        _uploads,
        F("key"),
        (Age("UNDER_WAY", "upload_kept_hours", _CW, _("Add the file again."), _("not whole")),),
        lambda key, place: f"/requests/{place}/documents/",
        since=F("begun_at"),
        place=F("assistance__reference"),
        mission=F("assistance__mission_id"),
        person=F("begun_by_id"),
    ),
    Kind(
        "complaint",
        _("Complaint"),
        _complaints,
        F("key"),
        (
            Age("RECEIVED", "complaint_acknowledge_days", _FM, _("Look into it, or pass it on to oversight.")),
            Age("BEING_LOOKED_INTO", "complaint_answer_days", _FM, _("Say what was found, and answer.")),
            Age("ANSWERED", "complaint_tell_days", _FM, _("See that the person hears the answer, and close it.")),
        ),
        _complaint,
        since=Coalesce(F("answered_at"), F("received_at")),
        mission=Case(
            When(
                ~Q(channel=ComplaintChannel.PAGE), kind__in=OF_THE_MISSION, about=None, then=F("assistance__mission_id")
            )
        ),
    ),
    Kind(
        "passed_on",
        _("Complaint with oversight"),
        lambda: Complaint.objects.filter(passed_on_at__isnull=False),
        F("key"),
        (
            Age(
                "PASSED_ON",
                "complaint_abuse_hours",
                Role.OVERSIGHT,
                _("Begin within a day; say what was found."),
                _("With oversight"),
            ),
        ),
        _complaint,
        since=F("passed_on_at"),
        kept_for=Role.OVERSIGHT,
    ),
    Kind(
        "concern",
        _("Concern"),
        lambda: Concern.objects.all(),
        F("key"),
        (
            Age("RECEIVED", "concern_look_days", Role.OVERSIGHT, _("Look into the concern.")),
            Age("LOOKED_INTO", "concern_close_days", Role.OVERSIGHT, _("Close it with what was found.")),
        ),
        lambda key, place: f"/concerns/{key}/",
        since=F("received_at"),
        kept_for=Role.OVERSIGHT,
    ),
)
