"""Files for the bank: prepared from released disbursements, signed by two people who compare one SHA-256."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.files import content_of, discard_file, prepare_file, sign_first, sign_second
from finance.amounts_in_words import with_words
from finance.forms.disbursing import FileForm
from finance.forms.fields import ConfirmForm, PlainForm, ReasonForm
from finance.models import BankAccount, Disbursement, PaymentFile
from finance.states import DisbursementState, PaymentFileState, Rail
from finance.views.acting import Acts, NewRecord, act_within_sight, ask_act, ask_permit, done, may
from finance.views.history import decisions_about, told
from finance.visibility import READS_FILE_BYTES, SEES_FILES, belongs_to
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money

ROWS = 25


def totals_of(payment_file: PaymentFile) -> list[Money]:
    """What a file pays, currency by currency."""
    return [Money(minor, currency) for currency, minor in sorted(payment_file.totals.items())]


@audience(*SEES_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def payment_files(request: HttpRequest) -> HttpResponse:
    """The files, newest first, and what waits for one; POST prepares a file for one account."""
    person: User = request.user  # type: ignore[assignment]
    form = FileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = _prepared(form, person) if may(policy.MAY_PREPARE_FILE, person) and form.is_valid() else None
        if made is not None:
            messages.success(request, _("File %(file)s is prepared, to be signed.") % {"file": made.message_id})
            return redirect("payment_file", message_id=made.message_id)
        ask_permit(policy.MAY_PREPARE_FILE, NewRecord(), "prepare_file", person)
    rows = PaymentFile.objects.select_related("bank_account").order_by("-prepared_at", "-message_id")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.sums = totals_of(row)  # type: ignore[attr-defined]
    may_prepare = may(policy.MAY_PREPARE_FILE, person)
    context = {"page": page, "waiting": _waiting(), "may_prepare": may_prepare, "form": form}
    return render(request, "finance/payment_files.html", context, status=422 if form.errors else 200)


def _prepared(form: FileForm, person: User) -> PaymentFile | None:
    """The file of everything that waits for one; None when it was refused, with the reason at the form."""
    account = BankAccount.objects.filter(code=form.cleaned_data["account"], rail=Rail.BANK_FILE).first()
    if account is None:
        raise Http404
    made: PaymentFile | None = done(form, lambda: prepare_file(bank_account=account, actor=person, at=clock.now()))
    return made


def _waiting() -> list[dict[str, Any]]:
    """Released disbursements that lie in no file yet, account by account."""
    rows = Disbursement.objects.filter(
        state=DisbursementState.RELEASED, payment_file=None, bank_account__rail=Rail.BANK_FILE
    ).order_by("bank_account__code", "currency")
    columns = rows.values_list("bank_account__code", "bank_account__name", "currency")
    groups: dict[str, dict[str, Any]] = {}
    for code, name, currency, minor, n in columns.annotate(Sum("minor"), Count("pk")):
        group = groups.setdefault(code, {"code": code, "name": name, "count": 0, "sums": []})
        group["count"] += n
        group["sums"].append(Money(minor, currency))
    return list(groups.values())


@audience(*SEES_FILES)
@require_safe
def payment_file(request: HttpRequest, message_id: str) -> HttpResponse:
    """One file: its sums, its SHA-256, its orders, who signed, and what may be done."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(PaymentFile.objects.select_related("bank_account"), message_id=message_id)
    orders = row.disbursements.select_related("payee_version__payee").order_by("number")
    acts = Acts()
    for act in (SIGN_FIRST, SIGN_SECOND, DISCARD):
        url = reverse(act.name, args=[row.message_id])
        acts.offer(row, act.name, person, url, str(act.button), primary=act is not DISCARD)
    context = {
        "file": row,
        "sums": with_words(totals_of(row)),
        "page": Paginator(orders, ROWS * 2).get_page(request.GET.get("page")),
        "decisions": told(decisions_about([row.message_id]), with_text=True),
        "open_acts": acts.open_acts,
        "closed_acts": acts.closed_acts,
        "reads_bytes": belongs_to(person, READS_FILE_BYTES),
    }
    return render(request, "finance/payment_file.html", context)


@audience(*READS_FILE_BYTES)
@require_safe
def payment_file_bytes(request: HttpRequest, message_id: str) -> HttpResponse:
    """The bytes that are signed, for whoever signs them."""
    row = get_object_or_404(PaymentFile, message_id=message_id)
    answer = HttpResponse(content_of(row), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{row.message_id}.xml"'
    return answer


@dataclass(frozen=True)
class FileAct:
    """One act on a file: its button, what will happen, and the action."""

    name: str
    button: Promise | str
    happens: tuple[Promise | str, ...]
    form: type[PlainForm]
    action: Callable[..., PaymentFile]
    afterwards: Promise | str
    cannot_be_undone: bool = False


SIGN_FIRST = FileAct(
    "sign_first",
    gettext_lazy("Sign first"),
    (
        gettext_lazy("You say that you compared the sums and the SHA-256 with the file."),
        gettext_lazy("The certifying officer and the fund manager are told; one of them signs second."),
        gettext_lazy("Nothing leaves yet."),
    ),
    ConfirmForm,
    sign_first,
    gettext_lazy("File %(file)s is signed once."),
)
SIGN_SECOND = FileAct(
    "sign_second",
    gettext_lazy("Sign second and send to the bank"),
    (
        gettext_lazy("You say that you compared the sums and the SHA-256 with the file."),
        gettext_lazy("The file goes to the bank within a minute. It cannot be called back from here."),
    ),
    ConfirmForm,
    sign_second,
    gettext_lazy("File %(file)s is signed by two and goes to the bank."),
    cannot_be_undone=True,
)
DISCARD = FileAct(
    "discard_file",
    gettext_lazy("Discard the file"),
    (
        gettext_lazy("The file is never sent. Its number is not used again."),
        gettext_lazy("Its disbursements stay released and can go into another file, or be stopped."),
    ),
    ReasonForm,
    discard_file,
    gettext_lazy("File %(file)s is discarded."),
    cannot_be_undone=True,
)


@audience(*SEES_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_first_page(request: HttpRequest, message_id: str) -> HttpResponse:
    """The payer signs the bytes."""
    return _act_page(request, message_id, SIGN_FIRST)


@audience(*SEES_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_second_page(request: HttpRequest, message_id: str) -> HttpResponse:
    """A second person signs the same bytes; the file leaves."""
    return _act_page(request, message_id, SIGN_SECOND)


@audience(*SEES_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def discard_page(request: HttpRequest, message_id: str) -> HttpResponse:
    """A file that will not go."""
    return _act_page(request, message_id, DISCARD)


def _act_page(request: HttpRequest, message_id: str, act: FileAct) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    rows = PaymentFile.objects.select_related("bank_account").filter(message_id=message_id)
    form = act.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wanted = {"actor": person, "at": clock.now(), **form.cleaned_data}
        acted = done(form, lambda: act_within_sight(rows, lambda here: act.action(file_id=here.pk, **wanted)))
        if acted is not None:
            messages.success(request, str(act.afterwards) % {"file": acted.message_id})
            return redirect("payment_file", message_id=acted.message_id)
    row = get_object_or_404(rows)
    ask_act(row, act.name, person)
    context = {
        "form": form,
        "file": row,
        "act": act,
        "sums": with_words(totals_of(row)),
        "reads_bytes": belongs_to(person, READS_FILE_BYTES) and row.state != PaymentFileState.DISCARDED,
    }
    return render(request, "finance/file_act.html", context, status=422 if form.errors else 200)
