"""Preparing and stopping disbursements. Releasing is beside; sending is the worker's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from finance import policy
from finance.actions.screening import screen_against
from finance.agreements import any_agreement, pays_until
from finance.models import BankAccount, Commitment, Disbursement, DisbursementPart, PayeeVersion, Screening, Tranche
from finance.notices import tell_payers
from finance.paying_rules import duplicate_words, like_payments
from finance.screening.standing import newest_list, screening_refusals_by
from finance.states import AttemptState, DisbursementState, PayeeDetailsState, TrancheState
from gaf import clock
from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.money import Money, total
from gaf.policy import Question
from gaf.references import issue, rf_reference
from gaf.refusals import Refusal
from gaf.sealing import seal
from gaf.templatetags.formats import short_day
from gaf.versions import save_all_by

S = DisbursementState


@dataclass(frozen=True)
class Part:
    """What is to be taken out of one line, in the line's currency."""

    line_key: str
    local: Money


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The disbursement was not prepared."), why, next_step)


def commitments_under_lock(reference: str) -> list[Commitment]:
    """Every commitment of a request with its stream, locked in the order of its lines, in one question."""
    tranches = Exists(Tranche.objects.filter(commitment=OuterRef("pk")))
    rows = Commitment.objects.select_for_update(of=("self",)).filter(reference=reference).select_related("stream")
    found: list[Any] = list(rows.annotate(has_agreements=any_agreement("stream"), has_tranches=tranches))
    for commitment in found:
        commitment.stream.has_agreements = commitment.has_agreements
    return found


def newest_of(commitments: Iterable[Commitment]) -> dict[str, Commitment]:
    """The newest round of each line by its key, in the order of the lines."""
    return {row.line_key: row for row in commitments}


def _require_open(commitment: Commitment | None, part: Part) -> Commitment:
    if (
        commitment is None
        or commitment.local_open.currency != part.local.currency
        or commitment.local_open < part.local
    ):
        raise _refuse(
            "DISB-03",
            _("Line %(line)s has %(open)s left, and %(asked)s was asked.")
            % {
                "line": part.line_key,
                "open": commitment.local_open if commitment else "–",
                "asked": part.local,
            },
            _("Prepare a smaller amount, or ask for an amendment."),
        )
    last = pays_until(commitment.stream)
    if last is not None and clock.today() > last:
        raise _refuse(
            "AGREE-06",
            _("Stream %(stream)s paid for the last time on %(day)s.")
            % {"stream": commitment.stream.code, "day": short_day(last)},
            _("Ask the fund manager; the commitment has to stand on another stream."),
        )
    _require_open_tranche(commitment, part)
    if not commitment.wbs:
        raise _refuse(
            "DISB-04", _("Line %(line)s is not certified.") % {"line": part.line_key}, _("Certify the funds first.")
        )
    return commitment


def _require_open_tranche(commitment: Commitment, part: Part) -> None:
    """A line that is paid in tranches gives no more than those that are open."""
    if not getattr(commitment, "has_tranches", True):
        return
    tranches = list(commitment.tranches.all())
    opened = total([one.money for one in tranches if one.state != TrancheState.WAITING], commitment.currency)
    if commitment.local_disbursed + part.local > opened:
        raise _refuse(
            "TRANCHE-06",
            _("Line %(line)s is paid in tranches; %(left)s of those that are open is left, and %(asked)s was asked.")
            % {"line": part.line_key, "left": opened - commitment.local_disbursed, "asked": part.local},
            _("Open the next tranche when its condition is met."),
        )


def _take(commitment: Commitment, local: Money) -> Money:
    """Take an amount out of a commitment; the last bit takes the last cent, so nothing is left by rounding."""
    usd = commitment.open if local == commitment.local_open else local.in_usd(commitment.units_per_usd)
    commitment.disbursed_local_minor += local.minor
    commitment.disbursed_usd_minor += usd.minor
    return usd


def _payable(version: PayeeVersion, account: BankAccount, money: Money) -> None:
    if version.state != PayeeDetailsState.CONFIRMED:
        raise _refuse(
            "DISB-05",
            _("The details of %(payee)s are not confirmed by call-back.") % {"payee": version.payee.key},
            _("Ask for the call-back first."),
        )
    if version.rail != account.rail:
        raise _refuse(
            "DISB-06",
            _("%(payee)s is paid by %(rail)s, and account %(account)s is not.")
            % {"payee": version.payee.key, "rail": version.get_rail_display(), "account": account.code},
            _("Choose an account with the same rail."),
        )
    if version.currency != money.currency:
        raise _refuse(
            "DISB-07",
            _("%(payee)s is paid in %(currency)s.") % {"payee": version.payee.key, "currency": version.currency},
            _("Choose a payee for this currency."),
        )


def _take_all(
    commitments: Iterable[Commitment], parts: Sequence[Part], actor: User
) -> list[tuple[Commitment, Money, Money]]:
    """Take each part out of its line; returns the commitment, the amount, and what it is in US dollars."""
    lines, taken = newest_of(commitments), []
    for part in parts:
        commitment = _require_open(lines.get(part.line_key), part)
        taken.append((commitment, part.local, _take(commitment, part.local)))
    touched = list({commitment.pk: commitment for commitment, _local, _usd in taken}.values())
    save_all_by(touched, ["disbursed_local_minor", "disbursed_usd_minor"], actor)
    return taken


