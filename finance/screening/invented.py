"""A small invented list in the form of the real one, for training, the demo and the specifications."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

MADE_ON = 'dateGenerated="2026-10-01T00:00:05.000Z"'


def invented_list(made_at: datetime) -> bytes:
    """The bytes of the invented list, as if it had been made at this moment."""
    text = (Path(settings.BASE_DIR) / "fixtures" / "sanctions" / "invented_list.xml").read_text("utf-8")
    moment = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return text.replace(MADE_ON, f'dateGenerated="{moment}"').encode()
