"""Until when a case is kept: by how its requests ended, the youngest of its persons, and the schedule in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects

from gaf import clock
from gaf.accounts.models import User
from gaf.privacy.models import RecordClass, RetentionRule
from gaf.privacy.sight import open_to
from gaf.sealing import erased_owners, is_erased
from workflow.calendar_days import months_after
from workflow.codelists import AgeBand
from workflow.models import AssistanceRequest, Case, Erasure, Person, RetentionHold
from workflow.states import BEING_ERASED, FINAL_STATES, ErasureState, RequestState, RetentionHoldState

OF_AGE = 18
# The lowest age of each band of children, in years; the time runs from the day the request was begun.
LOWEST_AGE = {
    AgeBand.UNDER_5: 0,
    AgeBand.FROM_5: 5,
    AgeBand.FROM_12: 12,
    AgeBand.FROM_15: 15,
    AgeBand.UNKNOWN_CHILD: 0,
}


def schedule(day: date | None = None) -> dict[str, RetentionRule]:
    """The rule of each class of records in force on a day (today when not said)."""
    rows = RetentionRule.objects.filter(effective_from__lte=day or clock.today()).order_by("effective_from")
    return {row.record_class: row for row in rows}


def class_of(assistance: AssistanceRequest) -> str:
    """The class of a request that ended."""
    if assistance.state == RequestState.CLOSED:
        return RecordClass.CLOSED
    unsent = assistance.state == RequestState.WITHDRAWN and assistance.submitted_at is None
    return RecordClass.UNSENT if unsent else RecordClass.ENDED


def kept_until(case: Case, rules: dict[str, RetentionRule]) -> date | None:
    """The first day on which nothing keeps a case any more; None while a request of it is open, or for good."""
    days = [_request_kept_until(one, rules) for one in case.requests.all()]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _request_kept_until(assistance: AssistanceRequest, rules: dict[str, RetentionRule]) -> date | None:
    rule = rules.get(class_of(assistance))
    if not assistance.is_final or rule is None or rule.months is None:
        return None
    day = months_after(assistance.moved_at.date(), rule.months)
    months = [_childs_months(person.age_band, rules) for person in assistance.persons.all() if person.is_child]
    if None in months:
        return None
    begun = assistance.started_at.date()
    return max([day, *(months_after(begun, many) for many in months if many is not None)])


def _childs_months(band: str, rules: dict[str, RetentionRule]) -> int | None:
    """Months from the day a request was begun until its youngest possible child of a band has had its time."""
    rule = rules.get(RecordClass.CHILD)
    if rule is None or rule.months is None:
        return None
    return (OF_AGE - LOWEST_AGE[AgeBand(band)]) * 12 + rule.months


def _since(months: int | None, day: date) -> datetime:
    """What happened at this moment or later has not had so many months yet."""
    first = date.min if months is None else months_after(day, -months) + timedelta(days=1)
    return datetime.combine(first, time.min, clock.now().tzinfo)


def _still_kept(day: date) -> Q:
    """Requests that are open or have not had their time."""
    rules = schedule(day)
    spans = {name: rules[name].months if name in rules else None for name in RecordClass.values}
    unsent = Q(state=RequestState.WITHDRAWN, submitted_at=None)
    ended = Q(state__in=FINAL_STATES) & ~unsent & ~Q(state=RequestState.CLOSED)
    kept = [
        ~Q(state__in=FINAL_STATES),
        unsent & Q(moved_at__gte=_since(spans[RecordClass.UNSENT], day)),
        ended & Q(moved_at__gte=_since(spans[RecordClass.ENDED], day)),
        Q(state=RequestState.CLOSED, moved_at__gte=_since(spans[RecordClass.CLOSED], day)),
    ]
    for band in LOWEST_AGE:
        child = Person.objects.filter(assistance=OuterRef("pk"), age_band=band)
        kept.append(Q(Exists(child), started_at__gte=_since(_childs_months(band, rules), day)))
    return reduce(or_, kept)


def cases_open_to(person: User) -> QuerySet[Case]:
    """Cases none of whose requests is kept to named people among whom this person is not."""
    closed_to_them: Any = AssistanceRequest.objects.filter(case=OuterRef("key")).exclude(open_to(person))
    return Case.objects.filter(~Exists(closed_to_them))


def requests_open_to(person: User) -> QuerySet[AssistanceRequest]:
    """Requests a person who keeps the schedule may name: sent ones and ended ones, of cases open to them."""
    known = Q(submitted_at__isnull=False) & ~Q(state=RequestState.DRAFT) | Q(state__in=FINAL_STATES)
    return AssistanceRequest.objects.filter(known, case__in=cases_open_to(person))


def erased_as(case: str = "case") -> Any:
    """An annotation for any query over rows that carry a case: the key of the erasure that was confirmed, if any."""
    rows = Erasure.objects.filter(case=OuterRef(case), state__in=BEING_ERASED)
    return Subquery(rows.values("key")[:1])


def past_their_time(person: User, day: date) -> QuerySet[Case]:
    """Cases that nothing in the schedule keeps any more and nobody proposed to erase, those that ended first before
    the others; among them those that were erased and came back with an older database."""
    requests = AssistanceRequest.objects.filter(case=OuterRef("key"))
    proposed = Erasure.objects.filter(case=OuterRef("key")).exclude(state=ErasureState.DISCARDED)
    over = Q(Exists(requests), ~Exists(requests.filter(_still_kept(day)))) | Q(key__in=erased_owners())
    rows = cases_open_to(person).filter(over, ~Exists(proposed))
    return rows.annotate(ended=Max("requests__moved_at")).order_by("ended", "pk")


@dataclass(frozen=True)
class OverTime:
    """A case past its time: which requests it has, since when (nothing: it was erased before), and a standing hold."""

    case: Case
    requests: list[AssistanceRequest]
    since: date | None
    hold: RetentionHold | None


def shown(cases: Iterable[Case], day: date) -> list[OverTime]:
    """Cases as the page lists them, in a fixed number of queries."""
    rules, rows = schedule(day), list(cases)
    prefetch_related_objects(
        rows,
        Prefetch("requests", AssistanceRequest.objects.select_related("mission").prefetch_related("persons")),
        Prefetch("retention_holds", RetentionHold.objects.filter(state=RetentionHoldState.STANDING)),
    )
    return [_over_time(case, rules) for case in rows]


def _over_time(case: Case, rules: dict[str, RetentionRule]) -> OverTime:
    since = None if is_erased(case.key) else kept_until(case, rules)
    return OverTime(case, list(case.requests.all()), since, next(iter(case.retention_holds.all()), None))
