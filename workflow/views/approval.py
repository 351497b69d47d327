"""Approval: why and what on the left, the fund before and after on the right; then the effect, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from finance.actions.commitments import URGENT
from finance.models import FundingStream
from finance.queries import commitments_of, fund_effect, stream_choices
from finance.restrictions import Proposal, propose_streams
from gaf import clock
from gaf.audience import audience
from gaf.gate import edge_of
from gaf.money import Money, total
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_money
from workflow.actions import approval as actions
from workflow.actions.approval import LineDecision, approval_warnings, facts_of, granted_by, total_approved
from workflow.cost_norms import compared
from workflow.forms.approval import OUTCOMES, ApprovalForm, LineDecisionsFormSet
from workflow.models import AssistanceRequest, BudgetLine
from workflow.obstacles import obstacles
from workflow.protection.standing import closed_lines
from workflow.queries import may_read_text
from workflow.reasons import CutReason, Gate
from workflow.views.act_pages import (
    READERS,
    SaidNo,
    authority_of,
    done,
    page_of_act,
    person_of,
    record_url,
    require_open,
    try_within_sight,
)
from workflow.views.record import whole_request
from workflow.views.record_parts import alternatives_shown, passages

_OUTCOMES = dict(OUTCOMES)


@dataclass(frozen=True)
class Effect:
    """What a decision does to one stream, with the numbers its two bars are drawn from."""

    stream: FundingStream
    total: Money
    paid: Money
    reserved: Money
    reserved_after: Money
    this: Money
    free_now: Money
    free_after: Money


def effects(by_stream: dict[str, Money], absorbed: dict[str, Money]) -> list[Effect]:
    """Each stream before and after; `absorbed` is what an urgent allowance gives back at the same moment."""
    net = dict(by_stream)
    for code, money in absorbed.items():
        net[code] = net.get(code, Money.zero("USD")) - money
    found = []
    for effect in fund_effect(net):
        stream: Any = effect.stream
        given_back = absorbed.get(stream.code, Money.zero("USD"))
        found.append(
            Effect(
                stream=stream,
                total=stream.free + stream.committed + stream.spent,
                paid=stream.spent,
                reserved=stream.committed,
                reserved_after=stream.committed - given_back,
                this=by_stream.get(stream.code, Money.zero("USD")),
                free_now=effect.free_now,
                free_after=effect.free_after,
            )
        )
    return found


def absorbed_by_approval(assistance: AssistanceRequest) -> dict[str, Money]:
    """What is open under an urgent allowance, by stream; approval frees it."""
    if getattr(assistance, "allowance", None) is None:
        return {}
    return {c.stream.code: c.open for c in commitments_of(assistance.reference) if c.line_key == URGENT and c.open}


def by_stream(lines: list[BudgetLine], decisions: list[LineDecision]) -> dict[str, Money]:
    """What decisions take out of each stream, in US dollars."""
    known, found = {line.pk: line for line in lines}, dict[str, Money]()
    for decision in decisions:
        usd = granted_by(known[decision.line_id], decision)[1]
        if usd and decision.stream_code:
            found[decision.stream_code] = found.get(decision.stream_code, Money.zero("USD")) + usd
    return found


class _Budget:
    """The budget as an approver sees it: lines, proposed streams, and the form over them."""

    def __init__(self, request: HttpRequest, assistance: AssistanceRequest, *, beside_usual: bool = True) -> None:
        self.request, self.assistance = request, assistance
        self.lines: list[BudgetLine] = list(assistance.lines.all())
        facts = {line.key: facts_of(assistance, line) for line in self.lines}
        self.streams = stream_choices()
        self.proposals = propose_streams({line.key: line.usd for line in self.lines}, facts, self.streams)
        posted = request.POST if request.method == "POST" else None
        self.form = ApprovalForm(posted, initial={"seen_version": assistance.version})
        self.closed = closed_lines(assistance, "approve_budget", lines=self.lines)
        self.rows = LineDecisionsFormSet(
            posted, lines=self.lines, proposals=self.proposals, streams=self.streams, closed=self.closed
        )
        usual = compared(assistance, self.lines) if beside_usual else {}
        for row in self.rows:
            row.beside_usual = usual.get(row.line.pk)

    def is_valid(self) -> bool:
        """Whether every line is decided and the rest is whole; both are looked at, so that every error shows."""
        form_is_whole, rows_are_whole = self.form.is_valid(), self.rows.is_valid()
        return form_is_whole and rows_are_whole

    def proposed(self) -> list[LineDecision]:
        """Every line that waits for nothing, whole on its proposed stream."""
        return [
            LineDecision(line.pk, "approve", stream_code=self.proposals[line.key].stream_code or "")
            for line in self.lines
            if line.pk not in self.closed
        ]

    def effects_of(self, decisions: list[LineDecision]) -> list[Effect]:
        """The fund before and after these decisions."""
        return effects(by_stream(self.lines, decisions), absorbed_by_approval(self.assistance))


@audience(*READERS)
def approval(request: HttpRequest, reference: str) -> HttpResponse:
    """Decide each line, then see the effect; nothing is committed here."""
    person = person_of(request)
    assistance = whole_request(person, reference, line_persons=True)
    require_open(assistance, "approve_budget", person)
    budget = _Budget(request, assistance)
    if request.method == "POST" and budget.is_valid():
        return _effect_page(request, assistance, budget)
    return _page(request, assistance, budget)


@audience(*READERS)
def approve_budget(request: HttpRequest, reference: str) -> HttpResponse:
    """Approve what the effect page showed; whoever comes here first is sent to the budget."""
    person, no = person_of(request), SaidNo()
    if request.method == "POST":
        acted = try_within_sight(no, request, reference, lambda here: _approve(request, here))
        if acted is not None:
            granted = total([line.granted_usd for line in acted.lines.all() if line.is_granted], "USD")
            words = _("%(amount)s approved and committed.") % {"amount": plain_money(granted)}
            return done(request, acted, words)
    assistance = whole_request(person, reference, line_persons=True)
    require_open(assistance, "approve_budget", person)
    if request.method != "POST":
        return redirect(f"{record_url(assistance)}approval/")
    budget = _Budget(request, assistance)
    no.say_on(budget.form)
    return _page(request, assistance, budget)


def _approve(request: HttpRequest, here: AssistanceRequest) -> AssistanceRequest | None:
    """Do it, if every line is decided; on the locked request, whose lines the action decides as they were read here."""
    actions.read_lines(here)
    budget = _Budget(request, here, beside_usual=False)
    if not budget.is_valid():
        return None
    said = {"decisions": budget.rows.decisions(), "streams": budget.streams, **budget.form.said()}
    return actions.approve_budget(request_id=here.pk, actor=person_of(request), at=clock.now(), **said)


def _page(request: HttpRequest, assistance: AssistanceRequest, budget: _Budget) -> HttpResponse:
    reads = may_read_text(person_of(request))
    context = {
        "form": budget.form,
        "rows": budget.rows,
        "reads": reads,
        "effects": budget.effects_of(budget.proposed()),
        "bears_all": next((one.bears_all for one in budget.proposals.values()), []),
        "asked": total([line.usd for line in budget.lines], "USD"),
        "some_wait": bool(budget.closed),
        "warnings": approval_warnings(assistance, budget.proposed()),
        "authority": authority_of(person_of(request)),
        "missing": obstacles(assistance, "approve_budget"),
        "passages": passages(assistance, reads),
        "alternatives": alternatives_shown(assistance, reads),
        "eligibility": _eligibility(assistance, reads),
        "allowance_back": absorbed_by_approval(assistance),
    }
    return page_of_act(request, "workflow/headquarters/approval.html", assistance, "approve_budget", context)


def _eligibility(assistance: AssistanceRequest, reads: bool) -> list[dict[str, str]]:
    """The reviewer's answers, with their notes for those who may read."""
    return [
        {
            "question": row.criterion.question,
            "answer": str(row.get_answer_display()),
            "note": row.note_text if reads else "",
        }
        for row in assistance.eligibility_answers.select_related("criterion")
    ]


