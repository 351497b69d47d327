"""People who open the money pages, and where the fund stands when they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from finance.models import Disbursement, PayeeVersion
from gaf.accounts.actions import assign_role
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import MISSION_ROLES, Role
from tests.finance.builders import YEAR_START, Fund, usd
from tests.finance.pages.visits import Reported


@pytest.fixture
def somebody(fund: Fund) -> Callable[..., User]:
    """A person with a role, made when first asked for: `somebody(Role.AUDITOR)`."""
    made: dict[tuple[str, str], User] = {}

    def ask(role: Role, mission: Mission | None = None) -> User:
        here = (mission or fund.mission) if role in MISSION_ROLES else None
        key = (role, here.code if here else "")
        if key not in made:
            person = User.objects.create_user(f"{role}.{key[1]}@gaf.example", f"Somebody, {role} {key[1]}")
            assign_role(person=person, role=role, mission=here, starts_on=YEAR_START)
            made[key] = person
        return made[key]

    return ask


@pytest.fixture
def mexico(fund: Fund) -> Mission:
    """A mission that has nothing to do with the fund's payees."""
    return Mission.objects.create(
        code="MX", name="Mexico", currency="MXN", language="es", time_zone="America/Mexico_City"
    )


@pytest.fixture
def prepared(fund: Fund) -> Disbursement:
    """USD 400.00 of one certified line of USD 1,000.00, prepared for a confirmed payee."""
    fund.commit(usd("1000.00"))
    return fund.prepare(usd("400.00"), fund.payee())


@pytest.fixture
def recorded(fund: Fund) -> PayeeVersion:
    """Details that nobody has rung back yet."""
    return fund.recorded_payee()


@pytest.fixture
def reported(fund: Fund) -> Reported:
    """USD 400.00 sent by file, and a statement with the order, the bank's fee of 4.00 and a stranger's 25.00."""
    fund.commit(usd("1000.00"))
    sent = fund.send_by_file(usd("400.00"), fund.payee())
    return Reported(sent, fund.import_next_statement(date(2026, 11, 24)))
