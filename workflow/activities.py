"""Which activities of which requests a person sees, and for whom they may plan one."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import READS_ALL_REQUESTS
from workflow.followers import people_at_headquarters, people_of_missions
from workflow.models import Activity, ActivityStep, AssistanceRequest
from workflow.queries import mission_ids_of, visible_to
from workflow.remarks import own_mission


def activities_for(person: User) -> QuerySet[Activity]:
    """The activities of the person's own side, soonest first; which requests, the page says."""
    seen = Q(mission_id__in=mission_ids_of(person))
    if roles_of(person) & set(READS_ALL_REQUESTS):
        seen |= Q(mission=None)
    return Activity.objects.filter(seen).select_related("person", "planned_by", "ended_by").order_by("due_on", "id")


def open_activities() -> QuerySet[Activity]:
    """What is neither done nor cancelled."""
    return Activity.objects.filter(done_at=None, cancelled_at=None)


def own_open(person: User) -> QuerySet[Activity]:
    """What this person is to do on requests they may still see, soonest first."""
    seen = visible_to(person).order_by().values("pk")
    rows = open_activities().filter(person=person, assistance_id__in=seen)
    return rows.select_related("assistance__mission", "person", "planned_by").order_by("due_on", "id")


def sizes_by_day(rows: QuerySet[Activity]) -> dict[str, int]:
    """How many of these are “late”, due “today”, and due “later”."""
    today = clock.today()
    return rows.order_by().aggregate(
        late=Count("pk", filter=Q(due_on__lt=today)),
        today=Count("pk", filter=Q(due_on=today)),
        later=Count("pk", filter=Q(due_on__gt=today)),
    )


def may_be_given(assistance: AssistanceRequest, planner: User) -> list[User]:
    """Who can get an activity from this planner: people of the planner's own side who read the text, by name."""
    mission = own_mission(assistance, planner)
    if mission is None:
        return list(people_at_headquarters(who_read_text=True))
    return list(people_of_missions({mission.pk}))


def proposed_after(activity: Activity) -> tuple[str, date | None]:
    """The type and the day that are proposed when this one is done; empty when nothing comes after it."""
    step = ActivityStep.objects.filter(type=activity.type).exclude(next_type="").first()
    return (step.next_type, clock.today() + timedelta(days=step.days)) if step else ("", None)
