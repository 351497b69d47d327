"""What two people or workers may do at the same moment, and what must be so whichever statement comes first.

Each scenario makes records of its own, so that hundreds of schedules run on one database.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from finance.actions import messages
from finance.actions.commitments import free_commitments
from finance.actions.disbursements import stop_disbursement
from finance.actions.events import handle_event
from finance.actions.files import discard_file, prepare_file, sign_first, sign_second
from finance.actions.payees import confirm_payee
from finance.actions.releasing import release
from finance.models import Commitment, Disbursement, GatewayEvent
from gaf import clock
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.outbox import outbox
from gaf.outbox.models import OutboxMessage
from gaf.references import issue
from gaf.refusals import Refusal
from tests.finance.builders import NOON, PAYEE_IBAN, make_stream, usd
from tests.proof.faults import Faults
from tests.proof.interleaving import Act, Baton
from tests.proof.provider import Outside, Wire, real_rail_on_a_wire
from tests.proof.stage import Stage, build
from tests.proof.truths import QUESTIONS, Violation
from tests.proof.world import OTHER_IBAN

Check = Callable[[list[str]], str]  # how the acts ended; what is wrong, or nothing


@dataclass
class Ring:
    """Where races are run: the stage on a real database, the providers, and a counter that makes records fresh."""

    stage: Stage
    wire: Wire
    outside: Outside
    turn: int = 0
    counted: list[int] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)  # statements of each scenario, when it was last run

    def fresh_line(self, amount: str = "500.00") -> str:
        """A new request with one certified line; its reference."""
        self.turn += 1
        reference = f"GAF-2026-3{self.turn:05d}"
        self.stage.fund.commit(usd(amount), reference=reference)
        return reference

    def prepared(self, payee: str = "bank", amount: str = "100.00") -> Disbursement:
        """A new disbursement, prepared."""
        reference = self.fresh_line()
        return self.stage.fund.prepare(usd(amount), self.stage.payees[payee], reference=reference)

    def released(self, payee: str = "bank") -> Disbursement:
        """A new disbursement, released."""
        made = self.prepared(payee)
        self.stage.fund.release(made)
        return made


def _words(result: object) -> str:
    return result.code if isinstance(result, Refusal) else type(result).__name__ if _failed(result) else "done"


def _failed(result: object) -> bool:
    return isinstance(result, BaseException)


def _one_of(*allowed: list[str]) -> Check:
    return lambda ended: "" if sorted(ended) in [sorted(one) for one in allowed] else f"ended {ended}"


Scenario = Callable[[Ring], tuple[list[Act], Check]]


def two_release_one(ring: Ring) -> tuple[list[Act], Check]:
    """Two payers press the button for one disbursement."""
    number, fund = ring.prepared().number, ring.stage.fund
    acts = [lambda who=who: release(numbers=[number], actor=who, at=clock.now()) for who in (fund.divya, fund.dan)]
    return acts, _one_of(["done", "STATE-02"])


def two_commit_the_last_money(ring: Ring) -> tuple[list[Act], Check]:
    """Two approvals for the last dollars of a stream."""
    fund = ring.stage.fund
    ring.turn += 1
    stream = make_stream(f"S{ring.turn}"[-4:])
    fund.receive(usd("100.00"), key=f"R-{ring.turn}", stream=stream)
    names = [f"GAF-2026-4{ring.turn:04d}{place}" for place in range(2)]
    acts = [lambda one=one: fund.commit(usd("70.00"), reference=one, stream=stream) for one in names]
    return acts, _one_of(["done", "FUND-01"])


def two_prepare_from_one_line(ring: Ring) -> tuple[list[Act], Check]:
    """Two officers take from one line together more than it has."""
    reference, fund = ring.fresh_line("100.00"), ring.stage.fund
    payee = ring.stage.payees["bank"]
    acts = [lambda one=one: fund.prepare(usd(one), payee, reference=reference) for one in ("60.00", "70.00")]
    return acts, _one_of(["done", "DISB-03"])


def two_workers_one_promise(ring: Ring) -> tuple[list[Act], Check]:
    """Two workers see one message due."""
    ring.turn += 1
    ring.counted.clear()
    outbox._handlers["counted"] = [("count", lambda payload: ring.counted.append(payload["turn"]))]
    made = OutboxMessage.objects.create(
        key=f"counted:{ring.turn}",
        topic="counted",
        payload={"_receiver": "count", "turn": 1},
        created_at=NOON,
        due_at=NOON,
    )
    acts: list[Act] = [lambda: outbox.deliver(made.pk)] * 2
    return acts, lambda ended: "" if ring.counted == [1] else f"kept {len(ring.counted)} times"


def two_workers_one_payment(ring: Ring) -> tuple[list[Act], Check]:
    """A claim ran out while its worker was waiting, and a second worker sends the same disbursement."""
    from finance.sending import send_disbursement

    number = ring.released("acct_1Good").number
    acts: list[Act] = [lambda: send_disbursement({"number": number})] * 2

    def paid_once(_ended: list[str]) -> str:
        paid = [one for one in ring.outside.at_stripe() if one.number == number]
        return "" if len(paid) <= 1 else f"paid {len(paid)} times"

    return acts, paid_once


def _event(ring: Ring, number: str) -> str:
    events = [one for one in ring.outside.events() if one["type"].startswith("payout.")]
    own = [one for one in events if one["data"]["object"]["metadata"].get("disbursement") == number]
    return json.dumps({**own[-1], "id": f"evt_race{ring.turn}"})


def one_message_twice(ring: Ring) -> tuple[list[Act], Check]:
    """The same message comes twice at the same moment."""
    disbursement = _sent(ring)
    body = _event(ring, disbursement.number).encode()
    acts: list[Act] = [lambda: messages.store_event(body=body, at=clock.now())] * 2

    def kept_once(ended: list[str]) -> str:
        if ended != ["done", "done"]:
            return f"ended {ended}"
        found = GatewayEvent.objects.filter(event_id=json.loads(body)["id"])
        promised = OutboxMessage.objects.filter(topic="provider_event", payload__event=found.first().pk).count()
        return "" if (found.count(), promised) == (1, 1) else f"{found.count()} events, {promised} promises"

    return acts, kept_once


def _sent(ring: Ring, payee: str = "acct_1Good") -> Disbursement:
    from finance.sending import send_disbursement

    made = ring.released(payee)
    send_disbursement({"number": made.number})
    return Disbursement.objects.get(pk=made.pk)


def two_messages_one_payout(ring: Ring) -> tuple[list[Act], Check]:
    """Two messages tell of one payout that failed; its money is fetched back once."""
    disbursement = _sent(ring, "acct_1NoAccount")
    ring.outside.stripe.advance(4 * 86_400)
    kept = []
    for place in range(2):
        body = json.dumps({**json.loads(_event(ring, disbursement.number)), "id": f"evt_two{ring.turn}_{place}"})
        kept.append(messages.store_event(body=body.encode(), at=clock.now()))
    acts: list[Act] = [lambda one=one: handle_event({"event": one.pk}) for one in kept]

    def back_once(_ended: list[str]) -> str:
        state = Disbursement.objects.get(pk=disbursement.pk).state
        made = Decision.objects.filter(subject=disbursement.number, act="mark_returned").count()
        return "" if (state, made) == ("RETURNED", 1) else f"{state}, returned {made} times"

    return acts, back_once


def release_or_stop(ring: Ring) -> tuple[list[Act], Check]:
    """One releases what another stops: it may be stopped after its release, never the other way round."""
    number, fund = ring.prepared("acct_1Good").number, ring.stage.fund
    acts: list[Act] = [
        lambda: release(numbers=[number], actor=fund.divya, at=clock.now()),
        lambda: stop_disbursement(number=number, reason="No.", actor=fund.helena, at=clock.now()),
    ]
    return acts, _one_of(["STATE-02", "done"], ["done", "done"])


def release_or_new_details(ring: Ring) -> tuple[list[Act], Check]:
    """The payee's details change at the moment of the release."""
    fund, payee = ring.stage.fund, ring.stage.payees["bank"]
    disbursement = ring.prepared()
    account = OTHER_IBAN if payee.account_number == PAYEE_IBAN else PAYEE_IBAN
    version = fund.recorded_payee(account=account, payee=payee.payee, is_iban=True)
    acts: list[Act] = [
        lambda: release(numbers=[disbursement.number], actor=fund.divya, at=clock.now()),
        lambda: confirm_payee(version_id=version.pk, call_back_note="Rang.", actor=fund.viktor, at=clock.now()),
    ]

    def in_order(ended: list[str]) -> str:
        ring.stage.payees["bank"] = type(payee).objects.select_related("payee").get(pk=version.pk)
        released = Decision.objects.filter(subject=disbursement.number, act="release_disbursement").first()
        gone = Decision.objects.filter(subject=payee.decision_subject(), act="supersede_payee").first()
        if released is not None and gone is not None and gone.number < released.number:
            return "released to details that were superseded before"
        return "" if ended[1] == "done" else f"ended {ended}"

    return acts, in_order


