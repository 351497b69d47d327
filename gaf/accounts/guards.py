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

_DEPUTY_CLASH = """EXISTS (
  SELECT 1 FROM accounts_roleassignment a JOIN accounts_incompatibleroles i ON (
    (i.role = NEW.role AND i.other = a.role) OR (i.other = NEW.role AND i.role = a.role))
  WHERE a.person_id = NEW.deputy_id
    AND (a.ends_on IS NULL OR a.ends_on >= NEW.starts_on) AND a.starts_on <= NEW.ends_on)"""
_NOT_ONES_OWN = """NOT EXISTS (
  SELECT 1 FROM accounts_roleassignment a
  WHERE a.person_id = NEW.person_id AND a.role = NEW.role
    AND (a.ends_on IS NULL OR a.ends_on >= NEW.starts_on) AND a.starts_on <= NEW.ends_on)"""
_MORE_THAN_TAKEN_BACK = " OR ".join(
    ["OLD.taken_back_at IS NOT NULL", "NEW.up_to_minor IS DISTINCT FROM OLD.up_to_minor"]
    + [
        f"NEW.{column} <> OLD.{column}"
        for column in ("key", "person_id", "role", "deputy_id", "place", "starts_on", "ends_on")
    ]
)
_TWO_ON_DUTY = """EXISTS (
  SELECT 1 FROM accounts_dutyshift d
  WHERE d.id <> NEW.id AND d.starts_at < NEW.ends_at AND d.ends_at > NEW.starts_at)"""
_DUTY_MESSAGE = "DUTY-02: somebody is on duty then already."

GUARDS: list[Guard] = [
    guard(
        "accounts_dutyshift_alone",
        "accounts_dutyshift",
        "BEFORE INSERT",
        _DUTY_MESSAGE,
        _TWO_ON_DUTY.replace("d.id <> NEW.id AND ", ""),
        _TWO_ON_DUTY,
    ),
    guard("accounts_dutyshift_alone_later", "accounts_dutyshift", "BEFORE UPDATE", _DUTY_MESSAGE, _TWO_ON_DUTY),
    guard(
        "accounts_handover_compatible",
        "accounts_handover",
        "BEFORE INSERT",
        "DEPUTY-03: the deputy holds a role that does not go together with this one.",
        _DEPUTY_CLASH,
    ),
    guard(
        "accounts_handover_of_ones_own",
        "accounts_handover",
        "BEFORE INSERT",
        "DEPUTY-04: only a role one holds oneself can be handed over.",
        _NOT_ONES_OWN,
    ),
    guard(
        "accounts_handover_stands",
        "accounts_handover",
        "BEFORE UPDATE",
        "DEPUTY-05: what was handed over is taken back once, and not changed.",
        _MORE_THAN_TAKEN_BACK.replace("IS DISTINCT FROM", "IS NOT"),
        _MORE_THAN_TAKEN_BACK,
    ),
    guard(
        "accounts_handover_never_removed",
        "accounts_handover",
        "BEFORE DELETE",
        "DEPUTY-05: what was handed over is taken back once, and not changed.",
        "1 = 1",
    ),
    guard("accounts_roles_incompatible", "accounts_roleassignment", "BEFORE INSERT", _MESSAGE, _SQLITE_INSERT, _CLASH),
    guard("accounts_roles_incompatible_later", "accounts_roleassignment", "BEFORE UPDATE", _MESSAGE, _CLASH),
]
