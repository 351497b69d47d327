"""Screening: loading a list, comparing payees with it, and clearing a hit by two people. No score clears anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from finance import policy
from finance.models import PayeeVersion, SanctionsEntry, SanctionsList, Screening, ScreeningHit
from finance.notices import tell_clearers
from finance.screening.consolidated_list import ConsolidatedList, Listed, ListRefused, read_list
from finance.screening.standing import Found, names_like, newest_list
from finance.states import PayeeDetailsState
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.gate import acting, first_decision, in_one_piece
from gaf.outbox.outbox import enqueue, handles
from gaf.outbox.sweeps import sweeps
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day

Occasion = Screening.Occasion
# A screening older than this is not gone by when money leaves.
GOOD_FOR = timedelta(days=1)
_A_SWEEP = 200


@in_one_piece
def load_list(*, content: bytes, at: datetime) -> tuple[SanctionsList, bool]:
    """Keep a consolidated list; everybody who can be paid is screened again soon. True when it was not known yet.

    Raises ListRefused SANCTIONS-01 to -03 for a file that cannot be used, SANCTIONS-04 for one older than the newest,
    SANCTIONS-05 for one made in the future.
    """
    read = read_list(content)
    known = SanctionsList.objects.filter(sha256=read.sha256).first()
    if known is not None:
        return known, False
    _require_newer(read, at)
    if not SanctionsEntry.objects.filter(content_sha256=read.content_sha256).exists():
        SanctionsEntry.objects.bulk_create([_entry(read.content_sha256, listed) for listed in read.entries], 500)
    loaded = SanctionsList.objects.create(
        generated_at=read.generated_at,
        sha256=read.sha256,
        content_sha256=read.content_sha256,
        entry_count=len(read.entries),
        name_count=read.name_count,
        loaded_at=at,
    )
    if _not_screened_yet(loaded).exists():
        enqueue("rescreen_payees", key=loaded.sha256)
    return loaded, True


def _require_newer(read: ConsolidatedList, at: datetime) -> None:
    newest = newest_list()
    what, next_step = _("The sanctions list was not loaded."), _("Fetch the newest list from the United Nations.")
    if newest is not None and read.generated_at < newest.generated_at:
        why = _("It was made on %(day)s, before the newest one here.") % {"day": short_day(read.generated_at.date())}
        raise ListRefused("SANCTIONS-04", what, why, next_step)
    if read.generated_at > at:
        why = _("It says that it was made on %(day)s, which is to come.")
        raise ListRefused("SANCTIONS-05", what, why % {"day": short_day(read.generated_at.date())}, next_step)


def _entry(content: str, listed: Listed) -> SanctionsEntry:
    return SanctionsEntry(
        content_sha256=content,
        number=listed.number,
        reference=listed.reference,
        kind=listed.kind,
        names=[[name.text, name.quality] for name in listed.names],
        born=[list(years) for years in listed.born],
        listed_on=listed.listed_on,
    )


@in_one_piece
def screen(*, version: PayeeVersion, occasion: str, at: datetime) -> Screening | None:
    """Compare these details with the newest list and keep each hit with its reason; None while there is no list."""
    newest = newest_list()
    return screen_against(newest, [version], occasion, at)[0] if newest is not None else None


def screen_against(
    newest: SanctionsList, versions: Sequence[PayeeVersion], occasion: str, at: datetime
) -> list[Screening]:
    """Compare details with the newest list, which was just read, as part of the act that pays or confirms them."""
    return Screening.objects.bulk_create([_compared(newest, version, occasion, at) for version in versions])


def _compared(newest: SanctionsList, version: PayeeVersion, occasion: str, at: datetime) -> Screening:
    made = [_hit(version, one, newest, at) for one in names_like(version, newest)]
    fresh = [hit for hit, is_new in made if is_new]
    if fresh:
        tell_clearers(version, fresh[0])
    return Screening(
        payee_version=version, sanctions_list=newest, occasion=occasion, hit_count=len(made), screened_at=at
    )


@in_one_piece
def screen_again(*, version: PayeeVersion, at: datetime) -> None:
    """Compare these details once more, right before money leaves, unless that was done with the newest list today."""
    newest = newest_list()
    if newest is not None:
        screen_all_again(newest, [version], at)


def screen_all_again(newest: SanctionsList, versions: Sequence[PayeeVersion], at: datetime) -> None:
    """The same of many details, where the newest list was just read; each once."""
    by_pk = {version.pk: version for version in versions}
    lately = Screening.objects.filter(sanctions_list=newest, screened_at__gte=at - GOOD_FOR, payee_version__in=by_pk)
    done = set(lately.order_by().values_list("payee_version_id", flat=True))
    due = [version for pk, version in by_pk.items() if pk not in done]
    if due:
        screen_against(newest, due, Occasion.SENT, at)


def _hit(version: PayeeVersion, found: Found, newest: SanctionsList, at: datetime) -> tuple[ScreeningHit, bool]:
    """The record of a hit, made by the system the first time this list says so."""
    entry = SanctionsEntry.objects.get(content_sha256=newest.content_sha256, number=found.candidate.entry.number)
    known = ScreeningHit.objects.filter(payee_version=version, entry=entry, party=found.party).first()
    if known is not None:
        return known, False
    hit = ScreeningHit(
        key=issue("HIT"),
        payee_version=version,
        entry=entry,
        party=found.party,
        listed_name=found.candidate.listed_name[:300],
        score=max(found.candidate.score, 0),
        reasons=found.candidate.reasons,
        found_at=at,
    )
    system = system_actor()
    role = policy.BY_THE_SYSTEM.require(Question(hit, "screen_payee", system))
    facts = {"entry": entry.reference, "score": hit.score, "list": newest.sha256, "reasons": hit.reasons}
    first_decision(subject=hit, act="screen_payee", actor=system, role=role, at=at, facts=facts)
    hit._history_user = system
    hit.save(force_insert=True)
    return hit, True


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal(
            "SCREEN-07",
            _("Nothing was decided about the hit."),
            _("The reason is missing."),
            _("Write what you compared, and what shows that it is or is not the same."),
        )


def _decide(hit_id: int, act: str, reason: str, actor: User, at: datetime) -> ScreeningHit:
    _require_reason(reason)
    with acting(ScreeningHit, hit_id, act=act, actor=actor, at=at, reason=reason) as doing:
        getattr(doing.subject, act)()
        doing.facts = {"entry": doing.subject.entry.reference, "score": doing.subject.score}
    hit: ScreeningHit = doing.subject
    return hit


@in_one_piece
def clear_hit_first(*, hit_id: int, reason: str, actor: User, at: datetime) -> ScreeningHit:
    """One person says why it is somebody else; it takes a second. Raises Refusal SCREEN-07 without a reason."""
    return _decide(hit_id, "clear_hit_first", reason, actor, at)


@in_one_piece
def clear_hit_second(*, hit_id: int, reason: str, actor: User, at: datetime) -> ScreeningHit:
    """A second person says why. It counts until the list or the details change. Raises Refusal SCREEN-07."""
    return _decide(hit_id, "clear_hit_second", reason, actor, at)


@in_one_piece
def confirm_hit(*, hit_id: int, reason: str, actor: User, at: datetime) -> ScreeningHit:
    """It is the one on the list: these details are never paid. Raises Refusal SCREEN-07 without a reason."""
    return _decide(hit_id, "confirm_hit", reason, actor, at)


def _not_screened_yet(newest: SanctionsList) -> Any:
    known = Screening.objects.filter(sanctions_list=newest).values("payee_version_id")
    rows = PayeeVersion.objects.filter(state=PayeeDetailsState.CONFIRMED).exclude(pk__in=known)
    return rows.select_related("payee").order_by("pk")


def rescreen(limit: int | None = None) -> int:
    """Screen everybody who can be paid and was not compared with the newest list yet; returns how many."""
    newest = newest_list()
    if newest is None:
        return 0
    waiting = list(_not_screened_yet(newest)[:limit])
    for version in waiting:
        screen(version=version, occasion=Occasion.NEW_LIST, at=clock.now())
    return len(waiting)


@handles("rescreen_payees")
def rescreen_payees(payload: dict[str, Any]) -> None:
    """A newer list was loaded: screen everybody who can be paid; a worker that dies here goes on where it was."""
    rescreen()


@sweeps
def screen_who_was_missed() -> int:
    """The sweep's part: whoever was confirmed before the first list, or while a worker was dead."""
    return rescreen(_A_SWEEP)
