"""Disbursements: the list with what waits, one disbursement with its path, and stopping it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.disbursements import stop_disbursement
from finance.forms.fields import ReasonForm
from finance.models import Disbursement, Match
from finance.paying_rules import duplicate_words, duplicates_of, release_refusals
from finance.states import ON_ITS_WAY, DisbursementState
from finance.views.acting import Acts, act_within_sight, ask_act, done
from finance.views.history import decisions_about, told
from finance.views.rails import held_words
from finance.visibility import (
    HEADQUARTERS_FINANCE,
    SEES_DISBURSEMENTS,
    SEES_FILES,
    SEES_PAYEES,
    SEES_STATEMENTS,
    belongs_to,
    visible_disbursements,
)
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.sealing import unseal_all

S = DisbursementState
ROWS = 25
WAY = "on_its_way"
REFERENCE = re.compile(r"[A-Z0-9-]{1,40}")

# What a person who opens a disbursement needs to know before anything else.
_MEANING = {
    S.PREPARED: gettext_lazy("It waits for the payer to release it. Nothing has left."),
    S.RELEASED: gettext_lazy("The payer let it go. It leaves with the next file, or by itself within a minute."),
    S.SENDING: gettext_lazy("It is being sent just now."),
    S.SENT: gettext_lazy("The bank or provider has it. It counts as paid once the statement or the provider says so."),
    S.UNKNOWN: gettext_lazy(
        "We asked the provider and got no answer. It is not sent again: we keep asking every five minutes, and the "
        "statement decides."
    ),
    S.CONFIRMED: gettext_lazy("It was paid."),
    S.RETURNED: gettext_lazy("It came back. Its commitment is whole again, and a re-payment can be prepared."),
    S.FAILED: gettext_lazy("It was refused and nothing left. Its commitment is whole again."),
    S.STOPPED: gettext_lazy("It was stopped before anything left. Its commitment is open again."),
}


@audience(*SEES_DISBURSEMENTS)
@require_safe
def disbursements(request: HttpRequest) -> HttpResponse:
    """The worklist: how many stand in each state, and the rows of one state or of all."""
    person: User = request.user  # type: ignore[assignment]
    seen = visible_disbursements(person)
    state, reference = asked_for(request)
    rows = seen.filter(reference=reference) if reference else seen
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    if state:
        rows = rows.filter(state__in=states_of(state))
    page = Paginator(rows.order_by("-number"), ROWS).get_page(request.GET.get("page"))
    _name_payees(page.object_list, person)
    context = {
        "page": page,
        "counts": [(code, label, counts.get(code, 0)) for code, label in S.choices],
        "on_its_way": sum(counts.get(code, 0) for code in ON_ITS_WAY),
        "together": _together(rows) if state == WAY else None,
        "all_count": sum(counts.values()),
        "state": state,
        "reference": reference,
        "to_release": _to_release() if holds(person, Role.PAYER) else [],
        "sees_files": belongs_to(person, HEADQUARTERS_FINANCE),
    }
    return render(request, "finance/disbursements.html", context)


def asked_for(request: HttpRequest) -> tuple[str, str]:
    """The state (or “on its way”) and request asked for in the address; what is neither counts as not asked."""
    state, reference = request.GET.get("state", ""), request.GET.get("request", "")
    known = state in S.values or state == WAY
    return (state if known else "", reference if REFERENCE.fullmatch(reference) else "")


def states_of(asked: str) -> tuple[str, ...]:
    """The states that a filter of the list stands for."""
    return ON_ITS_WAY if asked == WAY else (asked,)


def _together(rows: QuerySet[Disbursement]) -> Money:
    """What the rows take from the fund, in US dollars at the approved rates."""
    return Money(rows.order_by().aggregate(sum=Sum("committed_usd_minor"))["sum"] or 0, "USD")


def _name_payees(rows: Iterable[Disbursement], person: User) -> None:
    """Give each row `.holder`, for people who may read payees' names."""
    shown = list(rows)
    sealed = [row.payee_version.holder if belongs_to(person, SEES_PAYEES) else "" for row in shown]
    for row, holder in zip(shown, unseal_all(sealed), strict=True):
        row.holder = holder  # type: ignore[attr-defined]


