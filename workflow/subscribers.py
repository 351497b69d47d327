"""What the process does when the money speaks: news come by outbox, perhaps twice, and a second time does nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from gaf import clock
from gaf.accounts.roles import Role
from gaf.outbox.outbox import handles
from gaf.outbox.sweeps import sweeps
from gaf.uploads.scanning import finds_in
from workflow import notices
from workflow.actions.activities import remind_of_activities
from workflow.actions.case_transfers import lapse_transfers
from workflow.actions.crisis_windows import tell_of_windows_that_end
from workflow.actions.delivery import end_due_deliveries
from workflow.actions.documents import bytes_waiting, keep_verdict
from workflow.actions.erasing import carry_out_erasure
from workflow.actions.following import tell_followers
from workflow.actions.forgetting import forget_old_words
from workflow.actions.likenesses import find_likenesses
from workflow.actions.payment import first_payment_confirmed
from workflow.actions.reminding import remind
from workflow.actions.uploads import forget_uploads
from workflow.models import AssistanceRequest


@handles("disbursement_confirmed")
def on_disbursement_confirmed(payload: dict[str, Any]) -> None:
    """The first confirmed payment of a request lets help begin."""
    assistance = AssistanceRequest.objects.filter(reference=payload["reference"]).first()
    if assistance is not None:
        first_payment_confirmed(request_id=assistance.pk, at=clock.now())


@handles("disbursement_returned")
def on_disbursement_returned(payload: dict[str, Any]) -> None:
    """The bank sent money back: the mission corrects the payee, the certifying officer prepares it anew."""
    _tell_of_failure(payload, "disbursement_returned")


@handles("disbursement_failed")
def on_disbursement_failed(payload: dict[str, Any]) -> None:
    """A payment never left: the same people look at it."""
    _tell_of_failure(payload, "disbursement_failed")


def _tell_of_failure(payload: dict[str, Any], notice: str) -> None:
    assistance = AssistanceRequest.objects.filter(reference=payload["reference"]).first()
    if assistance is None:
        return
    with transaction.atomic():
        about = payload["number"]
        told = notices.in_missions(assistance, [Role.MISSION_FINANCE]) | notices.holding([Role.CERTIFYING_OFFICER])
        notices.tell_those({notice: told}, assistance, None, about=about)


@handles("fingerprint_made")
def on_fingerprint_made(payload: dict[str, Any]) -> None:
    """The worker looks for whom a new fingerprint looks like; who made it never learns what was found."""
    find_likenesses(person_key=payload["person"], at=clock.now())


@handles("erasure_confirmed")
def on_erasure_confirmed(payload: dict[str, Any]) -> None:
    """What two people agreed to erase is destroyed; done again after a crash, it goes on where it stopped."""
    carry_out_erasure(key=payload["erasure"], at=clock.now())


@handles("document_added")
def on_document_added(payload: dict[str, Any]) -> None:
    """The virus scanner is asked; while it is silent the document waits, and the question is put again."""
    content = bytes_waiting(payload["document"])
    if content is not None:
        keep_verdict(key=payload["document"], found=finds_in(content), at=clock.now())


@sweeps
def end_deliveries_that_are_due() -> list[str]:
    """Help whose end date has passed has ended; reports are due."""
    return end_due_deliveries(clock.now())


@sweeps
def close_transfers_that_nobody_answered() -> int:
    """What another mission saw of a case is closed again when it does not answer."""
    return lapse_transfers(clock.now())


@sweeps
def tell_those_who_follow() -> None:
    """People who follow a request by choice hear that it moved."""
    tell_followers()


@sweeps
def remind_of_what_is_due() -> int:
    """Whoever has something due is reminded, and those above them when it is late."""
    return remind(clock.now())


@sweeps
def tell_before_a_crisis_window_ends() -> None:
    """Missions hear some days before a crisis window ends."""
    tell_of_windows_that_end()


@sweeps
def remind_of_planned_work() -> None:
    """People hear of their activities on the day these are due."""
    remind_of_activities()


@sweeps
def forget_what_is_kept_no_longer() -> int:
    """Words of complaints outside of any case, and of concerns, go when their time is over."""
    return forget_old_words(clock.now())


@sweeps
def forget_files_that_did_not_arrive() -> int:
    """Files that were begun in pieces go after a day."""
    return forget_uploads(clock.now())
