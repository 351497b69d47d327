"""What a payer sees of each prepared disbursement before letting it go, looked at afresh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.models import Disbursement
from finance.paying_rules import duplicate_words, duplicates_of, release_refusals
from finance.policy import MAY_RELEASE
from finance.states import MAY_HAVE_LEFT
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.sealing import unseal


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
    """Each with everything that stands against it; without a choice made, what can go is ticked."""
    decisions = Decision.objects.filter(act="prepare_disbursement", subject__in=[one.number for one in prepared])
    preparers = {row.subject: str(row.actor) for row in decisions.select_related("actor")}
    return [_row(one, person, preparers.get(one.number, ""), ticked) for one in prepared]


def _row(disbursement: Disbursement, person: User, prepared_by: str, ticked: set[str] | None) -> ToRelease:
    version, now = disbursement.payee_version, clock.now()
    refusals = _against(disbursement, person)
    screened = version.screenings.last()
    alike = duplicates_of(disbursement, now)
    return ToRelease(
        disbursement=disbursement,
        payee=disbursement.payee_key,
        hint=version.account_hint,
        rail=version.get_rail_display(),
        prepared_by=prepared_by,
        ticked=not refusals and (ticked is None or disbursement.number in ticked),
        refusals=refusals,
        screened_days=(now - screened.screened_at).days if screened is not None else None,
        first_payment=not version.disbursements.filter(state__in=MAY_HAVE_LEFT).exists(),
        alike=duplicate_words(alike) if alike else "",
        explained_before=unseal(disbursement.duplicate_note),
    )


def _against(disbursement: Disbursement, person: User) -> list[Refusal]:
    """The fresh look: may this person release it, and does everything about the payee still hold?"""
    question = Question(
        disbursement,
        "release_disbursement",
        person,
        amount=disbursement.committed,
        related=disbursement.decision_related(),
    )
    return [*MAY_RELEASE.why_not(question), *release_refusals(disbursement, clock.now())]


def totals(rows: Iterable[ToRelease]) -> list[Money]:
    """The sum of what can go, in each currency."""
    sums: dict[str, Money] = {}
    for row in rows:
        if row.can_go:
            money = row.disbursement.money
            sums[money.currency] = sums.get(money.currency, Money.zero(money.currency)) + money
    return [sums[currency] for currency in sorted(sums)]
