"""What stands against giving a case to another mission, who is asked, and who sees a proposal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gaf.accounts.models import Mission, User
from gaf.accounts.queries import people_with, roles_of
from gaf.accounts.roles import Role
from gaf.privacy.sight import is_strict, open_to
from gaf.thresholds import threshold
from workflow.codelists import Priority
from workflow.models import AssistanceRequest, CaseTransfer, Consent
from workflow.queries import mission_ids_of
from workflow.states import MAY_BE_TRANSFERRED, CaseTransferState


def against_transfer(assistance: AssistanceRequest) -> list[str]:
    """Everything that stands against it now, in words: consent, money, lines, another proposal. Empty when nothing."""
    return list(_against(assistance))


def _against(assistance: AssistanceRequest) -> Iterator[str]:
    if not shares(assistance):
        yield _("The persons have not agreed to sharing with other missions. Ask them, and record their consent.")
    if assistance.has_allowance():
        yield _("Urgent spending was allowed; this mission accounts for that money and keeps the case.")
    if assistance.lines.exists():
        yield _("The budget has lines of this mission. Take them out: the other mission plans with its own prices.")


def shares(assistance: AssistanceRequest) -> bool:
    """Whether the persons agree to sharing with other missions, as it stands in the database now."""
    return Consent.objects.filter(assistance=assistance, for_sharing=True).exists()


def open_transfer(assistance: AssistanceRequest) -> CaseTransfer | None:
    """The proposal that waits for an answer; there is one at most."""
    return assistance.transfers.filter(state=CaseTransferState.PROPOSED).select_related("receiving").first()


def visible_transfers(person: User) -> QuerySet[CaseTransfer]:
    """What a mission proposed and what was proposed to it, and all for the auditor.

    Until it is accepted only heads of unit see it there; of a request that is kept to named people only the one who
    was asked by name, and the sending side while they are named.
    """
    rows = CaseTransfer.objects.select_related(
        "sending", "receiving", "proposed_by", "decided_by", "assistance__mission", "assistance__consent"
    )
    is_open = open_to(person, "assistance__reference")
    if Role.AUDITOR in roles_of(person):
        return rows.filter(is_open)
    own = mission_ids_of(person, Role.CASE_WORKER, Role.HEAD_OF_UNIT)
    asked = Q(receiving_id__in=mission_ids_of(person, Role.HEAD_OF_UNIT)) & (is_open | Q(asked_person=person))
    taken_over = Q(receiving_id__in=own, state=CaseTransferState.ACCEPTED) & is_open
    return rows.filter(Q(sending_id__in=own) & is_open | asked | taken_over)


def heads_elsewhere(assistance: AssistanceRequest) -> list[tuple[User, Mission]]:
    """Who could be asked by name: every head of unit of another mission, by mission and name."""
    others = Mission.objects.exclude(pk=assistance.mission_id).order_by("name")
    return [(head, mission) for mission in others for head in people_with(Role.HEAD_OF_UNIT, {mission.pk})]


def asked_of(transfer: CaseTransfer) -> list[User]:
    """Who answers it: the heads of unit there; for a kept request only whoever was asked by name."""
    if is_strict(transfer.assistance.reference):
        return [transfer.asked_person] if transfer.asked_person is not None else []
    return list(people_with(Role.HEAD_OF_UNIT, {transfer.receiving_id}))


def answer_due(transfer: CaseTransfer) -> datetime:
    """By when the other mission should have answered."""
    urgent = transfer.assistance.priority == Priority.P1
    return transfer.proposed_at + timedelta(
        hours=threshold("age_transfer_urgent_hours" if urgent else "age_transfer_hours")
    )


def is_told(transfer: CaseTransfer) -> bool:
    """Whether the narrowed view tells anything: while it waits, the persons agree, and the case can still go."""
    assistance = transfer.assistance
    waits = transfer.state == CaseTransferState.PROPOSED and assistance.state in MAY_BE_TRANSFERRED
    return waits and shares(assistance)
