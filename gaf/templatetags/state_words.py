"""What each state is called on a page, for the mission and for headquarters, and which waiting its colour means.

Only words and colours live here; what a state permits is in the `states.py` of its app. The colour answers one
question for the reader: amber is “you or your side must act”, blue “somebody else has it”, grey “not begun or over”,
green “decided yes”, violet “money is moving”, teal “help is being given or paid”, red “failed or returned”.
Because the same state is work for one side and waiting for the other, each side has its own word and colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise

FAMILIES = ("grey", "blue", "amber", "green", "violet", "teal", "red")
# Shapes repeat the colour for those who do not see it; a state that is over says how by a shape of its own.
SHAPES = {
    "grey": "ring",
    "blue": "half",
    "amber": "triangle",
    "green": "tick",
    "violet": "arrows",
    "teal": "disc",
    "red": "cross",
}


@dataclass(frozen=True)
class StateWords:
    """One state as one side reads it. `with_detail` takes a name, date or reason as `%(detail)s`."""

    label: Words
    family: str
    shape: str = ""
    with_detail: Words = ""

    def text(self, detail: str = "") -> str:
        """The words, with the detail put in where the state has a place for it."""
        return str(self.with_detail) % {"detail": detail} if detail and self.with_detail else str(self.label)

    @property
    def drawn(self) -> str:
        return self.shape or SHAPES[self.family]


def _both(words: StateWords) -> dict[str, StateWords]:
    return {"mission": words, "hq": words}


REQUEST = {
    "DRAFT": _both(StateWords(_("Draft, not sent"), "grey")),
    "SUBMITTED": {
        "mission": StateWords(_("Waiting for your head of unit"), "blue"),
        "hq": StateWords(_("With the mission’s head of unit"), "blue"),
    },
    "ELIGIBILITY_REVIEW": {
        "mission": StateWords(_("Being checked"), "blue"),
        "hq": StateWords(_("To check, nobody has it"), "blue", with_detail=_("Being checked by %(detail)s")),
    },
    "CLARIFICATION": {
        "mission": StateWords(_("Answer needed from you"), "amber"),
        "hq": StateWords(_("Waiting for the mission"), "blue"),
    },
    "PLAN_AND_BUDGET": {
        "mission": StateWords(_("Eligible: plan and budget needed"), "amber"),
        "hq": StateWords(_("Eligible, mission is planning"), "blue"),
    },
    "INELIGIBLE": {
        "mission": StateWords(_("Not eligible, see the reasons"), "grey", "struck"),
        "hq": StateWords(_("Not eligible"), "grey", "struck"),
    },
    "BUDGET_REVIEW": {
        "mission": StateWords(_("Budget with the approver"), "blue"),
        "hq": StateWords(_("To approve"), "blue"),
    },
    "APPROVED": {
        "mission": StateWords(_("Approved"), "green"),
        "hq": StateWords(_("Approved, funds to confirm"), "green"),
    },
    "FUNDED": {"mission": StateWords(_("Funds confirmed"), "green"), "hq": StateWords(_("Ready to pay"), "green")},
    "DISBURSING": {"mission": StateWords(_("Payment on its way"), "violet"), "hq": StateWords(_("Paying"), "violet")},
    "IMPLEMENTING": {
        "mission": StateWords(_("Help is being given"), "teal"),
        "hq": StateWords(_("Mission is giving help"), "teal"),
    },
    "REPORTING": {
        "mission": StateWords(_("Reports due"), "amber", with_detail=_("Reports due on %(detail)s")),
        "hq": StateWords(_("Waiting for reports"), "blue"),
    },
    "RECONCILING": {
        "mission": StateWords(_("Reports with headquarters’ finance"), "violet"),
        "hq": StateWords(_("To reconcile"), "violet"),
    },
    "CLOSED": _both(StateWords(_("Closed"), "grey", "tick")),
    "ON_HOLD": _both(StateWords(_("On hold"), "grey", "pause", _("On hold: %(detail)s"))),
    "DECLINED": {
        "mission": StateWords(
            _("Not approved, see the reasons"),
            "grey",
            "struck",
            _("Not approved, see the reasons; review possible until %(detail)s"),
        ),
        "hq": StateWords(_("Declined"), "grey", "struck"),
    },
    "WITHDRAWN": _both(StateWords(pgettext_lazy("request", "Withdrawn"), "grey", "struck")),
    "CANCELLED": _both(StateWords(pgettext_lazy("request", "Cancelled"), "grey", "struck")),
}

DISBURSEMENT = {
    "PREPARED": _both(StateWords(pgettext_lazy("disbursement", "Prepared"), "blue")),
    "RELEASED": _both(StateWords(pgettext_lazy("disbursement", "Released"), "violet")),
    "SENDING": _both(StateWords(pgettext_lazy("disbursement", "Being sent"), "violet")),
    "SENT": _both(StateWords(pgettext_lazy("disbursement", "Sent"), "violet")),
    "UNKNOWN": _both(StateWords(pgettext_lazy("disbursement", "Result unknown"), "red")),
    "CONFIRMED": _both(StateWords(pgettext_lazy("disbursement", "Confirmed"), "teal")),
    "RETURNED": _both(StateWords(pgettext_lazy("disbursement", "Returned"), "red")),
    "FAILED": _both(StateWords(pgettext_lazy("disbursement", "Failed"), "red")),
    "STOPPED": _both(StateWords(pgettext_lazy("disbursement", "Stopped"), "grey", "struck")),
}

STATEMENT = {
    "IMPORTED": _both(StateWords(pgettext_lazy("bank statement", "Imported"), "teal")),
    "NEEDS_REVIEW": _both(StateWords(_("Needs a second look"), "amber")),
    "REVIEWED": _both(StateWords(_("Accepted after a second look"), "blue")),
}

STATEMENT_LINE = {
    "HELD": _both(StateWords(pgettext_lazy("bank line", "Held"), "grey", "pause")),
    "UNMATCHED": _both(StateWords(pgettext_lazy("bank line", "Not matched"), "amber")),
    "PROPOSED": _both(StateWords(pgettext_lazy("bank line", "Suggested"), "blue")),
    "MATCHED": _both(StateWords(pgettext_lazy("bank line", "Matched"), "teal")),
    "SET_ASIDE": _both(StateWords(pgettext_lazy("bank line", "Set aside"), "grey", "pause")),
}

MATCH_RULE = {
    "DRAFT": _both(StateWords(pgettext_lazy("rule", "Draft, not tested"), "grey")),
    "TESTED": _both(StateWords(pgettext_lazy("rule", "Tested, to be put in force"), "amber")),
    "ACTIVE": _both(StateWords(pgettext_lazy("rule", "In force"), "green")),
    "RETIRED": _both(StateWords(pgettext_lazy("rule", "Retired"), "grey", "struck")),
}

PAYMENT_FILE = {
    "PREPARED": _both(StateWords(_("Prepared, to be signed"), "amber")),
    "SIGNED_ONCE": _both(StateWords(_("Signed once"), "amber")),
    "SIGNED": _both(StateWords(_("Signed by two"), "green")),
    "SENT": _both(StateWords(_("At the bank"), "violet")),
    "DISCARDED": _both(StateWords(_("Discarded"), "grey", "struck")),
}

PAYEE_DETAILS = {
    "RECORDED": _both(StateWords(_("Recorded, to be confirmed by call-back"), "amber")),
    "CONFIRMED": _both(StateWords(_("Confirmed by call-back"), "green")),
    "REJECTED": _both(StateWords(_("Rejected"), "red")),
    "SUPERSEDED": _both(StateWords(_("Superseded"), "grey", "struck")),
}

HIT = {
    "OPEN": _both(StateWords(_("To be compared by two"), "amber")),
    "CLEARED_ONCE": _both(StateWords(_("Cleared by one"), "amber")),
    "CLEARED": _both(StateWords(_("Cleared by two"), "green")),
    "CONFIRMED": _both(StateWords(_("The same: never paid"), "red")),
}

RATE = {
    "ENTERED": _both(StateWords(_("Entered, to be approved"), "amber")),
    "APPROVED": _both(StateWords(pgettext_lazy("rate", "Approved"), "green")),
}

RATE_LIST = {
    "IMPORTED": _both(StateWords(_("Imported, to be approved"), "amber")),
    "APPROVED": _both(StateWords(pgettext_lazy("rate list", "Approved"), "green")),
    "DISCARDED": _both(StateWords(pgettext_lazy("rate list", "Discarded"), "grey", "struck")),
}

PERIOD = {
    "OPEN": _both(StateWords(pgettext_lazy("month", "Open"), "blue")),
    "SOFT_CLOSED": _both(StateWords(_("Closed for all but a few"), "amber")),
    "CLOSED": _both(StateWords(_("Closed for good"), "grey", "tick")),
}

EXCEPTION = {
    "ASKED": _both(StateWords(_("Asked, to be given"), "amber")),
    "APPROVED": _both(StateWords(pgettext_lazy("exception", "Given"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("exception", "Refused"), "grey", "struck")),
}

AGREEMENT = {
    "RECORDED": _both(StateWords(_("Recorded, to be confirmed"), "amber")),
    "IN_FORCE": _both(StateWords(pgettext_lazy("agreement", "Confirmed"), "green")),
    "DISCARDED": _both(StateWords(pgettext_lazy("agreement", "Discarded"), "grey", "struck")),
}

COST_NORM = {
    "RECORDED": _both(StateWords(_("Recorded, to be confirmed"), "amber")),
    "IN_FORCE": _both(StateWords(pgettext_lazy("cost norm", "Confirmed"), "green")),
    "DISCARDED": _both(StateWords(pgettext_lazy("cost norm", "Discarded"), "grey", "struck")),
}

CRISIS_WINDOW = {
    "RECORDED": _both(StateWords(_("Recorded, to be opened"), "amber")),
    "OPEN": _both(StateWords(pgettext_lazy("crisis window", "Confirmed"), "green")),
    "END_ASKED": _both(StateWords(_("Confirmed; another last day is asked for"), "amber")),
    "DISCARDED": _both(StateWords(pgettext_lazy("crisis window", "Discarded"), "grey", "struck")),
}

DONOR_REPORT = {
    "DRAFT": _both(StateWords(pgettext_lazy("donor report", "Draft"), "grey")),
    "PROPOSED": _both(StateWords(_("With the second reader"), "amber")),
    "ISSUED": _both(StateWords(pgettext_lazy("donor report", "Issued"), "green")),
    "DISCARDED": _both(StateWords(pgettext_lazy("donor report", "Discarded"), "grey", "struck")),
}

REVIEW = {
    "PROPOSED": _both(StateWords(_("Proposed, to be decided"), "amber")),
    "APPROVED": _both(StateWords(pgettext_lazy("review", "Approved"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("review", "Refused"), "grey", "struck")),
}

ATTEMPT = {
    "INTENT": _both(StateWords(_("Not called yet"), "blue")),
    "SENT": _both(StateWords(_("Accepted"), "teal")),
    "UNKNOWN": _both(StateWords(_("No answer"), "red")),
    "FAILED": _both(StateWords(pgettext_lazy("attempt", "Refused"), "red")),
}

AMENDMENT = {
    "ASKED": {
        "mission": StateWords(_("Waiting for your head of unit"), "blue"),
        "hq": StateWords(_("With the mission’s head of unit"), "blue"),
    },
    "ENDORSED": _both(StateWords(_("Endorsed, to be reviewed"), "blue")),
    "REVIEWED": _both(StateWords(_("Reviewed, to be approved"), "blue")),
    "APPROVED": _both(StateWords(pgettext_lazy("amendment", "Approved"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("amendment", "Not approved"), "grey", "struck")),
    "WITHDRAWN": _both(StateWords(pgettext_lazy("amendment", "Taken back"), "grey", "struck")),
    "LAPSED": _both(StateWords(_("Lapsed: help ended before it was decided"), "grey", "struck")),
}

LOST_RECEIPT = {
    "DECLARED": _both(StateWords(_("Declared, to be witnessed"), "amber")),
    "WITNESSED": _both(StateWords(_("Witnessed, to be accepted"), "blue")),
    "ACCEPTED": _both(StateWords(_("Accepted in place of a receipt"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("statement", "Not accepted"), "grey", "struck")),
}

TRANCHE = {
    "WAITING": _both(StateWords(_("Waits for its condition"), "grey")),
    "OPEN": _both(StateWords(pgettext_lazy("tranche", "Open"), "teal")),
    "ACCOUNTED": _both(StateWords(_("Accounted for"), "grey", "tick")),
}

WRITE_OFF = {
    "ASKED": _both(StateWords(pgettext_lazy("write-off", "Asked, to be decided"), "amber")),
    "POSTED": _both(StateWords(pgettext_lazy("write-off", "Written off"), "grey", "struck")),
    "REFUSED": _both(StateWords(pgettext_lazy("write-off", "Refused"), "grey")),
    "TAKEN_BACK": _both(StateWords(pgettext_lazy("write-off", "Taken back"), "grey")),
}

TABLE = {
    "PROPOSED": _both(StateWords(_("Proposed, to be published"), "blue")),
    "PUBLISHED": _both(StateWords(pgettext_lazy("table", "Published"), "green")),
    "DISCARDED": _both(StateWords(pgettext_lazy("table", "Discarded"), "grey", "struck")),
}

RETENTION_HOLD = {
    "STANDING": _both(StateWords(pgettext_lazy("retention hold", "Stands"), "amber", "pause")),
    "LIFTED": _both(StateWords(pgettext_lazy("retention hold", "Lifted"), "grey")),
}

ERASURE = {
    "PROPOSED": _both(StateWords(_("Proposed, to be confirmed"), "amber")),
    "CONFIRMED": _both(StateWords(_("Confirmed, being carried out"), "blue")),
    "DONE": _both(StateWords(pgettext_lazy("erasure", "Erased"), "grey", "tick")),
    "DISCARDED": _both(StateWords(pgettext_lazy("erasure", "Discarded"), "grey", "struck")),
}

PERSON_COPY = {
    "ASKED": _both(StateWords(_("Asked for, to be handed over"), "amber")),
    "GIVEN": _both(StateWords(_("Handed over"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("copy", "Not handed over"), "grey", "struck")),
}

LIKENESS = {
    "FOUND": _both(StateWords(_("Possible, missions to be asked"), "amber")),
    "WEIGHED": _both(StateWords(_("Missions asked, to be decided"), "blue")),
    "SAME": _both(StateWords(_("One person"), "green")),
    "DIFFERENT": _both(StateWords(_("Two persons"), "grey")),
}

COMPLAINT = {
    "RECEIVED": _both(StateWords(pgettext_lazy("complaint", "Received"), "amber")),
    "BEING_LOOKED_INTO": _both(StateWords(pgettext_lazy("complaint", "Being looked into"), "blue")),
    "ANSWERED": _both(StateWords(pgettext_lazy("complaint", "Answered"), "green")),
    "CLOSED": _both(StateWords(pgettext_lazy("complaint", "Closed"), "grey", "tick")),
    "PASSED_ON": _both(StateWords(_("With oversight"), "blue")),
}

CONCERN = {
    "RECEIVED": _both(StateWords(pgettext_lazy("concern", "Received"), "amber")),
    "LOOKED_INTO": _both(StateWords(pgettext_lazy("concern", "Being looked into"), "blue")),
    "CLOSED": _both(StateWords(pgettext_lazy("concern", "Closed"), "grey", "tick")),
}

CASE_TRANSFER = {
    "PROPOSED": _both(StateWords(_("Proposed, to be accepted"), "amber")),
    "ACCEPTED": _both(StateWords(pgettext_lazy("transfer", "Accepted"), "green")),
    "REFUSED": _both(StateWords(pgettext_lazy("transfer", "Not accepted"), "grey", "struck")),
    "WITHDRAWN": _both(StateWords(pgettext_lazy("transfer", "Taken back"), "grey")),
    "LAPSED": _both(StateWords(pgettext_lazy("transfer", "Lapsed without an answer"), "grey")),
}

ASSISTED_RETURN = {
    "PRE_DEPARTURE": _both(StateWords(pgettext_lazy("return", "Before departure"), "amber")),
    "TRAVEL": _both(StateWords(pgettext_lazy("return", "On the way"), "blue")),
    "POST_ARRIVAL": _both(StateWords(pgettext_lazy("return", "Arrived"), "teal")),
    "REINTEGRATION": _both(StateWords(pgettext_lazy("return", "Reintegration"), "green")),
    "CONCLUDED": _both(StateWords(pgettext_lazy("return", "Concluded"), "grey", "tick")),
}

FOLLOW_UP_VISIT = {
    "PLANNED": _both(StateWords(pgettext_lazy("visit", "Planned"), "blue")),
    "DONE": _both(StateWords(pgettext_lazy("visit", "Done"), "green", "tick")),
    "NOT_REACHED": _both(StateWords(pgettext_lazy("visit", "Not reached"), "grey")),
    "REFUSED": _both(StateWords(pgettext_lazy("visit", "Not wanted"), "grey")),
}

RAIL_PAUSE = {
    "PAUSED": _both(StateWords(pgettext_lazy("rail", "Paused"), "red", "pause")),
    "RESUMED": _both(StateWords(pgettext_lazy("rail", "Resumed"), "grey")),
}

# The same code means different things of different records; a page names the record where it is not a request.
KNOWN = {
    "request": REQUEST,
    "disbursement": DISBURSEMENT,
    "statement": STATEMENT,
    "line": STATEMENT_LINE,
    "match_rule": MATCH_RULE,
    "file": PAYMENT_FILE,
    "payee": PAYEE_DETAILS,
    "hit": HIT,
    "rate": RATE,
    "rate_list": RATE_LIST,
    "period": PERIOD,
    "exception": EXCEPTION,
    "agreement": AGREEMENT,
    "cost_norm": COST_NORM,
    "crisis_window": CRISIS_WINDOW,
    "donor_report": DONOR_REPORT,
    "review": REVIEW,
    "attempt": ATTEMPT,
    "amendment": AMENDMENT,
    "lost_receipt": LOST_RECEIPT,
    "table": TABLE,
    "erasure": ERASURE,
    "person_copy": PERSON_COPY,
    "retention_hold": RETENTION_HOLD,
    "likeness": LIKENESS,
    "complaint": COMPLAINT,
    "concern": CONCERN,
    "case_transfer": CASE_TRANSFER,
    "assisted_return": ASSISTED_RETURN,
    "follow_up_visit": FOLLOW_UP_VISIT,
    "tranche": TRANCHE,
    "pause": RAIL_PAUSE,
    "write_off": WRITE_OFF,
}


def words_for(state: str, record: str, audience: str) -> StateWords:
    """The words for a state of a kind of record, as `audience` reads them; an unnamed state shows its code."""
    sides = KNOWN[record].get(state)
    return sides[audience] if sides else StateWords(state, "grey")


STAGES = (_("Request"), _("Eligibility"), _("Plan and budget"), _("Approval"), _("Payment"), _("Report and close"))
# The stage (from 1) a state stands in. Paused and interrupted states stand where they were interrupted.
_STANDS_IN = (
    "DRAFT SUBMITTED",
    "ELIGIBILITY_REVIEW CLARIFICATION INELIGIBLE",
    "PLAN_AND_BUDGET",
    "BUDGET_REVIEW APPROVED DECLINED",
    "FUNDED DISBURSING IMPLEMENTING",
    "REPORTING RECONCILING CLOSED",
)
STAGE_OF = {state: stage for stage, states in enumerate(_STANDS_IN, start=1) for state in states.split()}
ENDED = frozenset({"INELIGIBLE", "DECLINED", "WITHDRAWN", "CANCELLED"})

PRIORITIES = {
    "P1": _("Life or safety in danger now"),
    "P2": _("Within 72 hours"),
    "P3": _("Within a week"),
    "P4": _("Can be planned"),
}
