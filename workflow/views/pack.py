"""The pack of a request to print: what was asked, what was decided and by whom, and the money, on plain paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from finance.queries import disbursements_of, money_of
from gaf import clock
from gaf.audience import audience
from gaf.privacy.sight import is_strict
from workflow.models import AssistanceRequest
from workflow.protection.standing import gates_of, waiting_lines
from workflow.queries import all_decisions, may_read_text, stays_covered
from workflow.views.act_pages import READERS, person_of, record_url, side_of, state_detail
from workflow.views.decisions_shown import decisions_shown
from workflow.views.record import AllowanceShown, whole_request
from workflow.views.record_parts import alternatives_shown, asked_rows, fact_rows, lines_shown, questions_shown


@audience(*READERS)
@require_safe
def pack(request: HttpRequest, reference: str) -> HttpResponse:
    """The page; it is read like the record, and the read log tells it apart."""
    person = person_of(request)
    assistance = whole_request(person, reference)
    reads = may_read_text(person) and not stays_covered(assistance, person)
    allowance = getattr(assistance, "allowance", None)
    has_money = assistance.approved_at is not None or allowance is not None
    gates = [] if assistance.is_final else gates_of(assistance)
    context: dict[str, Any] = {
        "assistance": assistance,
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "address": request.build_absolute_uri(record_url(assistance)),
        "printed_by": person,
        "printed_at": clock.now(),
        "is_strict": is_strict(assistance.reference),
        "side": side_of(person),
        "state_detail": state_detail(assistance),
        "facts": fact_rows(assistance),
        "asked": asked_rows(assistance, reads),
        "alternatives": alternatives_shown(assistance, reads),
        "criteria": _criteria(assistance, reads),
        "closed_gates": [gate for gate in gates if not gate.is_open],
        "lines": lines_shown(assistance, reads, waiting_lines(gates)),
        "questions": questions_shown(assistance, reads),
        "decided": decisions_shown(assistance, all_decisions(assistance), reads),
        "allowance": AllowanceShown(allowance) if allowance else None,
        "money": money_of(assistance.reference) if has_money else None,
        "disbursements": disbursements_of(assistance.reference) if has_money else [],
        "reads": reads,
        "zone": assistance.mission.time_zone,
    }
    return render(request, "workflow/pack.html", context)


def _criteria(assistance: AssistanceRequest, reads: bool) -> list[dict[str, str]]:
    answers = assistance.eligibility_answers.select_related("criterion").order_by("criterion__position")
    return [
        {
            "question": row.criterion.question,
            "answer": str(row.get_answer_display()),
            "note": row.note_text if reads else "",
        }
        for row in answers
    ]
