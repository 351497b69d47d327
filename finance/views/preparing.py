"""Preparing a disbursement: amounts of certified lines, one confirmed payee, one of the fund's accounts."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from finance import policy
from finance.actions.disbursements import commitments_under_lock, newest_of, prepare_disbursement
from finance.forms.disbursing import PrepareForm, initial_of
from finance.models import BankAccount, Commitment, Disbursement, PayeeVersion
from finance.queries import commitments_of
from finance.states import DisbursementState, PayeeDetailsState
from finance.views.acting import ask_permit, in_words, made_before, may, moved_on, once
from finance.visibility import HEADQUARTERS_FINANCE, visible_disbursements
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import unseal_all

_NUMBER = re.compile(r"P-[0-9]{4}-[0-9]{5,8}")
_MISSIONS = re.compile(r"[A-Z]{2}(,[A-Z]{2}){0,60}")
_FIELD_OF = {
    "DISB-05": "payee",
    "DISB-06": "account",
    "DISB-07": "payee",
    "DISB-14": "duplicate_reason",
    "SCREEN-03": "payee",
    "SCREEN-06": "payee",
}


@audience(*HEADQUARTERS_FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, reference: str) -> HttpResponse:
    """Prepare one amount for one payee. `?missions=NE,MX` narrows the payees, `?replaces=P-…` makes a re-payment."""
    person: User = request.user  # type: ignore[assignment]
    if request.method == "POST" and may(policy.MAY_PREPARE, person):
        return _prepare(request, reference)
    commitments = commitments_of(reference)
    if not commitments:
        raise Http404
    _ask(reference, person)
    replaced = _replaced(request, reference)
    return _show(request, reference, _form(request, commitments, replaced), replaced)


def _ask(reference: str, person: User) -> None:
    ask_permit(policy.MAY_PREPARE, Disbursement(reference=reference), "prepare_disbursement", person)


def _prepare(request: HttpRequest, reference: str) -> HttpResponse:
    """Prepare what was typed; only where it cannot be done, the permit is asked for what is shown then."""
    person: User = request.user  # type: ignore[assignment]
    made = made_before(request)
    if made:
        return redirect(made)
    replaced = _replaced(request, reference)
    typed = _Typed(request, reference, replaced)
    address = typed.prepared_once()
    if not address:
        _ask(reference, person)
        return _show(request, reference, typed.form, replaced)
    number = address.rstrip("/").rpartition("/")[2]
    messages.success(request, _("%(number)s is prepared. The payer was told.") % {"number": number})
    return redirect(address)


def _show(request: HttpRequest, reference: str, form: PrepareForm, replaced: Disbursement | None) -> HttpResponse:
    context = {
        "form": form,
        "reference": reference,
        "lines": form.rows(),
        "replaced": replaced,
        "save": "?save=1" + (f"&replaces={replaced.number}" if replaced else ""),
    }
    return render(request, "finance/prepare_disbursement.html", context, status=422 if form.errors else 200)


class _Typed:
    """What was typed, read against the commitments as they were locked for it."""

    form: PrepareForm

    def __init__(self, request: HttpRequest, reference: str, replaced: Disbursement | None) -> None:
        self.request, self.reference, self.replaced = request, reference, replaced

    def prepared_once(self) -> str:
        """The address of what was prepared; empty where the form says why nothing was."""
        key = self.request.POST.get("idempotency_key", "")
        try:
            return once(self.request, key, self._prepared)
        except (NotPermitted, MovedOn):
            raise
        except Refusal as refusal:
            self.form.add_error(_FIELD_OF.get(refusal.code), in_words(refusal))
            return ""

    def _prepared(self) -> str:
        locked = commitments_under_lock(self.reference)
        if not locked:
            raise Http404
        self.form = form = _form(self.request, locked, self.replaced)
        if not form.is_valid():
            return ""
        person: User = self.request.user  # type: ignore[assignment]
        prepared = prepare_disbursement(
            reference=self.reference,
            payee_version=form.version,
            bank_account=form.bank_account,
            parts=form.cleaned_data["parts"],
            actor=person,
            at=clock.now(),
            replaces=self.replaced,
            duplicate_reason=form.cleaned_data["duplicate_reason"],
            locked=locked,
        )
        return reverse("disbursement", args=[prepared.number])


def _replaced(request: HttpRequest, reference: str) -> Disbursement | None:
    """The disbursement of this request that came back and is to be paid again."""
    number = request.GET.get("replaces", "")
    if not number:
        return None
    if not _NUMBER.fullmatch(number):
        raise Http404
    person: User = request.user  # type: ignore[assignment]
    again = Exists(Disbursement.objects.filter(replaces=OuterRef("pk")))
    rows = visible_disbursements(person).annotate(is_replaced=again)
    found: Any = get_object_or_404(rows, number=number, reference=reference)
    came_back = found.state in (DisbursementState.RETURNED, DisbursementState.FAILED)
    if not came_back or found.is_replaced:
        raise moved_on(found, "prepare_disbursement")
    disbursement: Disbursement = found
    return disbursement


def _form(request: HttpRequest, commitments: list[Commitment], replaced: Disbursement | None) -> PrepareForm:
    lines = [row for row in newest_of(commitments).values() if row.local_open]
    versions = _versions(request, {row.currency for row in lines})
    initial: dict[str, Any] = {}
    if replaced is not None and request.method != "POST":
        again = [v.decision_subject() for v in versions if v.payee_id == replaced.payee_version.payee_id]
        initial = {**initial_of(replaced), "payee": again[0] if again else ""}
    return PrepareForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        lines=lines,
        payees=list(zip(versions, unseal_all(v.holder for v in versions), strict=True)),
        accounts=BankAccount.objects.all(),
    )


def _versions(request: HttpRequest, currencies: set[str]) -> list[PayeeVersion]:
    """Confirmed details that are paid in one of these currencies, of the missions the address names or of all."""
    rows = PayeeVersion.objects.filter(state=PayeeDetailsState.CONFIRMED, currency__in=currencies)
    missions = request.GET.get("missions", "")
    if _MISSIONS.fullmatch(missions):
        rows = rows.filter(payee__mission__code__in=missions.split(","))
    return list(rows.select_related("payee__mission").order_by("payee__mission__name", "payee__key"))
