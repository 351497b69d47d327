"""The gate: the only door through which a state may change.

Lock the record, see whether the act is open from here, ask the permit, do the act, check that it did what it declared,
write the decision, save. All of it or nothing. The database demands the decision before it lets the state change.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, models, transaction
from django.utils.translation import gettext as _
from django_fsm import GET_STATE, RETURN_VALUE, State

from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.decisions.record import decision_of, end_of_chain_read_once, record_all, record_decision
from gaf.decisions.so_far import lending_decisions
from gaf.money import Money
from gaf.policy import Permit, Question, act_label, with_decisions, with_decisions_each
from gaf.refusals import MovedOn
from gaf.sealing import seal
from gaf.thresholds import thresholds_read_once

_acting: ContextVar[tuple[User, str] | None] = ContextVar("person_acting", default=None)
_in_one_piece: ContextVar[bool] = ContextVar("in_one_piece", default=False)
_joins: ContextVar[list[bool] | None] = ContextVar("next_action_joins_the_piece", default=None)
_locked: ContextVar[Any] = ContextVar("record_locked_for_this_act", default=None)

P = ParamSpec("P")
R = TypeVar("R")


class StateDidNotMove(AssertionError):
    """A programming error: the act left the record somewhere else than it declared."""


@dataclass
class Acting:
    """What the body of an act works with: the locked record, and what the decision will say about it."""

    subject: Any
    facts: dict[str, Any] = field(default_factory=dict)
    amount: Money | None = None
    reason_code: str = ""
    related: str = ""


def edge_of(subject: Any, act: str) -> Any:
    """The declared transition of an act from the record's present state, or None when it is not open from here."""
    meta = getattr(subject, act)._django_fsm
    return meta.get_transition(meta.field.get_state(subject))


def leads_to(subject: Any, act: str) -> set[str]:
    """The states an act may leave the record in; none when it is not open from the present state."""
    edge = edge_of(subject, act)
    return _expected(edge, subject, str(subject.state)) if edge is not None else set()


def _moved_on(subject: Any, act: str) -> MovedOn:
    return MovedOn(
        subject,
        "STATE-02",
        _("“%(act)s” was not done.") % {"act": act_label(act)},
        _("%(key)s is now: %(state)s. This act is not open from there.")
        % {"key": subject.decision_subject(), "state": subject.get_state_display()},
        _("Look at the record as it is now."),
    )


def _expected(edge: Any, subject: Any, source: str) -> set[str]:
    """The states this act may leave the record in, by its declaration."""
    target = edge.target
    if target is None:
        return {source}
    if isinstance(target, GET_STATE):
        return {str(target.func(subject))}
    if isinstance(target, RETURN_VALUE):
        return {str(state) for state in target.allowed_states or ()}
    if isinstance(target, State):
        raise StateDidNotMove(f"{target!r} is not a kind of target the gate knows")
    return {str(target)}


@contextmanager
def acting(
    model: type[models.Model],
    pk: int,
    *,
    act: str,
    actor: User,
    at: datetime,
    amount: Money | None = None,
    related: str = "",
    reason_code: str = "",
    reason: str = "",
    seen_version: int | None = None,
    locked: models.Model | None = None,
) -> Iterator[Acting]:
    """Do one act on one record, wholly or not at all. `locked` is the record where it was locked before (`under_lock`).

    Raises MovedOn (409) when the act is not open from the present state or the page was stale, NotPermitted (403) with
    every rule that says no, and whatever the body raises; then nothing has happened.
    """
    with transaction.atomic(savepoint=not _in_one_piece.get()):  # there a refusal undoes the whole action anyway
        subject: Any = locked or under_lock(model, pk)
        edge = edge_of(subject, act)
        source = str(subject.state)
        if edge is None or (seen_version is not None and seen_version != subject.version):
            raise _moved_on(subject, act)
        permit: Permit = edge.permission
        question = with_decisions(Question(subject, act, actor, amount=amount, related=related))
        with lending_decisions(subject, question.so_far) as so_far:
            role = permit.require(question)
            expected = _expected(edge, subject, source)
            doing = Acting(subject, amount=amount, reason_code=reason_code, related=related)
            token = _acting.set((actor, act))
            try:
                yield doing
            finally:
                _acting.reset(token)
            _require_moved(subject, act, expected)
            decision = _decision(permit, question, doing, role=role, at=at, source=source, reason=reason)
            record_all([decision])
            so_far.append(decision)
            subject._history_user, subject._change_reason = actor, act
            subject.version += 1
            subject.save()


