"""A complaint about late blankets that was answered, and a concern that oversight alone reads."""

from __future__ import annotations

from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.outbox.outbox import drain
from workflow.actions.complaints import Said, answer_complaint, record_complaint, take_up_complaint
from workflow.actions.concerns import raise_concern
from workflow.models import AnswerWay, ComplaintChannel


def hear_people(stage: Stage, reference: str) -> None:
    """Amina records what she was told, Helena answers; Moussa raises a concern without his name."""
    at = clock.now()
    said = Said(
        kind="QUALITY",
        words="Les couvertures sont arrivées après les nuits froides.",
        heard_on=at.date(),
        language="fr",
        channel=ComplaintChannel.HOTLINE,
        answer_by=AnswerWay.TELEPHONE,
    )
    made = record_complaint(request_id=do.of(reference).pk, said=said, actor=stage.who("amina"), at=at)
    helena = stage.who("helena")
    take_up_complaint(complaint_id=made.pk, actor=helena, at=at)
    answer_complaint(
        complaint_id=made.pk,
        answer="Vous avez raison ; la prochaine commande part une semaine plus tôt.",
        reason="The order went out nine days late.",
        actor=helena,
        at=at,
    )
    words = "The same three drivers win every offer, and two share a telephone number."
    raise_concern(kind="FRAUD", words=words, actor=stage.who("moussa"), at=at)
    drain()