def sign_or_discard(ring: Ring) -> tuple[list[Act], Check]:
    """The second signature and the discarding of one file."""
    fund, made = ring.stage.fund, ring.released()
    file = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now(), numbers=[made.number])
    sign_first(file_id=file.pk, actor=fund.divya, at=clock.now())
    acts: list[Act] = [
        lambda: sign_second(file_id=file.pk, actor=fund.helena, at=clock.now()),
        lambda: discard_file(file_id=file.pk, reason="No.", actor=fund.divya, at=clock.now()),
    ]
    return acts, _one_of(["done", "STATE-02"])


def two_files_of_one_desk(ring: Ring) -> tuple[list[Act], Check]:
    """Two payers build a file of the same released disbursement."""
    fund, made = ring.stage.fund, ring.released()
    acts: list[Act] = [
        lambda who=who: prepare_file(bank_account=fund.geneva, actor=who, at=clock.now(), numbers=[made.number])
        for who in (fund.divya, fund.dan)
    ]
    return acts, _one_of(["done", "FILE-02"])


def free_or_prepare(ring: Ring) -> tuple[list[Act], Check]:
    """A line is freed while somebody takes from it."""
    reference, fund = ring.fresh_line("100.00"), ring.stage.fund

    def free() -> None:
        with transaction.atomic():
            free_commitments(reference=reference, at=clock.now())

    def holds(ended: list[str]) -> str:
        row = Commitment.objects.get(reference=reference)
        return "" if row.usd_minor >= row.freed_usd_minor + row.disbursed_usd_minor else f"overdrawn after {ended}"

    return [free, lambda: fund.prepare(usd("60.00"), ring.stage.payees["bank"], reference=reference)], holds


