"""What the database refuses about roles."""

from __future__ import annotations

from gaf.guards import Guard, guard

_CLASH = """EXISTS (
  SELECT 1 FROM accounts_roleassignment a JOIN accounts_incompatibleroles i ON (
    (i.role = NEW.role AND i.other = a.role) OR (i.other = NEW.role AND i.role = a.role))
  WHERE a.person_id = NEW.person_id AND a.id <> NEW.id
    AND (a.ends_on IS NULL OR a.ends_on >= NEW.starts_on)
    AND (NEW.ends_on IS NULL OR NEW.ends_on >= a.starts_on))"""
_MESSAGE = "ROLE-01: this person holds a role that does not go together with the new one."
_SQLITE_INSERT = _CLASH.replace("AND a.id <> NEW.id", "")

GUARDS: list[Guard] = [
    guard("accounts_roles_incompatible", "accounts_roleassignment", "BEFORE INSERT", _MESSAGE, _SQLITE_INSERT, _CLASH),
    guard("accounts_roles_incompatible_later", "accounts_roleassignment", "BEFORE UPDATE", _MESSAGE, _CLASH),
]
