"""Releasing: the payer looks afresh at each prepared disbursement, and lets the chosen ones go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from finance.amounts_in_words import with_words
from finance.queries import disbursements_of
from finance.states import DisbursementState
from gaf.audience import audience
from gaf.decisions.models import Decision
from workflow.actions.payment import release as release_prepared
from workflow.forms.releasing import ReleaseForm
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
from workflow.views.release_rows import rows_of, totals

ACT = "release"


@audience(*READERS)
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything prepared is ticked; what may not go says why."""
    person = person_of(request)
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)
    prepared = [row for row in disbursements_of(reference) if row.state == DisbursementState.PREPARED]
    numbers = [row.number for row in prepared]
    posted = request.POST if request.method == "POST" else None
    chosen = set(request.POST.getlist("numbers")) if posted is not None else None
    rows = rows_of(prepared, person, chosen)
    form = ReleaseForm(
        posted,
        request=request,
        numbers=numbers,
        alike=[row.number for row in rows if row.alike],
        initial={"seen_version": assistance.version},
    )
    if posted is not None and form.is_valid():
        said = form.said()
        if do(form, release_prepared, assistance, actor=person, **said):
            count = len(said["numbers"])
            words = ngettext("%(count)s disbursement released.", "%(count)s disbursements released.", count)
            return done(request, assistance, words % {"count": count})
    context = {
        "form": form,
        "rows": rows,
        "about": about(assistance),
        "totals": with_words(totals(rows)),
        "approved_by": _who_did(assistance.reference, ["approve_budget", "approve_deferred_line"]),
        "certified_by": _who_did(assistance.reference, ["certify_funds"]),
    }
    return page_of_act(request, "workflow/headquarters/release.html", assistance, ACT, context)


def _who_did(reference: str, acts: list[str]) -> str:
    rows: Any = Decision.objects.filter(reference=reference, act__in=acts).select_related("actor").order_by("number")
    return ", ".join(dict.fromkeys(str(row.actor) for row in rows))
