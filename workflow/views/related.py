"""What belongs to a request beside it: the counts on its record, and the pages they open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gaf.accounts.models import User
from gaf.audience import audience
from workflow.models import Amendment, AssistanceRequest, LostReceipt
from workflow.queries import visible_to
from workflow.views.act_pages import READERS, person_of, record_url, request_within_sight, side_of
from workflow.views.beside_parts import amendments_of, lost_receipts_of
from workflow.views.requests_list import page_of, row_of


@dataclass(frozen=True)
class Related:
    """One count on a record, and where its rows are."""

    label: str
    count: int
    url: str


def _size(rows: QuerySet[Any], of: str) -> Subquery:
    return Subquery(rows.order_by().values(of).annotate(size=Count("pk")).values("size"))


def with_counts(requests: QuerySet[AssistanceRequest], person: User) -> QuerySet[AssistanceRequest]:
    """Requests that know how many rows lie beside them, without a query more."""
    here = OuterRef("pk")
    others = visible_to(person).filter(case=OuterRef("case")).exclude(pk=here)
    return requests.annotate(
        amendments_count=_size(Amendment.objects.filter(assistance=here), "assistance"),
        lost_receipts_count=_size(LostReceipt.objects.filter(assistance=here), "assistance"),
        others_of_case=_size(others, "case"),
    )


def related(assistance: AssistanceRequest, payments: int, activities: int) -> list[Related]:
    """The counts of a record; what is not there is not counted."""
    record: Any = assistance
    address = record_url(assistance)
    found = [
        Related(_("Questions"), len(assistance.questions.all()), "#questions"),
        Related(_("Documents"), len(assistance.documents.all()), "#documents"),
        Related(_("Disbursements"), payments, "#money"),
        Related(_("Activities"), activities, f"{address}activities/"),
        Related(_("Reports"), len(assistance.reports.all()), "#reports"),
        Related(_("Amendments"), record.amendments_count or 0, f"{address}amendments/"),
        Related(
            _("Statements in place of receipts"), record.lost_receipts_count or 0, f"{address}amendments/#lost-receipts"
        ),
        Related(_("Other requests of this case"), record.others_of_case or 0, f"{address}same-case/"),
    ]
    return [one for one in found if one.count]


@audience(*READERS)
@require_safe
def amendments(request: HttpRequest, reference: str) -> HttpResponse:
    """Amendments of a request, and statements in place of receipts."""
    assistance = request_within_sight(request, reference)
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "side": side_of(person_of(request)),
        "amendments": amendments_of(assistance),
        "lost_receipts": lost_receipts_of(assistance),
    }
    return render(request, "workflow/amendments.html", context)


@audience(*READERS)
@require_safe
def same_case(request: HttpRequest, reference: str) -> HttpResponse:
    """Other requests for the same person or group, as far as this reader may see them; newest first."""
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    others = visible_to(person).filter(case__key=assistance.case_id).exclude(pk=assistance.pk)
    page = page_of(others.order_by("-started_at", "-pk"), request.GET.get("page", "1"))
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "side": side_of(person),
        "page": page,
        "rows": [row_of(one) for one in page],
    }
    return render(request, "workflow/same_case.html", context)