def _to_release() -> list[dict[str, Any]]:
    """What waits for release, request by request: number of disbursements and their sums by currency."""
    rows = Disbursement.objects.filter(state=S.PREPARED).order_by("reference", "currency")
    groups: dict[str, dict[str, Any]] = {}
    for reference, currency, minor, n in rows.values_list("reference", "currency").annotate(Sum("minor"), Count("pk")):
        group = groups.setdefault(reference, {"reference": reference, "count": 0, "sums": []})
        group["count"] += n
        group["sums"].append(Money(minor, currency))
    return list(groups.values())[:ROWS]


@audience(*SEES_DISBURSEMENTS)
@require_safe
def disbursement(request: HttpRequest, number: str) -> HttpResponse:
    """One disbursement: where it stands, its amounts, what was decided, and what may be done."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(visible_disbursements(person), number=number)
    _name_payees([row], person)
    decisions = decisions_about([row.number])
    matches = list(row.matches.select_related("line__statement__bank_account"))
    attempts = list(row.attempts.all())
    acts = _acts(row, person)
    context = {
        "disbursement": row,
        "meaning": _MEANING[S(row.state)],
        "path": _path(row, decisions, matches),
        "about": _amounts(row, matches),
        "facts": _facts(row, person),
        "parts": [
            (part.commitment, Money(part.local_minor, part.commitment.currency))
            for part in row.parts.select_related("commitment__stream")
        ],
        "attempts": attempts,
        "held": next((held_words(one, person) for one in attempts if one.held_code), ""),
        "matches": matches,
        "decisions": told(decisions, with_text=belongs_to(person, HEADQUARTERS_FINANCE)),
        "alike": _alike(row),
        "stands_against": _stands_against(row, person),
        "replaced_by": Disbursement.objects.filter(replaces=row).first(),
        "open_acts": acts.open_acts,
        "closed_acts": acts.closed_acts,
        "sees_statements": belongs_to(person, SEES_STATEMENTS),
        "sees_payee": belongs_to(person, SEES_PAYEES),
        "sees_file": row.payment_file is not None and belongs_to(person, SEES_FILES),
    }
    return render(request, "finance/disbursement.html", context)


def _stands_against(row: Disbursement, person: User) -> list[Refusal]:
    """What keeps it from being released now; told to headquarters only, where a name on a list is nobody's warning."""
    if row.state != S.PREPARED or not belongs_to(person, HEADQUARTERS_FINANCE):
        return []
    return release_refusals(row, clock.now())


def _alike(row: Disbursement) -> str:
    """What looks like the same payment, while it can still be stopped."""
    found = duplicates_of(row, clock.now()) if row.state in (S.PREPARED, S.RELEASED) else []
    return duplicate_words(found) if found else ""


def _acts(row: Disbursement, person: User) -> Acts:
    acts = Acts()
    acts.offer(
        row,
        "release_disbursement",
        person,
        f"/requests/{row.reference}/release/",
        _("Release"),
        primary=True,
        amount=row.committed,
        related=row.decision_related(),
    )
    if row.payment_file is None:
        acts.offer(row, "stop_disbursement", person, reverse("stop_disbursement", args=[row.number]), _("Stop"))
    acts.offer(row, "look_again", person, reverse("look_again", args=[row.number]), _("Look again"))
    acts.offer(row, "declare_unsent", person, reverse("declare_unsent", args=[row.number]), _("Say that it never left"))
    came_back = row.state in (S.RETURNED, S.FAILED)
    if came_back and not Disbursement.objects.filter(replaces=row).exists():
        again = reverse("prepare_disbursement", args=[row.reference]) + f"?replaces={row.number}"
        subject = Disbursement(reference=row.reference)
        acts.offer_permit(
            policy.MAY_PREPARE, subject, "prepare_disbursement", person, again, _("Prepare a re-payment"), primary=True
        )
    return acts


