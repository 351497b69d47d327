"""The world of one schedule, and one short function for each act that people, workers, banks and time may do in it.

These functions are the only place where the harnesses touch the project's actions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import RequestFactory

from finance import webhooks
from finance.actions.commitments import free_commitments
from finance.actions.disbursements import stop_disbursement
from finance.actions.files import discard_file, prepare_file, sign_first, sign_second
from finance.actions.matching import match_line, set_aside_line
from finance.actions.payees import confirm_payee
from finance.actions.releasing import release
from finance.actions.statements import import_statement
from finance.actions.stripe_statement import import_stripe_statement
from finance.gateways import stripe_signature
from finance.models import Commitment, Disbursement, PayeeVersion, PaymentFile, StatementLine
from finance.restoring import take_up_after_restore
from finance.states import DisbursementState as S
from gaf import clock
from gaf.accounts.models import User
from gaf.money import Money
from gaf.outbox import sweeps
from gaf.outbox.outbox import drain
from gaf.refusals import Refusal
from gaf.sealing import keys_at_hand
from tests.finance.builders import PAYEE_IBAN, Fund, usd
from tests.proof.chance import Chance
from tests.proof.faults import Faults
from tests.proof.memory import put_back, snapshot
from tests.proof.provider import Outside
from tests.proof.stage import Stage

SECRET = "whsec_suite"
OTHER_IBAN = "FR1420041010050500013M02606"
# What nobody must do to the clock in one step, and what happens to real ones.
JUMPS = [timedelta(**span) for span in ({"minutes": 6}, {"hours": 1}, {"hours": 25}, {"days": 4}, {"minutes": -45})]


@dataclass
class World:
    """One schedule's world: the fund inside, the providers outside, the hour, and what was told to people as done."""

    stage: Stage
    outside: Outside
    faults: Faults
    moment: datetime
    told: list[tuple[str, str]] = field(default_factory=list)  # what somebody was told is done
    seen: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # number: to whom, how much, in what
    backups: list[tuple[bytes, list[tuple[str, str]], dict[str, PayeeVersion]]] = field(default_factory=list)
    has_forgotten: bool = False
    taken_in: set[Path] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)  # of each disbursement, when it was last looked at
    posted_events: set[str] = field(default_factory=set)
    commits: int = 0

    @property
    def wire_is_inside_a_transaction(self) -> bool:
        """Whether Stripe was called while a transaction was open."""
        return self.outside.wire.inside_a_transaction > 0

    @property
    def fund(self) -> Fund:
        """The fund and its people."""
        return self.stage.fund

    def now(self, how: Callable[[], Any]) -> Any:
        """Do something at the schedule's hour, as every page does it: a key that was looked up stays at hand."""
        with clock.at(self.moment), keys_at_hand():
            return how()


# People


def _who(world: World, chance: Chance, usual: User) -> User:
    return world.stage.zoe if chance.one_in(5) else usual


@contextmanager
def _zoe_in_place_of(world: World, chance: Chance, name: str) -> Iterator[None]:
    """Now and then Zoe does what somebody else usually does."""
    usual = world.fund.people[name]
    world.fund.people[name] = _who(world, chance, usual)
    try:
        yield
    finally:
        world.fund.people[name] = usual


def commit(world: World, chance: Chance) -> None:
    """An approval commits money; the stream may have less."""
    world.commits += 1
    reference = f"GAF-2026-1{world.commits:04d}"
    made = world.fund.commit(usd(chance.pick(["50.00", "700.01", "2500.00", "5000.00"])), reference=reference)
    world.told.append(("commitment", str(made.pk)))


def free(world: World, chance: Chance) -> None:
    """What is open on a request is no longer needed."""
    references = sorted(set(Commitment.objects.values_list("reference", flat=True)))
    _in_one_piece(lambda: free_commitments(reference=chance.pick(references), at=clock.now()))


def _in_one_piece(act: Callable[[], object]) -> None:
    with transaction.atomic():
        act()


