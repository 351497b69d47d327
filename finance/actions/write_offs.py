"""Giving up a refund that never came: one person asks, another whose delegation covers it approves and books it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from finance import policy, postings
from finance.actions.undoing import reverse_journal
from finance.ledger import credit, debit, post
from finance.models import RefundDue, WriteOff
from finance.states import WriteOffState
from gaf.accounts.models import User
from gaf.gate import acting, first_decision, in_one_piece
from gaf.policy import Question
from gaf.references import issue
from gaf.refusals import Refusal
from gaf.sealing import seal

# So long is a refund waited for and asked for again after it was due; the last column of advances begins there too.
WAITED_DAYS = 90


def may_be_asked_from(refund: RefundDue) -> date:
    """The first day on which somebody may ask to write a refund off."""
    return refund.due_on + timedelta(days=WAITED_DAYS)


@in_one_piece
def ask_write_off(*, refund_key: str, reason_code: str, reason: str, actor: User, at: datetime) -> WriteOff:
    """Ask to give up all that is still to come of a refund. Nothing is booked before a second person approves.

    Raises Refusal WRITEOFF-01 before 90 days have passed since it was due, WRITEOFF-02 when nothing is to come, no
    reason is given, or it was asked before.
    """
    refund = RefundDue.objects.select_for_update().get(key=refund_key)
    if at.date() < may_be_asked_from(refund):
        raise _refuse(
            "WRITEOFF-01",
            _("It was due on %(day)s, and is waited for 90 days.") % {"day": refund.due_on.isoformat()},
            _("Ask the payer for it again."),
        )
    waiting = refund.write_offs.filter(state=WriteOffState.ASKED).exists()
    if waiting or not refund.open or not reason.strip() or reason_code not in WriteOff.Reason.values:
        raise _refuse(
            "WRITEOFF-02",
            _("Nothing of it is to come, it was asked already, or the reason is missing."),
            _("Look at the refund, and say what was done to get it."),
        )
    made = WriteOff(
        key=issue("WO"),
        refund=refund,
        minor=refund.open.minor,
        currency=refund.currency,
        usd_minor=refund.open_usd.minor,
        reason_code=reason_code,
        asked_by=actor,
    )
    role = policy.MAY_ASK_WRITE_OFF.require(Question(made, "ask_write_off", actor))
    first_decision(
        subject=made,
        act="ask_write_off",
        actor=actor,
        role=role,
        at=at,
        facts={"refund": refund.key, "minor": made.minor, "usd_minor": made.usd_minor, "reason": reason_code},
        sealed_reason=seal(made.seal_owner(), reason),
    )
    made.save(force_insert=True)
    return made


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The refund was not written off."), why, next_step)


def approve_write_off(*, key: str, actor: User, at: datetime, seen_version: int | None = None) -> WriteOff:
    """A second person gives the refund up: an expense of the fund, of no request, and nothing is due any more.

    Raises NotPermitted DOA-01 above the approver's delegation, Refusal WRITEOFF-04 when a part came meanwhile.
    """
    found = WriteOff.objects.get(key=key)
    with acting(
        WriteOff, found.pk, act="approve_write_off", actor=actor, at=at, amount=found.usd, seen_version=seen_version
    ) as doing:
        row: WriteOff = doing.subject
        refund = RefundDue.objects.select_for_update().get(pk=row.refund_id)
        if refund.open != row.money:
            raise _refuse(
                "WRITEOFF-04",
                _("%(open)s is to come now, and %(asked)s was asked to be written off.")
                % {"open": refund.open, "asked": row.money},
                _("Refuse it, and let it be asked again."),
            )
        entries = [debit(postings.WRITTEN_OFF, row.usd), credit(postings.REFUNDS_DUE, row.usd)]
        key, about = f"write-off:{row.key}", refund.reference
        journal = post(kind="write_off", key=key, at=at, reference=about, entries=entries, actor=actor)
        refund.give_up(at)
        row.approve_write_off(by=actor, journal=journal)
        doing.facts = {"refund": refund.key, "usd_minor": row.usd_minor, "journal": journal.number}
    return row


def refuse_write_off(*, key: str, reason: str, actor: User, at: datetime) -> WriteOff:
    """A second person does not agree; the refund stays due, and may be asked for again."""
    pk = WriteOff.objects.values_list("pk", flat=True).get(key=key)
    with acting(WriteOff, pk, act="refuse_write_off", actor=actor, at=at, reason=reason) as doing:
        doing.subject.refuse_write_off(by=actor)
    row: WriteOff = doing.subject
    return row


def take_back_write_off(*, key: str, reason: str, actor: User, at: datetime) -> WriteOff:
    """The money came after all: the opposite journal, and the refund is due again, so that its line can be matched."""
    pk = WriteOff.objects.values_list("pk", flat=True).get(key=key)
    with acting(WriteOff, pk, act="take_back_write_off", actor=actor, at=at, reason=reason) as doing:
        row: WriteOff = doing.subject
        if row.journal is None:
            raise AssertionError("a posted write-off has its journal")
        reversal = reverse_journal(row.journal, at)
        RefundDue.objects.select_for_update().get(pk=row.refund_id).expect_again()
        row.take_back_write_off()
        doing.facts = {"journal": reversal.number, "undoes": row.journal.number}
    return row
