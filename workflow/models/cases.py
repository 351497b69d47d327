"""A case: the long-lived file of one person or group, and the owner of the key that seals its text."""

from __future__ import annotations

from django.db import models

from gaf import ids


def new_case_key() -> str:
    """A key without order, such as `C-7KQ2MXHA`."""
    return ids.spoken_key("C")


class Case(models.Model):
    """What one person or group goes through with the fund; several requests may belong to it."""

    key = models.CharField(max_length=40, unique=True, default=new_case_key)
    mission = models.ForeignKey("accounts.Mission", on_delete=models.PROTECT, related_name="cases")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