_STEPS = [
    (S.PREPARED, gettext_lazy("Prepared")),
    (S.RELEASED, gettext_lazy("Released")),
    (S.SENT, gettext_lazy("Sent")),
    (S.CONFIRMED, gettext_lazy("Confirmed")),
]


def _path(row: Disbursement, decisions: list[Decision], matches: list[Match]) -> list[dict[str, Any]]:
    """Prepared, released, sent, confirmed, matched: which it has reached, told by its decisions and its match."""
    reached = {decision.to_state for decision in decisions} | {row.state}
    matched = any(match.kind == Match.Kind.DISBURSEMENT for match in matches)
    done_steps = [code in reached for code, _label in _STEPS] + [matched]
    last = max((place for place, done_step in enumerate(done_steps) if done_step), default=0)
    over = row.state in (S.STOPPED, S.RETURNED, S.FAILED)
    labels = [*(label for _code, label in _STEPS), _("Matched with the bank")]
    steps = []
    for place, label in enumerate(labels):
        progress = "done" if place < last else "todo"
        if place == last:
            progress = "ended" if over else "done" if matched else "now"
        steps.append({"label": label, "progress": progress, "present": place == last})
    return steps


def _amounts(row: Disbursement, matches: list[Match]) -> list[dict[str, Any]]:
    account = row.bank_account
    found: list[tuple[str, Any]] = [(_("The payee receives"), row.money)]
    found.append((_("Taken from its commitments, at the approved rate"), row.committed))
    if row.paid_usd_minor is not None:
        found.append((_("Worth on the day it was sent"), Money(row.paid_usd_minor, "USD")))
    if row.account_minor is not None:
        expected = Money(row.account_minor, account.currency)
        found.append((_("Expected charge to %(account)s") % {"account": account.code}, expected))
    for kind, label in (
        (Match.Kind.DISBURSEMENT, _("Charged by the bank")),
        (Match.Kind.RETURN, _("Given back by the bank")),
        (Match.Kind.FEE, _("Fees of the bank")),
    ):
        lines = [match.line.money for match in matches if match.kind == kind]
        if lines:
            found.append((label, sum(lines[1:], lines[0])))
    return [{"label": label, "value": value} for label, value in found]


def _facts(row: Disbursement, person: User) -> list[dict[str, Any]]:
    version = row.payee_version
    facts: list[tuple[str, Any]] = [
        (_("Request"), row.reference),
        (_("Payee"), " · ".join(filter(None, [row.holder, version.payee.key, f"…{version.account_hint}"]))),  # type: ignore[attr-defined]
        (_("Mission"), version.payee.mission.name),
        (_("Fund's account"), f"{row.bank_account.code} · {row.bank_account.name}"),
        (_("Text on the statement"), row.end_to_end),
    ]
    if row.payment_file is not None:
        facts.append((_("File to the bank"), row.payment_file.message_id))
    if row.return_code:
        facts.append((_("Reason given by the bank"), row.return_code))
    return [{"label": label, "value": value} for label, value in facts]


@audience(*SEES_DISBURSEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Stop a disbursement that has not left."""
    person: User = request.user  # type: ignore[assignment]
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {"reason": form.cleaned_data["reason"], "actor": person, "at": clock.now()}
        rows = visible_disbursements(person).filter(number=number)
        stop_it = partial(stop_disbursement, number=number, **said)
        stopped = done(form, lambda: act_within_sight(rows, lambda here: stop_it(locked=here)))
        if stopped is not None:
            messages.success(request, _("%(number)s is stopped. Its commitment is open again.") % {"number": number})
            return redirect("disbursement", number=number)
    row = get_object_or_404(visible_disbursements(person), number=number)
    ask_act(row, "stop_disbursement", person)
    context = {"form": form, "disbursement": row, "about": _amounts(row, [])[:2]}
    return render(request, "finance/stop_disbursement.html", context, status=422 if form.errors else 200)
