"""What can be true of an assistance request, of one of its lines, and of a mission's report.

The words each side reads for a state, and its colour, stand with the page components; what a state permits stands here
and in the declared acts of the request.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequestState(models.TextChoices):
    """Where a request stands on its way from the first word to the closed file."""

    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("With the head of unit")
    ELIGIBILITY_REVIEW = "ELIGIBILITY_REVIEW", _("Eligibility review")
    CLARIFICATION = "CLARIFICATION", _("Question to the mission")
    PLAN_AND_BUDGET = "PLAN_AND_BUDGET", _("Plan and budget")
    BUDGET_REVIEW = "BUDGET_REVIEW", _("Budget review")
    APPROVED = "APPROVED", _("Approved")
    FUNDED = "FUNDED", _("Funds confirmed")
    DISBURSING = "DISBURSING", _("Payment on its way")
    IMPLEMENTING = "IMPLEMENTING", _("Help is being given")
    REPORTING = "REPORTING", _("Reports due")
    RECONCILING = "RECONCILING", _("Being reconciled")
    CLOSED = "CLOSED", _("Closed")
    INELIGIBLE = "INELIGIBLE", _("Not eligible")
    DECLINED = "DECLINED", _("Declined")
    ON_HOLD = "ON_HOLD", _("On hold")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("request", "Withdrawn")
    CANCELLED = "CANCELLED", pgettext_lazy("request", "Cancelled")


# From here nothing moves any more, except by reopening or by paying urgent costs that are honoured.
FINAL_STATES = (
    RequestState.CLOSED,
    RequestState.INELIGIBLE,
    RequestState.DECLINED,
    RequestState.WITHDRAWN,
    RequestState.CANCELLED,
)
OPEN_STATES = tuple(state for state in RequestState if state not in FINAL_STATES)
# The decision about money is still to come.
BEFORE_APPROVAL = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.ELIGIBILITY_REVIEW,
    RequestState.CLARIFICATION,
    RequestState.PLAN_AND_BUDGET,
    RequestState.BUDGET_REVIEW,
)
# Headquarters has it, and nothing was decided about money.
UNDER_REVIEW = (
    RequestState.ELIGIBILITY_REVIEW,
    RequestState.CLARIFICATION,
    RequestState.PLAN_AND_BUDGET,
    RequestState.BUDGET_REVIEW,
)
# Money is committed, and help can still change.
UNDER_WAY = (
    RequestState.APPROVED,
    RequestState.FUNDED,
    RequestState.DISBURSING,
    RequestState.IMPLEMENTING,
)
# Gates ask for evidence from the first word until the file is closed.
GATES_MOVE_IN = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    *UNDER_REVIEW,
    *UNDER_WAY,
    RequestState.REPORTING,
    RequestState.RECONCILING,
)
# Once sent, consent is recorded and taken back by acts of its own; in a draft it is written with the rest.
CONSENT_MOVES_IN = tuple(state for state in GATES_MOVE_IN if state != RequestState.DRAFT)
MAY_BE_HELD = (*UNDER_REVIEW, *UNDER_WAY, RequestState.REPORTING, RequestState.RECONCILING)
# Nothing was decided about money, and no budget waits to be: another mission can take the case over.
MAY_BE_TRANSFERRED = (
    RequestState.SUBMITTED,
    RequestState.ELIGIBILITY_REVIEW,
    RequestState.CLARIFICATION,
    RequestState.PLAN_AND_BUDGET,
)
MAY_BE_CANCELLED = (*UNDER_REVIEW, *UNDER_WAY, RequestState.ON_HOLD)
# Ended without approval: urgent costs that were allowed and reported are still paid.
ENDED_WITHOUT_APPROVAL = (
    RequestState.INELIGIBLE,
    RequestState.DECLINED,
    RequestState.WITHDRAWN,
    RequestState.CANCELLED,
)


class LineState(models.TextChoices):
    """What was decided about one line of the budget."""

    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    CUT = "CUT", _("Approved in part")
    DEFERRED = "DEFERRED", _("Waits for a condition")
    DECLINED = "DECLINED", _("Not approved")
    CANCELLED = "CANCELLED", _("Cancelled")


# Lines the fund pays for.
GRANTED = (LineState.APPROVED, LineState.CUT)


class ReportState(models.TextChoices):
    """A mission's report: the newest one counts until it is accepted."""

    SENT = "SENT", _("Sent")
    SUPERSEDED = "SUPERSEDED", _("Replaced by a newer one")
    ACCEPTED = "ACCEPTED", _("Accepted")


