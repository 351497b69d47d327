"""A rehearsal: released disbursements through the real actions, on a database where nobody and no money is real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from finance.actions.certification import Codes, certify
from finance.actions.chart import install_chart, open_bank_account, open_stream, record_receipt
from finance.actions.commitments import Allotment, SpendFacts, commit_funds
from finance.actions.disbursements import Part, prepare_disbursement
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.actions.rates import approve_rate, enter_rate
from finance.actions.releasing import release
from finance.actions.screening import load_list
from finance.models import BankAccount, Disbursement, ExchangeRate, FundingStream, PayeeVersion
from finance.screening.invented import invented_list
from finance.screening.standing import list_refusal
from finance.states import PayeeDetailsState, Rail
from gaf import clock
from gaf.accounts.actions import assign_role, delegate
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.money import Money, exponent
from gaf.reference_data import load_reference_data
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import fingerprint
from workflow.separation import install_separation_rules

MISSION, STREAM, ACCOUNT = "NE", "REHEARSAL", "REHEARSAL"
# Details count after a while only, so everything that must have rested was recorded some days ago.
RESTED = timedelta(days=10)
BATCH = 20
_DOMAIN = "rehearsal.example"
_PEOPLE = (
    Role.MISSION_FINANCE,
    Role.BUDGET_APPROVER,
    Role.CERTIFYING_OFFICER,
    Role.PAYER,
    Role.RECONCILER,
    Role.FUND_MANAGER,
    Role.PAYEE_CONFIRMER,
    Role.DATA_STEWARD,
)
# Invented, units per US dollar.
_RATES = {"CHF": "0.88", "EUR": "0.92", "GBP": "0.78", "JPY": "150", "KWD": "0.308", "XOF": "605", "HUF": "360"}
_ANYBODY = SpendFacts(MISSION, frozenset(), frozenset(), "SHEL", False)


class NotForTraining(Refusal):
    """This database is not one to try things on (TRAIN-01: its settings; TRAIN-02: its people)."""


@dataclass(frozen=True)
class Rehearsed:
    """One disbursement that was made and released."""

    number: str
    money: Money
    account: str


def require_training() -> None:
    """Raises NotForTraining unless the settings are for training and everybody in the database is invented."""
    if not getattr(settings, "TRAINING", False):
        raise NotForTraining(
            "TRAIN-01",
            _("Nothing was done."),
            _("These settings are not for training."),
            _("Set DJANGO_SETTINGS_MODULE=gaf.settings.training."),
        )
    real = User.objects.filter(is_system=False).exclude(email__endswith=".example").exclude(email__endswith=".test")
    if real.exists():
        raise NotForTraining(
            "TRAIN-02",
            _("Nothing was done."),
            _("People in this database have addresses that could be real."),
            _("Use a database in which everybody is invented."),
        )


def rehearse(*, payments: int, accounts: list[str], currency: str = "USD") -> list[Rehearsed]:
    """Fund, commit, certify, prepare and release so many disbursements, to these connected accounts in turn.

    Everything they need is made where it is missing. Amounts differ from each other. Raises Refusal as the actions do.
    """
    now = clock.now()
    people = _set_up(now - RESTED, currency)
    _have_a_list(now)
    payees = [_payee(account, currency, people, now - RESTED) for account in accounts]
    first = Disbursement.objects.count()
    amounts = [_amount(first + place, currency) for place in range(payments)]
    _give(amounts, people, now)
    made = []
    for place, money in enumerate(amounts):
        payee = payees[place % len(payees)]
        made.append((_prepare(payee, money, people, now), accounts[place % len(accounts)]))
    for start in range(0, len(made), BATCH):
        numbers = [one.number for one, _account in made[start : start + BATCH]]
        release(numbers=numbers, actor=people[Role.PAYER], at=now)
    return [Rehearsed(one.number, one.money, account) for one, account in made]


def _amount(place: int, currency: str) -> Money:
    """No two alike within a few hundred, and always one that Stripe's steps carry."""
    whole = 20 + (place * 7) % 480
    return Money(whole * 10 ** exponent(currency), currency)


@contextmanager
def _then(moment: datetime) -> Iterator[None]:
    with clock.at(moment):
        yield


def _set_up(then: datetime, currency: str) -> dict[Role, User]:
    """People with their roles, the rules, one account on the rail, one stream without restrictions, the rates."""
    start = date(then.year, 1, 1)
    with _then(then):
        load_reference_data(start)
        install_chart()
        people = {role: _person(role, start) for role in _PEOPLE}
        install_separation_rules(
            proposed_by=people[Role.FUND_MANAGER], approved_by=people[Role.DATA_STEWARD], effective_from=start
        )
        if not BankAccount.objects.filter(code=ACCOUNT).exists():
            _open_account(start)
        if not FundingStream.objects.filter(code=STREAM).exists():
            open_stream(
                code=STREAM,
                name="Rehearsal",
                donor="Nobody",
                earmarking=1,
                starts_on=start,
                wbs="GAF.REH",
                restrictions=[],
            )
        _rate(currency, start, people, then)
    return people


