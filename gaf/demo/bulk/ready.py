"""What a training database needs before a scene is played on it: people, rules, criteria, an account, a stream."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils.translation import gettext as _

from cms.content import load_content
from finance.actions.chart import install_chart, open_bank_account, open_stream, record_receipt
from finance.actions.payees import PayeeDetails, confirm_payee, record_payee
from finance.actions.screening import load_list
from finance.models import AccountingPeriod, BankAccount, FundingStream, PayeeVersion
from finance.screening.invented import invented_list
from finance.screening.standing import list_refusal
from finance.stand_ins.bank import with_luhn_digit
from finance.stand_ins.stripe_server import StripeStandIn
from finance.states import PayeeDetailsState, PeriodState, Rail
from gaf import clock
from gaf.accounts.models import Mission, RoleAssignment, User
from gaf.accounts.roles import MISSION_ROLES, Role
from gaf.demo.playing import PASSWORD, PLAN
from gaf.demo.stage import Stage, weeks_to_move
from gaf.installation.install import install_people, person, start_of
from gaf.installation.plan import Plan
from gaf.money import Money
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.reference_data import load_reference_data
from gaf.refusals import Refusal
from gaf.sealing import fingerprint
from workflow.models import CriteriaSet
from workflow.separation import install_separation_rules

CODE, STREAM = "VOLUME", "VOL"
OPENING = Money(1_000_000_000_000, "USD")
HOME = "NE"  # where the scene is played; its copies go to every mission with people
# Details of payees have cooled off, and everything else stands, when the first scene begins.
SETTLED = timedelta(days=14)
_UNDER_WAY = (OutboxMessage.State.READY, OutboxMessage.State.CLAIMED)


@dataclass(frozen=True)
class Local:
    """One mission that takes part: who works there, and whom it pays."""

    mission: Mission
    case_worker: User
    head_of_unit: User
    mission_finance: User
    payee: PayeeVersion


@dataclass(frozen=True)
class Ground:
    """What every scene stands on. The first of the missions is the one the scene is played in."""

    stage: Stage
    begins: datetime
    account: BankAccount
    stream: FundingStream
    missions: list[Local]


def require_quiet() -> None:
    """Raises Refusal VOLUME-02 while promises wait: playing a scene would keep them too."""
    if OutboxMessage.objects.filter(state__in=_UNDER_WAY).exists():
        raise Refusal(
            "VOLUME-02",
            _("No requests were made."),
            _("Messages of this database are still waiting to be sent."),
            _("Run `manage.py worker --once` first."),
        )


def make_ready() -> Ground:
    """Make what is missing, through the actions people use; what is there already stays as it is."""
    stage = Stage(weeks_to_move(clock.now()), cast(StripeStandIn, None))
    plan = Plan.read(Path(settings.BASE_DIR) / PLAN, stage.shift)
    start = start_of(plan)
    with clock.at(start):
        load_reference_data(plan.starts_on)
        install_people(plan, PASSWORD)
        install_chart()
        install_separation_rules(
            proposed_by=person(plan.signer("rules_proposed")),
            approved_by=person(plan.signer("rules_approved")),
            effective_from=plan.starts_on,
        )
        if not CriteriaSet.objects.exists():
            load_content(person(plan.signer("criteria")), start)
        account, stream = _account(plan.starts_on), _stream(plan.starts_on)
        _give(account, stream, start)
    if list_refusal(clock.now()) is not None:
        load_list(content=invented_list(start), at=start)
        load_list(content=invented_list(clock.now() - timedelta(minutes=1)), at=clock.now())
    with clock.at(start + timedelta(hours=1)):
        missions = [_local(stage, assignments) for assignments in _staffed()]
    drain()  # what was told on the way belongs to no scene
    return Ground(stage, _begins(start + SETTLED), account, stream, missions)


def _begins(moment: datetime) -> datetime:
    """Ten in the morning of a Monday, and after every month that is closed or closing."""
    shut = AccountingPeriod.objects.exclude(state=PeriodState.OPEN).order_by("-month").first()
    if shut is not None:
        after = (shut.month.replace(day=1) + timedelta(days=32)).replace(day=1)
        moment = max(moment, datetime.combine(after, moment.timetz()))
    monday = moment + timedelta(days=(7 - moment.weekday()) % 7)
    return monday.replace(hour=10, minute=0, second=0, microsecond=0)


def _account(start: date) -> BankAccount:
    known = BankAccount.objects.filter(code=CODE).first()
    return known or open_bank_account(
        code=CODE,
        name="Volume",
        currency="USD",
        rail=Rail.BANK_FILE,
        number=with_luhn_digit("4417123456789"),
        bic="DEMOCHGGXXX",
        holder="Global Assistance Fund",
        country="CH",
        town="Geneva",
        opened_on=start,
    )


def _stream(start: date) -> FundingStream:
    known = FundingStream.objects.filter(code=STREAM).first()
    return known or open_stream(
        code=STREAM, name="Volume", donor="Nobody", earmarking=1, starts_on=start, wbs="GAF.VOL", restrictions=[]
    )


def _give(account: BankAccount, stream: FundingStream, at: datetime) -> None:
    """One receipt, held by the account on its first day, that is enough for millions of requests."""
    if not account.receipts.exists():
        record_receipt(
            key=f"RCPT-{CODE}",
            stream=stream,
            bank_account=account,
            money=OPENING,
            received_on=at.date(),
            actor=person("helena@gaf.example"),
            at=at,
        )


def _staffed() -> list[dict[str, RoleAssignment]]:
    """The missions where somebody holds each role of a mission; the scene's own first, then by code."""
    found: dict[str, dict[str, RoleAssignment]] = defaultdict(dict)
    rows = RoleAssignment.objects.filter(role__in=MISSION_ROLES, ends_on=None, person__email__endswith="@gaf.example")
    for row in rows.select_related("mission", "person").order_by("pk"):
        if row.mission is not None:
            found[row.mission.code].setdefault(row.role, row)
    whole = {code: held for code, held in found.items() if len(held) == len(MISSION_ROLES)}
    return [whole[code] for code in sorted(whole, key=lambda code: (code != HOME, code))]


def _local(stage: Stage, held: dict[str, RoleAssignment]) -> Local:
    finance = held[Role.MISSION_FINANCE]
    mission = cast(Mission, finance.mission)
    payee = _payee(stage, mission, finance.person)
    return Local(mission, held[Role.CASE_WORKER].person, held[Role.HEAD_OF_UNIT].person, finance.person, payee)


def _payee(stage: Stage, mission: Mission, recorder: User) -> PayeeVersion:
    """The payee of a mission: recorded by its finance officer, confirmed by ringing back; made once."""
    account = with_luhn_digit(f"5500{mission.pk:08d}")
    known = PayeeVersion.objects.filter(account_fingerprint=fingerprint(account), state=PayeeDetailsState.CONFIRMED)
    if known.exists():
        return known.select_related("payee").get()
    at = clock.now()
    details = PayeeDetails(
        holder=f"Partner in {mission.code}", account=account, currency="USD", country="CH", bic="DEMOCHGGXXX",
        town="Geneva",
    )  # fmt: skip
    made = record_payee(mission=mission, kind="PARTNER", details=details, actor=recorder, at=at)
    confirm_payee(version_id=made.pk, call_back_note="An invented payee.", actor=stage.who("viktor"), at=at)
    return PayeeVersion.objects.select_related("payee").get(pk=made.pk)
