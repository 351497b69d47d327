"""Finance: streams, commitments, disbursements, the ledger, statements."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """The money. It knows no request, only a reference."""

    name = "finance"

    def ready(self) -> None:
        for module in (
            "finance.sending",
            "finance.actions.events",
            "finance.actions.screening",
            "finance.sweeping",
            "finance.navigation",
            "finance.ages",
            "finance.search",
        ):
            import_module(module)