class AmendmentState(models.TextChoices):
    """An amendment takes the same steps as the first budget; the request itself stays where it is meanwhile."""

    ASKED = "ASKED", _("With the head of unit")
    ENDORSED = "ENDORSED", _("Endorsed, to be reviewed")
    REVIEWED = "REVIEWED", _("Reviewed, to be approved")
    APPROVED = "APPROVED", _("Approved")
    REFUSED = "REFUSED", _("Not approved")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    LAPSED = "LAPSED", _("Lapsed: help ended before it was decided")


OPEN_AMENDMENTS = (AmendmentState.ASKED, AmendmentState.ENDORSED, AmendmentState.REVIEWED)


class LostReceiptState(models.TextChoices):
    """A statement in place of a receipt counts when a second person witnessed it and the manager accepted it."""

    DECLARED = "DECLARED", _("Declared, to be witnessed")
    WITNESSED = "WITNESSED", _("Witnessed, to be accepted")
    ACCEPTED = "ACCEPTED", _("Accepted in place of a receipt")
    REFUSED = "REFUSED", _("Not accepted")


class TableState(models.TextChoices):
    """A table of persons helped is read by nobody before a second person publishes it."""

    PROPOSED = "PROPOSED", _("Proposed, to be published")
    PUBLISHED = "PUBLISHED", pgettext_lazy("table", "Published")
    DISCARDED = "DISCARDED", pgettext_lazy("table", "Discarded")


class RetentionHoldState(models.TextChoices):
    """A retention hold stands until a second person lifts it."""

    STANDING = "STANDING", pgettext_lazy("retention hold", "Stands")
    LIFTED = "LIFTED", pgettext_lazy("retention hold", "Lifted")


class CostNormState(models.TextChoices):
    """A cost norm counts once a second person confirmed it."""

    RECORDED = "RECORDED", _("Recorded, to be confirmed")
    IN_FORCE = "IN_FORCE", pgettext_lazy("cost norm", "Confirmed")
    DISCARDED = "DISCARDED", pgettext_lazy("cost norm", "Discarded")


class CrisisWindowState(models.TextChoices):
    """A crisis window counts once a second person opened it; whether it has begun or ended, its days say."""

    RECORDED = "RECORDED", _("Recorded, to be opened")
    OPEN = "OPEN", pgettext_lazy("crisis window", "Confirmed")
    END_ASKED = "END_ASKED", _("Confirmed; another last day is asked for")
    DISCARDED = "DISCARDED", pgettext_lazy("crisis window", "Discarded")


# Of these windows the days count.
WINDOW_COUNTS = (CrisisWindowState.OPEN, CrisisWindowState.END_ASKED)


class DonorReportState(models.TextChoices):
    """A donor report is written, read by a second person, and issued; then nothing of it changes."""

    DRAFT = "DRAFT", pgettext_lazy("donor report", "Draft")
    PROPOSED = "PROPOSED", _("With the second reader")
    ISSUED = "ISSUED", pgettext_lazy("donor report", "Issued")
    DISCARDED = "DISCARDED", pgettext_lazy("donor report", "Discarded")


class ErasureState(models.TextChoices):
    """An erasure takes two people, and then the worker."""

    PROPOSED = "PROPOSED", _("Proposed, to be confirmed")
    CONFIRMED = "CONFIRMED", _("Confirmed, being carried out")
    DONE = "DONE", pgettext_lazy("erasure", "Erased")
    DISCARDED = "DISCARDED", pgettext_lazy("erasure", "Discarded")


