"""Complaints outside of any case, and concerns, whose time is over: their key is destroyed and their words go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from gaf.accounts.queries import system_actor
from gaf.gate import acting
from gaf.privacy.models import RecordClass
from gaf.sealing import erase_key
from workflow.calendar_days import months_after
from workflow.models import Complaint, Concern
from workflow.retention.schedule import schedule


def forget_old_words(at: datetime) -> int:
    """Forget what the schedule keeps no longer; returns how many. What is sealed with a case goes with that case."""
    own = Complaint.objects.filter(words__startswith="s1:CMP-")
    done = 0
    for record_class, rows, act in (
        (RecordClass.COMPLAINT, own, "forget_complaint"),
        (RecordClass.CONCERN, Concern.objects.all(), "forget_concern"),
    ):
        for row in _past_their_time(record_class, rows, at):
            _forget(row, act, at)
            done += 1
    return done


def _past_their_time(record_class: str, rows: Any, at: datetime) -> Iterator[Any]:
    rule = schedule(at.date()).get(record_class)
    if rule is None or rule.months is None:
        return
    closed = rows.filter(state="CLOSED", words_gone_at=None, closed_at__isnull=False).order_by(F("closed_at"))
    for row in closed:
        if months_after(row.closed_at.date(), rule.months) > at.date():
            return
        yield row


def _forget(row: Any, act: str, at: datetime) -> None:
    """The key first: where the rest is not done, it is done at the next time."""
    with transaction.atomic(), acting(type(row), row.pk, act=act, actor=system_actor(), at=at) as doing:
        erase_key(row.key)
        getattr(doing.subject, act)(at=at)
