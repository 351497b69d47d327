"""A case goes to another mission: proposed, answered by the head of unit there, or taken back, or lapsed.

With the acceptance the mission of the request changes, and with it everything that asks for that mission: who acts, who
sees, who is told. The former mission keeps nothing but that it gave the case away.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds, people_with, people_with_any, roles_of, system_actor
from gaf.accounts.roles import READS_ALL_REQUESTS, Role
from gaf.gate import acting, first_decision, in_one_piece
from gaf.ids import spoken_key
from gaf.notices import tell
from gaf.privacy.models import NamedReader
from gaf.privacy.sight import is_strict, those_who_see
from gaf.refusals import MovedOn, Refusal
from gaf.thresholds import threshold
from workflow.actions.proposing import propose_a_reviewer
from workflow.assignment import served_in
from workflow.models import Activity, AssistanceRequest, CaseTransfer, CaseTransferAim, RequestMission
from workflow.notices import tell_those
from workflow.policy import works_in
from workflow.states import CaseTransferState, RequestState
from workflow.transferring import against_transfer, asked_of, open_transfer, shares


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The case was not transferred."), why, next_step)


@in_one_piece
def propose_transfer(
    *,
    request_id: int,
    receiving_id: int,
    aim: str,
    reason: str,
    asked_person_id: int | None = None,
    actor: User,
    at: datetime,
    seen_version: int | None = None,
) -> CaseTransfer:
    """Propose that another mission takes the case over; `reason` is sealed and read there after it was accepted.

    Raises Refusal TRANSFER-01 without consent to sharing, TRANSFER-04 where something else stands against it,
    TRANSFER-05 for a mission, an aim or a person that cannot be.
    """
    with acting(
        AssistanceRequest,
        request_id,
        act="propose_transfer",
        actor=actor,
        at=at,
        reason=reason,
        seen_version=seen_version,
    ) as doing:
        assistance: AssistanceRequest = doing.subject
        require_nothing_against(assistance)
        if open_transfer(assistance) is not None:
            raise _refuse("TRANSFER-04", _("It is proposed already."), _("Take that proposal back first."))
        made = CaseTransfer(
            key=spoken_key("MOVE"),
            assistance=assistance,
            sending_id=assistance.mission_id,
            receiving_id=receiving_id,
            aim=aim,
            asked_person_id=_who_is_asked(assistance, receiving_id, aim, asked_person_id),
            proposed_by=actor,
            proposed_at=at,
        )
        facts = {"transfer": made.key, "from": made.sending.code, "to": made.receiving.code, "aim": aim}
        role = Role.CASE_WORKER if holds(actor, Role.CASE_WORKER, {made.sending_id}) else Role.HEAD_OF_UNIT
        first_decision(subject=made, act="propose_transfer", actor=actor, role=role, at=at, facts=facts)
        made.save(force_insert=True)
        doing.facts = facts
        assistance.propose_transfer()
    _tell(asked_of(made), "transfer_proposed", made)
    return made


def require_nothing_against(assistance: AssistanceRequest) -> None:
    """Raises Refusal TRANSFER-01 or TRANSFER-04 with everything that stands against giving the case away."""
    found = against_transfer(assistance)
    if found:
        code = "TRANSFER-04" if shares(assistance) else "TRANSFER-01"
        raise _refuse(code, " ".join(found), "")


def _who_is_asked(assistance: AssistanceRequest, receiving_id: int, aim: str, person_id: int | None) -> int | None:
    """The head of unit who is asked by name, where the request is kept to named people; nobody by name otherwise."""
    heads = list(people_with(Role.HEAD_OF_UNIT, {receiving_id}))
    if receiving_id == assistance.mission_id or not heads or aim not in CaseTransferAim.values:
        raise _refuse("TRANSFER-05", _("No head of unit is there who could accept it."), _("Choose another mission."))
    if not is_strict(assistance.reference):
        return None
    if person_id not in {head.pk for head in heads}:
        raise _refuse(
            "TRANSFER-05",
            _("This request is kept to named people."),
            _("Name the head of unit there who is to learn of it."),
        )
    return person_id


@in_one_piece
def accept_transfer(*, transfer_id: int, actor: User, at: datetime, seen_version: int | None = None) -> CaseTransfer:
    """Take the case over. From then on the former mission opens nothing of it any more.

    Raises Refusal TRANSFER-01 or TRANSFER-04 where something stands against it by now, MovedOn where the request has
    gone on to where no case is given away.
    """
    reference_id = CaseTransfer.objects.values_list("assistance_id", flat=True).get(pk=transfer_id)
    AssistanceRequest.objects.select_for_update().get(pk=reference_id)  # before the proposal, as all acts lock
    with acting(
        CaseTransfer, transfer_id, act="accept_transfer", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        transfer: CaseTransfer = doing.subject
        require_nothing_against(transfer.assistance)
        transfer.accept_transfer(by=actor, at=at)
        doing.facts = {"from": transfer.sending.code, "to": transfer.receiving.code}
    senders = _senders(transfer)
    _move(transfer, actor, at)
    _tell(senders, "transfer_answered", transfer, but=actor)
    return transfer


def _move(transfer: CaseTransfer, accepter: User, at: datetime) -> None:
    """Let the request belong to the receiving mission, and end what the former one saw."""
    with acting(AssistanceRequest, transfer.assistance_id, act="move_to_mission", actor=system_actor(), at=at) as doing:
        assistance: AssistanceRequest = doing.subject
        RequestMission.objects.filter(assistance=assistance, mission=transfer.sending).delete()
        RequestMission.objects.get_or_create(assistance=assistance, mission=transfer.receiving)
        doing.facts = {"transfer": transfer.key, "from": transfer.sending.code, "to": transfer.receiving.code}
        assistance.move_to_mission(mission=transfer.receiving)
        assistance.forget_missions()
        _free_from_peers(assistance, accepter)
    _move_what_hangs_on_it(transfer, accepter, at)
    if is_strict(assistance.reference):
        _name_anew(assistance, accepter, at)


def _free_from_peers(assistance: AssistanceRequest, accepter: User) -> None:
    """A reviewer who served in the receiving mission does not go on with it; another one is asked."""
    peers = set(served_in(assistance).values_list("person_id", flat=True))
    if not {assistance.taken_by_id, assistance.proposed_for_id} & peers:
        return
    assistance.taken_by = assistance.proposed_for = None
    if assistance.state == RequestState.ELIGIBILITY_REVIEW:
        told = propose_a_reviewer(assistance, accepter)
        tell_those({"request_to_review": told}, assistance, accepter)


def _move_what_hangs_on_it(transfer: CaseTransfer, accepter: User, at: datetime) -> None:
    """A case of this request alone belongs to the receiving mission too; what the former one planned is off."""
    case = transfer.assistance.case
    if case.mission_id == transfer.sending_id and case.requests.count() == 1:
        case.mission = transfer.receiving
        case.save(update_fields=["mission"])
    planned = Activity.objects.filter(assistance=transfer.assistance, mission=transfer.sending)
    planned.filter(done_at=None, cancelled_at=None).update(cancelled_at=at, ended_by=accepter)


def _name_anew(assistance: AssistanceRequest, accepter: User, at: datetime) -> None:
    """A kept request: the sight of the former mission’s people ends, and whoever accepted it is named."""
    missions = assistance.mission_ids()
    rows = NamedReader.objects.filter(reference=assistance.reference, ended_at=None).select_related("person")
    for row in rows:
        stays = roles_of(row.person) & set(READS_ALL_REQUESTS) or any(works_in(row.person, one) for one in missions)
        if not stays:
            row.ended_at = at
            row.save(update_fields=["ended_at"])
    if not rows.filter(person=accepter).exists():
        NamedReader.objects.create(reference=assistance.reference, person=accepter, named_by=accepter, at=at)


@in_one_piece
def refuse_transfer(
    *, transfer_id: int, reason: str, actor: User, at: datetime, seen_version: int | None = None
) -> CaseTransfer:
    """Do not take the case over, and say why to the mission that has it."""
    with acting(
        CaseTransfer, transfer_id, act="refuse_transfer", actor=actor, at=at, reason=reason, seen_version=seen_version
    ) as doing:
        transfer: CaseTransfer = doing.subject
        transfer.refuse_transfer(by=actor, at=at)
        doing.facts = {"from": transfer.sending.code, "to": transfer.receiving.code}
    _tell(_senders(transfer), "transfer_answered", transfer, but=actor)
    return transfer


@in_one_piece
def withdraw_transfer(*, transfer_id: int, actor: User, at: datetime, seen_version: int | None = None) -> CaseTransfer:
    """Keep the case; what the other mission saw of it is closed."""
    with acting(
        CaseTransfer, transfer_id, act="withdraw_transfer", actor=actor, at=at, seen_version=seen_version
    ) as doing:
        transfer: CaseTransfer = doing.subject
        transfer.withdraw_transfer()
        doing.facts = {"from": transfer.sending.code, "to": transfer.receiving.code}
    _tell(asked_of(transfer), "transfer_withdrawn", transfer)
    return transfer


@in_one_piece
def lapse_transfers(at: datetime) -> int:
    """Let every proposal lapse that nobody answered in days. Returns how many; for a daily sweep."""
    before = at - timedelta(days=threshold("transfer_lapses_days"))
    due = CaseTransfer.objects.filter(state=CaseTransferState.PROPOSED, proposed_at__lt=before)
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    return sum(_lapse(pk, at) for pk in keys)


def _lapse(pk: int, at: datetime) -> bool:
    """Whether it lapsed; not when it was answered in the same moment."""
    try:
        with acting(CaseTransfer, pk, act="lapse_transfer", actor=system_actor(), at=at) as doing:
            doing.subject.lapse_transfer()
    except MovedOn:
        return False
    _tell(_senders(doing.subject), "transfer_answered", doing.subject)
    return True


def _senders(transfer: CaseTransfer) -> list[User]:
    """Who hears in the sending mission: its case workers and heads of unit who see the request."""
    roles = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)
    people = {one.pk: one for one in people_with_any(roles, {transfer.sending_id})}
    return those_who_see(people.values(), transfer.assistance.reference)


def _tell(people: list[User], notice: str, transfer: CaseTransfer, but: User | None = None) -> None:
    """Promise a mail with the key of the proposal; the number of the request is not in it."""
    wanted = [one for one in people if one != but]
    tell(
        wanted,
        notice,
        reference=transfer.key,
        path=f"/transfers/{transfer.key}/",
        key=f"{transfer.key}:{transfer.state}",
    )
