"""Writing a message to the other side, and a note for one's own: two pages that cannot be taken for each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaf.accounts.models import User
from gaf.audience import audience
from gaf.policy import Permit, Question
from workflow.actions.remarks import keep_note, send_message
from workflow.forms.remarks import RemarkForm
from workflow.models import AssistanceRequest, Remark, RemarkKind
from workflow.policy import MAY_KEEP_NOTE, MAY_SEND_MESSAGE
from workflow.remarks import may_be_named, own_mission, recipients
from workflow.views.act_pages import READERS, do, done, page_of_act, person_of, request_within_sight


@dataclass(frozen=True)
class Composer:
    """One of the two: what it is called, what is said before the press, and the word on its button."""

    kind: str
    action: Callable[..., Remark]
    permit: Permit
    colour: str
    title: str
    will_happen: list[str]
    button: str
    done: str


def note_composer(assistance: AssistanceRequest, person: User) -> Composer:
    """A note for the writer's own side; grey."""
    mission = own_mission(assistance, person)
    if mission is None:
        missions = ", ".join(row.mission.name for row in assistance.missions.all()) or assistance.mission.name
        title, button = _("Note for headquarters only"), _("Keep as a note for headquarters")
        readers = _("Headquarters reads it. %(missions)s cannot see it.") % {"missions": missions}
    else:
        title = _("Note for %(mission)s only") % {"mission": mission.name}
        button = _("Keep as a note for %(mission)s") % {"mission": mission.name}
        readers = _("Your mission reads it. Headquarters cannot see it.")
    return Composer(
        RemarkKind.NOTE,
        keep_note,
        MAY_KEEP_NOTE,
        "hq",
        title,
        [readers, _("Only who is named in it gets a mail. It cannot be changed or taken back.")],
        button,
        _("the note is kept."),
    )


def message_title(assistance: AssistanceRequest, person: User) -> str:
    """To whom a message of this person goes."""
    own = own_mission(assistance, person)
    return _("Message to headquarters") if own else _("Message to the mission")


def message_composer(assistance: AssistanceRequest, person: User) -> Composer:
    """A message to the other side; blue, and it names who gets a mail."""
    names = ", ".join(str(one) for one in recipients(assistance, person))
    mails = (
        _("A mail with number and link goes to: %(names)s.") % {"names": names} if names else _("Nobody gets a mail.")
    )
    if own_mission(assistance, person) is None:
        button = _("Send to the mission")
        readers = _("%(mission)s reads it, and so does headquarters.") % {"mission": assistance.mission.name}
    else:
        button = _("Send to headquarters")
        readers = _("Headquarters reads it, and so do the missions of this request.")
    return Composer(
        RemarkKind.MESSAGE,
        send_message,
        MAY_SEND_MESSAGE,
        "",
        message_title(assistance, person),
        [readers, mails, _("It cannot be changed or taken back.")],
        button,
        _("the message is sent."),
    )


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, reference: str) -> HttpResponse:
    """A message to the other side."""
    return _page(request, reference, MAY_SEND_MESSAGE, "send_message", message_composer)


@audience(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """A note for one's own side."""
    return _page(request, reference, MAY_KEEP_NOTE, "keep_note", note_composer)


def _page(
    request: HttpRequest,
    reference: str,
    permit: Permit,
    act: str,
    compose: Callable[[AssistanceRequest, User], Composer],
) -> HttpResponse:
    assistance, person = request_within_sight(request, reference), person_of(request)
    permit.require(Question(assistance, act, person))
    composer = compose(assistance, person)
    people = may_be_named(assistance, composer.kind, person)
    form = RemarkForm(request.POST if request.method == "POST" else None, label=composer.title, people=people)
    if form.is_bound and form.is_valid() and do(form, composer.action, assistance, actor=person, **form.said()):
        return done(request, assistance, composer.done)
    context: dict[str, Any] = {"form": form, "composer": composer}
    return page_of_act(request, "workflow/remark.html", assistance, act, context)
