"""Approving lines that waited for a condition, one at a time, when what they waited for is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.queries import stream_choices
from gaf.audience import audience
from gaf.refusals import MovedOn
from workflow.actions.approval import LineDecision, approve_deferred_line
from workflow.forms.approval import DeferredLineForm
from workflow.models import AssistanceRequest, BudgetLine
from workflow.protection.standing import closed_lines
from workflow.queries import may_read_text
from workflow.states import LineState
from workflow.views.act_pages import READERS, authority_of, do, done, page_of_act, person_of, require_open
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
    person = person_of(request)
    assistance = whole_request(person, reference, line_persons=True)
    require_open(assistance, ACT, person)
    waiting = [
        _deferred(request, assistance, line) for line in assistance.lines.all() if line.state == LineState.DEFERRED
    ]
    if request.method == "POST" and not any(one.form.is_bound for one in waiting):
        raise MovedOn(
            assistance,
            "APPROVE-06",
            _("Nothing was approved."),
            _("This line does not wait for a condition."),
            _("Look at the lines again."),
        )
    for one in waiting:
        if not one.form.is_bound or not one.form.is_valid():
            continue
        said = {"decision": _decision(one.form), "seen_version": one.form.cleaned_data["seen_version"]}
        if do(one.form, approve_deferred_line, assistance, actor=person, **said):
            words = _("line %(number)s is approved and committed.") % {"number": one.shown.number}
            return done(request, assistance, words)
    context = {
        "waiting": waiting,
        "pressed": next((one.form for one in waiting if one.form.is_bound), None),
        "authority": authority_of(person),
    }
    return page_of_act(request, "workflow/headquarters/approve_deferred_line.html", assistance, ACT, context)


def _deferred(request: HttpRequest, assistance: AssistanceRequest, line: BudgetLine) -> DeferredLine:
    proposal = proposal_for(assistance, line)
    closed = closed_lines(assistance, "approve_budget", lines=[line]).get(line.pk, [])
    pressed = request.method == "POST" and request.POST.get("line") == line.key
    form = DeferredLineForm(
        request.POST if pressed else None,
        prefix=line.key,
        initial={"seen_version": assistance.version},
        line=line,
        proposal=proposal,
        streams=stream_choices(),
        closed=closed,
    )
    taken = {proposal.stream_code: line.usd} if proposal.stream_code else {}
    return DeferredLine(line_shown(line, may_read_text(person_of(request))), form, effects(taken, {}))


def _decision(form: DeferredLineForm) -> LineDecision:
    form.cleaned_data["gate_code"] = ""
    return form.decision()
