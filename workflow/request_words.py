"""The line of words above the list of requests, such as `mission:NE amount:>2000`, and what each word keeps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from workflow.codelists import AssistanceType, Priority
from workflow.models import BudgetLine, HelpAsked
from workflow.states import FINAL_STATES, RequestState

LONGEST_LINE = 200
_SOON = timedelta(hours=24)
_COMPARED = re.compile(r"(>=|<=|>|<|)(.+)")
_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{2}))?")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_LOOKUPS = {">": "__gt", ">=": "__gte", "<": "__lt", "<=": "__lte", "": ""}


class NotUnderstood(Exception):
    """A word of the line that means nothing here; the message is for the person who typed it."""


@dataclass(frozen=True)
class Reader:
    """Who asks, and the codes of the missions they may ask about."""

    person: User
    mission_codes: Collection[str]


def _one_of(word: str, value: str, known: Collection[str]) -> str:
    code = value.upper().replace("-", "_")
    if code not in known:
        shown = ", ".join(one.lower() if len(one) > 6 else one for one in known)
        raise NotUnderstood(
            _("“%(value)s” is not known after %(word)s:. Known are: %(known)s.")
            % {"value": value, "word": word, "known": shown}
        )
    return code


def _is(value: str, reader: Reader) -> Q:
    now = clock.now()
    meanings = {
        "open": ~Q(state__in=FINAL_STATES),
        "ended": Q(state__in=FINAL_STATES),
        "urgent": Q(is_urgent=True),
        "late": Q(due_at__lt=now),
        "soon": Q(due_at__gte=now, due_at__lt=now + _SOON),
        "held": Q(state=RequestState.ON_HOLD),
    }
    if value.lower() not in meanings:
        raise NotUnderstood(
            _("“%(value)s” is not known after is:. Known are: %(known)s.")
            % {"value": value, "known": ", ".join(meanings)}
        )
    return meanings[value.lower()]


def _mission(value: str, reader: Reader) -> Q:
    if value.upper() not in reader.mission_codes:
        raise NotUnderstood(_("“%(value)s” is not the code of a mission you can choose.") % {"value": value})
    return Q(missions__mission__code=value.upper())


def _need(value: str, reader: Reader) -> Q:
    kind = {"assistance": OuterRef("pk"), "assistance_type": _one_of("need", value, AssistanceType.values)}
    return Q(Exists(HelpAsked.objects.filter(**kind))) | Q(Exists(BudgetLine.objects.filter(**kind)))


def _state(value: str, reader: Reader) -> Q:
    return Q(state=_one_of("state", value, RequestState.values))


def _priority(value: str, reader: Reader) -> Q:
    return Q(priority=_one_of("priority", value, Priority.values))


def _who(value: str, reader: Reader) -> Q:
    if value.lower() == "me":
        return Q(taken_by=reader.person) | Q(author=reader.person)
    if value.lower() == "nobody":
        return Q(taken_by=None)
    raise NotUnderstood(_("“%(value)s” is not known after who:. Known are: me, nobody.") % {"value": value})


def _compared(value: str) -> tuple[str, str]:
    found = _COMPARED.fullmatch(value)
    return (found[1], found[2]) if found else ("", value)


def _amount(value: str, reader: Reader) -> Q:
    sign, number = _compared(value)
    found = _AMOUNT.fullmatch(number)
    if found is None:
        raise NotUnderstood(
            _("“%(value)s” is not an amount. Write US dollars without commas, such as amount:>2000.") % {"value": value}
        )
    minor = int(found[1]) * 100 + int(found[2] or 0)
    return Q(**{f"asked_usd_minor{_LOOKUPS[sign]}": minor})


def _sent(value: str, reader: Reader) -> Q:
    sign, text = _compared(value)
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise NotUnderstood(
            _("“%(value)s” is not a day. Write year, month and day, such as sent:>2026-10-01.") % {"value": value}
        ) from None
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ends = begins + timedelta(days=1)
    return {
        ">": Q(submitted_at__gte=ends),
        ">=": Q(submitted_at__gte=begins),
        "<": Q(submitted_at__lt=begins),
        "<=": Q(submitted_at__lt=ends),
        "": Q(submitted_at__gte=begins, submitted_at__lt=ends),
    }[sign]


# What the list can be grouped by.
GROUPINGS = ("state", "mission", "priority", "who", "week")


def _by(value: str, reader: Reader) -> Q:
    if value.lower() not in GROUPINGS:
        raise NotUnderstood(
            _("“%(value)s” is not known after by:. Known are: %(known)s.")
            % {"value": value, "known": ", ".join(GROUPINGS)}
        )
    return Q()


WORDS: dict[str, Callable[[str, Reader], Q]] = {
    "is": _is,
    "mission": _mission,
    "need": _need,
    "amount": _amount,
    "who": _who,
    "sent": _sent,
    "priority": _priority,
    "state": _state,
    "by": _by,
}


def _unknown(word: str) -> NotUnderstood:
    near = difflib.get_close_matches(word.lower(), WORDS, n=1)
    if near:
        return NotUnderstood(
            _("“%(word)s:” is not a filter. Did you mean “%(near)s:”?") % {"word": word, "near": near[0]}
        )
    return NotUnderstood(
        _("“%(word)s:” is not a filter. The filters are: %(known)s.") % {"word": word, "known": ", ".join(WORDS)}
    )


def _meaning(token: str, reader: Reader) -> Q:
    word, colon, value = token.partition(":")
    if not colon:
        return Q(reference__icontains=token)
    if word.lower() not in WORDS:
        raise _unknown(word)
    if not value:
        raise NotUnderstood(_("Nothing stands after “%(word)s:”.") % {"word": word})
    return WORDS[word.lower()](value, reader)


def read_words(line: str, reader: Reader) -> tuple[list[Q], list[str]]:
    """What a line keeps, one condition for each word, and what in it was not understood, in words."""
    conditions: list[Q] = []
    problems: list[str] = []
    for token in line.split():
        try:
            conditions.append(_meaning(token, reader))
        except NotUnderstood as problem:
            problems.append(str(problem))
    return conditions, problems


def with_word(line: str, word: str, value: str) -> str:
    """The line with this word in it once, in place of what it said before."""
    return f"{without_word(line, word)} {word}:{value}".strip()


def grouping_of(line: str) -> str:
    """What a line that was understood groups by: the last `by:` counts; empty without one."""
    said = [token.partition(":")[2].lower() for token in line.split() if token.lower().startswith("by:")]
    return said[-1] if said else ""


def without_word(line: str, word: str) -> str:
    """The line without this word."""
    return " ".join(token for token in line.split() if token.partition(":")[0].lower() != word)
