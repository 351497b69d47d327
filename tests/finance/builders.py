"""A fund at work, for specifications about money: its people, accounts, streams, rates, payees and disbursements.

Everything here goes through the real actions, so what stands in the books afterwards is what the fund itself wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from finance import postings
from finance.actions.certification import Codes, certify
from finance.actions.chart import install_chart, open_bank_account, open_stream, record_receipt
from finance.actions.commitments import Allotment, SpendFacts, commit_funds
from finance.actions.disbursements import Part, prepare_disbursement
from finance.actions.files import prepare_file, sign_first, sign_second
from finance.actions.matching import match_line, set_aside_line
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.actions.rates import approve_rate, enter_rate
from finance.actions.releasing import release
from finance.actions.screening import load_list
from finance.actions.statements import import_statement, opening_balance
from finance.ledger import balance
from finance.models import (
    BankAccount,
    Commitment,
    Disbursement,
    FundingStream,
    Journal,
    JournalLine,
    PayeeVersion,
    PaymentFile,
    Statement,
    StatementLine,
)
from finance.screening.invented import invented_list
from finance.stand_ins.account_numbers import with_luhn_digit
from finance.stand_ins.bank import BankStandIn, Tariff
from gaf import clock
from gaf.accounts.actions import assign_role, delegate
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import Role
from gaf.decisions.models import Threshold
from gaf.money import Money
from gaf.outbox.outbox import drain
from gaf.reference_data import make_system_actor
from gaf.refusals import Refusal
from tests.remembering import told_once
from workflow.separation import install_separation_rules

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
YEAR_START = date(2026, 1, 1)
REQUEST = "GAF-2026-00042"
GENEVA, STRIPE_ACCOUNT = "CH9300762011623852957", "STRIPE-GAF"
PAYEE_IBAN, PAYEE_BIC = "DE89370400440532013000", "COBADEFFXXX"
GOOD_NUMBER = with_luhn_digit("88017004")
WRONG_NUMBER = GOOD_NUMBER[:-1] + str((int(GOOD_NUMBER[-1]) + 1) % 10)
RATES = {  # invented, units per US dollar
    ("KWD", date(2026, 10, 1)): "0.3060",
    ("KWD", date(2026, 11, 1)): "0.3085",
    ("IDR", date(2026, 10, 1)): "16480",
    ("EUR", date(2026, 10, 1)): "0.92",
}
CAST = {
    "Moussa": Role.MISSION_FINANCE,
    "Marie": Role.CERTIFYING_OFFICER,
    "Divya": Role.PAYER,
    "Dan": Role.PAYER,
    "Esi": Role.RECONCILER,
    "Helena": Role.FUND_MANAGER,
    "Viktor": Role.PAYEE_CONFIRMER,
    "Chen": Role.BUDGET_APPROVER,
}
# Payees can be paid at once and twice, unless a specification is about that and sets a value of its own.
THRESHOLDS = {
    "unspent_refund_due_days": 30,
    "payee_cooling_off_hours": 0,
    "duplicate_payment_days": 0,
    "sanctions_list_most_days": 90,
}
ANYBODY = SpendFacts("NE", frozenset({"NG"}), frozenset({"VOT"}), "SHEL", False)


def usd(text: str) -> Money:
    """US dollars."""
    return Money.of(text, "USD")


@dataclass
class Fund:
    """The fund and the hands that move its money. Every act happens at `clock.now()`."""

    people: dict[str, User]
    mission: Mission
    stream: FundingStream
    geneva: BankAccount
    stripe: BankAccount
    tariff: Tariff = field(default_factory=lambda: Tariff(spread_basis_points=0))

    def __getattr__(self, name: str) -> User:
        """`fund.marie` is Marie."""
        people = self.__dict__.get("people", {})
        if name.capitalize() in people:
            return people[name.capitalize()]
        raise AttributeError(name)

    # Money in, money promised

    def receive(self, money: Money, *, key: str, stream: FundingStream | None = None, on: date = YEAR_START) -> None:
        """Cash of a donor on the account in Geneva."""
        record_receipt(
            key=key,
            stream=stream or self.stream,
            bank_account=self.geneva,
            money=money,
            received_on=on,
            actor=self.helena,
            at=clock.now(),
        )

    def commit(
        self,
        local: Money,
        *,
        rate: str = "1",
        line_key: str = "L1",
        reference: str = REQUEST,
        stream: FundingStream | None = None,
    ) -> Commitment:
        """Commit one line at a rate, and certify it."""
        units = Decimal(rate)
        with transaction.atomic():
            made = commit_funds(
                reference=reference,
                allotments=[
                    Allotment(line_key, (stream or self.stream).code, local.in_usd(units), local, units, ANYBODY)
                ],
                actor=self.chen,
                at=clock.now(),
            )
            open_lines = Commitment.objects.filter(reference=reference).values_list("line_key", flat=True)
            codes = {key: Codes("GAF.01.SHEL", "7100") for key in open_lines}
            certify(reference=reference, codes=codes, actor=self.marie, at=clock.now())
        return Commitment.objects.get(pk=made[0].pk)

    # Payees

    def payee(self, *, currency: str = "USD", account: str = PAYEE_IBAN, **changes: object) -> PayeeVersion:
        """A payee whose details were recorded in the mission and confirmed by call-back."""
        version = self.recorded_payee(currency=currency, account=account, **changes)
        confirm_payee(version_id=version.pk, call_back_note="Rang back.", actor=self.viktor, at=clock.now())
        return PayeeVersion.objects.get(pk=version.pk)

    def recorded_payee(
        self, *, currency: str = "USD", account: str = PAYEE_IBAN, payee: object = None, **changes: object
    ) -> PayeeVersion:
        """The same, not rung back yet."""
        details = {
            "holder": "Shelter House",
            "account": account,
            "currency": currency,
            "country": "DE",
            "is_iban": account == PAYEE_IBAN,
            "bic": PAYEE_BIC,
            "bank": "Sample Bank",
            "town": "Frankfurt",
            **changes,
        }
        return record_payee(
            mission=self.mission,
            kind="VENDOR",
            details=PayeeDetails(**details),  # type: ignore[arg-type]
            actor=self.moussa,
            at=clock.now(),
            payee=payee,  # type: ignore[arg-type]
        )

    def stripe_payee(self, account: str) -> PayeeVersion:
        """A payee with a connected account at Stripe."""
        return self.payee(account=account, rail="STRIPE", bic="", bank="", country="CH", is_iban=False)

    # Disbursing

    def prepare(
        self,
        local: Money,
        payee: PayeeVersion,
        *,
        line_key: str = "L1",
        reference: str = REQUEST,
        replaces: Disbursement | None = None,
    ) -> Disbursement:
        """Prepare one amount out of one line, on the account whose rail the payee has."""
        return prepare_disbursement(
            reference=reference,
            payee_version=payee,
            bank_account=self.stripe if payee.rail == "STRIPE" else self.geneva,
            parts=[Part(line_key, local)],
            actor=self.marie,
            at=clock.now(),
            replaces=replaces,
        )

    def release(self, *disbursements: Disbursement) -> None:
        """The payer lets them go."""
        release(numbers=[one.number for one in disbursements], actor=self.divya, at=clock.now())

    def signed_file(self) -> PaymentFile:
        """One file of everything released, signed by two, waiting for the worker."""
        made = prepare_file(bank_account=self.geneva, actor=self.divya, at=clock.now())
        sign_first(file_id=made.pk, actor=self.divya, at=clock.now())
        return sign_second(file_id=made.pk, actor=self.helena, at=clock.now())

    def send_by_file(self, local: Money, payee: PayeeVersion, **choices: object) -> Disbursement:
        """From prepared to sent, through a file at the bank."""
        disbursement = self.prepare(local, payee, **choices)  # type: ignore[arg-type]
        self.release(disbursement)
        self.signed_file()
        drain()
        return self.now(disbursement)

    def now(self, disbursement: Disbursement) -> Disbursement:
        """The disbursement as it is now."""
        return Disbursement.objects.get(pk=disbursement.pk)

    # The bank

    def bank(self) -> BankStandIn:
        """The bank where the account in Geneva is held; it opens with what donors gave before the first day."""
        given = opening_balance(self.geneva)
        newest = {currency: Decimal(units) for (currency, _day), units in sorted(RATES.items())}
        return BankStandIn(Path(settings.GAF_BANK_FOLDER), {GENEVA: ("USD", given)}, newest, self.tariff)

    def import_next_statement(self, to_day: date) -> Statement:
        """Let the bank read its folder and issue a statement up to a day; the reconciler imports it."""
        bank = self.bank()
        bank.receive(clock.now())
        path = bank.statement(GENEVA, YEAR_START, to_day)
        at = max(clock.now(), datetime.combine(to_day, time(12), UTC))  # no statement comes before its last day
        return import_statement(content=path.read_bytes(), actor=self.esi, at=at)[0]

    def match(self, line: StatementLine) -> StatementLine:
        """The reconciler says that the line is what its reference says."""
        return match_line(line_id=line.pk, actor=self.esi, at=clock.now())

    def set_aside(self, line: StatementLine) -> StatementLine:
        """The reconciler puts a line nobody knows into suspense."""
        return set_aside_line(
            line_id=line.pk, reason_code="unknown_sender", reason="Asked the bank.", actor=self.esi, at=clock.now()
        )

    def explain(self, statement: Statement) -> None:
        """Match every line that can be, returns after the lines they return; set the others aside."""
        for line in statement.lines.order_by("number"):
            if line.state == "PROPOSED" or line.is_charge:
                self.match(line)
            else:
                self.set_aside(line)


@told_once
def open_fund(given: str = "10000.00") -> Fund:
    """The fund on its first day: chart, people, rates, one unearmarked stream with money in Geneva."""
    install_chart()
    for code, value in THRESHOLDS.items():
        Threshold.objects.create(code=code, value=value, unit="days", effective_from=YEAR_START)
    load_list(content=invented_list(clock.now() - timedelta(days=1)), at=clock.now())
    make_system_actor()
    mission = Mission.objects.create(code="NE", name="Niger", currency="XOF", language="fr", time_zone="Africa/Niamey")
    people = {name: _person(name, role, mission) for name, role in CAST.items()}
    delegate(
        person=people["Chen"],
        role=Role.BUDGET_APPROVER,
        ceiling=usd("15000.00"),
        starts_on=YEAR_START,
        instrument="ADM/2026/1",
    )
    install_separation_rules(proposed_by=people["Helena"], approved_by=people["Viktor"], effective_from=YEAR_START)
    for (currency, day), units in RATES.items():
        rate = enter_rate(
            currency=currency,
            effective_from=day,
            units_per_usd=Decimal(units),
            source="invented",
            actor=people["Marie"],
            at=clock.now(),
        )
        approve_rate(rate_id=rate.pk, actor=people["Viktor"], at=clock.now())
    fund = Fund(people, mission, make_stream("A"), _account("GVA", GENEVA), _account("STR", STRIPE_ACCOUNT))
    fund.receive(usd(given), key="R-2026-1")
    return fund


def _person(name: str, role: Role, mission: Mission) -> User:
    person = User.objects.create_user(f"{name.lower()}@gaf.example", name)
    here = mission if role == Role.MISSION_FINANCE else None
    assign_role(person=person, role=role, mission=here, starts_on=YEAR_START)
    return person


def make_stream(code: str, *, earmarking: int = 1) -> FundingStream:
    """A stream of one donor without restrictions."""
    return open_stream(
        code=code,
        name=f"Stream {code}",
        donor=f"Donor {code}",
        earmarking=earmarking,
        starts_on=YEAR_START,
        wbs=f"GAF.{code}",
        restrictions=[],
    )


def _account(code: str, number: str) -> BankAccount:
    return open_bank_account(
        code=code,
        name=f"Account {code}",
        currency="USD",
        rail="STRIPE" if number == STRIPE_ACCOUNT else "BANK_FILE",
        number=number,
        is_iban=number == GENEVA,
        bic="POFICHBEXXX",
        holder="Global Assistance Fund",
        country="CH",
        town="Geneva",
        opened_on=YEAR_START,
    )


# What the books say


def lines_of(journal: Journal) -> list[str]:
    """A journal as people read it: `1200 USD 560.08` is a debit, `9200/A/L1 USD -560.08` a credit."""
    rows = JournalLine.objects.filter(journal=journal).select_related("account", "stream").order_by("id")
    return [_in_words(row) for row in rows]


def _in_words(row: JournalLine) -> str:
    place = "/".join(filter(None, [row.account.code, row.stream.code if row.stream else "", row.line_key]))
    return f"{place} {row.money}"


def last_journal(kind: str) -> Journal:
    """The newest journal of a kind."""
    journal = Journal.objects.filter(kind=kind).order_by("-number").first()
    assert journal is not None, f"no journal of kind {kind}"
    return journal


def free(stream: FundingStream) -> Money:
    """What a stream may still promise."""
    return -balance(postings.AVAILABLE, stream)


def committed(stream: FundingStream) -> Money:
    """What a stream has promised and not paid."""
    return -balance(postings.COMMITTED, stream)


def everything() -> Mapping[str, object]:
    """All that a refused act must leave as it was: decisions, journals, balances, commitments, states, promises."""
    from finance.models import Attempt, Balance, Match
    from gaf.decisions.models import Decision
    from gaf.outbox.models import OutboxMessage

    return {
        "decisions": Decision.objects.count(),
        "journals": list(Journal.objects.values_list("number", "hash")),
        "balances": sorted(Balance.objects.values_list("account__code", "stream_key", "minor")),
        "commitments": list(
            Commitment.objects.order_by("id").values_list(
                "id", "usd_minor", "freed_usd_minor", "disbursed_usd_minor", "disbursed_local_minor"
            )
        ),
        "disbursements": list(Disbursement.objects.order_by("id").values_list("id", "state", "version")),
        "attempts": list(Attempt.objects.order_by("id").values_list("id", "state")),
        "files": list(PaymentFile.objects.order_by("id").values_list("id", "state")),
        "lines": list(StatementLine.objects.order_by("id").values_list("id", "state")),
        "matches": Match.objects.count(),
        "promises": sorted(OutboxMessage.objects.values_list("key", flat=True)),
    }


@contextmanager
def refuses(code: str) -> Iterator[None]:
    """What is done inside is refused under this code, and everything is as it was before."""
    before = everything()
    with pytest.raises(Refusal) as refusal, transaction.atomic():
        yield
    assert refusal.value.code == code
    assert refusal.value.what
    assert refusal.value.why
    assert everything() == before
