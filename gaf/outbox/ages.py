"""How old a promise to the world may be: what waits for the worker, and what the worker gave up."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.ages import Age, Kind, register
from gaf.outbox.models import BackupWatch, OutboxMessage


def _nowhere(key: str, place: str) -> str:
    """Jobs have no page; the worker's log and the row tell the kind of error."""
    return ""


def _on_no_page(key: str, place: str) -> str:
    """Backups lie in a folder of the machine."""
    return ""


_IS_IT_RUNNING = _("See whether the worker runs.")
register(
    Kind(
        name="job",
        title=_("Job of the worker"),
        rows=lambda: OutboxMessage.objects.all(),
        subject=F("key"),
        since=F("due_at"),
        page=_nowhere,
        ages=(
            Age("READY", "age_job_hours", Role.SYSTEM_ADMINISTRATOR, _IS_IT_RUNNING, _("waits")),
            Age("CLAIMED", "age_job_hours", Role.SYSTEM_ADMINISTRATOR, _IS_IT_RUNNING, _("taken, not done")),
            Age(
                "PARKED",
                "age_job_hours",
                Role.SYSTEM_ADMINISTRATOR,
                _("Find out why it failed so often, and put it right."),
                _("given up"),
            ),
        ),
    ),
    Kind(
        name="backup",
        title=_("Backup"),
        rows=lambda: BackupWatch.objects.all(),
        subject=F("key"),
        since=F("made_at"),
        page=_on_no_page,
        ages=(
            Age(
                "NEWEST",
                "age_backup_hours",
                Role.SYSTEM_ADMINISTRATOR,
                _("See why no backup was made since, or why it is not whole."),
                _("the newest that is whole"),
            ),
        ),
    ),
)
