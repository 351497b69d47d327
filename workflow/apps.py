"""Workflow: the life of an assistance request, from the first word to the closed file."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """The process. It stands on the money; the money does not know it."""

    name = "workflow"

    def ready(self) -> None:
        for module in (
            "workflow.subscribers",
            "workflow.navigation",
            "workflow.books",
            "workflow.ages",
            "workflow.search",
            "workflow.protection.payments",
        ):
            import_module(module)
