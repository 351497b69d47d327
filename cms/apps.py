"""Guidance and criteria, written and published by editors."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """The room of words. It stands on the process, and the process does not know it."""

    name = "cms"

    def ready(self) -> None:
        for module in ("cms.navigation", "cms.timetable", "cms.search", "cms.beside"):
            import_module(module)
