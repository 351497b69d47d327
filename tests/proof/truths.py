"""What must be true of the money in every world: after each step, and once more when all is at rest.

Payments are counted outside, at Stripe and at the bank; our own tables are then held against that count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import mail
from django.db import connection

from finance.actions.rails import BALANCE_TOO_LOW, open_pause
from finance.books import verify
from finance.ledger import balance
from finance.models import Attempt, Commitment, Disbursement, GatewayEvent, PaymentFile
from finance.stand_ins import bank_books
from finance.states import DisbursementState as S
from finance.states import Rail
from gaf.accounts.models import User
from gaf.outbox.models import OutboxMessage
from gaf.references import rf_reference
from gaf.sealing import fingerprint
from tests.finance.builders import GENEVA
from tests.proof.provider import UNDONE, Payment
from tests.proof.world import World


class Violation(AssertionError):
    """Something that must be true is not."""


NOTHING_LEFT = {S.PREPARED, S.RELEASED, S.STOPPED, S.FAILED}
_LAST = "(SELECT d.to_state FROM decisions_decision d WHERE d.subject = {key} ORDER BY d.number DESC LIMIT 1)"
# Each finds rows that must not exist.
QUESTIONS = {
    "I1 journals balance": "SELECT journal_id, currency FROM finance_journalline GROUP BY 1, 2 HAVING SUM(minor) <> 0",
    "I1 no draft stays": "SELECT number FROM finance_journal WHERE NOT posted",
    "I2 balances are sums": (
        "SELECT b.id, b.minor FROM finance_balance b WHERE b.minor <> COALESCE((SELECT SUM(l.minor) FROM "
        "finance_journalline l WHERE l.account_id = b.account_id AND COALESCE(l.stream_id, 0) = "
        "COALESCE(b.stream_id, 0)), 0)"
    ),
    "I3 no floor is passed": "SELECT id, minor FROM finance_balance WHERE credit_only AND minor > 0",
    "I3 commitments hold": (
        "SELECT id FROM finance_commitment WHERE usd_minor < freed_usd_minor + disbursed_usd_minor "
        "OR local_minor < freed_local_minor + disbursed_local_minor OR disbursed_usd_minor < 0"
    ),
    "I3 a line used up has no cents left": (
        "SELECT id FROM finance_commitment WHERE local_minor = freed_local_minor + disbursed_local_minor "
        "AND usd_minor <> freed_usd_minor + disbursed_usd_minor"
    ),
    "I5 decisions without a gap": (
        "SELECT COUNT(*), MAX(number) FROM decisions_decision HAVING COUNT(*) <> MAX(number)"
    ),
    "I5 journals without a gap": "SELECT COUNT(*), MAX(number) FROM finance_journal HAVING COUNT(*) <> MAX(number)",
    "I6 disbursements": (
        f"SELECT t.number FROM finance_disbursement t WHERE t.state <> COALESCE({_LAST.format(key='t.number')}, '')"
    ),
    "I6 files": (
        "SELECT t.message_id FROM finance_paymentfile t "
        f"WHERE t.state <> COALESCE({_LAST.format(key='t.message_id')}, '')"
    ),
    "I15 history says the same": (
        "SELECT t.number FROM finance_disbursement t WHERE t.state <> COALESCE((SELECT h.state FROM "
        "finance_historicaldisbursement h WHERE h.id = t.id ORDER BY h.history_id DESC LIMIT 1), '')"
    ),
}


def look_each_step(world: World) -> None:
    """Everything that must hold after every single step, whatever struck it. Raises Violation."""
    with connection.cursor() as cursor:
        for name, question in QUESTIONS.items():
            cursor.execute(question)
            rows = cursor.fetchall()
            if rows:
                raise Violation(f"{name}: {rows[:3]}")
    rows = _disbursements(world)
    payments = _by_number(world, rows)
    for why in (*_paid_once(rows, payments), *_as_told(world, payments), *_known(world, rows, payments)):
        raise Violation(why)


Row = tuple[str, str, str, str | None]  # number, state, rail, the number it replaces


_ROWS = (
    "SELECT d.number, d.state, b.rail, o.number, v.state, v.account_fingerprint, d.minor, d.currency "
    "FROM finance_disbursement d JOIN finance_bankaccount b ON b.id = d.bank_account_id "
    "JOIN finance_payeeversion v ON v.id = d.payee_version_id "
    "LEFT JOIN finance_disbursement o ON o.id = d.replaces_id ORDER BY d.number"
)


def _disbursements(world: World) -> dict[str, Row]:
    """Every disbursement; what each was made for is remembered outside the database, at the first sight of it."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        for number, state, rail, replaces, details, *told in cursor.fetchall():
            if state == S.RELEASED and world.states.get(number) == S.PREPARED and details != "CONFIRMED":
                raise Violation(f"I12 {number} was released to details that are {details}")
            world.states[number] = state
            found[number] = (number, state, rail, replaces)
            before = world.seen.setdefault(number, tuple(told))
            if before != tuple(told):
                raise Violation(f"I14 {number} was {before} and is {told}")
    return found


