"""The words of acts on what stands beside a request, each with the chapter of the guidance that explains it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from gaf.policy import name_act


def _own_acts(words: dict[str, Any], chapter: str) -> dict[str, dict[str, Any]]:
    """The acts of a record beside the request, described as those of the request are."""
    for act, label in words.items():
        name_act(act, label)
    return {act: {"label": label, "manual": chapter} for act, label in words.items()}


# The acts of an amendment, and of a statement in place of a lost receipt.
AMENDMENT_ACTS = _own_acts(
    {
        "endorse_amendment": gettext_lazy("Endorse the amendment"),
        "review_amendment": gettext_lazy("Find the amendment in order"),
        "approve_amendment": gettext_lazy("Approve the amendment"),
        "refuse_amendment": gettext_lazy("Do not approve the amendment"),
        "withdraw_amendment": gettext_lazy("Take the amendment back"),
        "lapse_amendment": gettext_lazy("Amendment lapsed"),
    },
    "delivery",
)
LOST_RECEIPT_ACTS = _own_acts(
    {
        "witness_lost_receipt": gettext_lazy("Witness the statement"),
        "accept_lost_receipt": gettext_lazy("Accept the statement"),
        "refuse_lost_receipt": gettext_lazy("Do not accept the statement"),
    },
    "reporting",
)
TABLE_ACTS = _own_acts(
    {"publish_table": gettext_lazy("Publish the table"), "discard_table": gettext_lazy("Discard the table")},
    "statistics",
)
RETENTION_ACTS = _own_acts(
    {
        "lift_retention_hold": gettext_lazy("Lift the retention hold"),
        "confirm_erasure": gettext_lazy("Confirm the erasure"),
        "discard_erasure": gettext_lazy("Discard the erasure"),
        "carry_out_erasure": gettext_lazy("Erased"),
    },
    "retention",
)
COST_NORM_ACTS = _own_acts(
    {
        "confirm_cost_norm": gettext_lazy("Confirm the cost norm"),
        "discard_cost_norm": gettext_lazy("Discard the cost norm"),
    },
    "budget",
)
CRISIS_WINDOW_ACTS = _own_acts(
    {
        "open_crisis_window": gettext_lazy("Open the crisis window"),
        "discard_crisis_window": gettext_lazy("Discard the crisis window"),
        "ask_window_end": gettext_lazy("Ask for another last day"),
        "confirm_window_end": gettext_lazy("Confirm the new last day"),
        "refuse_window_end": gettext_lazy("Leave the last day as it is"),
    },
    "eligibility",
)
DONOR_REPORT_ACTS = _own_acts(
    {
        "write_donor_report": gettext_lazy("Write in the donor report"),
        "propose_donor_report": gettext_lazy("Send to a second reader"),
        "issue_donor_report": gettext_lazy("Issue the donor report"),
        "return_donor_report": gettext_lazy("Return the donor report"),
        "discard_donor_report": gettext_lazy("Discard the donor report"),
    },
    "statistics",
)
COPY_ACTS = _own_acts(
    {"give_copy": gettext_lazy("Hand the copy over"), "refuse_copy": gettext_lazy("Do not hand the copy over")},
    "protection",
)
LIKENESS_ACTS = _own_acts(
    {
        "weigh_likeness": gettext_lazy("Say what the missions answered"),
        "join_persons": gettext_lazy("Decide: one person"),
        "keep_persons_apart": gettext_lazy("Decide: two persons"),
    },
    "protection",
)
COMPLAINT_ACTS = _own_acts(
    {
        "take_up_complaint": gettext_lazy("Look into it"),
        "answer_complaint": gettext_lazy("Answer it"),
        "close_complaint": gettext_lazy("Close the complaint"),
        "pass_on_complaint": gettext_lazy("Pass it on to oversight"),
        "note_complaint": gettext_lazy("Keep a note on the complaint"),
        "conclude_complaint": gettext_lazy("Say what was found"),
        "forget_complaint": gettext_lazy("Words of the complaint erased"),
    },
    "complaints",
)
CONCERN_ACTS = _own_acts(
    {
        "look_into_concern": gettext_lazy("Look into the concern"),
        "note_concern": gettext_lazy("Keep a note on the concern"),
        "close_concern": gettext_lazy("Close the concern"),
        "forget_concern": gettext_lazy("Words of the concern erased"),
    },
    "complaints",
)
name_act("record_complaint", gettext_lazy("Record a complaint"))
name_act("raise_concern", gettext_lazy("Raise a concern"))
TRANSFER_ACTS = _own_acts(
    {
        "accept_transfer": gettext_lazy("Accept the transfer"),
        "refuse_transfer": gettext_lazy("Do not accept the transfer"),
        "withdraw_transfer": gettext_lazy("Take the transfer back"),
        "lapse_transfer": gettext_lazy("Transfer lapsed"),
    },
    "protection",
)
RETURN_ACTS = _own_acts(
    {
        "record_return_item": gettext_lazy("Record what was done of a stage"),
        "agree_reintegration_plan": gettext_lazy("Record the reintegration plan"),
        "record_departure": gettext_lazy("Record the departure"),
        "record_arrival": gettext_lazy("Record the arrival"),
        "begin_reintegration": gettext_lazy("Begin the reintegration"),
        "record_survey": gettext_lazy("Record a survey"),
        "conclude_return": gettext_lazy("Conclude the return"),
        "record_visit": gettext_lazy("Record a follow-up visit"),
    },
    "protection",
)
name_act("begin_return", gettext_lazy("Begin an assisted return"))
name_act("plan_visit", gettext_lazy("Follow-up visit planned"))
name_act("find_likeness", gettext_lazy("Two persons may be one"))
name_act("record_crisis_window", gettext_lazy("Record a crisis window"))
name_act("begin_donor_report", gettext_lazy("Begin a donor report"))
name_act("record_cost_norm", gettext_lazy("Record a cost norm"))
name_act("ask_copy", gettext_lazy("Record that a person asks for their data"))
name_act("propose_erasure", gettext_lazy("Propose to erase"))
name_act("place_retention_hold", gettext_lazy("Place a retention hold"))
name_act("propose_table", gettext_lazy("Propose a table"))
name_act("send_message", gettext_lazy("Send a message"))
name_act("keep_note", gettext_lazy("Keep a note"))
name_act("plan_activity", gettext_lazy("Plan an activity"))
name_act("finish_activity", gettext_lazy("Finish the activity"))
name_act("cancel_activity", gettext_lazy("Cancel the activity"))
