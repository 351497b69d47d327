"""How many schedules the money code has survived since it last changed; kept in a file that people can read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings

# What money depends on. A change in any of it begins the count again.
COVERED = ("finance", "gaf/gate.py", "gaf/policy.py", "gaf/money.py", "gaf/decisions", "gaf/outbox", "gaf/guards.py")


def place() -> Path:
    """Where it is kept."""
    return Path(settings.BASE_DIR) / "docs" / "odometer.json"


def code_now() -> str:
    """A digest of the money code as it is: every Python file of it, by name and content."""
    digest = hashlib.sha256()
    for name in COVERED:
        root = Path(settings.BASE_DIR) / name
        for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read() -> dict[str, Any]:
    """What was survived by this very code; nothing yet when it has changed since."""
    kept = json.loads(place().read_text()) if place().exists() else {}
    return kept if kept.get("code") == code_now() else {"code": code_now(), "survived": {}, "violations": 0}


def add(survived: dict[str, int], violations: int, day: str) -> dict[str, Any]:
    """Add a run's counts and keep them."""
    kept = read()
    for name, count in survived.items():
        kept["survived"][name] = kept["survived"].get(name, 0) + count
    kept["violations"] += violations
    kept["last_run"] = day
    place().write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return kept
