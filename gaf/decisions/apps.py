"""Decisions: what was decided, by whom, and who may not decide what."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """The append-only memory that rules read."""

    name = "gaf.decisions"
    label = "decisions"
