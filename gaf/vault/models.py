"""One key a case (or payee), itself wrapped by a key that is outside the database and outside its backups."""

from __future__ import annotations

from django.db import models


class SealKey(models.Model):
    """The wrapped key of one owner, such as case `C-7KQ2MXHA`. Destroying the row makes its text unreadable forever.

    The owner `fingerprint` is the key by which equal account numbers are found.
    """

    owner = models.CharField(max_length=40, unique=True)
    wrapped = models.CharField(max_length=200)
    wrapped_by = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.owner
