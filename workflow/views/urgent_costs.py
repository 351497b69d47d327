"""Accepting urgent costs that were honoured on a request that ended without approval."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from finance.actions.commitments import URGENT
from finance.queries import disbursed_by_line
from gaf.audience import audience
from gaf.money import Money
from workflow.actions.urgent_costs import accept_urgent_costs
from workflow.forms.acts import UrgentCostsAcceptedForm
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

ACT = "accept_urgent_costs"


@audience(*READERS)
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    """All that was paid, or less and why; what is not accepted is due back."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    require_open(assistance, ACT, person)
    missing = obstacles(assistance, ACT)
    paid = disbursed_by_line(reference).get(URGENT, Money.zero("USD"))
    form = UrgentCostsAcceptedForm(
        request.POST if request.method == "POST" else None,
        initial={"seen_version": assistance.version, "accepted": str(paid.decimal)},
    )
    if form.is_bound and form.is_valid() and do(form, accept_urgent_costs, assistance, actor=person, **form.said()):
        return done(request, assistance, _("the urgent costs are accepted; what is left is due back."))
    context = {
        "form": form,
        "about": about(assistance),
        "missing": missing,
        "will_happen": [
            _("%(paid)s was paid. What you accept is booked as spent.") % {"paid": paid},
            _("What you do not accept is due back to the same stream."),
            _("The request stays where it ended; its money can be closed afterwards."),
        ],
        "may_be_done": form.is_bound or not missing,
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, ACT, context)