class PersonCopyState(models.TextChoices):
    """A copy for a person: asked for, and handed over or not."""

    ASKED = "ASKED", _("Asked for, to be handed over")
    GIVEN = "GIVEN", _("Handed over")
    REFUSED = "REFUSED", pgettext_lazy("copy", "Not handed over")


class LikenessState(models.TextChoices):
    """Two persons who may be one: the missions are asked, and a third person decides."""

    FOUND = "FOUND", _("Possible, missions to be asked")
    WEIGHED = "WEIGHED", _("Missions asked, to be decided")
    SAME = "SAME", _("One person")
    DIFFERENT = "DIFFERENT", _("Two persons")


class ComplaintState(models.TextChoices):
    """A complaint is looked into and answered, or goes to oversight, of which nobody else hears."""

    RECEIVED = "RECEIVED", pgettext_lazy("complaint", "Received")
    BEING_LOOKED_INTO = "BEING_LOOKED_INTO", pgettext_lazy("complaint", "Being looked into")
    ANSWERED = "ANSWERED", pgettext_lazy("complaint", "Answered")
    CLOSED = "CLOSED", pgettext_lazy("complaint", "Closed")
    PASSED_ON = "PASSED_ON", _("With oversight")


class ConcernState(models.TextChoices):
    """A concern is read by oversight alone."""

    RECEIVED = "RECEIVED", pgettext_lazy("concern", "Received")
    LOOKED_INTO = "LOOKED_INTO", pgettext_lazy("concern", "Being looked into")
    CLOSED = "CLOSED", pgettext_lazy("concern", "Closed")


# Complaints that nobody answered yet; one that went to oversight is not among them, so that nothing tells of it.
OPEN_COMPLAINTS = (ComplaintState.RECEIVED, ComplaintState.BEING_LOOKED_INTO)


class CaseTransferState(models.TextChoices):
    """A case goes to another mission once the head of unit there accepts it."""

    PROPOSED = "PROPOSED", _("Proposed, to be accepted")
    ACCEPTED = "ACCEPTED", pgettext_lazy("transfer", "Accepted")
    REFUSED = "REFUSED", pgettext_lazy("transfer", "Not accepted")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("transfer", "Taken back")
    LAPSED = "LAPSED", pgettext_lazy("transfer", "Lapsed without an answer")


class AssistedReturnState(models.TextChoices):
    """The stages of an assisted voluntary return; the mission there takes over when the persons arrive."""

    PRE_DEPARTURE = "PRE_DEPARTURE", pgettext_lazy("return", "Before departure")
    TRAVEL = "TRAVEL", pgettext_lazy("return", "On the way")
    POST_ARRIVAL = "POST_ARRIVAL", pgettext_lazy("return", "Arrived")
    REINTEGRATION = "REINTEGRATION", pgettext_lazy("return", "Reintegration")
    CONCLUDED = "CONCLUDED", pgettext_lazy("return", "Concluded")


AT_HOME = (AssistedReturnState.POST_ARRIVAL, AssistedReturnState.REINTEGRATION)
OPEN_RETURNS = (AssistedReturnState.PRE_DEPARTURE, AssistedReturnState.TRAVEL, *AT_HOME)
# There are lines for a return, and no other mission can take the case over.
A_RETURN_BEGINS_IN = (RequestState.BUDGET_REVIEW, *UNDER_WAY)


class FollowUpVisitState(models.TextChoices):
    """A visit after arrival is planned, and took place or not."""

    PLANNED = "PLANNED", pgettext_lazy("visit", "Planned")
    DONE = "DONE", pgettext_lazy("visit", "Done")
    NOT_REACHED = "NOT_REACHED", pgettext_lazy("visit", "Not reached")
    REFUSED = "REFUSED", pgettext_lazy("visit", "Not wanted")


# From here nothing of the case comes back.
BEING_ERASED = (ErasureState.CONFIRMED, ErasureState.DONE)

UNDECIDED_STATEMENTS = (LostReceiptState.DECLARED, LostReceiptState.WITNESSED)