def _by_number(world: World, rows: dict[str, Row]) -> dict[str, list[Payment]]:
    """Payments outside, under the number of the disbursement they are for."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for payment in world.outside.at_stripe():
        found[payment.number].append(payment)
    ours = {rf_reference(number): number for number in {*rows, *world.seen}}
    for payment in world.outside.at_bank():
        found[ours.get(payment.number, payment.number)].append(payment)
    return found


def _paid_once(rows: dict[str, Row], payments: dict[str, list[Payment]]) -> Iterator[str]:
    """I4: never two for one disbursement, and never one beside the one that replaces it."""
    for number, made in payments.items():
        out = [one for one in made if one.is_out]
        if len(out) > 1:
            yield f"I4 {number} was paid {len(out)} times"
        before = rows[number][3] if number in rows else None
        if out and before and any(one.is_out and one.status not in UNDONE for one in payments.get(before, [])):
            yield f"I4 {number} and {before}, which it replaces, are both paid"


def _as_told(world: World, payments: dict[str, list[Payment]]) -> Iterator[str]:
    """I14: each payment outside is the one a disbursement asked for: amount, currency, payee."""
    for number, made in payments.items():
        told = world.seen.get(number)
        for one in made:
            if told is None:
                yield f"I14 {number} was paid and nobody here knows it"
            elif (fingerprint(one.destination), one.minor, one.currency) != told:
                yield f"I14 {number} was paid as {(one.minor, one.currency)} to {one.destination}, told {told[1:]}"


def _known(world: World, rows: dict[str, Row], payments: dict[str, list[Payment]]) -> Iterator[str]:
    """I8, as far as it holds at every moment: what we say never left is not out; what we say is sent was made."""
    if world.wire_is_inside_a_transaction:
        yield "the provider was called inside a transaction"
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, provider_reference FROM finance_attempt")
        attempts = dict(cursor.fetchall())
    for number, (_number, state, rail, _before) in rows.items():
        made = payments.get(number, [])
        out = [one for one in made if one.is_out]
        if state in NOTHING_LEFT and out and not world.has_forgotten:
            yield f"I8 {number} is {state}, and the money is out"
        if state in (S.SENT, S.CONFIRMED) and rail == "STRIPE" and not made:
            yield f"I8 {number} is {state}, and Stripe never heard of it"
        if state == S.CONFIRMED and rail == "STRIPE" and not any(o.status in ("paid", "failed") for o in made):
            yield f"I8 {number} is confirmed, and its payout is {[one.status for one in made]}"
        if state == S.RETURNED and any(one.is_out and one.status in ("paid", "in_transit", "pending") for one in made):
            yield f"I8 {number} is returned, and the money is out"
        if not world.has_forgotten and any(rail == "STRIPE" and one.attempt not in attempts for one in made):
            yield f"I14 {number} was paid by an attempt that is not stored"
        if rail == "STRIPE":
            yield from _kept_under_its_payout(number, made, attempts)


def _kept_under_its_payout(number: str, made: list[Payment], attempts: dict[str, str]) -> Iterator[str]:
    """What we keep as Stripe's number of an attempt is the number of its payout: the one that a return names."""
    for one in made:
        kept = attempts.get(one.attempt)
        if kept and kept not in one.payouts:
            yield f"I14 {number} is kept under {kept}, and was paid out as {one.payouts}"


def look_after_a_crash(world: World) -> None:
    """I7: what somebody was told is done is still there."""
    for sort, key in world.told:
        if not _stands(sort, key):
            raise Violation(f"I7 {sort} {key} was told as done and is gone")


def _stands(sort: str, key: str) -> bool:
    if sort == "commitment":
        return Commitment.objects.filter(pk=key).exists()
    if sort == "file":
        return PaymentFile.objects.filter(message_id=key).exists()
    rows = Disbursement.objects.filter(number=key)
    if sort == "released":
        return rows.exclude(state=S.PREPARED).exists()
    return rows.filter(state=S.STOPPED).exists() if sort == "stopped" else rows.exists()


# At rest


def look_at_rest(world: World) -> None:
    """Everything is healed: every check of the books, and ours against theirs to the cent. Raises Violation."""
    look_each_step(world)
    look_after_a_crash(world)
    for why in (*_ended(world), *_kept(world), *_mailed(world), *_separated(), *_charged(world), *_totals(world)):
        raise Violation(why)
    for outcome in verify():
        if outcome.broken:
            raise Violation(f"{outcome.code} {outcome.broken[0].row}: {outcome.broken[0].what}")


