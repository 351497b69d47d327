"""What a payer sees of each prepared disbursement before letting it go, looked at afresh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from finance.models import Disbursement, Screening
from finance.paying_rules import duplicate_words, duplicates_among, release_refusals_of
from finance.policy import MAY_RELEASE
from finance.states import MAY_HAVE_LEFT
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question, rules_in_force
from gaf.refusals import Refusal
from gaf.sealing import unseal

ACT = "release_disbursement"


@dataclass(frozen=True)
class ToRelease:
    """One prepared disbursement, and whether this payer may let it go as it stands now."""

    disbursement: Disbursement
    payee: str
    hint: str
    rail: str
    prepared_by: str
    ticked: bool
    refusals: list[Refusal]
    screened_days: int | None
    first_payment: bool
    alike: str
    explained_before: str

    @property
    def number(self) -> str:
        """`P-2026-00031`."""
        return self.disbursement.number

    @property
    def can_go(self) -> bool:
        """Whether nothing stands against it."""
        return not self.refusals


def rows_of(prepared: list[Disbursement], person: User, ticked: set[str] | None) -> list[ToRelease]:
    """Each with everything that stands against it; without a choice made, what can go is ticked.

    Every rule is asked of all rows together, so that the page asks the same however many wait.
    """
    if not prepared:
        return []
    now = clock.now()
    look = _Look(
        preparers=_preparers(prepared),
        against=_against(prepared, person, now),
        alike=duplicates_among(prepared, now),
        screened=_screened(prepared),
        paid=set(
            Disbursement.objects.filter(
                payee_version__in={one.payee_version_id for one in prepared}, state__in=MAY_HAVE_LEFT
            ).values_list("payee_version_id", flat=True)
        ),
    )
    return [_row(one, look, ticked, now) for one in prepared]


@dataclass(frozen=True)
class _Look:
    """What was read once for every row: by number in the database, or by the payee's details."""

    preparers: dict[str, str]
    against: dict[int, list[Refusal]]
    alike: dict[int, list[Disbursement]]
    screened: dict[int, datetime]
    paid: set[int]


def _preparers(prepared: list[Disbursement]) -> dict[str, str]:
    decisions = Decision.objects.filter(act="prepare_disbursement", subject__in=[one.number for one in prepared])
    return {row.subject: str(row.actor) for row in decisions.select_related("actor")}


def _screened(prepared: list[Disbursement]) -> dict[int, datetime]:
    rows = Screening.objects.filter(payee_version__in={one.payee_version_id for one in prepared}).order_by()
    return dict(rows.values_list("payee_version_id").annotate(last=Max("screened_at")))


def _row(disbursement: Disbursement, look: _Look, ticked: set[str] | None, now: datetime) -> ToRelease:
    version, refusals = disbursement.payee_version, look.against[disbursement.pk]
    screened, alike = look.screened.get(version.pk), look.alike[disbursement.pk]
    return ToRelease(
        disbursement=disbursement,
        payee=disbursement.payee_key,
        hint=version.account_hint,
        rail=version.get_rail_display(),
        prepared_by=look.preparers.get(disbursement.number, ""),
        ticked=not refusals and (ticked is None or disbursement.number in ticked),
        refusals=refusals,
        screened_days=(now - screened).days if screened is not None else None,
        first_payment=version.pk not in look.paid,
        alike=duplicate_words(alike) if alike else "",
        explained_before=unseal(disbursement.duplicate_note),
    )


def _against(prepared: list[Disbursement], person: User, now: datetime) -> dict[int, list[Refusal]]:
    """The fresh look: may this person release each, and does everything about its payee still hold?"""
    rules, decided = rules_in_force({ACT}), _decided(prepared, person)
    payees = release_refusals_of(prepared, now)
    found = {}
    for one in prepared:
        keys = {one.decision_reference(), one.decision_related()}
        question = Question(
            one,
            ACT,
            person,
            amount=one.committed,
            related=one.decision_related(),
            decisions=[row for row in decided if row.reference in keys or row.related in keys],
            rules=rules,
        )
        found[one.pk] = [*MAY_RELEASE.why_not(question), *payees[one.pk]]
    return found


def _decided(prepared: list[Disbursement], person: User) -> list[Decision]:
    """What the person decided before on any of these requests or payees."""
    keys = {key for one in prepared for key in (one.decision_reference(), one.decision_related())}
    return list(Decision.objects.filter(Q(reference__in=keys) | Q(related__in=keys, related__gt=""), actor=person))


def totals(rows: Iterable[ToRelease]) -> list[Money]:
    """The sum of what can go, in each currency."""
    sums: dict[str, Money] = {}
    for row in rows:
        if row.can_go:
            money = row.disbursement.money
            sums[money.currency] = sums.get(money.currency, Money.zero(money.currency)) + money
    return [sums[currency] for currency in sorted(sums)]
