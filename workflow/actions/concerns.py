"""Raising a concern to oversight. Nothing of it hangs on the request, and nobody else hears of it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import people_with, system_actor
from gaf.accounts.roles import Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.ids import spoken_key
from gaf.notices import tell
from gaf.refusals import Refusal
from gaf.sealing import person_fingerprint, seal
from workflow.models import Concern, ConcernKind, Finding


def _mark(person: User) -> str:
    return person_fingerprint("concern", str(person.pk))


def _refuse(what: str, why: str, next_step: str) -> Refusal:
    return Refusal("CONCERN-01", what, why, next_step)


@in_one_piece
def raise_concern(
    *, kind: str, words: str, reference: str = "", named: bool = False, actor: User, at: datetime
) -> Concern:
    """Tell oversight. Who raised it is kept only where they wish to be named; the decision is the system's.

    The reference is kept as it was typed and looked up nowhere. Raises Refusal CONCERN-01 without words or a kind.
    """
    if kind not in ConcernKind.values or not words.strip():
        raise _refuse(_("Nothing was sent."), _("What it is about is missing."), _("Write it down, and send it again."))
    key = spoken_key("CRN")
    made = Concern(
        key=key,
        kind=kind,
        reference=reference.strip().upper()[:20],
        words=seal(key, words),
        raiser_mark=_mark(actor),
        raised_by=actor if named else None,
        received_at=at,
    )
    first_decision(
        subject=made, act="raise_concern", actor=system_actor(), role=Role.SYSTEM, at=at, facts={"kind": kind}
    )
    made.save(force_insert=True)
    tell(people_with(Role.OVERSIGHT), "concern_received", reference=key, path=f"/concerns/{key}/", key=key)
    return made


def raised_by(person: User) -> QuerySet[Concern]:
    """The concerns this person raised, named or not, newest first."""
    return Concern.objects.filter(raiser_mark=_mark(person)).order_by("-id")


@in_one_piece
def look_into_concern(*, concern_id: int, actor: User, at: datetime, seen_version: int | None = None) -> Concern:
    """Take it up; the person who raised it sees that it is being looked into, and nothing else."""
    with acting(Concern, concern_id, act="look_into_concern", actor=actor, at=at, seen_version=seen_version) as doing:
        doing.subject.look_into_concern(at=at)
    return doing.subject


@in_one_piece
def note_concern(
    *, concern_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Concern:
    """Keep a note that only oversight reads."""
    with acting(
        Concern, concern_id, act="note_concern", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        doing.subject.note_concern()
    return doing.subject


@in_one_piece
def close_concern(
    *, concern_id: int, finding: str, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> Concern:
    """Close it with what was found. Raises Refusal CONCERN-01 for a finding that there is not."""
    with acting(
        Concern, concern_id, act="close_concern", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        if finding not in Finding.values:
            raise _refuse(_("Nothing was closed."), _("This is no finding."), _("Choose one."))
        doing.subject.close_concern(finding=finding, at=at)
        doing.facts = {"finding": finding}
    return doing.subject
