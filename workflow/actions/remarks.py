"""Writing to each other about a request: a message to the other side, or a note for one's own."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.policy import Question
from gaf.refusals import Incomplete
from gaf.sealing import seal
from workflow import notices
from workflow.models import AssistanceRequest, Remark, RemarkKind
from workflow.policy import MAY_KEEP_NOTE, MAY_SEND_MESSAGE
from workflow.remarks import own_mission, recipients


@in_one_piece
def send_message(*, request_id: int, text: str, key: str, actor: User, at: datetime) -> Remark:
    """Send a message to the other side; it gets a mail with number and link. The same key again sends nothing.

    Raises NotPermitted (REMARK-03 before the request is sent), Incomplete REMARK-02 without a word.
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    MAY_SEND_MESSAGE.require(Question(assistance, "send_message", actor))
    remark, is_new = _write(assistance, RemarkKind.MESSAGE, text, key, actor, at)
    if is_new:
        told = recipients(assistance, actor)
        notices.tell_people(told, "message_received", assistance, actor, about=f"message:{remark.pk}")
    return remark


@in_one_piece
def keep_note(*, request_id: int, text: str, key: str, actor: User, at: datetime) -> Remark:
    """Keep a note that only the writer's own side reads; nobody gets a mail. The same key again keeps nothing more.

    Raises NotPermitted, Incomplete REMARK-02 without a word.
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    MAY_KEEP_NOTE.require(Question(assistance, "keep_note", actor))
    remark, _is_new = _write(assistance, RemarkKind.NOTE, text, key, actor, at)
    return remark


def _write(
    assistance: AssistanceRequest, kind: RemarkKind, text: str, key: str, actor: User, at: datetime
) -> tuple[Remark, bool]:
    if not text.strip():
        raise Incomplete("REMARK-02", _("Nothing was written."), [_("Write at least one word.")])
    known = Remark.objects.filter(key=key, written_by=actor).first()
    if known is not None:
        return known, False
    body = seal(assistance.seal_owner(), text)
    return Remark.objects.get_or_create(
        key=key,
        written_by=actor,
        defaults={
            "assistance": assistance,
            "kind": kind,
            "mission": own_mission(assistance, actor),
            "body": body,
            "written_at": at,
        },
    )
