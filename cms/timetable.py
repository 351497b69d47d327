"""Pages that were put on the timetable go out, and expired ones go in, when the worker looks."""

from __future__ import annotations

from django.core.management import call_command

from gaf.outbox.sweeps import sweeps


@sweeps
def publish_what_is_due() -> None:
    """Publish and withdraw what is due by Wagtail's own command; criteria are frozen with their page, by the system."""
    call_command("publish_scheduled")
