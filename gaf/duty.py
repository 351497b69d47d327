"""The rota: who is on duty from when to when, under which number, and where nobody is.

The number in the bar is that of whoever is on duty; while nobody is, and on pages nobody signed in for, it is the
standing one of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf import clock
from gaf.accounts.models import DutyShift, User
from gaf.accounts.queries import assignments_of, people_with
from gaf.accounts.roles import Role
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.notices import tell
from gaf.outbox.sweeps import sweeps
from gaf.policy import Permit, Question, name_act
from gaf.records import delete_by, save_by
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.thresholds import threshold

PAGE = "/duty/rota/"
MAY_PLAN_DUTY = Permit((Role.FUND_MANAGER,))
PLANNED, ENDED = "PLANNED", "ENDED"
_LONGEST = timedelta(days=14)
_TELEPHONE = re.compile(r"\+[0-9][0-9 ]{5,21}[0-9]")


@dataclass(frozen=True)
class Hole:
    """A time in which nobody is on duty."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Rota:
    """Whoever is on duty from now on, in order, and the holes between; at least as far ahead as the fund wants."""

    shifts: list[DutyShift]
    holes: list[Hole]
    until: datetime


def rota() -> Rota:
    """From now until the last shift, and at least as many days ahead as the fund wants to see."""
    now = clock.now()
    shifts = list(DutyShift.objects.filter(ends_at__gt=now).select_related("person"))
    until = max([now + timedelta(days=threshold("duty_rota_days")), *(shift.ends_at for shift in shifts)])
    return Rota(shifts, holes(shifts, now, until), until)


def holes(shifts: Sequence[DutyShift], start: datetime, end: datetime) -> list[Hole]:
    """Where nobody is on duty between two moments; shifts in order of time."""
    found, covered = [], start
    for shift in shifts:
        if shift.starts_at > covered:
            found.append(Hole(covered, min(shift.starts_at, end)))
        covered = max(covered, shift.ends_at)
    if covered < end:
        found.append(Hole(covered, end))
    return found


class _Rota:
    """The rota as a permit reads it: it belongs to no mission and to no request."""

    def decision_reference(self) -> str:
        """No request."""
        return ""

    def mission_ids(self) -> set[int]:
        """No mission."""
        return set()


def _no(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The rota was not changed."), why, next_step)


def ask_permit(actor: User) -> str:
    """The role under which the rota is changed. Raises NotPermitted ROLE-02."""
    return MAY_PLAN_DUTY.require(Question(_Rota(), "plan_duty", actor))


@in_one_piece
def plan_duty(
    *, person: User, telephone: str, starts_at: datetime, ends_at: datetime, actor: User, at: datetime
) -> DutyShift:
    """Put somebody on duty from a moment to a moment, under a number with its country code.

    Raises NotPermitted ROLE-02, and Refusal DUTY-01 for somebody who is no duty officer then, DUTY-02 where somebody is
    on duty already, DUTY-03 for times that cannot be, DUTY-04 for what is no telephone number.
    """
    role = ask_permit(actor)
    number = " ".join(telephone.split())
    _require_times(starts_at, ends_at, at)
    if not _TELEPHONE.fullmatch(number):
        raise _no("DUTY-04", _("That is no telephone number."), _("Write it as +41 22 000 00 00."))
    for day in (starts_at.date(), (ends_at - timedelta(seconds=1)).date()):
        if Role.DUTY_OFFICER not in {one.role for one in assignments_of(person, day)}:
            raise _no("DUTY-01", _("%(name)s is no duty officer then.") % {"name": person}, _("Choose another."))
    other = DutyShift.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).select_related("person").first()
    if other is not None:
        raise _no(
            "DUTY-02",
            _("%(name)s is on duty then already.") % {"name": other.person},
            _("Choose other times, or take that shift out first."),
        )
    shift = DutyShift(key=issue("DUTY"), person=person, telephone=number, starts_at=starts_at, ends_at=ends_at)
    _decide(shift, "plan_duty", actor, role, at, "", PLANNED)
    save_by(shift, actor, "plan_duty")
    tell([person], "duty_planned", reference=shift.key, path=PAGE, key=shift.key)
    return shift


def _require_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= at:
        raise _no("DUTY-03", _("Its end has passed already."), _("Choose a later end."))
    if not timedelta(0) < ends_at - starts_at <= _LONGEST:
        raise _no(
            "DUTY-03",
            _("It ends before it begins, or lasts longer than %(days)s days.") % {"days": _LONGEST.days},
            _("Choose another end."),
        )


@in_one_piece
def end_duty(*, shift_id: int, actor: User, at: datetime) -> None:
    """Take a shift out of the rota, or end it now if it runs. Raises NotPermitted ROLE-02, Refusal DUTY-05."""
    role = ask_permit(actor)
    shift = DutyShift.objects.select_for_update().filter(pk=shift_id, ends_at__gt=at).first()
    if shift is None:
        raise _no("DUTY-05", _("That shift is over, or was taken out."), _("Look at the rota as it is now."))
    _decide(shift, "end_duty", actor, role, at, PLANNED, ENDED)
    tell([shift.person], "duty_ended", reference=shift.key, path=PAGE, key=shift.key)
    if shift.starts_at >= at:
        delete_by(shift, actor)
    else:
        shift.ends_at = at
        save_by(shift, actor, "end_duty")


def _decide(shift: DutyShift, act: str, actor: User, role: str, at: datetime, from_state: str, to_state: str) -> None:
    record_decision(
        act=act,
        actor=actor,
        role=role,
        at=at,
        subject=shift.key,
        reference=shift.key,
        from_state=from_state,
        to_state=to_state,
        facts={
            "person": shift.person_id,
            "from": shift.starts_at.isoformat(),
            "until": shift.ends_at.isoformat(),
        },
    )


@sweeps
def name_holes_in_the_rota() -> None:
    """Tell the fund managers of each hole ahead, once for the day it begins on; not before there is any rota."""
    if not DutyShift.objects.exists():
        return
    _tell_of_holes(rota().holes)


@in_one_piece
def _tell_of_holes(found: Sequence[Hole]) -> None:
    managers = list(people_with(Role.FUND_MANAGER)) if found else []
    for hole in found:
        day = hole.starts_at.date().isoformat()
        tell(managers, "duty_hole", reference=f"DUTY-{day}", path=PAGE, key=day)


name_act("plan_duty", gettext_lazy("Put on duty"))
name_act("end_duty", gettext_lazy("Take out of the rota"))
