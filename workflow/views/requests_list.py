"""Every request a person may see, newest moved first, narrowed by what stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import missions_of
from gaf.audience import audience
from gaf.money import Money
from gaf.references import REQUEST
from workflow.forms.finding import FindForm
from workflow.grouping import Group, Said, group_key, groups_of, in_groups
from workflow.models import AssistanceRequest
from workflow.queries import rows_visible_to, visible_to
from workflow.saved_views import address_of, views_for
from workflow.states import RequestState
from workflow.together import offered
from workflow.views.act_pages import READERS, person_of, record_url, side_of, state_detail
from workflow.views.list_order import headings_for, order_of, orders

ROWS_A_PAGE = 25


@dataclass(frozen=True)
class Row:
    """One request as a list shows it; nothing of it tells who asks for help or why."""

    reference: str
    url: str
    mission: str
    priority: str
    state: str
    detail: str
    asked: Money | None
    approved: Money | None
    moved_at: datetime
    is_urgent: bool
    due_at: datetime | None
    due_on: date | None  # where a whole day is given, as for reports
    opens: Group | None = None  # the group whose first row on its page this is

    @property
    def is_late(self) -> bool:
        """Whether it was due before now."""
        return self.due_at is not None and self.due_at < clock.now()


# What a row says of a request, and what its clock is read from; nothing else of it is read for a list.
_OF_A_ROW = (
    "reference",
    "version",
    "priority",
    "state",
    "moved_at",
    "is_urgent",
    "due_at",
    "reports_due_on",
    "review_began_at",
    "mission__name",
    "taken_by__name",
)


Q = TypeVar("Q", bound=QuerySet[Any])


def as_rows(requests: Q) -> Q:
    """The same requests, with nothing read but what a row says of each."""
    return requests.only(*_OF_A_ROW)


def _dollars(minor: int | None) -> Money | None:
    return Money(minor, "USD") if minor else None


def row_of(assistance: AssistanceRequest) -> Row:
    """One line of a list, from a request that the queries made ready for lists."""
    return Row(
        reference=assistance.reference,
        url=record_url(assistance),
        mission=assistance.mission.name,
        priority=assistance.priority,
        state=assistance.state,
        detail=state_detail(assistance),
        asked=_dollars(assistance.asked_usd_minor),  # type: ignore[attr-defined]
        approved=_dollars(assistance.granted_usd_minor),  # type: ignore[attr-defined]
        moved_at=assistance.moved_at,
        is_urgent=assistance.is_urgent,
        due_at=assistance.due_at,
        due_on=assistance.reports_due_on if assistance.state == RequestState.REPORTING else None,
    )


def page_of(requests: QuerySet[AssistanceRequest], number: str, count: int | None = None) -> Page[AssistanceRequest]:
    """One page of a list; an address beyond the last page shows the last. How many there are is asked when not said."""
    paginator = Paginator(requests, ROWS_A_PAGE)
    if count is not None:
        paginator.count = count  # kept in the place where Django would keep its own answer
    return paginator.get_page(number)


def _under_groups(requests: list[AssistanceRequest], by: str, groups: dict[Said, Group]) -> list[Row]:
    """The rows of one page, the first of each group with the group's name and subtotals."""
    rows, before = [], None
    for one in requests:
        key = group_key(one, by)
        rows.append(replace(row_of(one), opens=groups.get(key) if key != before else None))
        before = key
    return rows


def missions_for(person: User) -> list[Mission]:
    """The missions a person may ask about: their own, or all of them at headquarters."""
    own = missions_of(person)
    return own if own and side_of(person) == "mission" else list(Mission.objects.all())


def find_form(request: HttpRequest) -> FindForm:
    """The line of words as it stands in the address, read for whoever is signed in."""
    person = person_of(request)
    return FindForm(request.GET, person=person, missions=missions_for(person), orders=orders())


@audience(*READERS)
@require_safe
def requests_list(request: HttpRequest) -> HttpResponse:
    """The list; what was picked becomes words in the address first."""
    person = person_of(request)
    whole = request.GET.get("q", "").strip().upper()
    if REQUEST.fullmatch(whole) and visible_to(person).filter(reference=whole).exists():
        return redirect("record", reference=whole)
    views = list(views_for(person))
    first = next((view for view in views if view.opens_first and view.owner_id == person.pk), None)
    if first is not None and not request.GET:
        return redirect(address_of(first))
    form = find_form(request)
    line = form.picked()
    if line is not None:
        kept = {"sort": request.GET["sort"]} if request.GET.get("sort") else {}
        return redirect(f"{reverse('requests')}?{urlencode({'q': line, **kept})}")
    found, by, order = form.narrow(rows_visible_to(person)), form.grouping(), order_of(request.GET.get("sort", ""))
    page = page_of(in_groups(found, by, order) if by else as_rows(found.order_by(*order)), request.GET.get("page", "1"))
    groups = groups_of(found, by, request.GET.get("q", ""), person) if by else {}
    context = {
        "form": form,
        "page": page,
        "rows": _under_groups(list(page), by, groups) if by else [row_of(one) for one in page],
        "side": side_of(person),
        "headings": headings_for(request.GET),
        "views": [(view, address_of(view)) for view in views],
        "here": request.get_full_path(),
        "together": offered(person),
    }
    return render(request, "workflow/requests.html", context)
