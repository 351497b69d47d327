"""Approving lines that waited for a condition, one at a time, when what they waited for is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.models import FundingStream
from finance.queries import stream_choices
from gaf import clock
from gaf.audience import audience
from gaf.refusals import MovedOn
from workflow.actions.approval import LineDecision, approve_deferred_line, read_lines
from workflow.forms.approval import DeferredLineForm
from workflow.models import AssistanceRequest, BudgetLine
from workflow.protection.standing import closed_lines
from workflow.queries import may_read_text
from workflow.states import LineState
from workflow.views.act_pages import (
    READERS,
    SaidNo,
    authority_of,
    done,
    page_of_act,
    person_of,
    require_open,
    try_within_sight,
)
from workflow.views.approval import Effect, effects, proposal_for
from workflow.views.record import whole_request
from workflow.views.record_parts import LineShown, line_shown

ACT = "approve_deferred_line"


@dataclass
class DeferredLine:
    """One line that waits, with its form and what approving it whole does to its stream."""

    shown: LineShown
    form: DeferredLineForm
    effects: list[Effect]


@audience(*READERS)
def approve_deferred(request: HttpRequest, reference: str) -> HttpResponse:
    """Each deferred line has a form of its own; the one whose button was pressed is approved."""
    person, no = person_of(request), SaidNo()
    if request.method == "POST":
        acted = try_within_sight(no, request, reference, lambda here: _approve(request, here))
        if acted is not None:
            pressed = next(line for line in acted.lines.all() if _is_pressed(request, line))
            words = _("line %(number)s is approved and committed.") % {"number": pressed.number}
            return done(request, acted, words)
    assistance = whole_request(person, reference, line_persons=True)
    require_open(assistance, ACT, person)
    waiting = _waiting(request, assistance)
    if request.method == "POST" and not any(one.form.is_bound for one in waiting):
        raise MovedOn(
            assistance,
            "APPROVE-06",
            _("Nothing was approved."),
            _("This line does not wait for a condition."),
            _("Look at the lines again."),
        )
    pressed_form = next((one.form for one in waiting if one.form.is_bound), None)
    if pressed_form is not None:
        no.say_on(pressed_form)
    context = {"waiting": waiting, "pressed": pressed_form, "authority": authority_of(person)}
    return page_of_act(request, "workflow/headquarters/approve_deferred_line.html", assistance, ACT, context)


def _approve(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Approve the line whose button was pressed, if it waits and its form is whole; on the locked request."""
    lines = [line for line in read_lines(here) if _is_pressed(request, line) and line.state == LineState.DEFERRED]
    if not lines:
        return None
    streams = stream_choices()
    form = _form(request, here, lines[0], streams)
    if not form.is_valid():
        return None
    said = {"decision": _decision(form), "seen_version": form.cleaned_data["seen_version"], "streams": streams}
    return approve_deferred_line(request_id=here.pk, actor=person_of(request), at=clock.now(), **said)


def _is_pressed(request: HttpRequest, line: BudgetLine) -> bool:
    return request.method == "POST" and request.POST.get("line") == line.key


def _waiting(request: HttpRequest, assistance: AssistanceRequest) -> list[DeferredLine]:
    deferred = [line for line in assistance.lines.all() if line.state == LineState.DEFERRED]
    streams = stream_choices() if deferred else []
    return [_deferred(request, assistance, line, streams) for line in deferred]


def _deferred(
    request: HttpRequest, assistance: AssistanceRequest, line: BudgetLine, streams: list[FundingStream]
) -> DeferredLine:
    form = _form(request, assistance, line, streams)
    code = form.proposal.stream_code
    shown = line_shown(line, may_read_text(person_of(request)))
    return DeferredLine(shown, form, effects({code: line.usd} if code else {}, {}))


def _form(
    request: HttpRequest, assistance: AssistanceRequest, line: BudgetLine, streams: list[FundingStream]
) -> DeferredLineForm:
    return DeferredLineForm(
        request.POST if _is_pressed(request, line) else None,
        prefix=line.key,
        initial={"seen_version": assistance.version},
        line=line,
        proposal=proposal_for(assistance, line, streams),
        streams=streams,
        closed=closed_lines(assistance, "approve_budget", lines=[line]).get(line.pk, []),
    )


def _decision(form: DeferredLineForm) -> LineDecision:
    form.cleaned_data["gate_code"] = ""
    return form.decision()
