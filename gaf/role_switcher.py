"""The switch between roles at /demo/: one press signs one in as another invented person; training databases only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.queries import assignments_in_force
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.navigation import first_page
from gaf.training import is_marked

_INVENTED = Q(email__endswith=".example") | Q(email__endswith=".test")
_BACKEND = "gaf.accounts.backends.ActivePeople"


@dataclass(frozen=True)
class Group:
    """People who sit together: a mission, or headquarters (without a name)."""

    mission: str
    people: list[tuple[User, str]]


def is_open() -> bool:
    """Whether anybody may be anybody here: the settings say so, they are for training, and so does the database."""
    return bool(settings.GAF_ROLE_SWITCHER and settings.TRAINING and is_marked())


@audience(public=True)
@require_http_methods(["GET", "HEAD", "POST"])
def switch_role(request: HttpRequest) -> HttpResponse:
    """Who there is, each with one button; pressing it ends one session and begins another. Elsewhere: 404."""
    if not is_open():
        raise Http404
    if request.method != "POST":
        return render(request, "demo.html", {"groups": _groups()})
    wanted = request.POST.get("person", "")
    person = _everybody().filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 10 else None
    if person is None:
        return render(request, "demo.html", {"groups": _groups(), "is_unknown": True}, status=422)
    logout(request)
    login(request, person, backend=_BACKEND)
    answer = redirect(first_page(person))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # what one person typed is not the next one's to read
    return answer


def _everybody() -> QuerySet[User]:
    held = assignments_in_force().exclude(role=Role.SYSTEM)
    people = User.objects.filter(_INVENTED, pk__in=held.values("person_id"), is_active=True, is_system=False)
    rows = Prefetch("assignments", queryset=held.select_related("mission"), to_attr="held_today")
    return people.prefetch_related(rows).order_by("pk")


def _groups() -> list[Group]:
    """Missions in the order of their names, headquarters last."""
    found: dict[str, list[tuple[User, str]]] = {}
    for person in _everybody():
        held = cast(list[RoleAssignment], person.held_today)  # type: ignore[attr-defined]
        here = next((one.mission.name for one in held if one.mission is not None), "")
        found.setdefault(here, []).append((person, ", ".join(str(one.get_role_display()) for one in held)))
    return [Group(name, found[name]) for name in sorted(found, key=lambda name: (not name, name))]


urlpatterns = [path("demo/", switch_role, name="switch_role")]
