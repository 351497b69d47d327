"""What the act pages of finance share: the permit before the form, the reason at the form, and each record once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.gate import act_on, edge_of, in_one_piece
from gaf.policy import Permit, Question, act_label
from gaf.refusals import MovedOn, NotPermitted, Refusal

_MOST_KEPT = 50


@dataclass
class NewRecord:
    """A record that is not there yet, as a permit reads it: whose missions it will belong to."""

    key: str = ""
    missions: set[int] = field(default_factory=set)

    def decision_reference(self) -> str:
        """Its key, if it is known before."""
        return self.key

    def mission_ids(self) -> set[int]:
        """The missions whose people may make it."""
        return self.missions


def may(permit: Permit, person: User) -> bool:
    """Whether a person holds a role that makes such records, for a button on a list; the act's page asks everything."""
    return bool(permit.role_used(Question(NewRecord(), "", person)))


def ask_role(permit: Permit, act: str, person: User) -> None:
    """As `ask_permit` of a record that is not there yet, where the act itself asks everything: only a person without a
    role for it is told so here."""
    if not may(permit, person):
        ask_permit(permit, NewRecord(), act, person)


def ask_permit(permit: Permit, subject: Any, act: str, person: User, **asked: Any) -> None:
    """Raises NotPermitted with every reason, before anything is shown or read."""
    permit.require(Question(subject, act, person, **asked))


def ask_act(subject: Any, act: str, person: User, **asked: Any) -> None:
    """Raises MovedOn when the act is not open from the record's present state, NotPermitted when not to this person."""
    edge = edge_of(subject, act)
    if edge is None:
        raise moved_on(subject, act)
    ask_permit(edge.permission, subject, act, person, **asked)


def moved_on(subject: Any, act: str) -> MovedOn:
    """The answer to an act that is not open from where the record is now."""
    return MovedOn(
        subject,
        "STATE-02",
        _("“%(act)s” was not done.") % {"act": act_label(act)},
        _("%(key)s is now: %(state)s. This act is not open from there.")
        % {"key": subject.decision_subject(), "state": subject.get_state_display()},
        _("Look at the record as it is now."),
    )


def act_within_sight(rows: QuerySet[Any], action: Callable[[Any], Any]) -> Any:
    """Look for one record among those within sight and lock it in one question, and do one action on it in that piece.

    404 when it is not among them. What the action refuses leaves it, and nothing of it stays; who may do it is asked by
    its gate. A page is drawn only afterwards, and asks the permit before (`ask_act`).
    """
    return act_on(lambda: get_object_or_404(rows.select_for_update(of=("self",))), action)


@dataclass(frozen=True)
class OpenAct:
    """A button of a record page."""

    label: str
    url: str
    primary: bool = False


@dataclass(frozen=True)
class ClosedAct:
    """An act that is open from this state, but not to this person, with every reason."""

    label: str
    refusals: list[Refusal]


@dataclass
class Acts:
    """What may be done with a record now, and what may not and why."""

    open_acts: list[OpenAct] = field(default_factory=list)
    closed_acts: list[ClosedAct] = field(default_factory=list)

    def offer(
        self, subject: Any, act: str, person: User, url: str, label: str, *, primary: bool = False, **asked: Any
    ) -> None:
        """Add one act of a record, if it is open from its state: as a button, or with the reasons against it."""
        edge = edge_of(subject, act)
        if edge is not None:
            self.offer_permit(edge.permission, subject, act, person, url, label, primary=primary, **asked)

    def offer_permit(
        self,
        permit: Permit,
        subject: Any,
        act: str,
        person: User,
        url: str,
        label: str,
        *,
        primary: bool = False,
        **asked: Any,
    ) -> None:
        """The same for an act that makes a new record."""
        reasons = permit.why_not(Question(subject, act, person, **asked))
        if reasons:
            self.closed_acts.append(ClosedAct(label, reasons))
        else:
            self.open_acts.append(OpenAct(label, url, primary))


def done(
    form: BaseForm,
    action: Callable[[], Any],
    field_of: Mapping[str, str] | None = None,
    *,
    otherwise: str | None = None,
) -> Any:
    """The action's result; None when it refused for a reason of the form, which then stands at the form.

    `field_of` says at which field a rule's code belongs, `otherwise` where the rest does (the form as a whole). What is
    not the form's to mend (403, 409) goes its way.
    """
    try:
        return action()
    except (NotPermitted, MovedOn):
        raise
    except Refusal as refusal:
        form.add_error((field_of or {}).get(refusal.code, otherwise), in_words(refusal))
        return None


def in_words(refusal: Refusal) -> str:
    """A refusal's three parts as one line of an error summary."""
    return " ".join(part for part in (refusal.what, refusal.why, refusal.next_step) if part)


def once(request: HttpRequest, key: str, action: Callable[[], str]) -> str:
    """Do what makes a new record only once for a form's key: the second press gets the address the first one got.

    The address is kept in the person's session, whose row is locked, so that two presses at one moment stand in line.
    What `action` does first is part of the same piece, and what it refuses must leave it. Where it answers nothing,
    nothing was made and nothing is kept.
    """
    return act_on(lambda: _own_session(request), lambda row: _made_once(request, row, key, action))


def once_for_many(request: HttpRequest, key: str, action: Callable[[], str]) -> str:
    """The same for several acts of which each is a piece of its own, so that one that is refused keeps no other."""
    return in_one_piece(lambda: _made_once(request, _own_session(request), key, action))()


def _own_session(request: HttpRequest) -> Session:
    """The person's session, locked; somebody who was signed out since the request came in does nothing more."""
    row = Session.objects.select_for_update().filter(session_key=request.session.session_key).first()
    if row is None:
        raise SessionInterrupted("The session ended before the act was done.")
    return row


def _made_once(request: HttpRequest, row: Session, key: str, action: Callable[[], str]) -> str:
    made: dict[str, str] = row.get_decoded().get("made", {})
    if key in made:
        request.session["made"] = made
        return made[key]
    address = action()
    if address:
        kept = list(made.items())[-_MOST_KEPT:]
        request.session["made"] = dict([*kept, (key, address)])
        session: Any = request.session
        session.create_model_instance(dict(session.items())).save(force_update=True)
        session.modified = False  # the row says everything already, within the piece
    return address


def made_before(request: HttpRequest) -> str:
    """The address of what this form made when its button was pressed before; empty at the first press."""
    made: dict[str, str] = request.session.get("made", {})
    return made.get(request.POST.get("idempotency_key", ""), "")
