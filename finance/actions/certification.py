"""Certifying: the officer confirms stream, codes and rate of each commitment, or returns the request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from finance.agreements import may_certify
from finance.models import Commitment
from finance.queries import usd_rate
from gaf.accounts.models import User
from gaf.refusals import Refusal


@dataclass(frozen=True)
class Codes:
    """Why (WBS element) and what (general ledger account) of a cost."""

    wbs: str
    gl: str


def certify(
    *, reference: str, codes: dict[str, Codes], actor: User, at: datetime, leave_out: Collection[str] = ()
) -> None:
    """Write the codes on each open commitment but those left out. Never moves money to another stream.

    Raises Refusal CERT-01 when a code is missing, CERT-02 when the stream has ended, RATE-01 when no rate is approved.
    """
    held = Commitment.objects.select_for_update().filter(reference=reference).order_by("id")
    for commitment in held.prefetch_related("stream__agreements"):
        if not commitment.open or commitment.line_key in leave_out:
            continue
        code = codes.get(commitment.line_key)
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
        usd_rate(commitment.currency, at.date())
        commitment.wbs, commitment.gl = code.wbs, code.gl
        commitment._history_user = actor
        commitment.save()
