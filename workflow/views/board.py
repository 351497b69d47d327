"""Open requests as cards in the six stages of their life, and the page that moves one by an act of its reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, ExpressionWrapper, F, IntegerField, QuerySet, Value, When
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gaf.audience import audience
from gaf.gate import leads_to
from gaf.templatetags.state_words import STAGE_OF, STAGES
from gaf.written import written
from workflow.models import AssistanceRequest
from workflow.possible_acts import PossibleAct, possible_acts
from workflow.queries import rows_visible_to, visible_to
from workflow.states import FINAL_STATES, RequestState
from workflow.views.act_pages import READERS, person_of, record_url, side_of
from workflow.views.record import closed_acts_shown, open_acts_shown
from workflow.views.requests_list import Row, as_rows, find_form, row_of

CARDS_A_STAGE = 12


@written(IntegerField())
def _stage(state: Any, held_state: Any, asked_from: Any) -> Any:
    """The stage of a request by its state, or by the one it was held or interrupted in; the first for states that
    stand in none."""
    stands = Case(
        When(_is(state, RequestState.ON_HOLD), then=held_state),
        When(_is(state, RequestState.CLARIFICATION), then=asked_from),
        default=state,
        output_field=CharField(),
    )
    stages = [When(_is(stands, state), then=Value(stage)) for state, stage in STAGE_OF.items()]
    return Case(*stages, default=Value(1), output_field=IntegerField())


def _is(column: Any, state: str) -> Exact:
    return Exact(ExpressionWrapper(column, CharField()), Value(state))


_NEXT_DUE = (F("due_at").asc(nulls_last=True), F("pk").asc())


@dataclass
class Column:
    """One stage: its number from 1, its name, how many requests stand in it, and the cards of the most pressing."""

    stage: int
    title: str
    count: int = 0
    cards: list[Row] = field(default_factory=list)


def _columns(found: QuerySet[AssistanceRequest]) -> list[Column]:
    """The six stages with their cards, the next due first; two queries however many requests there are."""
    columns = {number: Column(number, str(title)) for number, title in enumerate(STAGES, start=1)}
    standing = found.order_by().annotate(stage=_stage("state", "held_state", "asked_from"))
    for row in standing.values("stage").annotate(size=Count("pk")):
        columns[row["stage"]].count = row["size"]
    pressing = [_most_pressing(standing.filter(stage=number)) for number in columns]
    for one in (
        as_rows(standing).filter(pk__in=pressing[0].union(*pressing[1:], all=True)).order_by("stage", *_NEXT_DUE)
    ):
        columns[one.stage].cards.append(row_of(one))
    return list(columns.values())


def _most_pressing(standing: QuerySet[AssistanceRequest]) -> QuerySet[AssistanceRequest, int]:
    """Which requests of one stage are shown: a short search along an index, so that only those are read whole."""
    first = standing.order_by(*_NEXT_DUE).values("pk")[:CARDS_A_STAGE]
    return AssistanceRequest.objects.order_by().filter(pk__in=first).values_list("pk", flat=True)


@audience(*READERS)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """What is open, stage by stage, narrowed by the same words as the list."""
    person, form = person_of(request), find_form(request)
    columns = _columns(form.narrow(rows_visible_to(person)).exclude(state__in=FINAL_STATES))
    context = {
        "form": form,
        "columns": columns,
        "count": sum(column.count for column in columns),
        "side": side_of(person),
    }
    return render(request, "workflow/board.html", context)


def _stage_asked_for(request: HttpRequest) -> int:
    asked = request.GET.get("to", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked) <= len(STAGES) else 0


def _leading_to(stage: int, assistance: AssistanceRequest, acts: list[PossibleAct]) -> list[PossibleAct]:
    return [one for one in acts if stage in {STAGE_OF.get(state) for state in leads_to(assistance, one.act)}]


@audience(*READERS)
@require_safe
def move(request: HttpRequest) -> HttpResponse:
    """What moves one request on, or to the stage asked for (`?to=`). One open act leads straight to its own page, which
    asks the gate; otherwise this page says which acts there are, whose they are and what stands against them."""
    if "reference" not in request.GET:
        return redirect("board")
    person = person_of(request)
    assistance = get_object_or_404(visible_to(person), reference=request.GET["reference"])
    stage = _stage_asked_for(request)
    acts = possible_acts(assistance, person, of_others=True)
    wanted = _leading_to(stage, assistance, acts) if stage else acts
    buttons = open_acts_shown(assistance, wanted, person, writing=not stage)
    if stage and len(buttons) == 1:
        return redirect(buttons[0].url)
    context: dict[str, Any] = {
        "assistance": assistance,
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "stage": str(STAGES[stage - 1]) if stage else "",
        "side": side_of(person),
        "open_acts": buttons,
        "closed_acts": closed_acts_shown(wanted),
        "none_leads": bool(stage) and not wanted,
        "title": _("Move %(reference)s") % {"reference": assistance.reference},
    }
    return render(request, "workflow/move.html", context)
