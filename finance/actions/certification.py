"""Certifying: the officer confirms stream, codes and rate of each commitment, or returns the request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from finance.agreements import any_agreement, may_certify
from finance.models import Commitment
from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.refusals import Refusal
from gaf.versions import save_all_by


@dataclass(frozen=True)
class Codes:
    """Why (WBS element) and what (general ledger account) of a cost."""

    wbs: str
    gl: str


def certify(
    *, reference: str, codes: dict[str, Codes], actor: User, at: datetime, leave_out: Collection[str] = ()
) -> Sequence[Commitment]:
    """Write the codes on each open commitment but those left out; returns them. Never moves money to another stream.

    Raises Refusal CERT-01 when a code is missing, CERT-02 when the stream has ended, RATE-01 when no rate is approved.
    """
    held = Commitment.objects.select_for_update(of=("self",)).filter(reference=reference).select_related("stream")
    rows = held.annotate(has_agreements=any_agreement("stream")).order_by("id")
    wanted = [one for one in rows if one.open and one.line_key not in leave_out]
    streams: dict[int, Any] = {}
    for commitment in wanted:
        commitment.stream = streams.setdefault(commitment.stream_id, commitment.stream)
        streams[commitment.stream_id].has_agreements = commitment.has_agreements
    prefetch_related_objects([stream for stream in streams.values() if stream.has_agreements], "agreements")
    for commitment in wanted:
        code = _require_certifiable(commitment, codes.get(commitment.line_key), at)
        commitment.wbs, commitment.gl = code.wbs, code.gl
    for currency in {commitment.currency for commitment in wanted}:
        usd_rate(currency, at.date())
    save_all_by(wanted, ["wbs", "gl"], actor)
    return wanted


def _require_certifiable(commitment: Commitment, code: Codes | None, at: datetime) -> Codes:
    if code is None or not code.wbs or not code.gl:
        raise Refusal(
            "CERT-01",
            _("The funds were not certified."),
            _("Line %(line)s has no WBS element or ledger account.") % {"line": commitment.line_key},
            _("Fill in both codes for each line."),
        )
    if not may_certify(commitment.stream, at.date()):
        raise Refusal(
            "CERT-02",
            _("The funds were not certified."),
            _("Stream %(stream)s ended since the approval.") % {"stream": commitment.stream.code},
            _("Return the request to the approver; money is not moved to another stream here."),
        )
    return code
