"""Reminds whoever has something due, once for each step, and after a silence once in all; the worker calls it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from gaf.accounts.models import User
from gaf.accounts.queries import deputies_of, people_with
from gaf.accounts.roles import MISSION_ROLES, Role
from workflow import notices
from workflow.deadlines import REMINDED, Deadlines, Task
from workflow.ladders import Rung, step_reached
from workflow.models import AssistanceRequest, Reminder
from workflow.states import RequestState

AT_ONCE = 500


def remind(at: datetime) -> int:
    """Send every reminder whose moment has come and that was not sent; returns how many steps were taken."""
    return sum(_take_step(task, step, at) for task, step in _due_steps(at))


def _due_steps(at: datetime) -> Iterator[tuple[Task, int]]:
    """Each task with the last step that was reached, unless that step or a later one was taken already."""
    for some in _open_requests():
        taken = _taken(some)
        for task in Deadlines(some).tasks(at):
            step = step_reached(task.steps, task.due_at, task.calendar, at)
            if step > taken.get((task.assistance.pk, task.name, task.since), 0) and task.may_be_told(at):
                yield task, step


def _open_requests() -> Iterator[list[AssistanceRequest]]:
    """Requests on which something is due, some at a time."""
    last = 0
    while True:
        rows = AssistanceRequest.objects.filter(state__in=REMINDED, pk__gt=last)
        some = list(rows.select_related("mission", "taken_by", "proposed_for", "author").order_by("pk")[:AT_ONCE])
        if not some:
            return
        yield some
        last = some[-1].pk


def _taken(requests: list[AssistanceRequest]) -> dict[tuple[int, str, datetime], int]:
    rows = Reminder.objects.filter(assistance__in=requests).values("assistance_id", "task", "since")
    rows = rows.order_by().annotate(last=Max("step"))
    return {(row["assistance_id"], row["task"], row["since"]): row["last"] for row in rows}


def _take_step(task: Task, step: int, at: datetime) -> bool:
    """Write the step and promise the mails, together. False when another worker took it in the same moment."""
    with transaction.atomic():
        _row, made = Reminder.objects.get_or_create(
            assistance=task.assistance,
            task=task.name,
            since=task.since,
            step=step,
            defaults={"due_at": task.due_at, "sent_at": at},
        )
        if made:
            _tell(task, step, at)
    return made


def _tell(task: Task, step: int, at: datetime) -> None:
    assistance, rung = task.assistance, task.steps[step - 1].rung
    about = f"{task.name}:{task.since.isoformat()}:{step}"
    owners = _owners(task)
    if task.steps[step - 1].offset < timedelta(0):
        notices.tell_people(owners, "reminder_before", assistance, None, about)
        return
    if at < task.due_at or rung == Rung.OWNER:
        notices.tell_people(owners, "reminder_due", assistance, None, about)
        return
    heads = _people(task, task.owners.head) if rung == Rung.HEAD else []
    told = {person.pk for person in heads}
    others = [*owners, *_people(task, task.owners.deputy)]
    notices.tell_people([one for one in others if one.pk not in told], "reminder_late", assistance, None, about)
    notices.tell_people(heads, "reminder_to_head", assistance, None, about)


def _owners(task: Task) -> list[User]:
    """The person who has it, with who stands in for them; where nobody has taken it, to whom it is proposed."""
    if task.name == RequestState.ELIGIBILITY_REVIEW and task.assistance.taken_by is not None:
        return [task.assistance.taken_by, *deputies_of(task.assistance.taken_by, Role.ELIGIBILITY_REVIEWER)]
    if task.name == RequestState.ELIGIBILITY_REVIEW and task.assistance.proposed_for is not None:
        return [task.assistance.proposed_for]
    return _people(task, task.owners.owner)


def _people(task: Task, roles: Iterable[Role]) -> list[User]:
    missions = task.assistance.mission_ids() if task.name == RequestState.REPORTING else {task.assistance.mission_id}
    return [person for role in roles for person in people_with(role, missions if role in MISSION_ROLES else None)]