@dataclass(frozen=True)
class Decided:
    """One line on the effect page."""

    line: BudgetLine
    outcome: str
    why: str
    amount: Money
    stream: str


def _decided(line: BudgetLine, decision: LineDecision) -> Decided:
    why = ""
    if decision.reason_code:
        why = str(CutReason(decision.reason_code).label)
    if decision.gate_code:
        why = str(Gate(decision.gate_code).label)
    return Decided(line, str(_OUTCOMES[decision.outcome]), why, granted_by(line, decision)[1], decision.stream_code)


def _effect_page(request: HttpRequest, assistance: AssistanceRequest, budget: _Budget) -> HttpResponse:
    """What the decisions come to, and the button that does it; every answer is carried along."""
    person, decisions = person_of(request), budget.rows.decisions()
    amount = total_approved(budget.lines, decisions)
    shown = budget.effects_of(decisions)
    question = Question(assistance, "approve_budget", person, amount=amount)
    refusals: list[Refusal] = edge_of(assistance, "approve_budget").permission.why_not(question)
    known = {line.pk: line for line in budget.lines}
    context = {
        "form": budget.form,
        "amount": amount,
        "decided": [_decided(known[decision.line_id], decision) for decision in decisions],
        "effects": shown,
        "warnings": approval_warnings(assistance, decisions),
        "refusals": refusals,
        "missing": obstacles(assistance, "approve_budget"),
        "overdrawn": any(effect.free_after.minor < 0 for effect in shown),
        "authority": authority_of(person),
        "carried": [
            (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
        ],
    }
    template = "workflow/headquarters/approve_budget.html"
    return page_of_act(request, template, assistance, "approve_budget", context, status=200)


def proposal_for(
    assistance: AssistanceRequest, line: BudgetLine, streams: list[FundingStream] | None = None
) -> Proposal:
    """Which stream one line should stand on; `streams` are those that can be chosen, where they were read."""
    return propose_streams({line.key: line.usd}, {line.key: facts_of(assistance, line)}, streams)[line.key]
