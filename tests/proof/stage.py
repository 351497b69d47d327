"""The fund on the morning of every schedule: people, money, three requests, payees; built once and copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from finance.actions.chart import record_receipt
from finance.models import PayeeVersion
from gaf import clock
from gaf.accounts.models import RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.money import Money
from gaf.outbox.models import OutboxMessage
from tests.finance.builders import NOON, WRONG_NUMBER, YEAR_START, Fund, open_fund
from tests.proof.provider import PAYEES

MORNING = NOON - timedelta(hours=3)
STRIPE_BALANCE = 300_000  # US cents on the fund's balance at Stripe
# (request, line, amount, units of its currency for one US dollar)
LINES = [
    ("GAF-2026-00042", "L1", Money.of("800.00", "USD"), "1"),
    ("GAF-2026-00042", "L2", Money.of("333.33", "USD"), "1"),
    ("GAF-2026-00043", "L1", Money.of("600.01", "USD"), "1"),
    ("GAF-2026-00044", "L1", Money.of("150.005", "KWD"), "0.3085"),
    ("GAF-2026-00045", "L1", Money.of("400.03", "EUR"), "0.92"),
]
_WHO_MAY_NOT_GO_ALONE = (
    Role.CERTIFYING_OFFICER,
    Role.PAYER,
    Role.RECONCILER,
    Role.FUND_MANAGER,
    Role.PAYEE_CONFIRMER,
    Role.MISSION_FINANCE,
)


@dataclass
class Stage:
    """The fund, its payees by what becomes of money sent to them, and somebody who holds every role at once."""

    fund: Fund
    payees: dict[str, PayeeVersion] = field(default_factory=dict)

    @property
    def zoe(self) -> User:
        """She holds every role; only separation of duties stands between her and the money."""
        return self.fund.people["Zoe"]


def build() -> Stage:
    """Everything through the real actions; what is promised by then is kept, so schedules begin with an empty desk."""
    with clock.at(MORNING):
        fund = open_fund("6000.00")
        _cash_at_stripe(fund)
        stage = Stage(fund)
        _add_zoe(fund)
        stage.payees = {
            "bank": fund.payee(),
            "bank, wrong number": fund.payee(account=WRONG_NUMBER, country="NG"),
            "bank, dinars": fund.payee(currency="KWD"),
            "bank, euros": fund.payee(currency="EUR"),
            **{ref: fund.stripe_payee(ref) for ref in PAYEES},
        }
        for reference, line_key, money, rate in LINES:
            fund.commit(money, rate=rate, line_key=line_key, reference=reference)
        OutboxMessage.objects.all().delete()
    return stage


def _cash_at_stripe(fund: Fund) -> None:
    """What the fund holds at Stripe on the first day."""
    record_receipt(
        key="R-2026-2",
        stream=fund.stream,
        bank_account=fund.stripe,
        money=Money(STRIPE_BALANCE, "USD"),
        received_on=YEAR_START,
        actor=fund.helena,
        at=clock.now(),
    )


def _add_zoe(fund: Fund) -> None:
    """The rows are written as they are: giving her these roles by the action is refused."""
    zoe = User.objects.create_user("zoe@gaf.example", "Zoe")
    for role in _WHO_MAY_NOT_GO_ALONE:
        here = fund.mission if role == Role.MISSION_FINANCE else None
        RoleAssignment.objects.create(person=zoe, role=role, mission=here, starts_on=YEAR_START)
    fund.people["Zoe"] = zoe
