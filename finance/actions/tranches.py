"""Paying a committed line in tranches: planned once, opened one after another, accounted for while help goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.acceptance import Step, book_acceptances
from finance.line_accounts import LineAccount, line_accounts
from finance.models import Commitment, Tranche
from finance.states import TrancheState
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.gate import acting, first_decision, in_one_piece
from gaf.money import Money, total
from gaf.policy import Question
from gaf.refusals import Refusal
from gaf.templatetags.formats import short_day
from gaf.versions import create_all

S = TrancheState
C = Tranche.Condition


@dataclass(frozen=True)
class TranchePlan:
    """How much a tranche is, in the line's currency, and what it waits for; the first waits for nothing."""

    money: Money
    condition: str
    not_before: date | None = None


def _refuse(code: str, what: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, what, why, next_step)


@in_one_piece
def plan_tranches(
    *, reference: str, line_key: str, plans: Sequence[TranchePlan], actor: User, at: datetime
) -> list[Tranche]:
    """Divide a committed line into tranches; the first is open at once.

    Raises Refusal TRANCHE-03 when the line has tranches already, when there are fewer than two, when they do not come
    to what is committed, or when more than the first was disbursed.
    """
    rows = Commitment.objects.select_for_update().filter(reference=reference, line_key=line_key)
    commitment = rows.order_by("-round").first()
    if commitment is None:
        raise _not_planned(line_key, _("nothing is committed on it."))
    why = _why_not(commitment, plans)
    if why:
        raise _not_planned(line_key, why)
    made: list[Tranche] = []
    role = ""  # all of them belong to one request, so that who may make one may make the others
    for number, plan in enumerate(plans, start=1):
        tranche = Tranche(
            key=f"{reference}/{line_key}/T{number}",
            commitment=commitment,
            number=number,
            minor=plan.money.minor,
            currency=plan.money.currency,
            condition=C.AT_ONCE if number == 1 else plan.condition,
            not_before=plan.not_before if number > 1 else None,
            state=S.OPEN if number == 1 else S.WAITING,
            opened_at=at if number == 1 else None,
        )
        role = role or policy.MAY_PLAN_TRANCHES.require(Question(tranche, "plan_tranches", actor))
        facts = {
            "minor": tranche.minor,
            "currency": tranche.currency,
            "condition": str(tranche.condition),
            "not_before": tranche.not_before.isoformat() if tranche.not_before else "",
        }
        first_decision(subject=tranche, act="plan_tranches", actor=actor, role=role, at=at, facts=facts)
        made.append(tranche)
    create_all(made, actor)
    return made


def _not_planned(line_key: str, why: str) -> Refusal:
    return _refuse(
        "TRANCHE-03",
        _("The tranches were not planned."),
        _("Line %(line)s: %(why)s") % {"line": line_key, "why": why},
        _("Correct the tranches."),
    )


def _why_not(commitment: Commitment, plans: Sequence[TranchePlan]) -> str:
    """Why a commitment cannot be divided so; empty when it can."""
    currency, whole = commitment.currency, commitment.local_open + commitment.local_disbursed
    if commitment.tranches.exists():
        return _("it has tranches already.")
    if len(plans) < 2 or any(plan.money.currency != currency or plan.money.minor <= 0 for plan in plans):
        return _("there are two tranches or more, each above nought, in the line’s currency.")
    if total([plan.money for plan in plans], currency) != whole:
        return _("the tranches together are %(money)s.") % {"money": whole}
    if commitment.local_disbursed > plans[0].money:
        return _("more than the first was disbursed.")
    for plan in plans[1:]:
        if plan.condition not in (C.DATE, C.ACCOUNTED, C.GATE):
            return _("each tranche after the first waits for something.")
        if (plan.condition == C.DATE) != (plan.not_before is not None):
            return _("a tranche by date has a day, and no other has.")
    return ""


