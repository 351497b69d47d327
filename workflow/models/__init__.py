"""What is so about a request."""

from workflow.models.activities import Activity, ActivityStep, ActivityType
from workflow.models.amendments import Amendment, AmendmentLine
from workflow.models.assessments import Assessment, ContextSheet
from workflow.models.assistance_request import AssistanceRequest, RequestMission, UrgentAllowance
from workflow.models.assisted_returns import AssistedReturn, ReturnItem
from workflow.models.budget import BudgetLine
from workflow.models.case_transfers import CaseTransfer, CaseTransferAim
from workflow.models.cases import Case
from workflow.models.complaints import AnswerWay, Complaint, ComplaintChannel, ComplaintKind
from workflow.models.concerns import Concern, ConcernKind, Finding
from workflow.models.cost_norms import CostNorm
from workflow.models.crisis_windows import CrisisPlace, CrisisWindow
from workflow.models.criteria import CriteriaSet, Criterion, EligibilityAnswer
from workflow.models.documents import LARGEST_DOCUMENT, Document, Verdict
from workflow.models.donor_reports import DonorReport
from workflow.models.erasures import Erasure, ErasureGround
from workflow.models.followings import Following, Mention
from workflow.models.gate_evidence import GateEvidence
from workflow.models.likenesses import Fingerprint, KnownPerson, Likeness
from workflow.models.likenesses import Verdict as LikenessVerdict
from workflow.models.lost_receipts import LostReceipt
from workflow.models.person_copies import CopyAsker, PersonCopy
from workflow.models.persons import AlternativeCheck, Consent, HelpAsked, Person
from workflow.models.questions import Question
from workflow.models.referrals import Referral, ReferralKind
from workflow.models.reintegration import (
    Dimension,
    FollowUpVisit,
    ReintegrationForm,
    ReintegrationMeasure,
    ReintegrationPlan,
)
from workflow.models.remarks import Remark, RemarkKind
from workflow.models.reminders import Reminder
from workflow.models.reports import Report, ReportLine
from workflow.models.retention_holds import RetentionHold, RetentionHoldGround
from workflow.models.saved_views import SavedView
from workflow.models.surveys import Survey, SurveyMoment, SurveyOutcome, SurveyQuestion, SurveyResult, SurveyScale
from workflow.models.tables import Table
from workflow.models.trafficking_screenings import TraffickingScreening
from workflow.models.uploads import LARGEST_PIECE, Upload, UploadPiece

__all__ = [
    "LARGEST_DOCUMENT",
    "LARGEST_PIECE",
    "Activity",
    "ActivityStep",
    "ActivityType",
    "AlternativeCheck",
    "Amendment",
    "AmendmentLine",
    "AnswerWay",
    "Assessment",
    "AssistanceRequest",
    "AssistedReturn",
    "BudgetLine",
    "Case",
    "CaseTransfer",
    "CaseTransferAim",
    "Complaint",
    "ComplaintChannel",
    "ComplaintKind",
    "Concern",
    "ConcernKind",
    "Consent",
    "ContextSheet",
    "CopyAsker",
    "CostNorm",
    "CrisisPlace",
    "CrisisWindow",
    "CriteriaSet",
    "Criterion",
    "Dimension",
    "Document",
    "DonorReport",
    "EligibilityAnswer",
    "Erasure",
    "ErasureGround",
    "Finding",
    "Fingerprint",
    "FollowUpVisit",
    "Following",
    "GateEvidence",
    "HelpAsked",
    "KnownPerson",
    "Likeness",
    "LikenessVerdict",
    "LostReceipt",
    "Mention",
    "Person",
    "PersonCopy",
    "Question",
    "Referral",
    "ReferralKind",
    "ReintegrationForm",
    "ReintegrationMeasure",
    "ReintegrationPlan",
    "Remark",
    "RemarkKind",
    "Reminder",
    "Report",
    "ReportLine",
    "RequestMission",
    "RetentionHold",
    "RetentionHoldGround",
    "ReturnItem",
    "SavedView",
    "Survey",
    "SurveyMoment",
    "SurveyOutcome",
    "SurveyQuestion",
    "SurveyResult",
    "SurveyScale",
    "Table",
    "TraffickingScreening",
    "Upload",
    "UploadPiece",
    "UrgentAllowance",
    "Verdict",
]
