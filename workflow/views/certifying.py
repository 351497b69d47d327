"""Confirming funds: stream, amount, rate of the day and its drift since approval, and the codes of each line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from finance.models import Commitment
from finance.queries import commitments_of, usd_rate
from gaf import clock
from gaf.accounts.models import User
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
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
    try_within_sight,
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


class _Asked:
    """The open commitments of a request that wait for nothing, and the form over their codes."""

    def __init__(self, assistance: AssistanceRequest, form: ActForm, posted: QueryDict | None) -> None:
        self.form = form
        self.waiting = lines_that_wait(assistance, clock.now())
        every = commitments_of(assistance.reference)
        self.standing = [one for one in every if one.open and one.line_key not in self.waiting]
        types = {line.key: line.assistance_type for line in assistance.lines.all()}
        self.rows = CodesFormSet(posted, commitments=self.standing, types=types)

    def certify(self, assistance: AssistanceRequest, person: User) -> AssistanceRequest | None:
        """Do it, if every row is whole."""
        if not (self.form.is_valid() and self.rows.is_valid()):
            return None
        said = {"codes": self.rows.codes(), **self.form.said()}
        return certify_funds(request_id=assistance.pk, actor=person, at=clock.now(), **said)


@audience(*READERS)
def certify(request: HttpRequest, reference: str) -> HttpResponse:
    """Codes for every open commitment, then confirm."""
    person, posted = person_of(request), request.POST if request.method == "POST" else None
    form = ActForm(posted) if posted is not None else None
    if form is not None:
        acted = try_within_sight(
            form, request, reference, lambda here: _Asked(here, form, posted).certify(here, person)
        )
        if acted is not None:
            return done(request, acted, _("funds confirmed; disbursements can be prepared."))
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)  # the gate asked when it was tried; here its page is asked for
    asked = _Asked(assistance, form or ActForm(initial={"seen_version": assistance.version}), posted)
    return page_of_act(
        request,
        "workflow/headquarters/certify_funds.html",
        assistance,
        ACT,
        _context(assistance, asked.form, asked.rows, asked.standing) | {"waiting": asked.waiting},
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
