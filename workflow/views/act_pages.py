"""What every page of an act does: find the request within sight, ask whether the act may be done, and do it once.

NotPermitted and MovedOn go on to the middleware, which answers with their pages (403, 409); every other refusal comes
back on the page it came from (422), with everything as it was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import delegations_of, handed_limits, roles_of
from gaf.accounts.roles import MISSION_ROLES, READS_ALL_REQUESTS
from gaf.figures import colon
from gaf.gate import act_on, edge_of
from gaf.money import Money, total
from gaf.policy import Question, act_label
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.templatetags.formats import short_day
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.states import RequestState

READERS = (*MISSION_ROLES, *READS_ALL_REQUESTS)


def person_of(request: HttpRequest) -> User:
    """Who is signed in; every page here is behind the door."""
    return cast(User, request.user)


def side_of(person: User) -> str:
    """Whose words a person reads: “mission” or “hq”."""
    roles = roles_of(person)
    return "mission" if roles and roles <= {role.value for role in MISSION_ROLES} else "hq"


def state_detail(assistance: AssistanceRequest) -> str:
    """What a state's words say more, where they have a place for it: who checks it, when reports are due."""
    if assistance.state == RequestState.ELIGIBILITY_REVIEW and assistance.taken_by is not None:
        return str(assistance.taken_by)
    if assistance.state == RequestState.REPORTING and assistance.reports_due_on is not None:
        return short_day(assistance.reports_due_on)
    return ""


@dataclass(frozen=True)
class Authority:
    """Up to how much a person may approve, by which instrument, until when, and for whom where they stand in."""

    ceiling: Money
    instrument: str
    ends_on: date | None
    absent: str = ""


def authority_of(person: User) -> Authority | None:
    """The largest delegation in force today, one's own or of somebody one stands in for within what was handed over."""
    limits = handed_limits(person)
    found = [
        (min(row.ceiling_minor, limits.get((row.person_id, row.role)) or row.ceiling_minor), row)
        for row in delegations_of(person)
    ]
    if not found:
        return None
    minor, row = max(found, key=lambda one: (one[0], one[1].person_id == person.pk))
    absent = "" if row.person_id == person.pk else str(row.person)
    return Authority(Money(minor, "USD"), row.instrument, row.ends_on, absent)


def request_within_sight(request: HttpRequest, reference: str) -> AssistanceRequest:
    """The request, or 404 when this person may not see it or there is none."""
    return get_object_or_404(visible_to(person_of(request)), reference=reference)


def record_url(assistance: AssistanceRequest) -> str:
    """Where the record stands."""
    return f"/requests/{assistance.reference}/"


def act_url(reference: str, act: str) -> str:
    """The page of an act: its name with hyphens, under the record."""
    return f"/requests/{reference}/{act.replace('_', '-')}/"


def require_open(assistance: AssistanceRequest, act: str, person: User) -> None:
    """Raises MovedOn when the act is not open from the present state, NotPermitted with every reason of the permit."""
    edge = edge_of(assistance, act)
    if edge is None:
        raise MovedOn(
            assistance,
            "STATE-02",
            _("“%(act)s” is not open.") % {"act": act_label(act)},
            _("%(key)s is now: %(state)s. This act is not open from there.")
            % {"key": assistance.reference, "state": assistance.get_state_display()},
            _("Look at the record as it is now."),
        )
    edge.permission.require(Question(assistance, act, person))


def about(assistance: AssistanceRequest) -> list[dict[str, Any]]:
    """The few facts that stand on top of an act page: whose request, for how many, how urgent, how much."""
    persons = [person for person in assistance.persons.all() if not person.has_left]
    rows: list[dict[str, Any]] = [
        {"label": _("Mission"), "value": str(assistance.mission)},
        {"label": _("Priority"), "value": f"{assistance.priority} {assistance.get_priority_display()}"},
        {"label": _("Persons"), "value": str(len(persons))},
    ]
    lines = list(assistance.lines.all())
    if lines:
        rows.append({"label": _("Asked"), "value": total([line.usd for line in lines], "USD")})
    if any(line.is_granted for line in lines):
        granted = [line.granted_usd for line in lines if line.is_granted]
        rows.append({"label": _("Approved"), "value": total(granted, "USD")})
    return rows


def page_of_act(
    request: HttpRequest,
    template: str,
    assistance: AssistanceRequest,
    act: str,
    context: dict[str, Any],
    *,
    status: int = 0,
) -> HttpResponse:
    """Draw the page of an act; 422 when what was typed did not pass, unless another status is said."""
    shown = {
        "assistance": assistance,
        "reference": assistance.reference,
        "act": act,
        "label": act_label(act),
        "back_url": record_url(assistance),
        "version": assistance.version,
        "side": side_of(person_of(request)),
        "state_detail": state_detail(assistance),
        **context,
    }
    return render(request, template, shown, status=status or (422 if request.method == "POST" else 200))


class SaysNo(Protocol):
    """A form that can tell what a rule said no to."""

    def refuse(self, refusal: Refusal) -> None:
        """Say it."""


def do(form: SaysNo, action: Callable[..., Any], assistance: AssistanceRequest, **said: Any) -> bool:
    """Do the act with what the form says. False when a rule said no, which then stands on the form."""
    try:
        action(request_id=assistance.pk, at=clock.now(), **said)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


@dataclass
class SaidNo:
    """Keeps what a rule said no to until the form stands on which it is said."""

    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Keep it."""
        self.refusal = refusal

    def say_on(self, form: forms.BaseForm) -> None:
        """Say it, after what the form found by itself."""
        if self.refusal is not None and form.is_valid():
            cast(SaysNo, form).refuse(self.refusal)


def do_within_sight(
    form: SaysNo, action: Callable[..., AssistanceRequest], request: HttpRequest, reference: str, **said: Any
) -> AssistanceRequest | None:
    """The same of a request that was not read yet: it is looked for within sight and locked in one question.

    404 when this person may not see it or there is none; None when a rule said no.
    """
    person, at = person_of(request), clock.now()
    return try_within_sight(
        form, request, reference, lambda here: action(request_id=here.pk, actor=person, at=at, **said)
    )


def try_within_sight(
    form: SaysNo, request: HttpRequest, reference: str, act: Callable[[AssistanceRequest], AssistanceRequest | None]
) -> AssistanceRequest | None:
    """The same where the form is about what the request holds: `act` is given the locked request to look at first."""
    here = visible_to(person_of(request)).filter(reference=reference).order_by().values("pk")
    rows = AssistanceRequest.objects.select_for_update().filter(pk__in=here)
    try:
        return act_on(lambda: get_object_or_404(rows.all()), act)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def done(request: HttpRequest, assistance: AssistanceRequest, words: str) -> HttpResponse:
    """Say what was done and go to the record; if this person no longer sees it, the record says so."""
    messages.success(request, f"{assistance.reference}{colon()} {words}")
    return redirect(record_url(assistance))
