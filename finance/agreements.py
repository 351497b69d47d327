"""What a stream may do by the agreements behind it: until when it takes commitments, and until when it pays them."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from finance.models import Agreement, FundingStream
from finance.states import AgreementState


def agreements_in_force(stream: FundingStream) -> list[Agreement]:
    """The confirmed agreements of a stream; reads those fetched before, and none where there are known to be none."""
    if not getattr(stream, "has_agreements", True):
        return []
    return [one for one in stream.agreements.all() if one.state == AgreementState.IN_FORCE]


def any_agreement(stream: str = "pk") -> Exists:
    """Whether a stream has an agreement at all, as `has_agreements` of a query that asks more."""
    return Exists(Agreement.objects.filter(stream=OuterRef(stream)))


def takes_commitments(stream: FundingStream, day: date) -> bool:
    """Whether a stream bears new commitments on a day: it is in force itself, and so is one of its agreements if it
    has any."""
    if not _covers(stream.starts_on, stream.ends_on, day):
        return False
    agreements = agreements_in_force(stream)
    return not agreements or any(_covers(one.starts_on, one.ends_on, day) for one in agreements)


def pays_until(stream: FundingStream) -> date | None:
    """The last day on which older commitments are paid: the final payment day of its agreements.

    None when no agreement sets an end.
    """
    lasts = [one.final_payment_on or one.ends_on for one in agreements_in_force(stream)]
    days = [day for day in lasts if day is not None]
    return max(days) if days and len(days) == len(lasts) else None


def may_certify(stream: FundingStream, day: date) -> bool:
    """Whether an older commitment may still be certified: until the last payment day, or the stream's own end."""
    last = pays_until(stream) or stream.ends_on
    return last is None or day <= last


def _covers(starts_on: date, ends_on: date | None, day: date) -> bool:
    return starts_on <= day and (ends_on is None or day <= ends_on)
