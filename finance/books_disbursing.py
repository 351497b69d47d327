"""What must be true of every disbursement that was released: to whom, at which rate, by which file, once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from finance import postings
from finance.books_registry import Broken, Reading, check
from finance.models import Attempt, Disbursement, ExchangeRate, Journal, JournalLine, PayeeVersion, PaymentFile, Receipt
from finance.private_files import read_private
from finance.states import AttemptState, DisbursementState, RateState
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.sealing import fingerprint
from gaf.thresholds import threshold

S, A = DisbursementState, AttemptState
_OPEN = {A.INTENT, A.SENT, A.UNKNOWN}


@check("I12", "every release went to payee details that a second person had confirmed, and they are still the same")
def payees_were_confirmed(reading: Reading) -> Iterator[Broken]:
    """By decisions: recorded by one, confirmed by another, before the release; by fingerprint: not changed since."""
    versions = {v.decision_subject(): v for v in PayeeVersion.objects.select_related("payee").order_by("pk")}
    for disbursement in reading.disbursements:
        released = reading.last(disbursement.number, "release_disbursement")
        if released is not None:
            yield from _release_agrees(reading, disbursement, released)
        prepared = reading.last(disbursement.number, "prepare_disbursement")
        sealed = prepared.facts.get("seal") if prepared else None
        if sealed != disbursement.payee_seal or not disbursement.payee_version.bears(disbursement.payee_seal):
            what = "the payee's details are not the ones that were sealed when it was prepared"
            yield Broken(f"disbursement {disbursement.number}", what)
    for subject, version in versions.items():
        recorded = reading.last(subject, "record_payee")
        if recorded is None or recorded.facts.get("fingerprint") != _fingerprint_now(version):
            yield Broken(f"payee {subject}", "its account is not the one that was recorded")


def _release_agrees(reading: Reading, disbursement: Disbursement, released: Decision) -> Iterator[Broken]:
    name, payee = f"disbursement {disbursement.number}", released.related
    recorded, confirmed = reading.last(payee, "record_payee"), reading.last(payee, "confirm_payee")
    prepared = reading.last(disbursement.number, "prepare_disbursement")
    if payee != disbursement.payee_version.decision_subject():
        yield Broken(name, f"was released to {payee} and stands to be paid to another")
    if confirmed is None or recorded is None or confirmed.number > released.number:
        yield Broken(name, f"was released before {payee} was confirmed")
    elif confirmed.actor_id == recorded.actor_id:
        yield Broken(name, f"was released to {payee}, recorded and confirmed by one person")
    elif confirmed.at + timedelta(hours=_cooling_off(released)) > released.at:
        yield Broken(name, f"was released before the details of {payee} had cooled off")
    elif released.actor_id in (recorded.actor_id, confirmed.actor_id):
        yield Broken(name, f"was released by a person who recorded or confirmed {payee}")
    facts = (disbursement.minor, disbursement.currency)
    if prepared is None or (prepared.facts.get("minor"), prepared.facts.get("currency")) != facts:
        yield Broken(name, "is another amount than was prepared")


def _cooling_off(released: Decision) -> int:
    """Hours of cooling-off in force on the day of a release."""
    try:
        return threshold("payee_cooling_off_hours", released.at.date())
    except Refusal:
        return 0


def _fingerprint_now(version: PayeeVersion) -> str:
    """The fingerprint of the account as it can be unsealed now; what cannot be read has none."""
    try:
        now = fingerprint(version.account_number)
    except Refusal:
        return ""
    return now if now == version.account_fingerprint else ""


@check("I14", "no disbursement has two open attempts, none that left has no attempt, and no reference is used twice")
def attempts_are_single(reading: Reading) -> Iterator[Broken]:
    """Counted from the attempts; a disbursement on its way has exactly one that nobody has closed."""
    open_attempts: Counter[int] = Counter()
    references: Counter[str] = Counter()
    for attempt in Attempt.objects.select_related("disbursement").order_by("id"):
        open_attempts[attempt.disbursement_id] += attempt.state in _OPEN
        if attempt.provider_reference and attempt.disbursement.payment_file_id is None:
            references[attempt.provider_reference] += 1
    for disbursement in reading.disbursements:
        found, state = open_attempts[disbursement.pk], reading.state_of(disbursement.number)
        wanted = state in (S.SENDING, S.SENT, S.UNKNOWN, S.CONFIRMED)
        if found > 1 or (wanted and found != 1):
            yield Broken(f"disbursement {disbursement.number}", f"is {state} with {found} open attempts")
    for reference, count in sorted(references.items()):
        if count > 1:
            yield Broken(f"provider reference {reference}", f"stands on {count} attempts")


@check(
    "SENT", "every disbursement that began to leave is in the ledger with the amounts that were decided", part_of="I9"
)
def sending_is_booked(reading: Reading) -> Iterator[Broken]:
    """Column, decision and journal say the same; one journal for each attempt that was begun."""
    sent: Counter[str] = Counter()
    for journal in Journal.objects.filter(kind="send").order_by("number"):
        sent[journal.key.split(":")[1]] += 1
    for disbursement in reading.disbursements:
        name = f"disbursement {disbursement.number}"
        begun = reading.last(disbursement.number, "begin_sending")
        if sent[disbursement.number] != (begun is not None):
            yield Broken(name, f"was booked as sent {sent[disbursement.number]} times")
        if begun is None:
            continue
        decided = (begun.facts.get("paid_usd_minor"), begun.facts.get("account_minor"))
        transit = JournalLine.objects.filter(
            journal__key__startswith=f"send:{disbursement.number}:",
            account__code=postings.in_transit(disbursement.bank_account.code),
        ).first()
        said = (disbursement.paid_usd_minor, disbursement.account_minor)
        if decided != said or transit is None or -transit.minor != disbursement.account_minor:
            yield Broken(name, "left with another amount than was decided and booked")


@check("FILES", "every stored file is the one that was signed, byte for byte", part_of="I8")
def files_are_whole(reading: Reading) -> Iterator[Broken]:
    """The bytes, the row, and the SHA-256 that each signature was given for."""
    for payment_file in PaymentFile.objects.order_by("message_id"):
        name = f"file {payment_file.message_id}"
        try:
            found = hashlib.sha256(read_private(payment_file.stored_as)).hexdigest()
        except OSError:
            yield Broken(name, "its bytes are gone")
            continue
        if found != payment_file.sha256:
            yield Broken(name, "its bytes are not those that were prepared")
        for decision in reading.decided.get(payment_file.message_id, []):
            if decision.facts.get("sha256", payment_file.sha256) != payment_file.sha256:
                yield Broken(name, f"decision {decision.number} was about other bytes")


@check(
    "FACTS",
    "rates and receipts are what was decided, and each rate in use was approved by a second person",
    part_of="I15",
)
def recorded_facts_hold(reading: Reading) -> Iterator[Broken]:
    """What money was converted at and what was given, against the decisions that said so."""
    for rate in ExchangeRate.objects.select_related("rate_list").order_by("currency", "effective_from"):
        subject = rate.decision_subject()
        entered, approved = reading.last(subject, "enter_rate"), reading.last(subject, "approve_rate")
        if rate.rate_list_id is not None:
            entered = _listed(reading, rate)
        if entered is None or not _same_rate(approved if rate.rate_list_id and approved else entered, rate):
            yield Broken(f"rate {subject}", "is not the one that was entered")
        if rate.state == RateState.APPROVED and (approved is None or entered is None or _one_person(entered, approved)):
            yield Broken(f"rate {subject}", "was not approved by a second person")
    for receipt in Receipt.objects.select_related("stream").order_by("key"):
        decision = reading.last(receipt.key, "record_receipt")
        now = {
            "stream": receipt.stream.code,
            "minor": receipt.minor,
            "currency": receipt.currency,
            "usd_minor": receipt.usd_minor,
        }
        if decision is None or decision.facts != now:
            yield Broken(f"receipt {receipt.key}", "is not the one that was recorded")
        yield from _receipt_is_booked(receipt)


def _listed(reading: Reading, rate: ExchangeRate) -> Decision | None:
    """The import of the list that brought a rate; None when the list does not name it as it is."""
    imported = reading.last(str(rate.rate_list), "import_rates")
    if imported is None:
        return None
    rows = [tuple(row) for row in imported.facts.get("rows", [])]
    wanted = (rate.currency, rate.effective_from.isoformat())
    named = [units for currency, day, units in rows if (currency, day) == wanted]
    return imported if [Decimal(units) for units in named] == [rate.units_per_usd] else None


def _same_rate(decision: Decision, rate: ExchangeRate) -> bool:
    return Decimal(decision.facts.get("units_per_usd", "0")) == rate.units_per_usd


def _one_person(first: Decision, second: Decision) -> bool:
    return first.actor_id == second.actor_id


def _receipt_is_booked(receipt: Receipt) -> Iterator[Broken]:
    lines = JournalLine.objects.filter(journal__key=f"receipt:{receipt.key}", account__code=postings.AVAILABLE)
    if [line.money for line in lines] != [-Money(receipt.usd_minor, "USD")]:
        yield Broken(f"receipt {receipt.key}", "is not in the ledger as it was recorded")
