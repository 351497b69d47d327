"""Somebody is away, and a declined budget is reviewed: what a deputy may not decide goes to the next."""

from __future__ import annotations

from datetime import timedelta

from gaf import clock
from gaf.accounts.roles import Role
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.money import Money
from gaf.standing_in import hand_over
from workflow.actions.approval import decline
from workflow.actions.closing import reopen


def decline_and_ask_again(stage: Stage, reference: str) -> None:
    """Ines does not approve a budget; Idriss asks for the one review, which others than she decide."""
    why = "Deux devis manquent, et le loyer dépasse celui du quartier."
    decline(
        request_id=do.of(reference).pk,
        reason_code="NOT_PROPORTIONATE",
        reason=why,
        actor=stage.who("ines"),
        at=clock.now(),
    )
    reopen(
        request_id=do.of(reference).pk,
        reason_code="REVIEW",
        reason="Les deux devis sont joints ; le quartier est le seul qui soit sûr.",
        actor=stage.who("idriss"),
        at=clock.now(),
    )


def send_somebody_away(stage: Stage) -> None:
    """Chen is away for some days; Ines approves in his place, and what she declined before goes to Helena."""
    hand_over(
        role=Role.BUDGET_APPROVER,
        deputies=[stage.who("ines"), stage.who("helena")],
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=4),
        up_to=Money.of("10000.00", "USD"),
        actor=stage.who("chen"),
        at=clock.now(),
    )
