"""The clock of a request in words: by when it must be decided, whether it stands still, how late it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gaf.templatetags.formats import number, plain_moment, time_left
from workflow.decision_clock import ON_THE_WAY, DecisionClock, clock_of
from workflow.models import AssistanceRequest

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_TENTH = Decimal("0.1")


def clock_words(assistance: AssistanceRequest) -> str:
    """One sentence for the record; empty, and without a query, before the clock began and after the decision."""
    clock = clock_of(assistance) if assistance.state in ON_THE_WAY else None
    if clock is None:
        return ""
    if clock.due_at is not None:
        due = plain_moment(clock.due_at, assistance.mission.time_zone)
        left = time_left(clock.due_at)
        if clock.is_late:
            return _("It was to be decided by %(due)s: %(left)s.") % {"due": due, "left": left}
        return _("It is to be decided by %(due)s: %(left)s.") % {"due": due, "left": left}
    if clock.is_late:
        return _("The clock stands still. The time of headquarters is used up.")
    return _("The clock stands still. %(span)s are left to headquarters.") % {"span": span_words(clock)}


def span_words(clock: DecisionClock) -> str:
    """What is left, in whole hours or working days, counted down."""
    if clock.in_working_days and clock.left >= _DAY:
        days = clock.left // _DAY
        return ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}
    hours = clock.left // _HOUR
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def time_words(span: timedelta, in_working_days: bool) -> str:
    """How long something took or may take: in working days with a decimal where it runs in those, else in hours."""
    if in_working_days and span >= _DAY:
        days = (Decimal(span.total_seconds()) / Decimal(_DAY.total_seconds())).quantize(_TENTH).normalize()
        plural = 1 if days == 1 else 2
        return ngettext("%(count)s working day", "%(count)s working days", plural) % {"count": number(days)}
    hours = -(-span // _HOUR)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