def why_closed(tranche: Tranche, today: date) -> str:
    """What a waiting tranche still waits for, in words; empty when its condition is met or a person confirms it."""
    before = tranche.commitment.tranches.get(number=tranche.number - 1)
    if before.state == S.WAITING:
        return _("Tranche %(number)s is opened first.") % {"number": before.number}
    if tranche.condition == C.DATE and tranche.not_before is not None and today < tranche.not_before:
        return _("It opens on %(day)s at the earliest.") % {"day": short_day(tranche.not_before)}
    if tranche.condition == C.ACCOUNTED and before.state != S.ACCOUNTED:
        return _("Tranche %(number)s is not accounted for yet.") % {"number": before.number}
    return ""


@in_one_piece
def open_tranche(
    *, key: str, confirmed: str = "", actor: User, at: datetime, seen_version: int | None = None
) -> Tranche:
    """Open the next tranche of a line. `confirmed` says how a condition was met that only a person can see.

    Raises Refusal TRANCHE-04 while its condition is not met.
    """
    pk = Tranche.objects.values_list("pk", flat=True).get(key=key)
    with acting(
        Tranche, pk, act="open_tranche", actor=actor, at=at, reason=confirmed, seen_version=seen_version
    ) as doing:
        tranche: Tranche = doing.subject
        why = why_closed(tranche, at.date())
        if tranche.condition == C.GATE and not confirmed.strip():
            why = why or _("Nobody has said how its condition was met.")
        if why:
            raise _refuse("TRANCHE-04", _("The tranche was not opened."), why, _("Wait for its condition."))
        tranche.open_tranche(at=at)
        doing.facts = {"minor": tranche.minor, "currency": tranche.currency, "condition": str(tranche.condition)}
    return tranche


@in_one_piece
def account_for_tranche(
    *,
    key: str,
    accepted: Money,
    disallowed: Money,
    reason_code: str = "",
    reason: str = "",
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> Tranche:
    """Accept what was spent of a tranche while help goes on; what is not accepted is due back at once.

    The next one opens with it if that is what it waits for; where something was disallowed, a person opens it.
    Raises Refusal TRANCHE-05 when the tranche was not paid whole or the amounts are more than it, REPORT-06 when
    spending is disallowed without a reason.
    """
    pk = Tranche.objects.values_list("pk", flat=True).get(key=key)
    with acting(
        Tranche,
        pk,
        act="account_for_tranche",
        actor=actor,
        at=at,
        reason_code=reason_code,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        tranche: Tranche = doing.subject
        accounts = line_accounts(tranche.commitment.reference, locked=True)
        account = accounts[tranche.commitment.line_key]
        book_acceptances(accounts, [_step(tranche, account, accepted, disallowed, reason_code)], at=at)
        tranche.account_for_tranche()
        doing.facts = {"accepted": accepted.minor, "disallowed": disallowed.minor, "currency": accepted.currency}
    if not disallowed:
        _open_what_waited_for(tranche, at)
    return tranche


def _open_what_waited_for(accounted: Tranche, at: datetime) -> None:
    """Somebody has just looked at the tranche before, and found nothing wrong with it."""
    number = accounted.number + 1
    following = accounted.commitment.tranches.filter(number=number, condition=C.ACCOUNTED, state=S.WAITING).first()
    if following is not None:
        open_tranche(key=following.key, actor=system_actor(), at=at)


def _step(tranche: Tranche, account: LineAccount, accepted: Money, disallowed: Money, reason_code: str) -> Step:
    before, paid = account.settled, account.paid
    fits = accepted.currency == disallowed.currency == tranche.currency
    fits = fits and accepted.minor >= 0 and disallowed.minor >= 0 and accepted + disallowed <= tranche.money
    if not fits or paid - before.money < tranche.money:
        raise _refuse(
            "TRANCHE-05",
            _("The tranche was not accounted for."),
            _("%(money)s was to be paid, %(paid)s of it was; accepted and disallowed are at most that.")
            % {"money": tranche.money, "paid": max(paid - before.money, Money.zero(tranche.currency))},
            _("Correct the amounts, or wait for the payment."),
        )
    left_usd = account.paid_usd - before.usd
    is_last = paid - before.money == tranche.money
    usd = left_usd if is_last else min(tranche.money.in_usd(tranche.commitment.units_per_usd), left_usd)
    return Step(tranche.commitment.line_key, tranche.money, accepted, disallowed, reason_code, usd)
