"""Carries out an installation plan through the same actions people use later. Running it again adds what is missing."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from finance.actions.chart import install_chart, open_bank_account, open_stream, record_receipt
from finance.actions.rates import approve_rate, enter_rate
from finance.models import BankAccount, ExchangeRate, FundingStream, Receipt
from gaf import clock
from gaf.accounts.actions import assign_role, delegate
from gaf.accounts.models import Mission, RoleAssignment, User
from gaf.accounts.roles import Role
from gaf.installation.plan import Plan
from gaf.money import Money
from gaf.reference_data import load_reference_data, rows
from workflow.actions.surveys import Version, load_survey
from workflow.models import Survey
from workflow.separation import install_separation_rules


def person(email: str) -> User:
    """A person by e-mail address."""
    return User.objects.get(email=email)


def start_of(plan: Plan) -> datetime:
    """The moment at which the start of the plan is signed: nine in the morning, UTC."""
    return datetime.combine(plan.starts_on, time(9), clock.now().tzinfo)


def install(plan: Plan, password: str | None = None) -> None:
    """Carry out the whole plan. Without a password, people set their own through “Forgotten your password?”."""
    load_reference_data(plan.starts_on)
    install_people(plan, password)
    _missions(plan)
    install_chart()
    _rules(plan)
    _rates(plan)
    _accounts(plan)
    _streams(plan)
    _receipts(plan)
    _survey(plan)


def install_people(plan: Plan, password: str | None) -> None:
    """Each person with the role, and where the plan says so a delegation."""
    hashed = make_password(password)
    for row in plan.rows("people"):
        somebody = User.objects.filter(email=row["email"]).first()
        if somebody is None:
            somebody = User.objects.create(
                email=row["email"],
                name=row["name"],
                password=hashed,
                language=row.get("language", "en"),
                joined_at=clock.now(),
            )
        mission = Mission.objects.get(code=row["mission"]) if row.get("mission") else None
        role = Role(row["role"])
        if not RoleAssignment.objects.filter(person=somebody, role=role, mission=mission).exists():
            assign_role(person=somebody, role=role, mission=mission, starts_on=plan.starts_on)
        if row.get("ceiling_usd") and not somebody.delegations.exists():
            delegate(
                person=somebody,
                role=role,
                ceiling=Money.of(row["ceiling_usd"], "USD"),
                starts_on=plan.starts_on,
                instrument=row["instrument"],
            )


def _missions(plan: Plan) -> None:
    """Where the duty officer reaches each mission at night; a number in a newer plan counts."""
    for row in plan.rows("missions"):
        Mission.objects.filter(code=row["code"]).update(telephone=row["telephone"])


def _rules(plan: Plan) -> None:
    install_separation_rules(
        proposed_by=person(plan.signer("rules_proposed")),
        approved_by=person(plan.signer("rules_approved")),
        effective_from=plan.starts_on,
    )


def _rates(plan: Plan) -> None:
    enters, approves = person(plan.signer("rates_entered")), person(plan.signer("rates_approved"))
    for batch in plan.rows("rates"):
        day = batch["effective_from"] + plan.shift
        moment = datetime.combine(day, time(7), clock.now().tzinfo)
        for currency, units in batch["units"].items():
            if ExchangeRate.objects.filter(currency=currency, effective_from=day).exists():
                continue
            with clock.at(moment):
                rate = enter_rate(
                    currency=currency,
                    effective_from=day,
                    units_per_usd=Decimal(units),
                    source=plan.values["sources"],
                    actor=enters,
                    at=moment,
                )
                approve_rate(rate_id=rate.pk, actor=approves, at=moment + timedelta(minutes=5))


def _accounts(plan: Plan) -> None:
    for row in plan.rows("accounts"):
        if not BankAccount.objects.filter(code=row["code"]).exists():
            open_bank_account(**row, opened_on=plan.starts_on)


def _streams(plan: Plan) -> None:
    for row in plan.rows("streams"):
        if FundingStream.objects.filter(code=row["code"]).exists():
            continue
        restrictions = [(r["kind"], r["operator"], r["values"]) for r in row.pop("restrictions", [])]
        row["ends_on"] = plan.day(row.get("ends_on"))
        open_stream(restrictions=restrictions, starts_on=plan.starts_on, **row)


def _receipts(plan: Plan) -> None:
    moment = start_of(plan)
    for row in plan.rows("receipts"):
        if Receipt.objects.filter(key=row["key"]).exists():
            continue
        account = BankAccount.objects.get(code=row["account"])
        with clock.at(moment):
            record_receipt(
                key=row["key"],
                stream=FundingStream.objects.get(code=row["stream"]),
                bank_account=account,
                money=Money.of(row["amount"], account.currency),
                received_on=plan.starts_on,
                actor=person(plan.signer("receipts")),
                at=moment,
            )


def _survey(plan: Plan) -> None:
    """Questions of the fund's own to begin with; an official set is loaded by `load_survey` and follows them."""
    if not Survey.objects.exists():
        source = "The fund's own wording; equal weights for demonstration"
        version = Version(1, plan.starts_on, source, is_demonstration=True)
        load_survey(version=version, rows=rows("reference/survey_demonstration.csv"), at=start_of(plan))
