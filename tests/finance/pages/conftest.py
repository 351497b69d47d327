"""People who open the money pages, and where the fund stands when they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from finance.models import Disbursement, PayeeVersion, Statement, StatementLine
from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import Role
from gaf.money import Money
from tests.finance.builders import YEAR_START, Fund, usd

Ask = Callable[..., HttpResponse]


@pytest.fixture
def somebody(fund: Fund) -> Callable[..., User]:
    """A person with a role, made when first asked for: `somebody(Role.AUDITOR)`."""
    made: dict[tuple[str, str], User] = {}

    def ask(role: Role, mission: Mission | None = None) -> User:
        key = (role, mission.code if mission else "")
        if key not in made:
            person = User.objects.create_user(f"{role}{key[1]}@gaf.example", f"Somebody {role} {key[1]}")
            here = mission or (fund.mission if role in (Role.MISSION_FINANCE, Role.CASE_WORKER) else None)
            assign_role(person=person, role=role, mission=here, starts_on=YEAR_START)
            made[key] = person
        return made[key]

    return ask


@pytest.fixture
def other_mission(fund: Fund) -> Mission:
    """A mission that has nothing to do with the fund's payees."""
    return Mission.objects.create(code="MX", name="Mexico", currency="MXN", language="es", time_zone="America/Mexico_City")


@dataclass
class Visit:
    """A person's browser: `visit(person).get("/fund/")`."""

    client: Client

    def get(self, address: str) -> HttpResponse:
        """Open a page."""
        return self.client.get(address)

    def press(self, address: str, **typed: object) -> HttpResponse:
        """Send a page's form to where its form sends it."""
        joint = "&" if "?" in address else "?"
        return self.client.post(f"{address}{joint}save=1", typed)


@pytest.fixture
def visit() -> Callable[[User], Visit]:
    """Sign a person in, in a browser of her own."""

    def sign_in(person: User) -> Visit:
        client = Client()
        client.force_login(person)
        return Visit(client)

    return sign_in


@pytest.fixture
def prepared(fund: Fund) -> Disbursement:
    """USD 400.00 of one certified line, prepared for a confirmed payee."""
    fund.commit(usd("1000.00"))
    return fund.prepare(usd("400.00"), fund.payee())


@pytest.fixture
def recorded(fund: Fund) -> PayeeVersion:
    """Details that nobody has rung back yet."""
    return fund.recorded_payee()


@dataclass
class Reported:
    """A disbursement that went to the bank, and the bank's statement about it."""

    disbursement: Disbursement
    statement: Statement

    @property
    def lines(self) -> list[StatementLine]:
        """The lines in the bank's order."""
        return list(self.statement.lines.order_by("number"))

    def line(self, minor: int) -> StatementLine:
        """The one line of this amount."""
        return self.statement.lines.get(minor=minor)


@pytest.fixture
def reported(fund: Fund) -> Reported:
    """USD 400.00 sent by file, and a statement with the order, the bank's fee and a stranger's money."""
    fund.commit(usd("1000.00"))
    sent = fund.send_by_file(usd("400.00"), fund.payee())
    return Reported(sent, fund.import_next_statement(date(2026, 11, 24)))


def euros(text: str) -> Money:
    """Euros."""
    return Money.of(text, "EUR")