def _require_moved(subject: Any, act: str, expected: set[str]) -> None:
    if str(subject.state) not in expected:
        raise StateDidNotMove(f"{act} should leave {subject} in {expected}, found {subject.state}")


def _decision(
    permit: Permit, question: Question, doing: Acting, *, role: str, at: datetime, source: str, reason: str
) -> Decision:
    """The decision of an act that was done, not written yet."""
    subject, actor = doing.subject, question.actor
    asked = replace(question, amount=doing.amount)
    return decision_of(
        act=question.act,
        actor=actor,
        role=role,
        at=at,
        subject=subject.decision_subject(),
        reference=subject.decision_reference(),
        related=doing.related,
        from_state=source,
        to_state=str(subject.state),
        reason_code=doing.reason_code,
        sealed_reason=seal(subject.seal_owner(), reason),
        amount_minor=doing.amount.minor if doing.amount else None,
        facts=doing.facts,
        delegation=permit.instrument(asked) if doing.amount else None,
        on_behalf_of=permit.stands_for(asked),
    )


class ActsOnEach(list[Acting]):
    """What the body of an act on several records works with, one for each; and what is written when it ends: decisions
    in their order, before what they let move."""

    def __init__(self, doings: Iterable[Acting]) -> None:
        super().__init__(doings)
        self.decided: list[Decision] = []
        self.saves: list[Callable[[], None]] = []

    def take(self, inner: ActsOnEach) -> None:
        """Write with these what an act inside of this one has decided and moved."""
        self.decided += inner.decided
        self.saves += inner.saves

    def write(self) -> None:
        """Write everything."""
        record_all(self.decided)
        for save in self.saves:
            save()


def _save_states(rows: Sequence[Any]) -> None:
    if rows:
        type(rows[0])._default_manager.bulk_update(rows, ["state", "version"])


@contextmanager
def acting_on_each(
    rows: Sequence[Any],
    *,
    act: str,
    actor: User,
    at: datetime,
    related: Mapping[int, str] | None = None,
    seen_versions: Mapping[int, int] | None = None,
    reason: str = "",
    save: Callable[[Sequence[Any]], None] | None = None,
    within: ActsOnEach | None = None,
) -> Iterator[ActsOnEach]:
    """Do one act on each of several locked records of one sort, wholly or not at all: decided and saved together.

    `related` and `seen_versions` go by the number in the database. `save` writes them where more than the state has
    changed, or versions are kept. Inside another such act, `within` leaves the writing to it. Raises as `acting`.
    """
    near, seen = related or {}, seen_versions or {}
    asked = [Question(row, act, actor, related=near.get(row.pk, "")) for row in rows]
    with transaction.atomic(savepoint=not _in_one_piece.get()), ExitStack() as lent:
        moving = [_begun(one, seen.get(one.subject.pk)) for one in with_decisions_each(asked)]
        for one in moving:
            lent.enter_context(lending_decisions(one.doing.subject, one.question.so_far))
        token = _acting.set((actor, act))
        each = ActsOnEach([one.doing for one in moving])
        try:
            yield each
        finally:
            _acting.reset(token)
        for one in moving:
            _require_moved(one.doing.subject, act, one.expected)
            one.doing.subject.version += 1
            each.decided.append(
                _decision(one.permit, one.question, one.doing, role=one.role, at=at, source=one.source, reason=reason)
            )
        each.saves.append(partial(save or _save_states, rows))
        if within is not None:
            within.take(each)
        else:
            each.write()