def _not_twice(
    commitments: Sequence[Commitment], version: PayeeVersion, money: Money, explained: str, at: datetime
) -> list[str]:
    """Numbers of disbursements that look like this one; refused (DISB-14) while nobody says why it is another one.

    While nothing has been taken out of the request's commitments, nothing was paid that could look like it.
    """
    if not any(one.disbursed_local_minor for one in commitments):
        return []
    found = list(like_payments(version, money, commitments[0].reference, at))
    if found and not explained.strip():
        raise _refuse(
            "DISB-14", duplicate_words(found), _("If it is owed twice, say why. The payer reads it and says so too.")
        )
    return [one.number for one in found]


def _screened(version: PayeeVersion, at: datetime) -> None:
    """Raises what the sanctions list says against these details (SCREEN-…)."""
    newest = newest_list([version])
    for refusal in screening_refusals_by(newest, [version], at)[version.pk]:
        raise refusal
    if newest is not None:
        screen_against(newest, [version], Screening.Occasion.PREPARED, at)


@in_one_piece
def prepare_disbursement(
    *,
    reference: str,
    payee_version: PayeeVersion,
    bank_account: BankAccount,
    parts: list[Part],
    actor: User,
    at: datetime,
    replaces: Disbursement | None = None,
    duplicate_reason: str = "",
    locked: Sequence[Commitment] | None = None,
) -> Disbursement:
    """Prepare one amount for one payee out of one or more lines of a request. Nothing leaves yet.

    The payee's details are screened, and sealed as they are. `replaces` links a re-payment to the disbursement that
    came back; it goes for the same lines. `duplicate_reason` says why what looks like paying twice is not (DISB-14).
    `locked` are the commitments of the request where they were locked before (`commitments_under_lock`).
    """
    if not parts:
        raise _refuse("DISB-08", _("No line was chosen."), _("Choose at least one line and an amount."))
    if replaces is not None and replaces.state not in (S.RETURNED, S.FAILED):
        raise _refuse("DISB-09", _("%(number)s has not come back.") % {"number": replaces.number}, "")
    money = total([part.local for part in parts], parts[0].local.currency)
    _payable(payee_version, bank_account, money)
    commitments = commitments_under_lock(reference) if locked is None else locked
    alike = _not_twice(commitments, payee_version, money, duplicate_reason, at)
    _screened(payee_version, at)
    taken = _take_all(commitments, parts, actor)
    number = issue("P")
    disbursement = Disbursement(
        number=number,
        reference=reference,
        payee_version=payee_version,
        bank_account=bank_account,
        minor=money.minor,
        currency=money.currency,
        committed_usd_minor=sum(usd.minor for _c, _l, usd in taken),
        end_to_end=rf_reference(number),
        replaces=replaces,
        payee_seal=payee_version.mark(),
        duplicate_note=seal(payee_version.payee.key, duplicate_reason.strip()) if alike else "",
        prepared_at=at,
    )
    role = policy.MAY_PREPARE.require(
        Question(disbursement, "prepare_disbursement", actor, related=disbursement.decision_related())
    )
    facts = {
        "minor": money.minor,
        "currency": money.currency,
        "payee": disbursement.decision_related(),
        "fingerprint": payee_version.account_fingerprint,
        "seal": disbursement.payee_seal,
        "alike": alike,
        "lines": {c.line_key: local.minor for c, local, _usd in taken},
    }
    first_decision(subject=disbursement, act="prepare_disbursement", actor=actor, role=role, at=at, facts=facts)
    disbursement._history_user = actor
    disbursement.save(force_insert=True)
    DisbursementPart.objects.bulk_create(
        DisbursementPart(disbursement=disbursement, commitment=line, local_minor=local.minor, usd_minor=usd.minor)
        for line, local, usd in taken
    )
    tell_payers(disbursement)
    return disbursement


def give_back(disbursement: Disbursement) -> None:
    """Put what a disbursement took back into its commitments, whole; inside the act that stops or returns it."""
    parts = DisbursementPart.objects.filter(disbursement=disbursement).select_related("commitment")
    parts = parts.select_for_update(of=("commitment",)).order_by("commitment_id")
    taken = list(parts)
    for part in taken:
        part.commitment.disbursed_local_minor -= part.local_minor
        part.commitment.disbursed_usd_minor -= part.usd_minor
    save_all_by([part.commitment for part in taken], ["disbursed_local_minor", "disbursed_usd_minor"])


@in_one_piece
def stop_disbursement(
    *, number: str, reason: str, actor: User, at: datetime, locked: Disbursement | None = None
) -> Disbursement:
    """Stop a disbursement that has not left: its commitment is open again. Refused once it lies in a signed file.

    `locked` is the disbursement where it was locked before.
    """
    rows = Disbursement.objects.select_for_update(of=("self",)).select_related("payee_version__payee")
    subject: Disbursement = locked or rows.get(number=number)
    with acting(Disbursement, subject.pk, act="stop_disbursement", actor=actor, at=at, reason=reason, locked=subject):
        if subject.payment_file is not None:
            raise Refusal(
                "DISB-11",
                _("%(number)s was not stopped.") % {"number": number},
                _("It lies in file %(file)s.") % {"file": subject.payment_file.message_id},
                _("Discard the file first, if it is not signed by two yet."),
            )
        subject.stop_disbursement()
        for attempt in subject.attempts.filter(state=AttemptState.INTENT):  # one that was held before it was called
            attempt.state, attempt.answered_at, attempt.code, attempt.held_code = AttemptState.FAILED, at, "stopped", ""
            attempt.save()
        give_back(subject)
    return subject
