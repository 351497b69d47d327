"""Where a payee stands with the newest list: is there one, is it recent, does a name look like one on it?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finance.models import PayeeVersion, SanctionsEntry, SanctionsList, ScreeningHit
from finance.screening.consolidated_list import Listed, ListedName
from finance.screening.matching import Candidate, NameIndex
from finance.states import HitState
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day
from gaf.thresholds import threshold

_MOST_INDEXES = 2
_indexes: OrderedDict[str, NameIndex] = OrderedDict()
Party = ScreeningHit.Party


@dataclass(frozen=True)
class Found:
    """A name of a payee that may be one on the list: the holder's or the bank's."""

    party: str
    candidate: Candidate


def newest_list(versions: Iterable[PayeeVersion] = ()) -> SanctionsList | None:
    """The list made last; screening always uses this one. It knows of these details whether any of them was ever like
    a name on a list (`.has_hits`)."""
    rows = SanctionsList.objects.order_by("-generated_at", "-id")
    known = ScreeningHit.objects.filter(payee_version__in=[version.pk for version in versions])
    return rows.annotate(has_hits=Exists(known)).first()


def index_of(sanctions_list: SanctionsList) -> NameIndex:
    """The list made ready for questions. Lists that say the same share one; the last two stay in memory."""
    content = sanctions_list.content_sha256
    if content not in _indexes:
        rows = SanctionsEntry.objects.filter(content_sha256=content)
        _indexes[content] = NameIndex([_listed(row) for row in rows])
        while len(_indexes) > _MOST_INDEXES:
            _indexes.popitem(last=False)
    return _indexes[content]


def _listed(row: SanctionsEntry) -> Listed:
    names = tuple(ListedName(text, quality) for text, quality in row.names)
    born = tuple((int(first), int(last)) for first, last in row.born)
    return Listed(row.reference, row.number, row.kind, names, born, row.listed_on)


def names_like(version: PayeeVersion, sanctions_list: SanctionsList) -> list[Found]:
    """Every entry that the holder or the bank of these details may be."""
    index = index_of(sanctions_list)
    found = [Found(Party.HOLDER, one) for one in index.candidates(version.holder_name, version.born)]
    return found + [Found(Party.BANK, one) for one in index.candidates(version.bank_name)]


def list_refusal(at: datetime) -> Refusal | None:
    """SCREEN-01 when no list was ever loaded, SCREEN-02 when the newest one is too old to go by."""
    return _refusal_of(newest_list(), at)


def _refusal_of(newest: SanctionsList | None, at: datetime) -> Refusal | None:
    if newest is None:
        return _not_screened("SCREEN-01", _("No sanctions list has been loaded, so nobody can be screened."))
    days = threshold("sanctions_list_most_days")
    if newest.generated_at + timedelta(days=days) < at:
        why = _("The newest sanctions list is of %(day)s, and it may be %(days)s days old at most.")
        return _not_screened("SCREEN-02", why % {"day": short_day(newest.generated_at.date()), "days": days})
    return None


def _not_screened(code: str, why: str) -> Refusal:
    next_step = _("Ask the system administrator to load the newest list: manage.py load_sanctions FILE.")
    return Refusal(code, _("The payee was not screened."), why, next_step)


def hits_that_stop(version: PayeeVersion) -> list[ScreeningHit]:
    """Hits that keep these details from being paid: confirmed ones, and uncleared ones of the newest list."""
    newest = newest_list()
    rows = ScreeningHit.objects.filter(payee_version=version).select_related("entry")
    return [row for row in rows if row.state == HitState.CONFIRMED or (_is_of(row, newest) and not _cleared(row))]


def is_known_to_be_listed(version: PayeeVersion) -> bool:
    """Whether somebody confirmed that it is the one on the list: then these details are never paid."""
    return ScreeningHit.objects.filter(payee_version=version, state=HitState.CONFIRMED).exists()


def _is_of(hit: ScreeningHit, newest: SanctionsList | None) -> bool:
    return newest is not None and hit.entry.content_sha256 == newest.content_sha256


def _cleared(hit: ScreeningHit) -> bool:
    return bool(hit.state == HitState.CLEARED)


def screening_refusals_by(newest: Any, versions: Iterable[PayeeVersion], at: datetime) -> dict[int, list[Refusal]]:
    """Compare now with the newest list, which was read for these details (`newest_list`): every reason why they may not
    be paid, by their number in the database, in a fixed number of questions. Nothing is written.

    SCREEN-01 and SCREEN-02 about the list, SCREEN-03 a name like one on it that two people have not cleared, SCREEN-06
    a hit that was confirmed.
    """
    by_pk = {version.pk: version for version in versions}
    refusal = _refusal_of(newest, at)
    if refusal is not None or newest is None:
        return {pk: [refusal] if refusal is not None else [] for pk in by_pk}
    known: dict[int, list[ScreeningHit]] = {pk: [] for pk in by_pk}
    hits = ScreeningHit.objects.filter(payee_version__in=list(by_pk)).select_related("entry")
    for hit in hits if newest.has_hits else ():
        known[hit.payee_version_id].append(hit)
    return {pk: _refusals(version, newest, known[pk]) for pk, version in by_pk.items()}


def _refusals(version: PayeeVersion, newest: SanctionsList, known: list[ScreeningHit]) -> list[Refusal]:
    key = version.decision_subject()
    if any(hit.state == HitState.CONFIRMED for hit in known):
        why = _("%(payee)s was found to be on a sanctions list.") % {"payee": key}
        return [Refusal("SCREEN-06", _("The payee is not paid."), why, _("Choose another payee."))]
    cleared = {(hit.entry.number, hit.party) for hit in known if _is_of(hit, newest) and _cleared(hit)}
    found = names_like(version, newest)
    count = len({(one.candidate.entry.number, one.party) for one in found} - cleared)
    if not count:
        return []
    why = ngettext(
        "A name of %(payee)s is like %(count)s entry of the sanctions list, and two people have not cleared it.",
        "A name of %(payee)s is like %(count)s entries of the sanctions list, and two people have not cleared them.",
        count,
    ) % {"payee": key, "count": count}
    next_step = _("Two people who neither recorded the payee nor release the money compare and clear it.")
    return [Refusal("SCREEN-03", _("The payee is not paid."), why, next_step)]
