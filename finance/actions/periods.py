"""Closing months: first for all but a few, then for good by a second person; and leave to book late into one."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from finance import policy
from finance.models import AccountingPeriod, PeriodException
from finance.periods import day_of, last_day_of, month_of
from finance.states import PeriodState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.accounts.roles import Role
from gaf.decisions.record import lock_the_books
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import seal

REASONS = ("late_invoice", "correction", "revaluation", "other")


@in_one_piece
def period_of(*, month: date, at: datetime) -> AccountingPeriod:
    """The row of a month; the system opens it when it is first needed."""
    lock_the_books()
    first = month_of(month)
    found = AccountingPeriod.objects.filter(month=first).first()
    if found is not None:
        return found
    made = AccountingPeriod(month=first)
    first_decision(subject=made, act="open_period", actor=system_actor(), role=Role.SYSTEM, at=at)
    made.save(force_insert=True)
    return made


@in_one_piece
def soft_close(*, month: date, actor: User, at: datetime) -> AccountingPeriod:
    """Close a month that has ended for all but a few. Raises Refusal PERIOD-02 while it lasts."""
    if last_day_of(month_of(month)) >= day_of(at):
        raise Refusal(
            "PERIOD-02",
            _("The month was not closed."),
            _("It has not ended yet."),
            _("Close it after its last day."),
        )
    row = period_of(month=month, at=at)
    with acting(AccountingPeriod, row.pk, act="soft_close_period", actor=actor, at=at) as doing:
        doing.subject.soft_close_period(by=actor)
    return doing.subject


@in_one_piece
def reopen(*, month: date, reason: str, actor: User, at: datetime) -> AccountingPeriod:
    """Open a month again that is not closed for good."""
    row = period_of(month=month, at=at)
    with acting(AccountingPeriod, row.pk, act="reopen_period", actor=actor, at=at, reason=reason) as doing:
        doing.subject.reopen_period()
    return doing.subject


@in_one_piece
def close(*, month: date, actor: User, at: datetime) -> AccountingPeriod:
    """Close a month for good; whoever closed it for all but a few may not. Months before it must be closed first."""
    row = period_of(month=month, at=at)
    earlier = AccountingPeriod.objects.filter(month__lt=row.month).exclude(state=PeriodState.CLOSED).first()
    if earlier is not None:
        raise Refusal(
            "PERIOD-04",
            _("The month was not closed for good."),
            _("%(month)s before it is still open.") % {"month": f"{earlier.month:%Y-%m}"},
            _("Close the months in their order."),
        )
    with acting(AccountingPeriod, row.pk, act="close_period", actor=actor, at=at) as doing:
        doing.subject.close_period(by=actor)
    return doing.subject


@in_one_piece
def ask_exception(
    *, month: date, person: User, until: datetime, reason_code: str, reason: str, actor: User, at: datetime
) -> PeriodException:
    """Ask that one person may book into a closing month until a moment. Raises Refusal PERIOD-07 to PERIOD-09."""
    period = period_of(month=month, at=at)
    if period.state != PeriodState.SOFT_CLOSED:
        raise _not_asked("PERIOD-07", _("The month is not one that is closing."), _("Look at the month as it is now."))
    if until <= at:
        raise _not_asked("PERIOD-08", _("It would end before it began."), _("Choose a later moment."))
    if reason_code not in REASONS or not reason.strip():
        raise _not_asked("PERIOD-09", _("The reason is missing."), _("Choose a reason and write what is to be booked."))
    made = PeriodException(
        period=period,
        number=period.exceptions.count() + 1,
        person=person,
        until=until,
        reason_code=reason_code,
        asked_by=actor,
    )
    role = policy.MAY_ASK_EXCEPTION.require(Question(made, "ask_exception", actor))
    facts = {"person": person.pk, "until": until.isoformat(), "reason": reason_code}
    first_decision(
        subject=made,
        act="ask_exception",
        actor=actor,
        role=role,
        at=at,
        facts=facts,
        sealed_reason=seal(made.seal_owner(), reason),
    )
    made.save(force_insert=True)
    return made


def _not_asked(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The exception was not asked for."), why, next_step)


def approve_exception(*, exception_id: int, actor: User, at: datetime) -> PeriodException:
    """A second person, neither who asked nor whom it is for, gives leave; it ends by itself."""
    with acting(PeriodException, exception_id, act="approve_exception", actor=actor, at=at) as doing:
        doing.subject.approve_exception(by=actor)
    return doing.subject


def refuse_exception(*, exception_id: int, reason: str, actor: User, at: datetime) -> PeriodException:
    """A second person does not give leave."""
    with acting(PeriodException, exception_id, act="refuse_exception", actor=actor, at=at, reason=reason) as doing:
        doing.subject.refuse_exception()
    return doing.subject
