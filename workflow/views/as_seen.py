"""Decision replay: what the one who decided had before them, as the versions kept it, marked as past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.decisions.record import is_as_it_was_written
from gaf.money import Money
from gaf.privacy.reads import uncovered_by
from workflow.as_it_stood import criteria_of, request_at
from workflow.looking_back import moment_before
from workflow.models import AssistanceRequest
from workflow.queries import all_decisions, may_read_text, stays_covered, visible_to
from workflow.reasons import CutReason, Gate
from workflow.states import LineState
from workflow.views.act_pages import READERS, person_of, record_url, side_of
from workflow.views.decisions_shown import decisions_shown
from workflow.views.record_parts import alternatives_shown, lines_shown, passages, questions_shown

_DECIDE_LINES = ("approve_budget", "approve_deferred_line")


@dataclass(frozen=True)
class Answered:
    """One criterion of the set in force for the request, and what the reviewer had answered by then."""

    question: str
    answer: str
    note: str


@dataclass(frozen=True)
class LineDecided:
    """What a decision said of one line of the budget."""

    number: int
    what: str
    outcome: str
    amount: Money
    stream: str


@audience(*READERS)
@require_safe
def as_seen(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The page of one decision about the request itself; 404 for any other."""
    person = person_of(request)
    seen = visible_to(person).annotate(is_uncovered=uncovered_by(person)).prefetch_related("documents")
    assistance = get_object_or_404(seen, reference=reference)
    own = [one for one in all_decisions(assistance) if one.subject == assistance.reference]
    decision = next((one for one in own if one.number == number), None)
    if decision is None:
        raise Http404
    past = request_at(assistance, moment_before(decision, own))
    reads = may_read_text(person) and not stays_covered(assistance, person)
    told = decisions_shown(past or assistance, [decision], reads)
    context: dict[str, Any] = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "side": side_of(person),
        "decision": decision,
        "decided": [replace(one, seen_url="") for one in told],
        "unaltered": is_as_it_was_written(decision),
        "changes_url": f"{reverse('changes', args=[assistance.reference])}?decision={number}",
        "reads": reads,
        "zone": assistance.mission.time_zone,
        **(_as_it_stood(past, decision, reads) if past else {}),
    }
    return render(request, "workflow/as_seen.html", context)


def _as_it_stood(past: AssistanceRequest, decision: Decision, reads: bool) -> dict[str, Any]:
    return {
        "assistance": past,
        "each_line": _each_line(past, decision),
        "passages": passages(past, reads),
        "alternatives": alternatives_shown(past, reads),
        "lines": lines_shown(past, reads),
        "questions": questions_shown(past, reads),
        "criteria_set": past.criteria_set,
        "criteria": _criteria(past, reads),
    }


def _criteria(past: AssistanceRequest, reads: bool) -> list[Answered]:
    answered = {row.criterion_id: row for row in past.eligibility_answers.all()}
    found = []
    for criterion in criteria_of(past):
        row = answered.get(criterion.pk)
        answer = str(row.get_answer_display()) if row else ""
        found.append(Answered(criterion.question, answer, row.note_text if row and reads else ""))
    return found


def _each_line(past: AssistanceRequest, decision: Decision) -> list[LineDecided]:
    """What an approval itself keeps of each line; other decisions keep other facts."""
    if decision.act not in _DECIDE_LINES:
        return []
    known = {line.key: line for line in past.lines.all()}
    found = []
    for row in decision.facts["lines"]:
        line = known.get(row["key"])
        if line is None:
            continue
        outcome = str(LineState(row["state"]).label)
        why = CutReason(row["cut"]).label if row["cut"] else Gate(row["gate"]).label if row["gate"] else ""
        words = f"{outcome}: {why}" if why else outcome
        what = str(line.get_assistance_type_display())
        found.append(LineDecided(line.number, what, words, Money(row["usd"], "USD"), row["stream"]))
    return found
