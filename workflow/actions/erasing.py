"""Erasing a case: proposed with a dry run, confirmed by somebody else, done by the worker, and certified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from finance.queries import closing_obstacles
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.accounts.roles import Role
from gaf.decisions.record import canonical, sha256
from gaf.gate import acting, first_decision, in_one_piece
from gaf.outbox.outbox import enqueue
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import erase_key, is_erased, seal
from workflow import notices, policy
from workflow.actions.documents import destroy_file
from workflow.models import AssistanceRequest, Case, Erasure, ErasureGround, RetentionHold
from workflow.retention.contents import remove, what_goes
from workflow.retention.schedule import kept_until, schedule
from workflow.states import ErasureState, RetentionHoldState

_WHO_CONFIRMS = (Role.PRIVACY_FOCAL_POINT, Role.DATA_STEWARD, Role.FUND_MANAGER)


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("Nothing is erased."), why, next_step)


def reasons_against(case: Case, ground: str, at: datetime) -> Iterator[Refusal]:
    """Everything that keeps a case from being erased: ERASE-01 to ERASE-04."""
    requests = list(case.requests.order_by("pk"))
    for request in requests:
        if not request.is_final:
            why = _("%(reference)s has not ended.") % {"reference": request.reference}
            yield _refuse("ERASE-01", why, _("Wait until it is closed."))
    hold = RetentionHold.objects.filter(case=case, state=RetentionHoldState.STANDING).first()
    if hold is not None:
        why = _("%(key)s stands on this case.") % {"key": hold.key}
        yield _refuse("ERASE-02", why, _("Have the hold lifted first."))
    for request in requests:
        open_money = closing_obstacles(request.reference)
        if open_money:
            yield _refuse("ERASE-03", " ".join(open_money), _("Have every cent explained first."))
    until = kept_until(case, schedule(at.date()))
    if is_erased(case.key):
        return  # the key is gone; what came back with an older database follows it
    if ground == ErasureGround.RETENTION_END and (until is None or until > at.date()):
        yield _refuse("ERASE-04", _("Its time is not over."), _("Wait, unless the person asked for it."))


def _require_nothing_against(case: Case, ground: str, at: datetime) -> None:
    for refusal in reasons_against(case, ground, at):
        raise refusal


@in_one_piece
def propose_erasure(*, request_id: int, ground: str, reason: str, actor: User, at: datetime) -> Erasure:
    """Say that a case should go, and what of it; nothing is destroyed before somebody else confirms.

    Raises Refusal ERASE-01 (open), -02 (held), -03 (money not explained), -04 (time not over), -05 (proposed already).
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    case = Case.objects.select_for_update().get(key=assistance.case_id)
    made = Erasure(assistance=assistance, case=case, ground=ground, proposed_by=actor, proposed_at=at)
    role = policy.MAY_PROPOSE_ERASURE.require(Question(made, "propose_erasure", actor))
    if Erasure.objects.filter(case=case).exclude(state=ErasureState.DISCARDED).exists():
        raise _refuse("ERASE-05", _("Its erasure was proposed or done already."), _("Look at it."))
    _require_nothing_against(case, ground, at)
    made.key, made.foreseen = issue("ERA"), what_goes(case)
    first_decision(
        subject=made,
        act="propose_erasure",
        actor=actor,
        role=role,
        at=at,
        facts={"case": case.key, "ground": ground, "foreseen": made.foreseen},
        sealed_reason="" if is_erased(case.key) else seal(case.key, reason),  # an older database was put back
    )
    made.save(force_insert=True)
    notices.tell_about_erasure(_WHO_CONFIRMS, "erasure_to_confirm", made, actor)
    return made


@in_one_piece
def confirm_erasure(*, erasure_id: int, actor: User, at: datetime, seen_version: int | None = None) -> Erasure:
    """Somebody else says yes; the worker destroys. Raises NotPermitted ERASE-06, Refusal ERASE-01 to ERASE-04."""
    case = Case.objects.select_for_update().get(erasures__pk=erasure_id)
    with acting(Erasure, erasure_id, act="confirm_erasure", actor=actor, at=at, seen_version=seen_version) as doing:
        erasure: Erasure = doing.subject
        _require_nothing_against(case, erasure.ground, at)
        erasure.confirm_erasure(by=actor, at=at)
        enqueue("erasure_confirmed", key=erasure.key, erasure=erasure.key)
    return erasure


@in_one_piece
def discard_erasure(
    *, erasure_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Erasure:
    """The case stays as it is; the reason is kept with it."""
    with acting(
        Erasure, erasure_id, act="discard_erasure", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.discard_erasure()
    return doing.subject


def carry_out_erasure(*, key: str, at: datetime) -> None:
    """Destroy what a confirmed erasure names, step by step; each step may be done again after a crash.

    First the rows, with how much they were; then the files; then the key, from which moment no copy however old can be
    read; at the end the certificate.
    """
    erasure = _take_out_of_the_tables(key)
    if erasure is None:
        return
    for name in erasure.files:
        destroy_file(name)
    erase_key(erasure.case_id)
    _leave_nothing_in_the_log_of_the_database()
    _certify(erasure.pk, at)


def _take_out_of_the_tables(key: str) -> Erasure | None:
    """The erasure, once its rows are gone; nothing when there is nothing left to do."""
    with transaction.atomic():
        erasure = Erasure.objects.select_for_update().filter(key=key, state=ErasureState.CONFIRMED).first()
        if erasure is None or erasure.destroyed is not None:
            return erasure
        case = Case.objects.select_for_update().get(key=erasure.case_id)
        erasure.destroyed = what_goes(case)
        erasure.files = remove(case)
        erasure.save(update_fields=["destroyed", "files"])
    return erasure


def _leave_nothing_in_the_log_of_the_database() -> None:
    """SQLite keeps changed pages in its log until they are written back; now they are, and the log is emptied."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@in_one_piece
def _certify(erasure_id: int, at: datetime) -> None:
    with acting(Erasure, erasure_id, act="carry_out_erasure", actor=system_actor(), at=at) as doing:
        erasure: Erasure = doing.subject
        digest = sha256(canonical(certificate(erasure)))
        erasure.carry_out_erasure(at=at, digest=digest)
        doing.facts = {"case": erasure.case_id, "destroyed": erasure.destroyed, "certificate": digest}
        notices.tell_about_erasure(_WHO_CONFIRMS, "erasure_done", erasure, None)


def certificate(erasure: Erasure) -> dict[str, Any]:
    """What the certificate says, in codes and figures; its digest is kept with the decision."""
    case = erasure.case
    return {
        "number": erasure.key,
        "case": erasure.case_id,
        "requests": sorted(case.requests.values_list("reference", flat=True)),
        "ground": erasure.ground,
        "proposed_by": erasure.proposed_by_id,
        "confirmed_by": erasure.confirmed_by_id,
        "proposed_at": erasure.proposed_at.astimezone(UTC).isoformat(),
        "confirmed_at": erasure.confirmed_at.astimezone(UTC).isoformat() if erasure.confirmed_at else "",
        "destroyed": erasure.destroyed,
    }