def two_decisions(ring: Ring) -> tuple[list[Act], Check]:
    """Two decisions about different things want the same next number."""
    ring.turn += 1

    def decide(place: int) -> None:
        with transaction.atomic():
            name = f"N-{ring.turn}-{place}"
            record_decision(
                act="note", actor=ring.stage.fund.helena, role="fund_manager", at=NOON, subject=name, reference=name
            )

    return [lambda: decide(0), lambda: decide(1)], _one_of(["done", "done"])


def two_numbers(ring: Ring) -> tuple[list[Act], Check]:
    """Two records want the next number of their kind."""
    given: list[str] = []

    def take() -> None:
        with transaction.atomic():
            given.append(issue("P"))

    return [take, take, take], lambda ended: "" if len(set(given)) == 3 else f"gave {given}, {ended}"


SCENARIOS: list[Scenario] = [
    two_release_one,
    two_commit_the_last_money,
    two_prepare_from_one_line,
    two_workers_one_promise,
    two_workers_one_payment,
    one_message_twice,
    two_messages_one_payout,
    release_or_stop,
    release_or_new_details,
    sign_or_discard,
    two_files_of_one_desk,
    free_or_prepare,
    two_decisions,
    two_numbers,
]


def race(ring: Ring, scenario: Scenario, seed: int) -> list[str]:
    """One schedule of one scenario: how its acts ended. Raises Violation."""
    with clock.at(NOON):
        acts, check = scenario(ring)
    name = scenario.__name__
    baton = Baton(acts, seed, NOON, depth=2 + seed % 2, length=ring.lengths.get(name, 60))
    results = baton.run()
    ring.lengths[name] = max(2, baton.steps)
    ended = [_words(one) for one in results]
    with clock.at(NOON):
        wrong = check(ended)
    if wrong or any(isinstance(one, AssertionError) for one in results):
        raise Violation(f"{name}, seed {seed}: {wrong} {results}")
    with connection.cursor() as cursor:
        for what, question in QUESTIONS.items():
            cursor.execute(question)
            if rows := cursor.fetchall():
                raise Violation(f"{name}, seed {seed}: {what} {rows[:3]}")
    return ended


@contextmanager
def ring_open() -> Iterator[Ring]:
    """Builds the stage on the database in use, with plenty of money everywhere."""
    faults = Faults()
    with real_rail_on_a_wire(faults) as wire, clock.at(NOON - timedelta(minutes=1)):
        stage = build()
        stage.fund.receive(usd("900000.00"), key="R-2026-MUCH")
        outside = Outside.begin(faults, wire, 90_000_000)
        yield Ring(stage, wire, outside)


def survive(first: int, count: int, seconds: float) -> dict[str, object]:
    """The nightly run of this harness on whatever database the environment names."""
    from tests.private_cluster import new_folder
    from tests.template_database import PostgreSQLTemplate, SQLiteTemplate

    folder = new_folder("races")
    settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER = folder / "private", folder / "bank"
    is_postgres = connection.vendor == "postgresql"
    template = PostgreSQLTemplate("gaf_races") if is_postgres else SQLiteTemplate(str(folder / "races.sqlite3"))
    template.lend_copy()
    survived, violations, ends = 0, [], time.monotonic() + seconds
    with ring_open() as ring:
        for seed in range(first, first + count):
            if time.monotonic() > ends:
                break
            try:
                race(ring, SCENARIOS[seed % len(SCENARIOS)], seed)
                survived += 1
            except Violation as violation:
                violations.append(f"{seed}: {violation}")
    template.take_back()
    return {"survived": survived, "violations": violations}
