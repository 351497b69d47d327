"""Bringing Stripe's word: the movements of its balance. The whole of it or nothing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from finance import policy
from finance.actions.stripe_statement import import_stripe_statement
from finance.forms.fields import ConfirmForm
from finance.models import BankAccount, Statement
from finance.states import Rail
from finance.views.acting import NewRecord, ask_permit, done
from finance.visibility import SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience


def _imported(statement: Statement) -> str:
    lines = statement.lines.count()
    words = ngettext(
        "Statement %(id)s of %(account)s is imported: %(n)s line, %(suggested)s suggested.",
        "Statement %(id)s of %(account)s is imported: %(n)s lines, %(suggested)s suggested.",
        lines,
    )
    return words % {
        "id": statement.statement_id,
        "account": statement.bank_account.code,
        "n": lines,
        "suggested": statement.lines.filter(state="PROPOSED").count(),
    }


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def fetch(request: HttpRequest, code: str) -> HttpResponse:
    """Fetch what moved on the Stripe balance since the last statement."""
    person: User = request.user  # type: ignore[assignment]
    account = get_object_or_404(BankAccount, code=code, rail=Rail.STRIPE)
    ask_permit(policy.MAY_IMPORT_STATEMENT, NewRecord(), "import_statement", person)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        fetched = done(form, lambda: [import_stripe_statement(bank_account=account, actor=person, at=clock.now())])
        if fetched is not None:
            statement = fetched[0]
            nothing = _("Nothing moved since the last statement.")
            messages.success(request, _imported(statement) if statement else nothing)
            return redirect("reconcile_account", code=code)
    last = Statement.objects.filter(bank_account=account).order_by("-sequence").first()
    context = {"form": form, "account": account, "last": last}
    return render(request, "finance/fetch_statement.html", context, status=422 if form.errors else 200)
