"""The list of requests as a table for a spreadsheet: the same words, the same order, what this person may see."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.exports import Cell, as_csv, as_xlsx
from gaf import clock
from gaf.audience import audience
from gaf.money import Money
from workflow.models import AssistanceRequest
from workflow.queries import visible_to
from workflow.states import RequestState
from workflow.views.act_pages import READERS, person_of
from workflow.views.list_order import order_of
from workflow.views.requests_list import find_form, row_of

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_AT_ONCE = 200


@audience(*READERS)
@require_safe
def requests_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is narrowed and sorted, `?as=csv` or `?as=xlsx`; back to the list when a word means nothing."""
    kind = request.GET.get("as", "csv")
    if kind not in _KINDS:
        raise Http404
    form = find_form(request)
    if not form.is_valid():
        return redirect(f"{reverse('requests')}?{urlencode({'q': request.GET.get('q', '')})}")
    found = form.narrow(visible_to(person_of(request))).order_by(*order_of(request.GET.get("sort", "")))
    head = [
        _("Reference"),
        _("Mission"),
        _("Priority"),
        _("State"),
        _("Asked, USD"),
        _("Approved, USD"),
        _("Since"),
        _("Due"),
    ]
    content = as_csv(head, _rows(found)) if kind == "csv" else as_xlsx("requests", head, _rows(found))
    answer = StreamingHttpResponse(content, content_type=_KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="requests-{clock.today().isoformat()}.{kind}"'
    return answer


def _figure(amount: Money | None) -> Cell:
    return amount.decimal if amount else None


def _rows(found: QuerySet[AssistanceRequest]) -> Iterator[list[Cell]]:
    for one in found.iterator(chunk_size=_AT_ONCE):
        row = row_of(one)
        yield [
            row.reference,
            row.mission,
            row.priority,
            str(RequestState(row.state).label),
            _figure(row.asked),
            _figure(row.approved),
            row.moved_at.date(),
            row.due_on or (row.due_at.date() if row.due_at else None),
        ]
