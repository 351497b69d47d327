"""What the database refuses about roles."""

from __future__ import annotations

from gaf.guards import Guard, append_only, guard

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

_MARKED = "EXISTS (SELECT 1 FROM accounts_trainingmark)"
_COULD_BE_REAL = "NOT {row}.is_system AND {row}.email NOT LIKE '%.example' AND {row}.email NOT LIKE '%.test'"
_REAL_PEOPLE = f"EXISTS (SELECT 1 FROM accounts_user u WHERE {_COULD_BE_REAL.format(row='u')})"  # noqa: S608
_REAL_ON_TRAINING = f"{_COULD_BE_REAL.format(row='NEW')} AND {_MARKED}"
_REAL_MESSAGE = "TRAIN-04: in a database for training everybody is invented, and so is every address."
_MISSION_MESSAGE = "TRAIN-05: a mission for training exists in a database for training only."
_MISSION_REFUSED = f"NEW.is_training AND NOT {_MARKED}"

GUARDS: list[Guard] = [
    guard(
        "accounts_trainingmark_first",
        "accounts_trainingmark",
        "BEFORE INSERT",
        "TRAIN-03: people in this database could be real; it cannot become one for training.",
        _REAL_PEOPLE,
    ),
    *append_only("accounts_trainingmark", "TRAIN-06"),
    guard("accounts_user_invented", "accounts_user", "BEFORE INSERT", _REAL_MESSAGE, _REAL_ON_TRAINING),
    guard("accounts_user_stays_invented", "accounts_user", "BEFORE UPDATE", _REAL_MESSAGE, _REAL_ON_TRAINING),
    guard("accounts_mission_training", "accounts_mission", "BEFORE INSERT", _MISSION_MESSAGE, _MISSION_REFUSED),
    guard("accounts_mission_training_later", "accounts_mission", "BEFORE UPDATE", _MISSION_MESSAGE, _MISSION_REFUSED),
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
