"""The field in which a record keeps its state; only its transitions move it, and only the gate calls those."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_fsm import FSMField

_DRAWN_BY_A_MIGRATION = "__fake__"


class StateField(FSMField):
    """Text that no assignment changes.

    A model that a migration draws from the past has no transitions. There it is plain text: django-fsm would keep each
    such field listening to every model drawn after it, and a hundred migrations draw thousands.
    """

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False, **more: Any) -> None:
        """Join a model, with its transitions where there can be any."""
        if cls.__module__ == _DRAWN_BY_A_MIGRATION:
            models.CharField.contribute_to_class(self, cls, name, private_only=private_only)
        else:
            super().contribute_to_class(cls, name, private_only=private_only, **more)
