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
    SaidNo,
    about,
    do_within_sight,
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
    person, no = person_of(request), SaidNo()
    typed = ReleaseForm(request.POST, request=request) if request.method == "POST" else None
    if typed is not None and typed.is_valid():  # whoever presses has proved who they are, also if it is refused
        said = typed.said()
        acted = do_within_sight(no, release_prepared, request, reference, **said)
        if acted is not None:
            count = len(said["numbers"])
            words = ngettext("%(count)s disbursement released.", "%(count)s disbursements released.", count)
            return done(request, acted, words % {"count": count})
    assistance = request_within_sight(request, reference)
    require_open(assistance, ACT, person)
    prepared = [row for row in disbursements_of(reference) if row.state == DisbursementState.PREPARED]
    rows = rows_of(prepared, person, set(request.POST.getlist("numbers")) if typed is not None else None)
    form = typed or ReleaseForm(request=request, initial={"seen_version": assistance.version})
    form.look_at([row.number for row in prepared], [row.number for row in rows if row.alike])
    no.say_on(form)
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
