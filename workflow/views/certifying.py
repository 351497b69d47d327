"""Confirming funds: stream, amount, rate of the day and its drift since approval, and the codes of each line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.models import Commitment
from finance.queries import commitments_of, usd_rate
from gaf import clock
from gaf.audience import audience
from gaf.money import total
from gaf.refusals import Refusal
from workflow.actions.payment import certify_funds, lines_that_wait
from workflow.forms.acts import ActForm
from workflow.forms.certifying import CodesFormSet
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.views.act_pages import (
    READERS,
    about,
    do,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
)

ACT = "certify_funds"
# Beyond this drift the dollars committed may no longer cover the local need.
_NOTABLE_DRIFT = Decimal(5)


@dataclass(frozen=True)
class RateToday:
    """The rate of the day against the rate of the approval, and the drift in hundredths."""

    approved: Decimal
    today: Decimal | None
    drift: Decimal | None
    is_notable: bool
    missing: str = ""


def rate_today(commitment: Commitment) -> RateToday:
    """What a line's currency is worth today; without an approved rate the page says so."""
    approved = Decimal(commitment.units_per_usd)
    try:
        today = Decimal(usd_rate(commitment.currency, clock.today()).units_per_usd)
    except Refusal as refusal:
        return RateToday(approved, None, None, True, refusal.why)
    drift = ((today - approved) * 100 / approved).quantize(Decimal("0.1"))
    return RateToday(approved, today, drift, abs(drift) > _NOTABLE_DRIFT)


@audience(*READERS)
def certify(request: HttpRequest, reference: str) -> HttpResponse:
    """Codes for every open commitment, then confirm."""
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    if request.method != "POST":
        require_open(assistance, ACT, person)
    posted = request.POST if request.method == "POST" else None
    form = ActForm(posted, initial={"seen_version": assistance.version})
    waiting = lines_that_wait(assistance, clock.now())
    standing = [one for one in commitments_of(reference) if one.open and one.line_key not in waiting]
    types = {line.key: line.assistance_type for line in assistance.lines.all()}
    rows = CodesFormSet(posted, commitments=standing, types=types)
    is_whole = posted is not None and form.is_valid() and rows.is_valid()
    if is_whole and do(form, certify_funds, assistance, actor=person, codes=rows.codes(), **form.said()):
        return done(request, assistance, _("funds confirmed; disbursements can be prepared."))
    if posted is not None:
        require_open(assistance, ACT, person)  # the gate asked when it was tried; here its page is asked for
    return page_of_act(
        request,
        "workflow/headquarters/certify_funds.html",
        assistance,
        ACT,
        _context(assistance, form, rows, standing) | {"waiting": waiting},
    )


def _context(assistance: AssistanceRequest, form: ActForm, rows: Any, standing: list[Commitment]) -> dict[str, Any]:
    lines = {line.key: line for line in assistance.lines.select_related("mission")}
    rates = [rate_today(commitment) for commitment in standing]
    shown = [
        {"form": row, "commitment": commitment, "line": lines.get(commitment.line_key), "rate": rate}
        for row, commitment, rate in zip(rows.forms, standing, rates, strict=True)
    ]
    return {
        "form": form,
        "rows": rows,
        "shown": shown,
        "about": about(assistance),
        "total": total([commitment.open for commitment in standing], "USD"),
        "has_drift": any(rate.is_notable for rate in rates),
        "missing": obstacles(assistance, ACT),
    }
