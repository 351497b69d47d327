"""Files for the bank: built from released disbursements, signed by two people, sent by the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from finance import policy
from finance.actions.screening import screen_all_again
from finance.gateways.bank_file.credit_transfer import build_credit_transfer
from finance.gateways.bank_file.orders import CreditOrder, DebtorAccount
from finance.models import Attempt, BankAccount, Disbursement, PaymentFile, SanctionsList
from finance.notices import tell_of_recalled, tell_second_signers
from finance.paying_rules import release_refusals_by, release_refusals_of
from finance.private_files import read_private, store_private
from finance.restoring import require_none_left_before
from finance.screening.standing import newest_list
from finance.states import DisbursementState
from gaf import ids
from gaf.accounts.models import User
from gaf.accounts.queries import system_actor
from gaf.gate import acting, first_decision, in_one_piece
from gaf.outbox.outbox import enqueue
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.versions import save_all_by


def debtor(account: BankAccount) -> DebtorAccount:
    """One of the fund's accounts as the bank knows it."""
    return DebtorAccount(
        name=account.holder,
        iban_or_number=account.number,
        is_iban=account.is_iban,
        bic=account.bic,
        currency=account.currency,
        country=account.country,
        town=account.town,
    )


def order(disbursement: Disbursement, key: str) -> CreditOrder:
    """One disbursement as the bank sees it; the only text is its own reference."""
    version = disbursement.payee_version
    return CreditOrder(
        instruction_id=key,
        end_to_end=disbursement.end_to_end,
        uetr=ids.as_uuid(key),
        money=disbursement.money,
        payee_name=version.holder_name,
        payee_account=version.account_number,
        payee_account_is_iban=version.is_iban,
        payee_bic=version.bic,
        payee_bank_name=version.bank_name or None,
        payee_country=version.country,
        payee_town=version.town_name or version.country,
        remittance=disbursement.end_to_end,
    )


def _waiting(bank_account: BankAccount, numbers: Iterable[str] | None) -> list[Disbursement]:
    rows = Disbursement.objects.select_for_update(of=("self",)).select_related("payee_version__payee")
    rows = rows.filter(bank_account=bank_account, state=DisbursementState.RELEASED, payment_file=None)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    return list(rows.order_by("number"))


def _still_payable(disbursements: list[Disbursement], at: datetime) -> None:
    """Look once more before the bytes are fixed: a list may have come since the release. Raises Refusal DISB-17."""
    against = release_refusals_of(disbursements, at)
    for disbursement in disbursements:
        for refusal in against[disbursement.pk]:
            raise Refusal(
                "DISB-17",
                _("No file was prepared."),
                _("%(number)s may not leave now. %(why)s") % {"number": disbursement.number, "why": refusal.why},
                _("Stop it, or wait until nothing stands against it."),
            )


@in_one_piece
def prepare_file(
    *, bank_account: BankAccount, actor: User, at: datetime, numbers: list[str] | None = None
) -> PaymentFile:
    """Build one file of every released disbursement of an account (or of those named). Its bytes are fixed here."""
    waiting = _waiting(bank_account, numbers)
    if not waiting:
        raise Refusal(
            "FILE-02",
            _("No file was prepared."),
            _("No released disbursement of account %(account)s waits for one.") % {"account": bank_account.code},
            _("Release disbursements first."),
        )
    require_none_left_before(waiting)
    _still_payable(waiting, at)
    payment_file = PaymentFile(message_id=issue("FILE"), bank_account=bank_account, prepared_at=at)
    role = policy.MAY_PREPARE_FILE.require(Question(payment_file, "prepare_file", actor))
    keys = {disbursement.pk: ids.random_key() for disbursement in waiting}
    content = build_credit_transfer(
        msg_id=payment_file.message_id,
        created_at=at,
        execution_date=at.date(),
        debtor=debtor(bank_account),
        orders=[order(disbursement, keys[disbursement.pk]) for disbursement in waiting],
    )
    payment_file.sha256 = hashlib.sha256(content).hexdigest()
    payment_file.count = len(waiting)
    payment_file.totals = _totals(waiting)
    payment_file.stored_as = store_private("files", content)
    facts = {"sha256": payment_file.sha256, "count": payment_file.count, "totals": payment_file.totals}
    first_decision(subject=payment_file, act="prepare_file", actor=actor, role=role, at=at, facts=facts)
    payment_file.save(force_insert=True)
    for disbursement in waiting:
        disbursement.payment_file = payment_file
    save_all_by(waiting, ["payment_file"], actor)
    Attempt.objects.bulk_create(Attempt(disbursement=one, key=keys[one.pk], created_at=at) for one in waiting)
    return payment_file


