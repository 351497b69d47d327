"""Writing to each other about a request: a message to the other side, or a note for one's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.policy import Question
from gaf.refusals import Incomplete, Refusal
from gaf.sealing import seal
from workflow import notices
from workflow.models import AssistanceRequest, Mention, Remark, RemarkKind
from workflow.policy import MAY_KEEP_NOTE, MAY_SEND_MESSAGE
from workflow.remarks import may_be_named, named_in, own_mission, recipients


@in_one_piece
def send_message(
    *, request_id: int, text: str, key: str, named: Iterable[int] = (), actor: User, at: datetime
) -> Remark:
    """Send a message to the other side; it gets a mail with number and link. The same key again sends nothing.

    `named` are people picked by their number, besides those the text names with @.
    Raises NotPermitted (REMARK-03 before the request is sent), Incomplete REMARK-02 without a word, Refusal REMARK-04
    when somebody is picked who cannot read it.
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    MAY_SEND_MESSAGE.require(Question(assistance, "send_message", actor))
    remark, is_new = _write(assistance, RemarkKind.MESSAGE, text, key, actor, at)
    if is_new:
        told = _name(assistance, remark, text, named, actor)
        others = [person for person in recipients(assistance, actor) if person not in told]
        notices.tell_people(others, "message_received", assistance, actor, about=f"message:{remark.pk}")
    return remark


@in_one_piece
def keep_note(*, request_id: int, text: str, key: str, named: Iterable[int] = (), actor: User, at: datetime) -> Remark:
    """Keep a note that only the writer's own side reads; only who is named in it gets a mail. The same key again
    keeps nothing more.

    Raises NotPermitted, Incomplete REMARK-02 without a word, Refusal REMARK-04 when somebody is picked who cannot
    read it.
    """
    assistance = AssistanceRequest.objects.get(pk=request_id)
    MAY_KEEP_NOTE.require(Question(assistance, "keep_note", actor))
    remark, is_new = _write(assistance, RemarkKind.NOTE, text, key, actor, at)
    if is_new:
        _name(assistance, remark, text, named, actor)
    return remark


def _name(assistance: AssistanceRequest, remark: Remark, text: str, named: Iterable[int], actor: User) -> list[User]:
    """Keep who is named, and tell each of them; nobody is told who could not read it."""
    readers = {person.pk: person for person in may_be_named(assistance, remark.kind, actor)}
    picked = set(named)
    if picked - set(readers):
        raise Refusal(
            "REMARK-04",
            _("Nothing was written."),
            _("Somebody you picked cannot read it."),
            _("Open this page again, and pick among the names there."),
        )
    found = picked | {person.pk for person in named_in(text, readers.values())}
    people = [person for key, person in readers.items() if key in found]
    Mention.objects.bulk_create(Mention(remark=remark, person=person) for person in people)
    notices.tell_people(people, "mentioned", assistance, actor, about=f"mentioned:{remark.pk}")
    return people


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
