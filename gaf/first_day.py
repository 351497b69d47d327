"""The checklist of the first day: a few things to do for each role, ticked by the record of decisions alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import BooleanField, Exists, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import User
from gaf.accounts.queries import assignments_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.navigation import Entry, first_page, register
from gaf.written import written


@dataclass(frozen=True)
class Task:
    """One thing to do: in words, where it is done, and the acts of which any one ticks it."""

    label: str | Promise
    url: str
    acts: tuple[str, ...]


@dataclass(frozen=True)
class Ticked:
    """A task as one person's checklist shows it."""

    task: Task
    is_done: bool


_tasks: dict[str, list[Task]] = {}


def learn(role: Role, *tasks: Task) -> None:
    """Let a room say what somebody new in a role does on the first day."""
    known = _tasks.setdefault(role, [])
    known.extend(task for task in tasks if task not in known)


def tasks_of(role: str) -> list[Task]:
    """What somebody new in this role does first; empty for roles that decide nothing."""
    return list(_tasks.get(role, []))


def roles_to_learn() -> list[str]:
    """Every role that has a checklist."""
    return [role for role in Role if role in _tasks]


def _own_tasks(person: User) -> list[Task]:
    """Of the roles a person holds, not of those one stands in for; a task that two roles share stands once."""
    found: list[Task] = []
    for assignment in assignments_of(person):
        if assignment.person_id == person.pk:
            found += [task for task in tasks_of(assignment.role) if task not in found]
    return found


def checklist_of(person: User) -> list[Ticked]:
    """A person's checklist, in one query: what the record of decisions says they have done."""
    tasks = _own_tasks(person)
    wanted = {act for task in tasks for act in task.acts}
    done = _done(person, wanted) if wanted else set()
    return [Ticked(task, not done.isdisjoint(task.acts)) for task in tasks]


def _done(person: User, acts: Collection[str]) -> set[str]:
    """Each act is looked for once; somebody's decisions of many years are not read to find five."""
    row = User.objects.filter(pk=person.pk).values_list(*(_has_done(person.pk, Value(act)) for act in acts))
    return {act for act, found in zip(acts, row.get(), strict=True) if found}


@written(BooleanField())
def _has_done(person: Any, act: Any) -> Exists:
    return Exists(Decision.objects.filter(actor=person, act=act).order_by())


def open_checklist(person: User) -> list[Ticked]:
    """What a desk shows: nothing once all is done, or while it is put away (which asks the database nothing)."""
    if not person.shows_first_day:
        return []
    found = checklist_of(person)
    return found if any(not one.is_done for one in found) else []


_LEARNERS = tuple(role for role in Role if role != Role.SYSTEM)


@audience(*_LEARNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def first_day(request: HttpRequest) -> HttpResponse:
    """The whole checklist, done or not; put away with one press, and brought back with another."""
    person = cast(User, request.user)
    if request.POST.get("shows") in ("on", "off"):
        person.shows_first_day = request.POST["shows"] == "on"
        person.save(update_fields=["shows_first_day"])
        if person.shows_first_day:
            messages.success(request, _("The checklist stands on your first page again, until all is done."))
            return redirect("first_day")
        messages.success(
            request, _("The checklist is put away. “First day”, at the foot of each page, brings it back.")
        )
        return redirect(first_page(person))
    return render(request, "first_day.html", {"checklist": checklist_of(person), "is_shown": person.shows_first_day})


@register
def entries(person: User) -> list[Entry]:
    """The way back to the checklist, at the foot of each page, for whoever has one."""
    return [Entry(_("First day"), "/first-day/", 98, foot=True)] if _own_tasks(person) else []
