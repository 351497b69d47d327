"""Releasing disbursements: the payer looks at them afresh and lets them go. Sending is the worker's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from finance.actions.screening import screen_against
from finance.gateways.rails import goes_by_file
from finance.models import Disbursement, SanctionsList, Screening
from finance.paying_rules import duplicate_words, duplicates_among, looks_like_another, release_refusals_by
from finance.screening.standing import newest_list
from gaf.accounts.models import User
from gaf.gate import acting, in_one_piece
from gaf.outbox.outbox import enqueue
from gaf.refusals import Refusal

MOST_AT_ONCE = 20


@dataclass(frozen=True)
class Looked:
    """Disbursements as they were locked to be released, and what was found when they were looked at afresh."""

    rows: dict[str, Disbursement]
    newest: SanctionsList | None
    against: dict[int, list[Refusal]]
    alike: dict[int, list[Disbursement]]

    def unexplained(self, explained: Mapping[str, str]) -> list[str]:
        """Numbers of what looks like paying twice and for which nobody says why it is not."""
        return [
            number
            for number, row in self.rows.items()
            if self.alike.get(row.pk) and not explained.get(number, "").strip()
        ]


def look_afresh(numbers: Collection[str], at: datetime) -> Looked:
    """Lock these disbursements, and look at payees, lists and duplicates of all of them at once.

    What is not there is left out; nothing is refused here.
    """
    rows = Disbursement.objects.select_for_update(of=("self",)).filter(number__in=numbers)
    rows = rows.select_related("payee_version__payee", "bank_account").order_by("number")
    found: list[Any] = list(rows.annotate(looks_like_another=looks_like_another()))
    newest = newest_list([row.payee_version for row in found])
    doubtful = any(row.looks_like_another for row in found)
    return Looked(
        rows={row.number: row for row in found},
        newest=newest,
        against=release_refusals_by(newest, found, at),
        alike=duplicates_among(found, at) if doubtful else {},
    )


@in_one_piece
def release(
    *, numbers: list[str], actor: User, at: datetime, explained: Mapping[str, str] | None = None
) -> list[Disbursement]:
    """The payer lets these go, 20 at most: each to a payee whose confirmed details are still the sealed ones (DISB-10,
    DISB-13), have cooled off (PAYEE-10) and are screened right now against the newest list (SCREEN-…).

    `explained` says by number why what looks like paying twice is not (DISB-15). One on a rail that takes files waits
    for its file; any other is promised to the worker.
    """
    _require_few(numbers)
    return let_go(look_afresh(numbers, at), numbers, actor=actor, at=at, explained=explained)


def _require_few(numbers: Collection[str]) -> None:
    if len(set(numbers)) > MOST_AT_ONCE:
        raise Refusal(
            "DISB-16",
            _("Nothing was released."),
            _("%(count)s were chosen, and %(most)s are released at once at most.")
            % {"count": len(set(numbers)), "most": MOST_AT_ONCE},
            _("Release some now and the rest after."),
        )


def let_go(
    looked: Looked,
    numbers: Collection[str],
    *,
    actor: User,
    at: datetime,
    explained: Mapping[str, str] | None = None,
) -> list[Disbursement]:
    """Release these of what was looked at, as part of the act that locked them; refusals as of `release`."""
    _require_few(numbers)
    wanted = [looked.rows[number] for number in sorted(set(numbers)) if number in looked.rows]
    if not wanted or len(wanted) != len(set(numbers)):
        raise Refusal(
            "DISB-12",
            _("Nothing was released."),
            _("One of the numbers is not a disbursement, or none was chosen."),
            _("Choose from the list again."),
        )
    for disbursement in wanted:
        _let_go(looked, disbursement, actor, at, (explained or {}).get(disbursement.number, "").strip())
        if not goes_by_file(disbursement.bank_account.rail):
            enqueue("send_disbursement", key=disbursement.number, number=disbursement.number)
    return wanted


def _let_go(looked: Looked, disbursement: Disbursement, actor: User, at: datetime, why_again: str) -> None:
    with acting(
        Disbursement,
        disbursement.pk,
        act="release_disbursement",
        actor=actor,
        at=at,
        amount=disbursement.committed,
        related=disbursement.decision_related(),
        reason=why_again,
        locked=disbursement,
    ) as doing:
        alike = _fit_to_leave(looked, disbursement, why_again)
        if looked.newest is not None:  # the database lets nothing go past a hit, so that they are written before
            screen_against(looked.newest, [disbursement.payee_version], Screening.Occasion.RELEASED, at)
        disbursement.release_disbursement()
        doing.facts = {"minor": disbursement.minor, "currency": disbursement.currency, "alike": alike}


def _fit_to_leave(looked: Looked, disbursement: Disbursement, why_again: str) -> list[str]:
    """Numbers of what looks like the same payment, once the payer explained it; raises what stands against it."""
    for refusal in looked.against[disbursement.pk]:
        raise refusal
    found = looked.alike.get(disbursement.pk, [])
    if found and not why_again:
        raise Refusal(
            "DISB-15",
            _("%(number)s was not released.") % {"number": disbursement.number},
            duplicate_words(found),
            _("If it is owed twice, say why. Otherwise stop it."),
        )
    return [one.number for one in found]
