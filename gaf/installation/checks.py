"""Reads a plan for faults before anything is written, so that a set-up is whole or not begun."""

from __future__ import annotations

from typing import Any

from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.installation.plan import Plan
from gaf.money import EXPONENTS

NEEDED = {
    "missions": ("code", "telephone"),
    "people": ("name", "email", "role"),
    "accounts": ("code", "name", "currency", "rail", "number", "holder", "country", "town"),
    "streams": ("code", "name", "donor", "earmarking", "wbs"),
    "receipts": ("key", "stream", "account", "amount"),
    "rates": ("effective_from", "units"),
}
SIGNERS = {
    "rates_entered": Role.CERTIFYING_OFFICER,
    "rates_approved": Role.PAYEE_CONFIRMER,
    "receipts": Role.FUND_MANAGER,
    "criteria": Role.EDITOR,
    "rules_proposed": None,
    "rules_approved": None,
}


def faults_of(plan: Plan) -> list[str]:
    """Everything that keeps the plan from being carried out, in words; empty when nothing does."""
    return [*_missing(plan), *_people(plan), *_signers(plan), *_money(plan)]


def _missing(plan: Plan) -> list[str]:
    found = [
        f"“{name}” is missing at the top" for name in ("starts_on", "sources", "signed_by") if name not in plan.values
    ]
    for section, columns in NEEDED.items():
        for number, row in enumerate(plan.rows(section), start=1):
            found += [f"{section} {number}: “{column}” is missing" for column in columns if not row.get(column)]
    return found


def _people(plan: Plan) -> list[str]:
    found = []
    rows = plan.rows("people")
    if not any(row.get("role") == Role.SYSTEM_ADMINISTRATOR for row in rows):
        found.append("people: nobody is the system administrator")
    for row in rows:
        role, who = row.get("role"), row.get("email", "?")
        if role not in Role.values:
            found.append(f"{who}: “{role}” is not a role")
        elif (role in MISSION_ROLES) != bool(row.get("mission")):
            found.append(f"{who}: mission roles need a mission, and only they")
        if row.get("ceiling_usd") and not row.get("instrument"):
            found.append(f"{who}: a delegation names its instrument")
    return found


def _signers(plan: Plan) -> list[str]:
    signed: dict[str, Any] = plan.values.get("signed_by", {})
    roles = {row.get("email"): row.get("role") for row in plan.rows("people")}
    found = []
    for what, role in SIGNERS.items():
        who = signed.get(what)
        if who not in roles:
            found.append(f"signed_by.{what}: nobody of the plan has the address “{who}”")
        elif role is not None and roles[who] != role:
            found.append(f"signed_by.{what}: {who} is not {role.label}")
    for first, second in (("rates_entered", "rates_approved"), ("rules_proposed", "rules_approved")):
        if signed.get(first) and signed.get(first) == signed.get(second):
            found.append(f"signed_by: {first} and {second} take two people")
    return found


def _money(plan: Plan) -> list[str]:
    found = []
    rated = {"USD"} | {currency for batch in plan.rows("rates") for currency in batch.get("units", {})}
    for row in plan.rows("accounts"):
        if row.get("currency") not in EXPONENTS:
            found.append(f"account {row.get('code')}: “{row.get('currency')}” is not a currency")
        elif row["currency"] not in rated:
            found.append(f"account {row.get('code')}: no rate for {row['currency']}")
    codes = {row.get("code") for row in plan.rows("accounts")}
    streams = {row.get("code") for row in plan.rows("streams")}
    for row in plan.rows("receipts"):
        if row.get("account") not in codes or row.get("stream") not in streams:
            found.append(f"receipt {row.get('key')}: its account or stream is not in the plan")
    return found