def prepare(world: World, chance: Chance) -> None:
    """The certifying officer prepares a part of a line for somebody, sometimes a cent too much."""
    lines = [one for one in Commitment.objects.order_by("id") if one.local_open]
    if not lines:
        return
    line = chance.pick(lines)
    payees = [one for one in world.stage.payees.values() if one.currency == line.currency]
    left = line.local_open
    asked = chance.pick([left, Money(max(1, left.minor // 3), left.currency), Money(left.minor + 1, left.currency)])
    with _zoe_in_place_of(world, chance, "Marie"):
        _prepare(world, asked, chance.pick(payees), line.line_key, line.reference)


def _prepare(world: World, money: Money, payee: PayeeVersion, line_key: str, reference: str, **more: Any) -> None:
    made = world.fund.prepare(money, payee, line_key=line_key, reference=reference, **more)
    world.told.append(("disbursement", made.number))


def prepare_again(world: World, chance: Chance) -> None:
    """What came back is prepared once more, to details that are right."""
    back = list(Disbursement.objects.filter(state__in=[S.RETURNED, S.FAILED], replaced_by=None))
    if not back:
        return
    old = chance.pick(back)
    part = old.parts.select_related("commitment").get()
    rail = old.payee_version.rail
    good = world.stage.payees[
        "acct_1Good" if rail == "STRIPE" else {"KWD": "bank, dinars", "EUR": "bank, euros"}.get(old.currency, "bank")
    ]
    _prepare(world, old.money, good, part.commitment.line_key, old.reference, replaces=old)


def let_go(world: World, chance: Chance) -> None:
    """The payer releases one or several; the same press may come twice, and Zoe may try what she must not."""
    waiting = list(Disbursement.objects.filter(state__in=[S.PREPARED, S.RELEASED]).values_list("number", "state"))
    numbers = [number for number, state in waiting if state == S.PREPARED] or [number for number, _state in waiting]
    if not numbers:
        return
    chosen = numbers if chance.one_in(3) else [chance.pick(numbers)]
    who = _who(world, chance, world.fund.divya)
    for _press in range(2 if chance.one_in(4) else 1):
        release(numbers=chosen, actor=who, at=clock.now())
        world.told.extend(("released", number) for number in chosen)


def stop(world: World, chance: Chance) -> None:
    """Somebody stops one that has not left."""
    rows = list(Disbursement.objects.exclude(state__in=[S.STOPPED]).values_list("number", flat=True))
    if rows:
        number = chance.pick(rows)
        stop_disbursement(number=number, reason="Not needed.", actor=world.fund.helena, at=clock.now())
        world.told.append(("stopped", number))


def make_file(world: World, chance: Chance) -> None:
    """The payer builds a file of what was released for the bank."""
    made = prepare_file(bank_account=world.fund.geneva, actor=world.fund.divya, at=clock.now())
    world.told.append(("file", made.message_id))


def sign(world: World, chance: Chance) -> None:
    """The next signature of a file, by the person it is expected from or by Zoe."""
    files = list(PaymentFile.objects.filter(state__in=["PREPARED", "SIGNED_ONCE"]))
    if not files:
        return
    one = chance.pick(files)
    act, usual = (sign_first, world.fund.divya) if one.state == "PREPARED" else (sign_second, world.fund.helena)
    act(file_id=one.pk, actor=_who(world, chance, usual), at=clock.now())


def discard(world: World, chance: Chance) -> None:
    """A file that will not go."""
    files = list(PaymentFile.objects.order_by("id"))
    if files:
        discard_file(file_id=chance.pick(files).pk, reason="Wrong day.", actor=world.fund.helena, at=clock.now())


OTHER = {"bank": (PAYEE_IBAN, OTHER_IBAN), "acct_1Good": ("acct_1Good", "acct_1Second")}


def change_payee(world: World, chance: Chance) -> None:
    """A payee's details change while payments to it may be waiting; Zoe may try to do both halves."""
    waiting = Disbursement.objects.filter(state__in=[S.RELEASED, S.PREPARED]).select_related("payee_version")
    paid = {one.payee_version.payee_id for one in waiting}
    names = [name for name in OTHER if world.stage.payees[name].payee_id in paid] or sorted(OTHER)
    name = chance.pick(names)
    old = world.stage.payees[name]
    changes = {"rail": "STRIPE", "bic": "", "bank": "", "country": "CH"} if name != "bank" else {}
    account = next(one for one in OTHER[name] if one != old.account_number)
    with _zoe_in_place_of(world, chance, "Moussa"):
        version = world.fund.recorded_payee(account=account, payee=old.payee, is_iban=name == "bank", **changes)
    who = _who(world, chance, world.fund.viktor)
    confirm_payee(version_id=version.pk, call_back_note="Rang back.", actor=who, at=clock.now())
    world.stage.payees[name] = PayeeVersion.objects.select_related("payee").get(pk=version.pk)


# The worker


def work(world: World, chance: Chance) -> None:
    """The worker keeps every promise that is due now."""
    drain(rounds=1)


def sweep(world: World, chance: Chance) -> None:
    """The minute's sweep, of this room only."""
    for one in sweeps._sweeps:
        if one.__module__.startswith("finance"):
            try:
                one()
            except Exception as failure:  # as `sweep_everything` does
                logging.getLogger("proof").debug("sweep failed: %r", failure)


# The bank and Stripe


def bank_reads(world: World, chance: Chance) -> None:
    """The bank looks into its folder."""
    world.faults.rest()
    world.fund.bank().receive(clock.now())


def bank_reports(world: World, chance: Chance) -> None:
    """The reconciler imports what the bank issued and was not taken in whole, or was forgotten; then what is new."""
    for path in _issued():
        if world.has_forgotten or path not in world.taken_in:
            with suppress(Refusal):
                import_statement(content=path.read_bytes(), actor=world.fund.esi, at=clock.now())
    world.fund.import_next_statement(clock.now().date())
    world.taken_in.update(_issued())


def _issued() -> list[Path]:
    return sorted((settings.GAF_BANK_FOLDER / "out").glob("*.xml"))


def stripe_reports(world: World, chance: Chance) -> None:
    """The reconciler fetches what moved on the balance at Stripe."""
    import_stripe_statement(bank_account=world.fund.stripe, actor=world.fund.esi, at=clock.now())


def match(world: World, chance: Chance) -> None:
    """The reconciler says what a line is; or Zoe, who may have released it."""
    lines = list(StatementLine.objects.exclude(state="MATCHED").order_by("id"))
    if not lines:
        return
    who = _who(world, chance, world.fund.esi)
    for line in lines[:3]:
        if line.state == "PROPOSED" or line.is_charge:
            match_line(line_id=line.pk, actor=who, at=clock.now())
        elif line.state == "UNMATCHED":
            set_aside_line(line_id=line.pk, reason_code="unknown_sender", reason="Asked.", actor=who, at=clock.now())


def message_comes(world: World, chance: Chance) -> None:
    """Stripe tells something: any event so far, so they come late, twice, out of order, or never."""
    events = world.outside.events()
    if events:
        event = chance.pick(events[-6:])
        assert post_event(world, event) in (200, None)


def lying_message_comes(world: World, chance: Chance) -> None:
    """A message with a right signature says what is not so: old news, or worse. Nothing of it may be believed."""
    about = [event for event in world.outside.events() if event["type"].startswith("payout.")]
    if about:
        lie = dict(chance.pick(about))
        lie["id"], lie["type"] = f"evt_lie{len(world.told)}", chance.pick(["payout.paid", "payout.failed"])
        post_event(world, lie)


def forged_message_comes(world: World, chance: Chance) -> None:
    """Somebody else tells something, or signs with an old or future hour: nobody may believe it."""
    events = world.outside.events()
    body = json.dumps(chance.pick(events)) if events else "{}"
    minutes, secret = chance.pick([(0, "whsec_other"), (-6, SECRET), (6, SECRET)])
    when = clock.now() + timedelta(minutes=minutes, seconds=1 if minutes > 0 else -1)
    status = post_body(body, sign_as(body, secret, when))
    assert status in (400, None), f"a forged message was answered with {status}"


def sign_as(body: str, secret: str, when: datetime) -> str:
    """The header somebody with this secret would send."""
    return stripe_signature.sign(body, secret, when)


def post_event(world: World, event: dict[str, Any]) -> int | None:
    """One genuine message through the real door; its status."""
    body = json.dumps(event)
    status = post_body(body, sign_as(body, SECRET, clock.now()))
    if status == 200:
        world.posted_events.add(event["id"])
    return status


def post_body(body: str, header: str) -> int | None:
    """What the door answered."""
    settings.STRIPE_WEBHOOK_SECRETS = SECRET
    request = RequestFactory().post(
        "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": header}
    )
    return int(webhooks.stripe_webhook(request).status_code)


def time_passes(world: World, chance: Chance) -> None:
    """Minutes, hours, days; sometimes the clock is set back. Stripe's banks move on with it."""
    world.faults.rest()
    world.moment += chance.pick(JUMPS)
    world.now(lambda: world.outside.stripe.advance(0))


# Backups


def back_up(world: World, chance: Chance) -> None:
    """Somebody keeps a copy of the database."""
    world.faults.rest()
    world.backups.append((snapshot(), list(world.told), dict(world.stage.payees)))


def put_a_backup_back(world: World, chance: Chance) -> None:
    """The database is lost and a backup is put back; the providers have not forgotten anything."""
    if not world.backups:
        return
    world.faults.rest()
    kept, told, payees = chance.pick(world.backups[-3:])
    put_back(kept)
    world.told = list(told)  # a later backup may be put back after an earlier one: not only its length
    world.stage.payees = dict(payees)
    world.has_forgotten = True
    world.states.clear()
    world.moment += timedelta(minutes=10)  # it takes a while, and nobody does it twice in one second
    take_up_after_restore(at=world.moment)


Act = Callable[[World, Chance], None]


def go_on(world: World, chance: Chance) -> None:
    """Whoever is next does what is waiting for them, so that a schedule is about payments and not about nothing."""
    _next_act()(world, chance)


def _next_act() -> Act:
    states = set(Disbursement.objects.values_list("state", "bank_account__rail", "payment_file__state"))
    if ("PREPARED", "BANK_FILE", None) in states or ("PREPARED", "STRIPE", None) in states:
        return let_go
    if ("RELEASED", "BANK_FILE", None) in states:
        return make_file
    if any(file in ("PREPARED", "SIGNED_ONCE") for _state, _rail, file in states):
        return sign
    if any(state in ("RELEASED", "SENDING", "UNKNOWN") for state, _rail, _file in states):
        return work
    return prepare


FORGETTING: list[Act] = [back_up, back_up, back_up, put_a_backup_back]  # a restore undoes what it could strike
ALWAYS: list[Act] = [go_on, go_on, go_on, prepare, let_go, work, time_passes]
OFTEN: list[Act] = [make_file, sign, sweep, bank_reads]
SOMETIMES: list[Act] = [
    commit,
    free,
    prepare_again,
    stop,
    discard,
    change_payee,
    bank_reports,
    stripe_reports,
    match,
    message_comes,
    lying_message_comes,
    forged_message_comes,
]