def _ended(world: World) -> Iterator[str]:
    """I8 and I10: each disbursement that left ended as it did outside."""
    rows = _disbursements(world)
    payments = _by_number(world, rows)
    for number, (_number, state, rail, _before) in rows.items():
        out = [one for one in payments.get(number, []) if one.is_out]
        if state == S.SENDING or (state == S.RELEASED and rail == "STRIPE" and not _for_want_of_money()):
            yield f"I10 {number} is still {state}"
        if state == S.UNKNOWN and not _for_a_person(number):
            yield f"I10 {number} is unknown, and nothing outside keeps it so"
        if state == S.SENT and rail == "STRIPE":
            yield f"I10 {number} is sent, and its payout is {[one.status for one in out]}"
        if state == S.SENT and rail != "STRIPE":
            yield f"I10 {number} is sent, and no statement confirmed it: {out}"
        if state == S.CONFIRMED and [one.status for one in out] != ["paid"]:
            yield f"I8 {number} is confirmed, outside it is {[one.status for one in out]}"
        if state in (S.RETURNED, *NOTHING_LEFT) and out and not world.has_forgotten:
            yield f"I8 {number} is {state}, and the money is out"


def _for_want_of_money() -> bool:
    """Whether Stripe holds less than what waits there: the fund manager was told, and somebody has to top it up."""
    pause = open_pause(Rail.STRIPE)
    return pause is not None and pause.code == BALANCE_TOO_LOW and pause.facts["available"] < pause.facts["needed"]


def _for_a_person(number: str) -> bool:
    """Whether its attempt was left to a person, who was told."""
    newest = Attempt.objects.filter(disbursement__number=number).order_by("-id").first()
    return newest is not None and newest.held_code != ""


def _kept(world: World) -> Iterator[str]:
    """I10: every promise is kept, every message of Stripe handled, none parked."""
    open_promises = OutboxMessage.objects.exclude(state="DONE")
    for message in open_promises:
        number = str(message.payload.get("number"))
        if not (message.topic == "send_disbursement" and (_for_a_person(number) or _for_want_of_money())):
            yield f"I10 promise {message.key} is {message.state} ({message.last_error})"
    for event in GatewayEvent.objects.filter(handled_at=None):
        yield f"I10 event {event.event_id} was never handled"


def _mailed(world: World) -> Iterator[str]:
    """I13: each promise of a mail was kept by at least one mail, and no mail came without one."""
    people = dict(User.objects.values_list("pk", "email"))
    promised: Counter[tuple[str, str]] = Counter()
    for payload in OutboxMessage.objects.filter(topic="notice").values_list("payload", flat=True):
        promised[(people[payload["person"]], str(settings.GAF_SITE_ADDRESS + payload["path"]))] += 1
    sent: Counter[tuple[str, str]] = Counter()
    for one in mail.outbox:
        link = next(word for word in str(one.body).split() if word.startswith(settings.GAF_SITE_ADDRESS))
        sent[(one.to[0], link.rstrip("."))] += 1
    for whom in promised:
        if sent[whom] < promised[whom] and not world.has_forgotten:
            yield f"I13 {whom} was promised {promised[whom]} mails and got {sent[whom]}"
    for whom in sent:
        if whom not in promised and not world.has_forgotten:
            yield f"I13 {whom} got a mail nobody promised"


APART = [
    ("prepare_disbursement", "release_disbursement"),
    ("prepare_disbursement", "match_line"),
    ("release_disbursement", "match_line"),
    ("sign_first", "sign_second"),
    ("record_payee", "confirm_payee"),
]


def _charged(world: World) -> Iterator[str]:
    """I14: what we expected to be charged is what the bank charged, within a hundredth: rates differ a little."""
    for payment in world.outside.at_bank():
        row = Disbursement.objects.filter(end_to_end=payment.number).values_list("account_minor", flat=True).first()
        if row is not None and abs(row - payment.charged) > max(2, payment.charged // 100):
            yield f"I14 {payment.number} was charged {payment.charged} cents, and {row} were expected"


def _separated() -> Iterator[str]:
    """I11: read from decisions alone, without asking any rule."""
    with connection.cursor() as cursor:
        for first, second in APART:
            cursor.execute(
                "SELECT a.number, b.number FROM decisions_decision a JOIN decisions_decision b ON a.actor_id = "
                "b.actor_id AND (a.reference = b.reference OR (b.related <> '' AND a.reference = b.related) "
                "OR (b.related <> '' AND a.subject = b.related)) WHERE a.act = %s AND b.act = %s",
                [first, second],
            )
            for row in cursor.fetchall():
                yield f"I11 one person did {first} and {second}: decisions {row}"


def _totals(world: World) -> Iterator[str]:
    """I9: what the bank and Stripe hold is what our accounts say, to the cent."""
    entries = bank_books.load(Path(settings.GAF_BANK_FOLDER) / "ledger.json")
    if GENEVA in entries.accounts:
        held = entries.accounts[GENEVA].opening + sum(one.minor for one in entries.entries if one.account == GENEVA)
        found = balance("1000-GVA").minor
        if held != found:
            yield f"I9 the bank holds {held} cents, our books say {found}"
    held = world.outside.stripe.book().platform.get("usd", 0)
    found = balance("1000-STR").minor
    if held != found:
        yield f"I9 Stripe holds {held} cents, our books say {found}"
