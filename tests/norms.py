"""Cost norms as tests need them: recorded in the mission, confirmed at headquarters."""

from __future__ import annotations

from datetime import date
from typing import Any

from gaf.money import Money
from tests.cast import mission
from tests.stories_asking import by
from workflow.actions.cost_norms import NormText, confirm_cost_norm, record_cost_norm
from workflow.models import CostNorm


def a_cost_norm(usual: str = "20.00", currency: str = "USD", *, who: str = "Moussa", **said: Any) -> CostNorm:
    """What a night in a shelter usually costs in Niger, to be confirmed."""
    norm = {
        "mission": mission("NE"),
        "assistance_type": "SHEL",
        "unit": "person-night",
        "effective_from": date(2026, 1, 1),
        "source": "Survey of shelters, invented",
        **said,
    }
    return record_cost_norm(norm=NormText(usual=Money.of(usual, currency), **norm), **by(who))


def a_norm_in_force(usual: str = "20.00", currency: str = "USD", **said: Any) -> CostNorm:
    """The same, confirmed by the fund manager."""
    return confirm_cost_norm(norm_id=a_cost_norm(usual, currency, **said).pk, **by("Helena"))
