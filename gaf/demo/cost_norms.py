"""What shelter, a ticket and a treatment usually cost in Niger; the last figure waits for headquarters."""

from __future__ import annotations

from gaf import clock
from gaf.accounts.models import Mission
from gaf.demo.stage import Stage
from gaf.money import Money
from workflow.actions.cost_norms import NormText, confirm_cost_norm, record_cost_norm

_NORMS = (
    ("SHEL", "person-night", "15700", "Tarifs de trois foyers"),
    ("TRVL", "ticket", "250000", "Contrat-cadre avec l’agence de voyages"),
    ("HLTH", "treatment", "180000", "Tarif de l’hôpital régional"),
)


def tell_usual_costs(stage: Stage) -> None:
    """Moussa records three norms, Helena confirms two."""
    made = [
        record_cost_norm(
            norm=NormText(
                mission=Mission.objects.get(code="NE"),
                assistance_type=kind,
                unit=unit,
                usual=Money.of(usual, "XOF"),
                effective_from=stage.day("2026-09-01"),
                source=source,
            ),
            actor=stage.who("moussa"),
            at=clock.now(),
        )
        for kind, unit, usual, source in _NORMS
    ]
    for norm in made[:2]:
        confirm_cost_norm(norm_id=norm.pk, actor=stage.who("helena"), at=clock.now())
