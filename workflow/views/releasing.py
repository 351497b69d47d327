"""Releasing: the payer looks afresh at each prepared disbursement, and lets the chosen ones go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finance.models import Disbursement
from finance.policy import MAY_RELEASE
from finance.queries import disbursements_of
from finance.states import DisbursementState, PayeeDetailsState
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.policy import Question
from gaf.refusals import Refusal
from workflow.actions.payment import release as release_prepared
from workflow.forms.releasing import ReleaseForm
from workflow.models import AssistanceRequest
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

ACT = "release"


@dataclass(frozen=True)
class ToRelease:
    """One prepared disbursement, and whether this payer may let it go as it stands now."""

    disbursement: Disbursement
    payee: str
    hint: str
    rail: str
    prepared_by: str
    ticked: bool
    refusals: list[Refusal]

    @property
    def can_go(self) -> bool:
        """Whether nothing stands against it."""
        return not self.refusals


@audience(*READERS)
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything prepared is ticked; what may not go says why."""
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)
    prepared = [row for row in disbursements_of(reference) if row.state == DisbursementState.PREPARED]
    numbers = [row.number for row in prepared]
    posted = request.POST if request.method == "POST" else None
    form = ReleaseForm(posted, numbers=numbers, initial={"seen_version": assistance.version})
    if posted is not None and form.is_valid():
        said = form.said()
        if do(form, release_prepared, assistance, actor=person, **said):
            count = len(said["numbers"])
            words = ngettext("%(count)s disbursement released.", "%(count)s disbursements released.", count)
            return done(request, assistance, words % {"count": count})
    rows = _rows(assistance, prepared, person, set(request.POST.getlist("numbers")) if posted is not None else None)
    context = {
        "form": form,
        "rows": rows,
        "about": about(assistance),
        "totals": _totals(rows),
        "approved_by": _who_did(assistance.reference, ["approve_budget", "approve_deferred_line"]),
        "certified_by": _who_did(assistance.reference, ["certify_funds"]),
    }
    return page_of_act(request, "workflow/headquarters/release.html", assistance, ACT, context)


def _rows(
    assistance: AssistanceRequest, prepared: list[Disbursement], person: User, ticked: set[str] | None
) -> list[ToRelease]:
    decisions = Decision.objects.filter(reference=assistance.reference, act="prepare_disbursement")
    preparers = {row.subject: str(row.actor) for row in decisions.select_related("actor")}
    rows = []
    for disbursement in prepared:
        refusals = _against(disbursement, person)
        rows.append(
            ToRelease(
                disbursement=disbursement,
                payee=disbursement.payee_key,
                hint=disbursement.payee_version.account_hint,
                rail=disbursement.payee_version.get_rail_display(),
                prepared_by=preparers.get(disbursement.number, ""),
                ticked=not refusals if ticked is None else disbursement.number in ticked,
                refusals=refusals,
            )
        )
    return rows


def _against(disbursement: Disbursement, person: User) -> list[Refusal]:
    """The fresh look: may this person release it, and are the payee's details still the confirmed ones?"""
    question = Question(
        disbursement,
        "release_disbursement",
        person,
        amount=disbursement.committed,
        related=disbursement.decision_related(),
    )
    found = MAY_RELEASE.why_not(question)
    if disbursement.payee_version.state != PayeeDetailsState.CONFIRMED:
        found.append(
            Refusal(
                "DISB-10",
                _("Not released."),
                _("The payee’s details changed since it was prepared."),
                _("Stop it and prepare it again."),
            )
        )
    return found


def _totals(rows: list[ToRelease]) -> list[Money]:
    """The sum of what can go, in each currency."""
    sums: dict[str, Money] = {}
    for row in rows:
        if row.can_go:
            money = row.disbursement.money
            sums[money.currency] = sums.get(money.currency, Money.zero(money.currency)) + money
    return [sums[currency] for currency in sorted(sums)]


def _who_did(reference: str, acts: list[str]) -> str:
    rows: Any = Decision.objects.filter(reference=reference, act__in=acts).select_related("actor").order_by("number")
    return ", ".join(dict.fromkeys(str(row.actor) for row in rows))
