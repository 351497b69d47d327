"""Mails: the number and a link, nothing else. Written from the outbox, in the reader's language, after commit.

Each person chooses for each kind of event whether the mail comes at once, once a day with the others, or not at all;
what was told stands on the page of notices either way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import override

from gaf import clock
from gaf.accounts.models import Notice, NoticeChoice, NoticeWish, User
from gaf.accounts.queries import missions_of
from gaf.notice_kinds import kind_of
from gaf.outbox.outbox import enqueue_all, handles
from gaf.outbox.sweeps import sweeps
from gaf.privacy.models import NamedReader, StrictCase
from gaf.privacy.sight import open_to, those_who_see
from gaf.working_days import GENEVA

TOPIC = "notice"
HOUR_OF_THE_DAY = time(7)


def tell(people: Iterable[User], notice: str, *, reference: str, path: str, key: str, to_all: bool = False) -> None:
    """Promise one mail to each person: `notice` names its template, `path` is where the link leads.

    Of a strict request only those hear who see it; `to_all` is for those who watch over the reading itself.
    """
    hearing = people if to_all else _who_hear(people, reference)
    _promise([(notice, one.pk) for one in hearing], reference, path, key)


def tell_each(told: Mapping[str, Q], *, reference: str, path: str, key: str, but: User | None = None) -> None:
    """Promise several notices of one event, in two questions however many there are.

    `told` says of each notice, as a condition on people, who hears it; `but` is who did what happened.
    """
    people = User.objects.filter(reduce(or_, told.values())).filter(_open_to_them(reference)).order_by("name")
    marks = {f"hears_{number}": condition for number, condition in enumerate(told.values())}
    rows = people.exclude(pk__in=[but.pk] if but else []).annotate(**marks).values_list("pk", *marks)
    hearing = [(notice, pk) for pk, *hears in rows for notice, hears_it in zip(told, hears, strict=True) if hears_it]
    _promise(hearing, reference, path, key)


def _who_hear(people: Iterable[User], reference: str) -> Iterable[User]:
    """Of these people, those to whom the request is open; what is still a query is not asked twice."""
    if isinstance(people, QuerySet):
        return people.filter(_open_to_them(reference))
    return those_who_see(people, reference)


def _open_to_them(reference: str) -> Q:
    """A condition for a query over people: the request is not strict, or they are named to it."""
    strict = StrictCase.objects.filter(reference=reference)
    named = NamedReader.objects.filter(reference=reference, person=OuterRef("pk"), ended_at=None)
    return Q(~Exists(strict)) | Q(Exists(named))


def _promise(hearing: Iterable[tuple[str, int]], reference: str, path: str, key: str) -> None:
    told = {f"{notice}:{key}:{person}": (notice, person) for notice, person in hearing}
    common = {"reference": reference, "path": path}
    enqueue_all(
        TOPIC,
        {
            about: {"about": about, "person": person, "notice": notice, **common}
            for about, (notice, person) in told.items()
        },
    )


def take_back(reference: str) -> None:
    """Take what was told about a record off every page of notices, because it is others' alone from now on."""
    Notice.objects.filter(reference=reference).delete()


@handles(TOPIC)
def send_notice(payload: dict[str, Any]) -> None:
    """Keep one promised notice and mail it, or let it wait for the mail of the day, as the person wishes.

    Nothing happens when the person has left meanwhile.
    """
    person = User.objects.filter(pk=payload["person"], is_active=True, is_system=False).first()
    if person is None:
        return
    wish = wish_of(person, payload["notice"])
    Notice.objects.get_or_create(
        key=payload["about"],
        defaults={
            "person": person,
            "notice": payload["notice"],
            "reference": payload["reference"],
            "path": payload["path"],
            "told_at": clock.now(),
            "waits": wish == NoticeWish.DAILY,
        },
    )
    if wish == NoticeWish.NOW:
        _mail(person, f"mail/{payload['notice']}", payload["reference"], link_to(payload["path"]))


def wish_of(person: User, notice: str) -> str:
    """How a person wants to be told of this event; urgent ones always come at once."""
    kind = kind_of(notice)
    if kind.always:
        return NoticeWish.NOW
    choice = NoticeChoice.objects.filter(person=person, kind=kind.code).values_list("wish", flat=True).first()
    return choice or NoticeWish.NOW


def choose(person: User, wishes: dict[str, str]) -> None:
    """Keep a person's wishes by kind; urgent kinds have none."""
    for code, wish in wishes.items():
        NoticeChoice.objects.update_or_create(person=person, kind=code, defaults={"wish": wish})


def subject_of(notice: str, reference: str) -> str:
    """The line of a notice, in the language that is spoken now."""
    return render_to_string(f"mail/{notice}.subject.txt", {"reference": reference}).strip()


def link_to(path: str) -> str:
    """A whole address for a mail."""
    return f"{settings.GAF_SITE_ADDRESS}{path}"


def _mail(person: User, template: str, reference: str, link: str, **more: Any) -> None:
    context = {"reference": reference, "link": link, **more}
    with override(person.language):
        subject = render_to_string(f"{template}.subject.txt", context).strip()
        body = render_to_string(f"{template}.txt", context)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()


@sweeps
def send_the_mails_of_the_day() -> int:
    """One mail to each person for whom something waits since before seven in the morning where they work.

    After a time without a worker it is one mail all the same. Returns how many were sent.
    """
    now, sent = clock.now(), 0
    waiting: dict[int, list[Notice]] = defaultdict(list)
    for one in Notice.objects.filter(waits=True).select_related("person").order_by("told_at", "id"):
        waiting[one.person_id].append(one)
    for notices in waiting.values():
        person = notices[0].person
        due = [one for one in notices if one.told_at < _seven_before(now, person)]
        if due and _send_together(person, due):
            sent += 1
    return sent


def _seven_before(now: datetime, person: User) -> datetime:
    """The last time it was seven in the morning in the person's mission, or in Geneva."""
    missions = missions_of(person)
    zone = ZoneInfo(missions[0].time_zone) if missions else GENEVA
    here = now.astimezone(zone)
    seven = datetime.combine(here.date(), HOUR_OF_THE_DAY, zone)
    return (seven if here >= seven else seven - timedelta(days=1)).astimezone(UTC)


def _send_together(person: User, due: list[Notice]) -> bool:
    """Send what waits in one mail; False when another worker took it in the same moment.

    What was closed to the person meanwhile, because a request became strict, is left out.
    """
    with transaction.atomic():
        keys = [one.pk for one in due]
        if Notice.objects.filter(pk__in=keys, waits=True).update(waits=False) != len(keys):
            transaction.set_rollback(True)
            return False
        open_still = list(Notice.objects.filter(open_to(person), pk__in=keys).order_by("told_at", "id"))
        if person.is_active and open_still:
            with override(person.language):
                lines = [(subject_of(one.notice, one.reference), link_to(one.path)) for one in open_still]
            _mail(person, "mail/digest/day", str(len(lines)), link_to("/notices/"), lines=lines, count=len(lines))
    return True
