"""The generated documents together: writes them, and says which of those on file are not what the code says now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import translation

from gaf.documents.addresses import address_list
from gaf.documents.ages import age_list
from gaf.documents.environment import settings_list
from gaf.documents.limits import guard_list, threshold_list
from gaf.documents.machines import state_machines
from gaf.documents.mails import mail_list
from gaf.documents.money import posting_table
from gaf.documents.news import outbox_topics
from gaf.documents.permissions import permission_matrix

DOCUMENTS: dict[str, Callable[[], str]] = {
    "addresses.md": address_list,
    "ages.md": age_list,
    "database-guards.md": guard_list,
    "mails.md": mail_list,
    "outbox-topics.md": outbox_topics,
    "permission-matrix.md": permission_matrix,
    "postings.md": posting_table,
    "settings.md": settings_list,
    "state-machines.md": state_machines,
    "thresholds.md": threshold_list,
}


def shelf() -> Path:
    """Where the generated documents stand."""
    return Path(settings.BASE_DIR) / "docs" / "generated"


def render_all() -> dict[str, str]:
    """Every document as the code says it now, in English whatever language is active."""
    with translation.override("en"):
        return {name: render() for name, render in DOCUMENTS.items()}


def write_all(folder: Path) -> list[str]:
    """Write every document, remove what no longer belongs there; returns the names of those that were not fresh."""
    wanted = render_all()
    changed = _differences(folder, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def stale(folder: Path) -> list[str]:
    """Names of the documents that are missing, too many, or not what the code says now."""
    return _differences(folder, render_all())


def _differences(folder: Path, wanted: dict[str, str]) -> list[str]:
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
