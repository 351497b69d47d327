"""Consent after the first step: recorded later, given anew, or taken back. What was said before stays on file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.gate import acting, in_one_piece
from gaf.records import save_by
from gaf.refusals import Refusal
from workflow import notices
from workflow.actions.drafting import ConsentText, write_consent
from workflow.actions.gate_evidence import mark_ready_lines
from workflow.codelists import ConsentMode, ConsentPurpose
from workflow.models import AssistanceRequest, Consent


@in_one_piece
def record_consent(
    *, request_id: int, consent: ConsentText, actor: User, at: datetime, seen_version: int | None = None
) -> AssistanceRequest:
    """Record how the persons agree now; lines that waited for it can be decided.

    Raises Refusal CONSENT-01 when what belongs to it is missing.
    """
    with acting(
        AssistanceRequest, request_id, act="record_consent", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        _require_whole(consent, at)
        row = write_consent(doing.subject, consent, actor, at, "record_consent")
        doing.facts = _facts(row)
        _go_on(doing.subject, row)
        doing.subject.record_consent()
        mark_ready_lines(doing.subject, actor, at)
    return doing.subject


@in_one_piece
def withdraw_consent(
    *,
    request_id: int,
    purposes: Sequence[str],
    withdrawn_on: date,
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> AssistanceRequest:
    """Record what the persons do not agree to any more. Without consent to help, nothing else is agreed to either.

    Raises Refusal CONSENT-02 for something they had not agreed to, or for a day that has not come.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="withdraw_consent",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance = doing.subject
        row = Consent.objects.filter(assistance=assistance).first()
        _require_given(row, purposes, withdrawn_on, at)
        assert row is not None  # noqa: S101  # what was not given was refused above
        row.purposes = [] if ConsentPurpose.ASSISTANCE in purposes else [p for p in row.purposes if p not in purposes]
        row.withdrawn_on, row.recorded_by, row.recorded_at = withdrawn_on, actor, at
        save_by(row, actor, "withdraw_consent")
        doing.facts = _facts(row)
        _go_on(assistance, row)
        assistance.withdraw_consent()
        mark_ready_lines(assistance, actor, at)
        notices.tell_role([Role.CERTIFYING_OFFICER, Role.FUND_MANAGER], "consent_withdrawn", assistance, actor)
    return assistance


def _go_on(assistance: AssistanceRequest, row: Consent) -> None:
    """What asks for the consent of this request from here on finds the new one."""
    assistance.consent = row


def _facts(row: Consent) -> dict[str, object]:
    """What a decision keeps of a consent: codes and days."""
    return {
        "mode": row.mode,
        "given_by": row.given_by,
        "language": row.consent_language,
        "interpreter": row.with_interpreter,
        "purposes": sorted(row.purposes),
        "given_on": row.given_on.isoformat() if row.given_on else "",
        "withdrawn_on": row.withdrawn_on.isoformat() if row.withdrawn_on else "",
    }


def _require_whole(consent: ConsentText, at: datetime) -> None:
    """A consent has a day, a language and a purpose; an exception has its reason."""
    if consent.mode == ConsentMode.EXCEPTION:
        whole = bool(consent.exception_reason.strip())
    else:
        helped = ConsentPurpose.ASSISTANCE in consent.purposes
        whole = helped and bool(consent.consent_language) and consent.given_on is not None
        whole = whole and consent.given_on is not None and consent.given_on <= at.date() + timedelta(days=1)
    if not whole:
        raise Refusal(
            "CONSENT-01",
            _("Consent was not recorded."),
            _("It needs its day, its language and to what they agree; an exception needs its reason."),
            _("Complete it."),
        )


def _require_given(row: Consent | None, purposes: Sequence[str], withdrawn_on: date, at: datetime) -> None:
    agreed = set(row.purposes) if row is not None and row.mode != ConsentMode.EXCEPTION else set()
    if purposes and set(purposes) <= agreed and withdrawn_on <= at.date() + timedelta(days=1):
        return
    raise Refusal(
        "CONSENT-02",
        _("Nothing was taken back."),
        _("They had not agreed to that, or its day has not come."),
        _("Look at the consent as it is now."),
    )