@dataclass(frozen=True)
class _Begun:
    """One of several records in the middle of an act: what was asked, who may, and where it may go."""

    question: Question
    permit: Permit
    doing: Acting
    role: str
    source: str
    expected: set[str]


def _begun(question: Question, seen_version: int | None) -> _Begun:
    subject, edge = question.subject, edge_of(question.subject, question.act)
    if edge is None or (seen_version is not None and seen_version != subject.version):
        raise _moved_on(subject, question.act)
    source, permit = str(subject.state), edge.permission
    doing = Acting(subject, related=question.related)
    return _Begun(question, permit, doing, permit.require(question), source, _expected(edge, subject, source))


def under_lock(model: type[models.Model], pk: int) -> Any:
    """A record, locked until the transaction ends: the one that was locked for this act, or read now.

    What was locked for an act is taken once; whoever comes after the act reads the record anew.
    """
    held = _locked.get()
    if type(held) is model and held.pk == pk:
        _locked.set(None)
        return held
    return model._default_manager.select_for_update().get(pk=pk)


def act_on(lock: Callable[[], Any], act: Callable[[Any], R]) -> R:
    """Lock a record by `lock` and let `act` do one action on it; both in one piece, and tried again together.

    The action is part of this piece, and its gate takes the record as it was locked. A refusal of the action must leave
    `act`, so that nothing of it stays.
    """

    return in_one_piece(lambda: go_on_with(lock(), act))()


def go_on_with(subject: Any, act: Callable[[Any], R]) -> R:
    """Let `act` do one more action on a record that this piece holds: as a part of it, on the record as it is held.

    A refusal of the action must leave the piece.
    """
    joins, held = _joins.set([True]), _locked.set(subject)
    try:
        return act(subject)
    finally:
        _joins.reset(joins)
        _locked.reset(held)


def person_acting() -> User | None:
    """Who is in the middle of an act of the gate, here and now; nobody outside of one."""
    doing = _acting.get()
    return doing[0] if doing else None


def act_under_way() -> str:
    """The act of the gate whose body is running here and now; empty outside of one."""
    doing = _acting.get()
    return doing[1] if doing else ""


def in_one_piece(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in one transaction; try again when the database asks for it (deadlock, serialisation)."""

    @functools.wraps(action)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        if joins := _joins.get():
            joins.clear()  # one action alone
            return action(*args, **kwargs)
        if transaction.get_connection().in_atomic_block:
            with _one_piece():  # the caller may go on after a refusal, and half an action must not stay
                return action(*args, **kwargs)
        for attempt in range(4):
            try:
                with _one_piece():
                    return action(*args, **kwargs)
            except OperationalError as failure:
                if getattr(failure.__cause__, "sqlstate", "") not in {"40001", "40P01"} or attempt == 3:
                    raise
                time.sleep(0.05 * (attempt + 1))
        raise AssertionError("unreachable")

    return whole


@contextmanager
def _one_piece() -> Iterator[None]:
    with transaction.atomic(), thresholds_read_once(), end_of_chain_read_once():
        token = _in_one_piece.set(True)
        try:
            yield
        finally:
            _in_one_piece.reset(token)


def first_decision(
    *,
    subject: Any,
    act: str,
    actor: User,
    role: str,
    at: datetime,
    facts: dict[str, Any] | None = None,
    sealed_reason: str = "",
) -> None:
    """The decision that opens a new record, written before its first row; the database demands it."""
    record_decision(
        act=act,
        actor=actor,
        role=role,
        at=at,
        subject=subject.decision_subject(),
        reference=subject.decision_reference(),
        related=subject.decision_related() if hasattr(subject, "decision_related") else "",
        to_state=str(subject.state),
        facts=facts or {},
        sealed_reason=sealed_reason,
        amount_minor=None,
    )
