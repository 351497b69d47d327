"""After the database was put back from a backup: the providers know more than we do, so they are asked before paying.

A backup is older than what the world has seen since. Two things could pay twice or pay the wrong one then: a
disbursement that is still waiting here and has left already, and a number given out again to something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import F, Subquery
from django.utils.translation import gettext as _

from finance.gateways.port import Unknown
from finance.gateways.rails import rail_for
from finance.leaving import instruction
from finance.models import Disbursement
from gaf.accounts.queries import system_actor
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision, ReferenceCounter
from gaf.decisions.record import record_decision
from gaf.gate import in_one_piece
from gaf.outbox.outbox import NotYet
from gaf.references import issue
from gaf.refusals import Refusal

ACT = "take_up_after_restore"
# More than anybody gives out between two backups; the gap is in the decision for whoever asks about it.
_AT_LEAST = 10_000
# Every kind of number that is given out.
GIVEN = (
    "GAF",
    "P",
    "FILE",
    "R",
    "PAY",
    "PAUSE",
    "HIT",
    "HOLD",
    "ERA",
    "MR",
    "OUT",
    "DUTY",
    "NORM",
    "CRISIS",
    "DR",
    "REH",
    "REHEARSAL",
    "RESTORE",
    "TAB",
    "WO",
)
_LOOK_AGAIN = timedelta(minutes=5)


@in_one_piece
def take_up_after_restore(*, at: datetime) -> Decision:
    """Say that the database was put back: no number given since the backup is given again, and the worker looks at
    the provider before it sends anything that was prepared before now."""
    for prefix in GIVEN:  # of some kinds none had been given yet when the backup was made
        ReferenceCounter.objects.get_or_create(prefix=prefix, year=at.year)
    left_out = numbers_left_out(at)
    ReferenceCounter.objects.update(last=F("last") + left_out)
    key = issue("RESTORE")
    rows = ReferenceCounter.objects.order_by("prefix", "year").values_list("prefix", "year", "last")
    counters = {f"{prefix}-{year}": last for prefix, year, last in rows}
    return record_decision(
        act=ACT,
        actor=system_actor(),
        role=Role.SYSTEM,
        at=at,
        subject=key,
        reference=key,
        to_state="TAKEN_UP",
        facts={"left_out": left_out, "counters": counters},
    )


def numbers_left_out(at: datetime) -> int:
    """How many numbers of each kind are passed over: another count for each second of the year.

    So one backup put back twice does not lead to the same numbers twice; nobody gives out one a second.
    """
    return _AT_LEAST + int((at - datetime(at.year, 1, 1, tzinfo=UTC)).total_seconds())


def _is_older_than_a_restore(disbursement: Disbursement) -> bool:
    put_back = Decision.objects.filter(act=ACT).order_by("-number").values_list("number", flat=True).first()
    if put_back is None:
        return False
    return Decision.objects.filter(subject=disbursement.number, number__lt=put_back).exists()


def key_of_a_forgotten_attempt(disbursement: Disbursement) -> str:
    """The key under which a disbursement left that we do not know of; empty when it has not left.

    Outside any transaction. Raises NotYet when the provider does not say, or says that it left more than once.
    """
    if disbursement.state != "RELEASED" or not _is_older_than_a_restore(disbursement):
        return ""
    keys = rail_for(disbursement.bank_account.rail).keys_out(instruction(disbursement, None))
    if isinstance(keys, Unknown) or len(keys) > 1:
        raise NotYet(_LOOK_AGAIN)
    return keys[0] if keys else ""


def require_none_left_before(disbursements: Sequence[Disbursement]) -> None:
    """Raises Refusal FILE-05 when a disbursement from before a restore lies in a file that the bank already has."""
    put_back = Decision.objects.filter(act=ACT).order_by("-number").values("number")[:1]
    told = Decision.objects.filter(subject__in=[one.number for one in disbursements], number__lt=Subquery(put_back))
    older = set(told.values_list("subject", flat=True))
    for disbursement in disbursements:
        if disbursement.number in older:
            _require_not_left_before(disbursement)


def _require_not_left_before(disbursement: Disbursement) -> None:
    keys = rail_for(disbursement.bank_account.rail).keys_out(instruction(disbursement, None))
    if isinstance(keys, Unknown) or keys:
        raise Refusal(
            "FILE-05",
            _("No file was prepared."),
            _("%(number)s was sent in a file that was forgotten when the database was put back.")
            % {"number": disbursement.number},
            _("Leave it out: choose the others by number. The statement will show it."),
        )
