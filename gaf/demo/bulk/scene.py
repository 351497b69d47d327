"""A scene: twenty requests played through the real actions, in every state a request can be in, seven of them paid."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction

from finance.actions.disbursements import Part, prepare_disbursement
from finance.actions.matching import match_line
from finance.actions.statement_sheets import LineRead, Sheet
from finance.actions.statements import take_in
from finance.chain import chain_of
from finance.models import BankAccount, Disbursement, Statement
from finance.queries import commitments_of
from gaf import clock
from gaf.demo import acting_parts as do
from gaf.demo import closing_parts as closing
from gaf.demo.acting_parts import Asking, LineWritten
from gaf.demo.bulk.ready import HOME, Ground
from gaf.money import Money, total
from gaf.outbox.outbox import drain
from workflow.actions import approval, eligibility, exceptions
from workflow.actions.approval import LineDecision
from workflow.actions.drafting import AlternativeText, ConsentText, PersonText

WAITING = ("draft", "submitted", "review", "taken", "clarification", "plan", "to_approve", "approved", "funded")
ENDED = ("ineligible", "declined", "withdrawn", "cancelled")
CONFIRMED = ("implementing", "on_hold", "reporting", "reconciling", "closed", "closed_too")
PAID = ("disbursing", *CONFIRMED)
PARTS = (*WAITING, *ENDED, *PAID)
# How far each goes before it stops or its money leaves.
_PATH = ("write", "submit", "endorse", "take", "find_eligible", "plan", "send_budget", "approve", "certify", "prepare")
_UNTIL = {
    "draft": "write", "submitted": "submit", "review": "endorse", "taken": "take", "clarification": "take",
    "plan": "find_eligible", "to_approve": "send_budget", "approved": "approve", "funded": "certify",
    "ineligible": "take", "declined": "send_budget", "withdrawn": "endorse", "cancelled": "approve",
}  # fmt: skip


@dataclass
class Scene:
    """The requests of one scene, by the part each plays."""

    ground: Ground
    parts: tuple[str, ...]
    references: dict[str, str]


def play(ground: Ground, parts: tuple[str, ...] = PARTS) -> Scene:
    """Play these parts within a week from the first moment of the ground, and leave no promise unkept."""
    scene = Scene(ground, parts, {})
    with _a_bank_of_its_own():
        for place, part in enumerate(parts):
            with _on(scene, 0, minutes=10 * place):
                _begin(scene, place, part)
        paid = [part for part in parts if part in PAID]
        if paid:
            _pay(scene, paid)
        with _on(scene, 4):
            for part in paid:
                _after_payment(scene, part)
            drain()
    return scene


@contextmanager
def _on(scene: Scene, day: int, minutes: int = 0) -> Iterator[datetime]:
    moment = scene.ground.begins + timedelta(days=day, minutes=minutes)
    scene.ground.stage.moment = moment
    with clock.at(moment):
        yield moment


@contextmanager
def _a_bank_of_its_own() -> Iterator[None]:
    """What the worker hands over in a scene goes to nobody."""
    before = settings.GAF_BANK_FOLDER
    with TemporaryDirectory(prefix="gaf-volume-") as folder:
        settings.GAF_BANK_FOLDER = Path(folder)
        try:
            yield
        finally:
            settings.GAF_BANK_FOLDER = before


def _asking(place: int) -> Asking:
    day = clock.today() - timedelta(days=1)
    return Asking(
        mission=HOME,
        language="en",
        priority=("P2", "P3")[place % 2],
        primary="STRANDED",
        persons=[PersonText("MF"[place % 2], "25-39", "GN")],
        situation="Has been at the bus station for a week, without money and without a telephone.",
        alternatives=[AlternativeText("NO_FUNDS", "National programme", day, "No places left.")],
        consent=ConsentText("WRITTEN", "fr", False, day, ("ASSISTANCE",)),
        help_asked=[("SHEL", str(200 + place), "USD")],
    )


def _line(place: int) -> LineWritten:
    """No two of a scene cost the same, so that nothing looks like paying twice."""
    return LineWritten("SHEL", HOME, "Transit centre", "person-night", "10", f"{20 + place}.00", "USD")


def _steps(scene: Scene, place: int, part: str) -> dict[str, Callable[[], object]]:
    stage = scene.ground.stage

    def reference() -> str:
        return scene.references[part]

    return {
        "write": lambda: scene.references.update({part: do.write_request(stage, "amina", _asking(place))}),
        "submit": lambda: do.submit(stage, "amina", reference()),
        "endorse": lambda: do.endorsed(stage, "idriss", reference()),
        "take": lambda: do.take(stage, "bruno", reference()),
        "find_eligible": lambda: do.found_eligible(stage, "bruno", reference()),
        "plan": lambda: do.write_plan(stage, "amina", reference(), "A roof, and a telephone.", [_line(place)]),
        "send_budget": lambda: do.send_budget(stage, "amina", reference()),
        "approve": lambda: _approve(scene, reference()),
        "certify": lambda: do.certify(stage, reference()),
        "prepare": lambda: _prepare(scene, reference()),
    }


def _begin(scene: Scene, place: int, part: str) -> None:
    """From the first word to where this part stops, or until its disbursement is prepared."""
    steps, last = _steps(scene, place, part), _UNTIL.get(part, "prepare")
    for name in _PATH[: _PATH.index(last) + 1]:
        steps[name]()
        drain()
    _end(scene, part)
    drain()


def _approve(scene: Scene, reference: str) -> None:
    assistance = do.of(reference)
    decisions = [
        LineDecision(line.pk, "approve", stream_code=scene.ground.stream.code) for line in assistance.lines.all()
    ]
    approval.approve_budget(
        request_id=assistance.pk, decisions=decisions, actor=scene.ground.stage.who("chen"), at=clock.now()
    )


def _prepare(scene: Scene, reference: str) -> None:
    ground = scene.ground
    prepare_disbursement(
        reference=reference,
        payee_version=ground.missions[0].payee,
        bank_account=ground.account,
        parts=[Part(row.line_key, row.local_open) for row in commitments_of(reference)],
        actor=ground.stage.who("marie"),
        at=clock.now(),
        duplicate_reason="Another person, another month.",
    )


def _end(scene: Scene, part: str) -> None:
    """What ends a part early, or makes it wait for the mission."""
    stage, reference, at = scene.ground.stage, scene.references[part], clock.now()
    pk = do.of(reference).pk
    if part == "clarification":
        do.ask(stage, "bruno", reference, [("SITUATION", "Since when, and who knows of it?")])
    elif part == "ineligible":
        do.answer_criteria(stage, "bruno", reference, no="last_resort")
        eligibility.refuse_eligibility(
            request_id=pk, reason_code="ALTERNATIVE", reason="A programme exists.", referral="The national programme.",
            actor=stage.who("bruno"), at=at,
        )  # fmt: skip
    elif part == "declined":
        approval.decline(
            request_id=pk,
            reason_code="NOT_PROPORTIONATE",
            reason="Half of it would do.",
            actor=stage.who("chen"),
            at=at,
        )
    elif part == "withdrawn":
        exceptions.withdraw(
            request_id=pk, reason_code="REFERRED", reason="Helped elsewhere.", actor=stage.who("amina"), at=at
        )
    elif part == "cancelled":
        exceptions.cancel(
            request_id=pk, reason_code="LOST_CONTACT", reason="Nobody answers.", actor=stage.who("helena"), at=at
        )


def _pay(scene: Scene, paid: list[str]) -> None:
    """One file for what the bank will have shown, one for what is still on its way."""
    with _on(scene, 1):
        numbers = {part: do.release(scene.ground.stage, scene.references[part])[0] for part in paid}
        shown = [numbers[part] for part in paid if part in CONFIRMED]
        for together in (shown, [numbers[part] for part in paid if part not in CONFIRMED]):
            if together:
                do.send_file(scene.ground.stage, scene.ground.account.code, together)
                drain()
    if shown:
        with _on(scene, 3) as moment:
            _reconcile(scene, shown, moment)
            drain()


def _reconcile(scene: Scene, numbers: list[str], at: datetime) -> None:
    """The bank's statement, taken in and matched line by line."""
    esi = scene.ground.stage.who("esi")
    sheet = _sheet(scene, numbers, at)
    with transaction.atomic():
        statement = take_in(sheet, digest_of(sheet), esi, at)
    for line in statement.lines.order_by("number"):
        match_line(line_id=line.pk, actor=esi, at=at)


