"""Acts of a record beside a request (an amendment, a statement): one page for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from gaf.figures import colon
from gaf.gate import edge_of
from gaf.policy import Question, act_label
from gaf.refusals import MovedOn, NotPermitted, Refusal
from workflow.forms.acts import ActForm
from workflow.models import AssistanceRequest
from workflow.views.act_pages import about, page_of_act, person_of
from workflow.views.beside_parts import OwnAct

Words = str | Promise


@dataclass(frozen=True)
class ActBeside:
    """What is done, what is asked first, what will happen, and the words for it when it has."""

    action: Callable[..., Any]
    form: type[ActForm]
    will_happen: Callable[[Any], list[Words]]
    done: Words
    ends_it: bool = False


def own_acts(record: Any, acts: dict[str, Any], person: User, address: str) -> list[OwnAct]:
    """The acts open from the record's present state for this person, with the address of each."""
    found = []
    for act in acts:
        edge = edge_of(record, act)
        if edge is not None and not edge.permission.why_not(Question(record, act, person)):
            found.append(OwnAct(act_label(act), f"{address}{act.replace('_', '-')}/"))
    return found


def require_act(record: Any, act: str, person: User) -> None:
    """Raises MovedOn when the act is not open from the record's state, NotPermitted with every reason of the permit."""
    edge = edge_of(record, act)
    if edge is None:
        raise MovedOn(
            record,
            "STATE-02",
            _("“%(act)s” is not open.") % {"act": act_label(act)},
            _("%(key)s is now: %(state)s. This act is not open from there.")
            % {"key": record.decision_subject(), "state": record.get_state_display()},
            _("Look at the record as it is now."),
        )
    edge.permission.require(Question(record, act, person))


def do_beside(form: ActForm, action: Callable[..., Any], **said: Any) -> bool:
    """Do the act. False when a rule said no, which then stands on the form."""
    try:
        action(at=clock.now(), **said)
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def act_of(acts: dict[str, ActBeside], name: str) -> str:
    """The act of an address; 404 when there is none of that name."""
    act = name.replace("-", "_")
    if act not in acts:
        raise Http404
    return act


def act_beside(
    request: HttpRequest,
    assistance: AssistanceRequest,
    record: Any,
    act: str,
    plain: ActBeside,
    *,
    key: str,
    address: str,
) -> HttpResponse:
    """Say what the act does, ask the reason, do it. `key` is the name under which the action knows the record."""
    person = person_of(request)
    require_act(record, act, person)
    posted = request.POST if request.method == "POST" else None
    form = plain.form(posted, initial={"seen_version": record.version})
    whose = {key: record.pk, "actor": person}
    if form.is_bound and form.is_valid() and do_beside(form, plain.action, **whose, **form.said()):
        messages.success(request, f"{record.key}{colon()} {plain.done}")
        return redirect(address)
    context = {
        "form": form,
        "about": about(assistance),
        "missing": [],
        "will_happen": plain.will_happen(record),
        "ends_it": plain.ends_it,
        "may_be_done": True,
        "reference": record.key,
        "back_url": address,
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, act, context)
