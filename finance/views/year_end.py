"""The year's end: streams that end, and what becomes of each commitment that is still open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions import year_end as actions
from finance.forms.months import ReviewForm
from finance.models import Commitment, CommitmentReview
from finance.standing import standings
from finance.views.acting import NewRecord, ask_act, ask_permit, done, may
from finance.views.plain_act import PlainAct, plain_act
from finance.visibility import SEES_FUND
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money

ROWS = 25


@audience(*SEES_FUND)
@require_safe
def year_end(request: HttpRequest, year: int) -> HttpResponse:
    """Streams that end in a year, and every commitment with something open, with what was proposed for it."""
    person: User = request.user  # type: ignore[assignment]
    reviews = CommitmentReview.objects.filter(year=year).select_related("proposed_by").order_by("number")
    rows = actions.unliquidated(year).prefetch_related(Prefetch("reviews", reviews, to_attr="of_the_year"))
    context = {
        "year": year,
        "streams": standings(actions.ending_streams(year), clock.today()),
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "may_propose": may(policy.MAY_PROPOSE_REVIEW, person),
        "may_decide": may(policy.MAY_DECIDE_REVIEW, person),
    }
    return render(request, "finance/year_end.html", context)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def review_new(request: HttpRequest, year: int, commitment: int) -> HttpResponse:
    """Propose what becomes of one commitment."""
    person: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(Commitment.objects.select_related("stream"), pk=commitment)
    ask_permit(policy.MAY_PROPOSE_REVIEW, NewRecord(found.reference), "propose_review", person)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("outcome", "reason_code", "reason")}
        made = done(
            form,
            lambda: actions.propose_review(commitment_id=found.pk, year=year, **said, actor=person, at=clock.now()),
        )
        if made is not None:
            messages.success(request, _("The proposal waits for a second person."))
            return redirect("year_end", year=year)
    context = {
        "form": form,
        "title": _("What becomes of %(reference)s line %(line)s?")
        % {"reference": found.reference, "line": found.line_key},
        "button": _("Propose this"),
        "effects": [
            _("A second person agrees or not. Nothing is freed before."),
            _("What a disbursement holds stays committed."),
        ],
        "back": reverse("year_end", args=[year]),
        "facts": [(_("Stream"), found.stream), (_("Still open"), found.open)],
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*SEES_FUND)
@require_http_methods(["GET", "HEAD", "POST"])
def review_act(request: HttpRequest, year: int, commitment: int, act: str) -> HttpResponse:
    """Agree with what was proposed for a commitment, or refuse it."""
    if act not in ("approve", "refuse"):
        raise Http404
    rows = CommitmentReview.objects.select_related("commitment", "proposed_by").filter(year=year)
    review = rows.filter(commitment_id=commitment).order_by("-number").first()
    if review is None:
        raise Http404
    agrees, found = act == "approve", review
    person: User = request.user  # type: ignore[assignment]
    ask_act(found, f"{act}_review", person)

    def do(actor: User, reason: str) -> Any:
        if agrees:
            return actions.approve_review(review_id=found.pk, actor=actor, at=clock.now())
        return actions.refuse_review(review_id=found.pk, reason=reason, actor=actor, at=clock.now())

    cancels = found.outcome == CommitmentReview.Outcome.CANCEL
    frees = _("What is open goes back to the stream.") if cancels else _("It stays committed into the next year.")
    return plain_act(
        request,
        PlainAct(
            title=_("Agree with this proposal") if agrees else _("Refuse this proposal"),
            button=_("Agree") if agrees else _("Refuse"),
            done=_("The proposal is approved.") if agrees else _("The proposal is refused."),
            effects=[frees if agrees else _("Another proposal may follow.")],
            back=reverse("year_end", args=[year]),
            do=do,
            asks_reason=not agrees,
            facts=[
                (_("Request"), found.commitment.reference),
                (_("Line"), found.commitment.line_key),
                (_("Open when it was proposed"), Money(found.usd_minor, "USD")),
                (_("Proposed"), found.get_outcome_display()),
                (_("Why"), found.get_reason_code_display()),
                (_("Proposed by"), found.proposed_by),
            ],
        ),
    )
