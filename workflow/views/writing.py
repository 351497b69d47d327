"""What the pages on which a mission writes share: what is open to whom, where each part is, what was pressed twice."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import assignments_of
from gaf.accounts.roles import Role
from gaf.audience import View
from gaf.refusals import MovedOn
from workflow.codelists import Section
from workflow.models import AssistanceRequest
from workflow.policy import works_in
from workflow.sections import open_sections
from workflow.views.act_pages import record_url, require_open

WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)
# The pages under a record on which its parts are written.
PAGE_OF_SECTION = {
    Section.PERSONS.value: "edit/person/",
    Section.CONSENT.value: "edit/person/",
    Section.CATEGORY.value: "edit/situation/",
    Section.SITUATION.value: "edit/situation/",
    Section.ALTERNATIVES.value: "edit/situation/",
    Section.HELP.value: "edit/help/",
    Section.URGENCY.value: "edit/help/",
    Section.PLAN.value: "plan/assistance/",
    Section.LINES.value: "plan/budget/",
    Section.DOCUMENTS.value: "documents/",
}
# Where a page of writing may return to, by the word it carries.
_AFTERWARDS = {"check": "edit/check/", "answer": "answer/", "plan": "plan/", "help": "edit/help/"}


def section_url(assistance: AssistanceRequest, section: str, then: str = "") -> str:
    """Where a part is written; `then` says where to go afterwards."""
    return f"{record_url(assistance)}{PAGE_OF_SECTION[section]}" + (f"?then={then}" if then else "")


def url_after(assistance: AssistanceRequest, then: str, otherwise: str) -> str:
    """The page named by `then` if it is one we know, else the one under the record given."""
    return record_url(assistance) + _AFTERWARDS.get(then, otherwise)


def require_writing(assistance: AssistanceRequest, sections: Iterable[str], person: User) -> frozenset[str]:
    """Those of the sections that are open. Raises NotPermitted, or MovedOn when none of them is."""
    require_open(assistance, "write", person)
    here = open_sections(assistance) & frozenset(sections)
    if not here:
        raise MovedOn(
            assistance,
            "WRITE-02",
            _("Nothing was changed."),
            _("This part of %(key)s is not open now.") % {"key": assistance.reference},
            _("The reviewer can ask about a part, and then you can change it."),
        )
    return here


def own_missions(assistance: AssistanceRequest, person: User) -> list[Mission]:
    """The missions of a request in which this person works."""
    rows = assistance.missions.select_related("mission")
    return [row.mission for row in rows if works_in(person, row.mission_id)]


def writes_for(person: User) -> list[Mission]:
    """The missions for which this person writes requests."""
    found = {a.mission_id: a.mission for a in assignments_of(person) if a.role in WRITERS and a.mission is not None}
    return sorted(found.values(), key=lambda mission: mission.name)


def pressed_twice(request: HttpRequest, assistance: AssistanceRequest, act: str) -> bool:
    """Whether this very form did the act already: the same person, from the version the form was shown with."""
    seen = request.POST.get("seen_version", "")
    if request.method != "POST" or not (seen.isdecimal() and len(seen) < 10):
        return False
    if int(seen) >= assistance.version:
        return False  # nothing was done since the form was shown
    done = assistance.history.filter(history_change_reason=act, history_user=request.user, version=int(seen) + 1)
    return bool(done.exists())


def looks_again(view: View) -> View:
    """A view that is asked once more when the record moved on while it worked.

    A button pressed twice in one second sends the second press while the first is not done yet; asked again, the view
    finds it done (`pressed_twice`) and answers as it answered the first.
    """

    @functools.wraps(view)
    def patient(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except MovedOn:
            if request.method != "POST":
                raise
            return view(request, *args, **kwargs)

    return patient


def framed(assistance: AssistanceRequest, then: str, **more: Any) -> dict[str, Any]:
    """What a form of writing starts from: the version seen, and where to go afterwards."""
    return {"seen_version": assistance.version, "then": then, **more}