def _sheet(scene: Scene, numbers: list[str], at: datetime) -> Sheet:
    account = scene.ground.account
    rows = Disbursement.objects.filter(number__in=numbers).select_related("payee_version", "bank_account")
    lines = [
        debit_line(
            row.number,
            row.end_to_end,
            Money(row.account_minor or 0, account.currency),
            row.payee_version.holder_name,
            at.date(),
        )
        for row in rows.order_by("number")
    ]
    sequence = Statement.objects.filter(bank_account=account).count() + 1
    return sheet_of(account, sequence, chain_of(account).balance, at.date(), lines)


def debit_line(number: str, end_to_end: str, money: Money, holder: str, day: date) -> LineRead:
    """The debit of one disbursement, as a bank writes it."""
    return LineRead(
        money=-money,
        booked_on=day,
        value_on=day,
        end_to_end=end_to_end,
        bank_reference=f"BK-{number}",
        counterparty=holder,
        text=end_to_end,
    )


def sheet_of(account: BankAccount, sequence: int, opening: Money, day: date, lines: list[LineRead]) -> Sheet:
    """A day's statement of an account."""
    closing_balance = total([opening, *(line.money for line in lines)], account.currency)
    return Sheet(
        account.number, account.currency, f"VOL-{sequence:06d}", sequence, day, day, opening, closing_balance, lines
    )


def digest_of(sheet: Sheet) -> str:
    """What stands for the bytes of a statement that came without a file."""
    return hashlib.sha256(sheet.content_hash.encode()).hexdigest()


def _after_payment(scene: Scene, part: str) -> None:
    """Where each goes once its money has arrived."""
    stage, reference = scene.ground.stage, scene.references[part]
    if part == "on_hold":
        exceptions.hold(
            request_id=do.of(reference).pk, reason_code="NO_CONTACT", reason="Not seen since Friday.",
            actor=stage.who("helena"), at=clock.now(),
        )  # fmt: skip
    if part in ("reporting", "reconciling", "closed", "closed_too"):
        closing.end_delivery(stage, "amina", reference)
    if part in ("reconciling", "closed", "closed_too"):
        closing.report_as_paid(stage, "moussa", HOME, reference, "A roof for ten nights.")
        closing.accept(stage, reference)
    if part in ("closed", "closed_too"):
        closing.close(stage, reference)
