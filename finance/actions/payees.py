"""Payees: details recorded by one person, confirmed by another who rang back. Every change is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import schwifty
from django.utils.translation import gettext as _

from finance import policy
from finance.actions.screening import screen_against
from finance.models import Payee, PayeeVersion, Screening
from finance.notices import tell_confirmers
from finance.screening.standing import newest_list
from finance.states import PayeeDetailsState, Rail
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import system_actor
from gaf.gate import acting, first_decision, in_one_piece, under_lock
from gaf.money import exponent
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import fingerprint, seal


@dataclass(frozen=True)
class PayeeDetails:
    """What the payee told us: for a bank, the account and BIC; for Stripe, the connected account as `account`."""

    holder: str
    account: str
    currency: str
    country: str
    rail: str = Rail.BANK_FILE
    is_iban: bool = False
    bic: str = ""
    bank: str = ""
    town: str = ""
    birth_year: str = ""


def _refuse(why: str, next_step: str) -> Refusal:
    return Refusal("PAYEE-02", _("The details were not recorded."), why, next_step)


def check_details(details: PayeeDetails) -> None:
    """Raises Refusal PAYEE-02 naming what is wrong in the form of the details; it cannot tell if an account exists."""
    exponent(details.currency)
    if not details.holder.strip() or not details.account.strip():
        raise _refuse(_("The holder or the account is missing."), _("Fill in both."))
    if details.rail == Rail.STRIPE:
        if not details.account.startswith("acct_"):
            raise _refuse(_("A connected account begins with acct_."), _("Copy it from the provider's page."))
        return
    if details.is_iban:
        try:
            schwifty.IBAN(details.account)
        except schwifty.exceptions.SchwiftyException as fault:
            raise _refuse(
                _("The IBAN is wrong: %(fault)s.") % {"fault": str(fault)}, _("Ask the payee for it again.")
            ) from fault
    if not details.bic:
        raise _refuse(_("The bank's BIC is missing."), _("Ask the payee for it."))
    try:
        schwifty.BIC(details.bic)
    except schwifty.exceptions.SchwiftyException as fault:
        raise _refuse(
            _("The BIC is wrong: %(fault)s.") % {"fault": str(fault)}, _("It has 8 or 11 letters and digits.")
        ) from fault


@in_one_piece
def record_payee(
    *, mission: Mission, kind: str, details: PayeeDetails, actor: User, at: datetime, payee: Payee | None = None
) -> PayeeVersion:
    """Record a payee, or a new version of its details. It is paid only after somebody else has confirmed it."""
    check_details(details)
    if payee is None:
        payee = Payee(key=issue("PAY"), kind=kind, mission=mission, created_at=at)
        number = 1
    else:
        number = payee.versions.count() + 1
    version = PayeeVersion(
        payee=payee,
        number=number,
        rail=details.rail,
        currency=details.currency,
        is_iban=details.is_iban,
        bic=details.bic,
        country=details.country,
        recorded_by=actor,
        recorded_at=at,
        account_hint=details.account.strip()[-4:],
        account_fingerprint=fingerprint(details.account),
        holder=seal(payee.key, details.holder.strip()),
        account=seal(payee.key, details.account.strip()),
        bank=seal(payee.key, details.bank.strip()),
        town=seal(payee.key, details.town.strip()),
        birth_year=seal(payee.key, details.birth_year.strip()),
    )
    role = policy.MAY_RECORD_PAYEE.require(Question(version, "record_payee", actor))
    if payee.pk is None:
        payee.save(force_insert=True)
        version.payee = payee
    facts = {"fingerprint": version.account_fingerprint, "currency": details.currency, "rail": details.rail}
    first_decision(subject=version, act="record_payee", actor=actor, role=role, at=at, facts=facts)
    version._history_user = actor
    version.save(force_insert=True)
    tell_confirmers(version)
    return version


@in_one_piece
def confirm_payee(*, version_id: int, call_back_note: str, actor: User, at: datetime) -> PayeeVersion:
    """A second person rang the payee back and heard the same details; an older version stops counting.

    The names are screened at once. The details can be paid when they have cooled off (PAYEE-10).
    """
    if not call_back_note.strip():
        raise Refusal(
            "PAYEE-03",
            _("The details were not confirmed."),
            _("The call-back note is missing."),
            _("Write whom you rang, on which number known before, and what they said."),
        )
    version: PayeeVersion = under_lock(PayeeVersion, version_id)
    confirmed = PayeeVersion.objects.filter(payee=version.payee, state=PayeeDetailsState.CONFIRMED)
    for older in confirmed.select_for_update(of=("self",)).select_related("payee"):
        with acting(PayeeVersion, older.pk, act="supersede_payee", actor=system_actor(), at=at, locked=older) as doing:
            doing.subject.supersede_payee()
    with acting(
        PayeeVersion, version_id, act="confirm_payee", actor=actor, at=at, reason=call_back_note, locked=version
    ) as doing:
        version.confirm_payee(confirmed_by=actor, at=at)
        doing.facts = {"fingerprint": version.account_fingerprint}
    newest = newest_list()
    if newest is not None:
        screen_against(newest, [version], Screening.Occasion.CONFIRMED, at)
    return version


@in_one_piece
def reject_payee(*, version_id: int, reason: str, actor: User, at: datetime) -> None:
    """The payee said something else, or could not be reached: these details are never paid."""
    with acting(PayeeVersion, version_id, act="reject_payee", actor=actor, at=at, reason=reason) as doing:
        doing.subject.reject_payee()
