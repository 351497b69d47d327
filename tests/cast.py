"""The people of the specifications, with fixed powers: one person, one role. Who is asked for comes into being.

`person("Amina")` is Amina, case worker in Niger; `mission("NE")` is Niger. All names are invented.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from finance.actions.chart import install_chart, open_bank_account, open_stream, record_receipt
from finance.actions.rates import approve_rate, enter_rate
from finance.actions.screening import load_list
from finance.models import BankAccount, ExchangeRate, FundingStream
from finance.screening.invented import invented_list
from gaf import clock
from gaf.accounts.actions import assign_role, delegate
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.decisions.models import Threshold
from gaf.money import Money
from gaf.reference_data import load_incompatible_roles, load_retention, load_thresholds, make_system_actor, rows
from tests.remembering import told_once
from workflow.actions.criteria import CriterionText, publish_criteria_set
from workflow.models import CriteriaSet
from workflow.separation import install_separation_rules

PASSWORD = "a password of the specifications"
YEAR_START = date(2026, 1, 1)
GENEVA = "CH9300762011623852957"

CAST: dict[str, tuple[Role, str]] = {
    "Amina": (Role.CASE_WORKER, "NE"),
    "Idriss": (Role.HEAD_OF_UNIT, "NE"),
    "Moussa": (Role.MISSION_FINANCE, "NE"),
    "Sofía": (Role.CASE_WORKER, "MX"),
    "Joaquín": (Role.HEAD_OF_UNIT, "MX"),
    "Rima": (Role.CASE_WORKER, "LB"),
    "Fadi": (Role.HEAD_OF_UNIT, "LB"),
    "Nour": (Role.MISSION_FINANCE, "LB"),
    "Isatu": (Role.CASE_WORKER, "SL"),
    "Sorie": (Role.HEAD_OF_UNIT, "SL"),
    "Kadie": (Role.MISSION_FINANCE, "SL"),
    "Dalal": (Role.CASE_WORKER, "KW"),
    "Yousef": (Role.HEAD_OF_UNIT, "KW"),
    "Hery": (Role.CASE_WORKER, "MG"),
    "Voahangy": (Role.HEAD_OF_UNIT, "MG"),
    "Sri": (Role.CASE_WORKER, "ID"),
    "Bambang": (Role.HEAD_OF_UNIT, "ID"),
    "Zofia": (Role.CASE_WORKER, "PL"),
    "Marek": (Role.HEAD_OF_UNIT, "PL"),
    "Aigerim": (Role.CASE_WORKER, "KZ"),
    "Nurlan": (Role.HEAD_OF_UNIT, "KZ"),
    "Dilnoza": (Role.CASE_WORKER, "UZ"),
    "Rustam": (Role.HEAD_OF_UNIT, "UZ"),
    "Bruno": (Role.ELIGIBILITY_REVIEWER, ""),
    "Beatriz": (Role.ELIGIBILITY_REVIEWER, ""),
    "Gloria": (Role.DUTY_OFFICER, ""),
    "Chen": (Role.BUDGET_APPROVER, ""),
    "Ines": (Role.BUDGET_APPROVER, ""),
    "Marie": (Role.CERTIFYING_OFFICER, ""),
    "Divya": (Role.PAYER, ""),
    "Esi": (Role.RECONCILER, ""),
    "Helena": (Role.FUND_MANAGER, ""),
    "Viktor": (Role.PAYEE_CONFIRMER, ""),
    "Farid": (Role.EDITOR, ""),
    "Nadia": (Role.DATA_STEWARD, ""),
    "Ngozi": (Role.PRIVACY_FOCAL_POINT, ""),
    "Omar": (Role.AUDITOR, ""),
    "Wanjiru": (Role.OVERSIGHT, ""),
    "Tunde": (Role.SYSTEM_ADMINISTRATOR, ""),
}
CEILINGS = {"Chen": "15000.00", "Ines": "5000.00", "Helena": "50000.00"}
# Invented units of local currency for one US dollar, in force since 1 October 2026.
RATES = {
    "XOF": "572",
    "SLE": "24.75",
    "KWD": "0.3060",
    "MGA": "4480",
    "KZT": "528",
    "UZS": "12150",
    "PLN": "3.65",
    "IDR": "16480",
}
CRITERIA = [
    CriterionText("MIGRATION", "Is there a link to migration?", passage="SITUATION"),
    CriterionText("LAST_RESORT", "Can no other programme help?", passage="ALTERNATIVES"),
    CriterionText("CHILD", "Are child safeguards in place?", passage="PERSONS", may_be_irrelevant=True),
]


def mission(code: str) -> Mission:
    """A mission by its country, as the reference data has it."""
    found = Mission.objects.filter(code=code).first()
    if found is not None:
        return found
    row = next(row for row in rows("reference/missions.csv") if row["code"] == code)
    fields = ("code", "name", "currency", "language", "time_zone", "weekend")
    return Mission.objects.create(**{name: row[name] for name in fields})


def person(name: str) -> User:
    """One of the cast, with the role and the delegation of the cast."""
    email = f"{name.lower().replace('í', 'i')}@gaf.example"
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found
    role, code = CAST[name]
    made = somebody(name, role, code)
    if name in CEILINGS:
        ceiling = Money.of(CEILINGS[name], "USD")
        delegate(person=made, role=role, ceiling=ceiling, starts_on=YEAR_START, instrument="ADM/2026/1")
    return made


def somebody(name: str, role: Role, code: str = "") -> User:
    """A person of no fixed place in the cast."""
    made = User.objects.create_user(f"{name.lower().replace('í', 'i')}@gaf.example", name, PASSWORD)
    here = mission(code) if role in MISSION_ROLES else None
    assign_role(person=made, role=role, mission=here, starts_on=YEAR_START)
    return made


def people(*names: str) -> list[User]:
    """Several of the cast."""
    return [person(name) for name in names]


def rate(currency: str) -> ExchangeRate:
    """The approved rate of a currency; entered by Marie, approved by Viktor."""
    found = ExchangeRate.objects.filter(currency=currency).first()
    if found is not None:
        return found
    entered = enter_rate(
        currency=currency,
        effective_from=date(2026, 10, 1),
        units_per_usd=Decimal(RATES[currency]),
        source="invented",
        actor=person("Marie"),
        at=clock.now(),
    )
    approve_rate(rate_id=entered.pk, actor=person("Viktor"), at=clock.now())
    return ExchangeRate.objects.get(currency=currency)


@told_once
def open_house() -> None:
    """The fund on its first day: rules, chart, an account in Geneva, and stream A with USD 100,000.00."""
    load_thresholds(YEAR_START)
    load_retention(YEAR_START)
    for code in ("payee_cooling_off_hours", "duplicate_payment_days"):  # paid at once, unless a specification says when
        Threshold.objects.create(code=code, value=0, unit="", effective_from=YEAR_START + timedelta(days=1))
    load_list(content=invented_list(clock.now() - timedelta(days=1)), at=clock.now())
    load_incompatible_roles()
    make_system_actor()
    install_chart()
    install_separation_rules(proposed_by=person("Helena"), approved_by=person("Viktor"), effective_from=YEAR_START)
    account = open_bank_account(
        code="GVA",
        name="Geneva",
        currency="USD",
        rail="BANK_FILE",
        number=GENEVA,
        is_iban=True,
        bic="POFICHBEXXX",
        holder="Global Assistance Fund",
        country="CH",
        town="Geneva",
        opened_on=YEAR_START,
    )
    give(stream("A"), "100000.00", account)


def stream(code: str, restrictions: list[tuple[str, str, list[str]]] | None = None, **fields: object) -> FundingStream:
    """A funding stream; unearmarked unless it has restrictions."""
    found = FundingStream.objects.filter(code=code).first()
    return found or open_stream(
        code=code,
        name=f"Stream {code}",
        donor=f"Donor {code}",
        earmarking=3 if restrictions else 1,
        starts_on=YEAR_START,
        wbs=f"GAF.{code}",
        restrictions=restrictions or [],
        **fields,
    )


def give(to: FundingStream, amount: str, account: BankAccount | None = None) -> None:
    """A donor gives US dollars to a stream."""
    record_receipt(
        key=f"R-{to.code}-{to.receipts.count() + 1}",
        stream=to,
        bank_account=account or BankAccount.objects.get(code="GVA"),
        money=Money.of(amount, "USD"),
        received_on=YEAR_START,
        actor=person("Helena"),
        at=clock.now(),
    )


def criteria() -> CriteriaSet:
    """The criteria in force; Farid publishes them the first time."""
    found = CriteriaSet.objects.order_by("-number").first()
    return found or publish_criteria_set(
        criteria=CRITERIA, source="criteria page 1", actor=person("Farid"), at=clock.now()
    )