def _totals(waiting: list[Disbursement]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for disbursement in waiting:
        totals[disbursement.currency] = totals.get(disbursement.currency, 0) + disbursement.minor
    return totals


def content_of(payment_file: PaymentFile) -> bytes:
    """The bytes of a file. Raises Refusal FILE-03 when they are not the bytes that were signed."""
    content = read_private(payment_file.stored_as)
    if hashlib.sha256(content).hexdigest() != payment_file.sha256:
        raise Refusal(
            "FILE-03",
            _("File %(file)s was not used.") % {"file": payment_file.message_id},
            _("Its bytes are not the bytes that were prepared."),
            _("Discard it and tell the system administrator."),
        )
    return content


@in_one_piece
def sign_first(*, file_id: int, actor: User, at: datetime) -> PaymentFile:
    """The payer signs the bytes with this SHA-256."""
    with acting(PaymentFile, file_id, act="sign_first", actor=actor, at=at) as doing:
        content_of(doing.subject)
        doing.subject.sign_first()
        doing.facts = {"sha256": doing.subject.sha256}
        tell_second_signers(doing.subject)
    return doing.subject


@in_one_piece
def sign_second(*, file_id: int, actor: User, at: datetime) -> PaymentFile:
    """A second person signs the same bytes; the worker is asked to send them.

    Every payee in it is looked at once more: seal, and screening against the newest list. Raises Refusal FILE-06.
    """
    with acting(PaymentFile, file_id, act="sign_second", actor=actor, at=at) as doing:
        content_of(doing.subject)
        rows = list(doing.subject.disbursements.select_related("payee_version__payee").order_by("number"))
        newest = newest_list([row.payee_version for row in rows])
        _still_to_be_signed(newest, rows, at)
        if newest is not None:
            screen_all_again(newest, [row.payee_version for row in rows], at)
        doing.subject.sign_second()
        doing.facts = {"sha256": doing.subject.sha256}
        enqueue("send_payment_file", key=doing.subject.message_id, message_id=doing.subject.message_id)
    return doing.subject


def _still_to_be_signed(newest: SanctionsList | None, disbursements: list[Disbursement], at: datetime) -> None:
    """A file lies until its second signature, and lists and details change meanwhile. Raises Refusal FILE-06."""
    against = release_refusals_by(newest, disbursements, at)
    for disbursement in disbursements:
        for refusal in against[disbursement.pk]:
            raise Refusal(
                "FILE-06",
                _("The file was not signed."),
                _("%(number)s may not leave now. %(why)s") % {"number": disbursement.number, "why": refusal.why},
                " ".join([refusal.next_step, _("Or discard the file, and prepare another without it.")]),
            )


@in_one_piece
def discard_file(*, file_id: int, reason: str, actor: User, at: datetime) -> PaymentFile:
    """A file that will not go: its disbursements can be stopped, or go into another file."""
    with acting(PaymentFile, file_id, act="discard_file", actor=actor, at=at, reason=reason) as doing:
        doing.subject.discard_file()
        _take_out_all(doing.subject, "discarded", actor, at)
    return doing.subject


def _take_out_all(payment_file: PaymentFile, code: str, actor: User, at: datetime) -> None:
    """None of a file's disbursements lies in it any more; each can go into another one, under another key."""
    rows = list(payment_file.disbursements.select_for_update(of=("self",)))
    Attempt.objects.filter(disbursement__in=rows, state="INTENT").update(state="FAILED", answered_at=at, code=code)
    for disbursement in rows:
        disbursement.payment_file = None
    save_all_by(rows, ["payment_file"], actor)


@in_one_piece
def recall_file(*, file_id: int, at: datetime, reason_code: str = "payee_listed") -> PaymentFile:
    """The worker keeps a file from leaving: a payee in it was listed meanwhile, or a room above objects.

    The payers are told. Raises Refusal FILE-07 when it may lie at the bank already.
    """
    system = system_actor()
    with acting(PaymentFile, file_id, act="recall_file", actor=system, at=at) as doing:
        rows = doing.subject.disbursements.select_for_update(of=("self",))
        if any(row.state != DisbursementState.RELEASED for row in rows):
            raise Refusal(
                "FILE-07",
                _("File %(file)s was not kept from leaving.") % {"file": doing.subject.message_id},
                _("The bank may have it already."),
                _("Ask the bank to stop it."),
            )
        doing.reason_code = reason_code
        doing.subject.recall_file()
        _take_out_all(doing.subject, "recalled", system, at)
        tell_of_recalled(doing.subject)
    return doing.subject
