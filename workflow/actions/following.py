"""Following a request, leaving it, and telling those who follow what was decided."""

from __future__ import annotations

from datetime import datetime

from gaf.accounts.models import User
from gaf.decisions.models import Decision
from gaf.gate import in_one_piece
from gaf.outbox.models import OutboxMessage
from workflow import notices
from workflow.followers import people_who_see, untold
from workflow.models import AssistanceRequest, Following


@in_one_piece
def follow(*, request_id: int, follows: bool, actor: User, at: datetime) -> Following:
    """Follow a request from now on, or stop. Whether the person may see it is the page's to know."""
    assistance = AssistanceRequest.objects.get(pk=request_id)
    newest = Decision.objects.filter(subject=assistance.reference).order_by("-number").first()
    chosen = {"follows": follows, "since": at, "told_number": newest.number if newest else 0}
    row, _made = Following.objects.update_or_create(assistance=assistance, person=actor, defaults=chosen)
    return row


@in_one_piece
def tell_followers() -> int:
    """Promise one mail for each request that moved to each person who follows it by choice, unless another mail has
    told them of it already. Returns how many were promised."""
    promised = 0
    for row in untold():
        decision = Decision.objects.get(number=row.newest)  # type: ignore[attr-defined]
        sees = people_who_see(row.assistance).filter(pk=row.person_id).exists()
        if sees and not _heard(row, decision.at):
            notices.tell_people([row.person], "followed_moved", row.assistance, None, about=f"moved:{decision.number}")
            promised += 1
        row.told_number = decision.number
        row.save(update_fields=["told_number"])
    return promised


def _heard(row: Following, since: datetime) -> bool:
    """Whether some other mail about this request was promised to this person with the decision or after it."""
    told = {"payload__person": row.person_id, "payload__reference": row.assistance.reference}
    return OutboxMessage.objects.filter(topic="notice", created_at__gte=since, **told).exists()