def _have_a_list(now: datetime) -> None:
    """Nobody is paid unscreened: an invented sanctions list, where none stands that is recent enough."""
    if list_refusal(now) is not None:
        load_list(content=invented_list(now - timedelta(minutes=1)), at=now)


def _open_account(start: date) -> None:
    open_bank_account(
        code=ACCOUNT,
        name="Rehearsal",
        currency="USD",
        rail=Rail.STRIPE,
        number="STRIPE-REHEARSAL",
        holder="Global Assistance Fund",
        country="CH",
        town="Geneva",
        opened_on=start,
    )


def _person(role: Role, start: date) -> User:
    """The one who holds this role in rehearsals; nobody can sign in as them."""
    email = f"{role.value.replace('_', '-')}@{_DOMAIN}"
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, f"Rehearsal {role.value.replace('_', ' ')}")
        mission = Mission.objects.get(code=MISSION) if role in MISSION_ROLES else None
        assign_role(person=person, role=role, mission=mission, starts_on=start)
        if role == Role.BUDGET_APPROVER:
            delegate(
                person=person,
                role=role,
                ceiling=Money.of("1000000.00", "USD"),
                starts_on=start,
                instrument="REHEARSAL",
            )
    return person


def _rate(currency: str, start: date, people: dict[Role, User], at: datetime) -> None:
    if currency == "USD" or ExchangeRate.objects.filter(currency=currency, effective_from__lte=at.date()).exists():
        return
    if currency not in _RATES:
        why = _("There is no rate for %(currency)s to rehearse with.") % {"currency": currency}
        raise Refusal("REH-01", _("Nothing was made."), why, _("Use USD."))
    rate = enter_rate(
        currency=currency,
        effective_from=start,
        units_per_usd=Decimal(_RATES[currency]),
        source="Invented for rehearsals",
        actor=people[Role.CERTIFYING_OFFICER],
        at=at,
    )
    approve_rate(rate_id=rate.pk, actor=people[Role.PAYEE_CONFIRMER], at=at)


def _payee(account: str, currency: str, people: dict[Role, User], then: datetime) -> PayeeVersion:
    """The payee with this connected account, recorded by one and confirmed by another; made once."""
    known = PayeeVersion.objects.filter(
        account_fingerprint=fingerprint(account),
        currency=currency,
        rail=Rail.STRIPE,
        state=PayeeDetailsState.CONFIRMED,
    ).first()
    if known is not None:
        return known
    details = PayeeDetails(
        holder=f"Rehearsal payee {account[-6:]}", account=account, currency=currency, country="CH", rail=Rail.STRIPE
    )
    with _then(then):
        version = record_payee(
            mission=Mission.objects.get(code=MISSION),
            kind="VENDOR",
            details=details,
            actor=people[Role.MISSION_FINANCE],
            at=then,
        )
        confirm_payee(version_id=version.pk, call_back_note="A rehearsal.", actor=people[Role.PAYEE_CONFIRMER], at=then)
    return PayeeVersion.objects.get(pk=version.pk)


def _give(amounts: list[Money], people: dict[Role, User], at: datetime) -> None:
    """A receipt that covers them all, in US dollars, with something to spare for rounding."""
    needed = sum(_in_usd(money).minor for money in amounts) + 100 * len(amounts)
    with transaction.atomic():
        record_receipt(
            key=issue("REHEARSAL"),
            stream=FundingStream.objects.get(code=STREAM),
            bank_account=BankAccount.objects.get(code=ACCOUNT),
            money=Money(needed, "USD"),
            received_on=at.date(),
            actor=people[Role.FUND_MANAGER],
            at=at,
        )


def _units(currency: str) -> Decimal:
    if currency == "USD":
        return Decimal(1)
    rate = ExchangeRate.objects.filter(currency=currency, state="APPROVED").order_by("-effective_from").first()
    return rate.units_per_usd if rate is not None else Decimal(1)


def _in_usd(money: Money) -> Money:
    return money.in_usd(_units(money.currency))


def _prepare(payee: PayeeVersion, money: Money, people: dict[Role, User], at: datetime) -> Disbursement:
    """One request's worth: committed, certified, prepared."""
    with transaction.atomic():
        reference = issue("REH")
        commit_funds(
            reference=reference,
            allotments=[
                Allotment("L1", STREAM, _in_usd(money), money, _units(money.currency), _ANYBODY),
            ],
            actor=people[Role.BUDGET_APPROVER],
            at=at,
        )
        codes = {"L1": Codes("GAF.REH.SHEL", "7100")}
        certify(reference=reference, codes=codes, actor=people[Role.CERTIFYING_OFFICER], at=at)
        return prepare_disbursement(
            reference=reference,
            payee_version=payee,
            bank_account=BankAccount.objects.get(code=ACCOUNT),
            parts=[Part("L1", money)],
            actor=people[Role.CERTIFYING_OFFICER],
            at=at,
        )
