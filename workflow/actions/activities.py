"""Planning an activity, ending it, and the step that comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from gaf.gate import in_one_piece
from gaf.policy import Question
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import seal
from workflow import notices
from workflow.activities import may_be_given, open_activities
from workflow.followers import people_who_see
from workflow.models import Activity, ActivityType, AssistanceRequest
from workflow.policy import MAY_END_ACTIVITY, MAY_PLAN_ACTIVITY
from workflow.remarks import own_mission


@dataclass(frozen=True)
class Planned:
    """What is to be done, by whom and by which day."""

    type: str
    person_id: int
    due_on: date
    note: str = ""


@in_one_piece
def plan_activity(*, request_id: int, planned: Planned, key: str, actor: User, at: datetime) -> Activity:
    """Plan work on a request for somebody of one's own side, who gets a mail. The same key again plans nothing more.

    Raises NotPermitted ROLE-02 or ACTIVITY-04 (somebody of the other side), Refusal ACTIVITY-03 for a day that has
    passed or an unknown type.
    """
    assistance = AssistanceRequest.objects.select_for_update().get(pk=request_id)
    MAY_PLAN_ACTIVITY.require(Question(assistance, "plan_activity", actor))
    known = Activity.objects.filter(key=key, planned_by=actor).first()
    return known or _plan(assistance, planned, key, actor, at)


def _plan(
    assistance: AssistanceRequest, planned: Planned, key: str, actor: User, at: datetime, after: Activity | None = None
) -> Activity:
    people = {person.pk: person for person in may_be_given(assistance, actor)}
    if planned.person_id not in people:
        raise NotPermitted([_not_of_this_side()])
    if planned.type not in ActivityType.values or planned.due_on < clock.today():
        raise Refusal(
            "ACTIVITY-03",
            _("Nothing was planned."),
            _("An activity has a type and a day that has not passed."),
            _("Choose both."),
        )
    activity = Activity(
        key=key,
        assistance=assistance,
        number=assistance.activities.count() + 1,
        type=planned.type,
        mission=own_mission(assistance, actor),
        person=people[planned.person_id],
        due_on=planned.due_on,
        note=seal(assistance.seal_owner(), planned.note),
        planned_by=actor,
        planned_at=at,
        after=after,
    )
    activity.save()
    notices.tell_people([activity.person], "activity_planned", assistance, actor, about=f"activity:{activity.pk}")
    return activity


def _not_of_this_side() -> Refusal:
    return Refusal(
        "ACTIVITY-04",
        _("Nothing was planned."),
        _("An activity is for yourself or for somebody of your own side who reads the request."),
        _("Send the other side a message."),
    )


@in_one_piece
def finish_activity(
    *, activity_id: int, outcome: str = "", next_step: Planned | None = None, actor: User, at: datetime
) -> Activity:
    """Say that it is done and what came of it, and plan the next step when there is one.

    Raises NotPermitted ACTIVITY-02 on the other side, MovedOn ACTIVITY-05 when it has ended; what `_plan` raises.
    """
    activity = _ended(activity_id, "finish_activity", outcome, actor)
    activity.done_at = at
    activity.save()
    if next_step is not None:
        _plan(activity.assistance, next_step, f"after:{activity.key}", actor, at, after=activity)
    return activity


@in_one_piece
def cancel_activity(*, activity_id: int, outcome: str = "", actor: User, at: datetime) -> Activity:
    """Say that it is not needed any more, and why. Raises NotPermitted ACTIVITY-02, MovedOn ACTIVITY-05."""
    activity = _ended(activity_id, "cancel_activity", outcome, actor)
    activity.cancelled_at = at
    activity.save()
    notices.tell_people(
        [activity.person], "activity_cancelled", activity.assistance, actor, about=f"cancelled:{activity.pk}"
    )
    return activity


def _ended(activity_id: int, act: str, outcome: str, actor: User) -> Activity:
    rows = Activity.objects.select_for_update(of=("self",)).select_related("assistance", "person")
    activity = rows.get(pk=activity_id)
    MAY_END_ACTIVITY.require(Question(activity, act, actor))
    if not activity.is_open:
        raise MovedOn(
            activity.assistance,
            "ACTIVITY-05",
            _("The activity was not changed."),
            _("%(name)s has ended it already.") % {"name": activity.ended_by},
            _("Look at the record as it is now."),
        )
    activity.ended_by = actor
    activity.outcome = seal(activity.assistance.seal_owner(), outcome)
    return activity


@in_one_piece
def remind_of_activities() -> int:
    """Promise one mail for each open activity whose day has come, to whoever is to do it and may still see the
    request. Returns how many were promised; what was missed while nothing ran is told at the next run."""
    promised = 0
    due = open_activities().filter(reminded=False, due_on__lte=clock.today())
    for activity in due.select_related("assistance", "person")[:200]:
        if people_who_see(activity.assistance).filter(pk=activity.person_id).exists():
            notices.tell_people(
                [activity.person], "activity_due", activity.assistance, None, about=f"due:{activity.pk}"
            )
            promised += 1
        activity.reminded = True
        activity.save(update_fields=["reminded"])
    return promised
