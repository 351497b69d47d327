"""The fund: what is free, committed and spent, stream by stream, and the rows behind each number."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import Case, F, Sum, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance import policy, postings
from finance.models import Commitment, Disbursement, FundingStream, JournalLine, RefundDue, Restriction, StatementLine
from finance.standing import Standing, standings
from finance.states import ON_ITS_WAY, StatementLineState
from finance.views.accounts import OPEN
from finance.views.acting import may
from finance.visibility import HEADQUARTERS_FINANCE, SEES_FUND, SEES_STATEMENTS, belongs_to
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.money import Money, total
from gaf.privacy.sight import open_to

ROWS = 25


@audience(*SEES_FUND)
@require_safe
def fund(request: HttpRequest) -> HttpResponse:
    """The fund today, from the ledger; every number leads to its rows."""
    person: User = request.user  # type: ignore[assignment]
    today = clock.today()
    every = standings(FundingStream.objects.prefetch_related("restrictions", "agreements"), today)
    page = Paginator(every, ROWS).get_page(request.GET.get("page"))
    context = {
        "today": today,
        "page": page,
        "streams": [_row(one) for one in page.object_list],
        "expiring": [one for one in every if one.ends_soon],
        "figures": _figures(every, person),
        "may_record": may(policy.MAY_RECORD_RECEIPT, person),
        "sees_statements": belongs_to(person, SEES_STATEMENTS),
    }
    return render(request, "finance/fund.html", context)


def _row(standing: Standing) -> dict[str, Any]:
    """A stream as the pages show it: its figures, and what its donor allows in words."""
    names = ("stream", "pledged", "agreed", "received", "committed", "spent", "free", "days_left", "pays_until")
    return {
        **{name: getattr(standing, name) for name in names},
        "total": standing.total,
        "restrictions": [in_words(restriction) for restriction in standing.stream.restrictions.all()],
        "ended": standing.ended,
        "ends_soon": standing.ends_soon,
    }


def in_words(restriction: Restriction) -> str:
    """A donor's restriction as a sentence: “country of spending: only LB, JO”."""
    if restriction.kind == Restriction.Kind.CHILDREN_ONLY:
        return _("for children only")
    words = _("%(kind)s: only %(values)s")
    if restriction.operator == Restriction.Operator.NOT:
        words = _("%(kind)s: not %(values)s")
    return words % {"kind": restriction.get_kind_display(), "values": ", ".join(sorted(restriction.values))}


def _figures(streams: list[Standing], person: User) -> list[dict[str, Any]]:
    """The numbers at the top, each with the address of its rows where the person may open them."""
    out = Disbursement.objects.filter(state__in=ON_ITS_WAY)
    lines = StatementLine.objects.order_by()
    still_due = F("usd_minor") - F("received_usd_minor") - F("written_off_usd_minor")
    refunds = RefundDue.objects.aggregate(sum=Sum(still_due))["sum"] or 0
    disbursements = "/disbursements/" if belongs_to(person, HEADQUARTERS_FINANCE) else ""
    reconciliation = "/reconciliation/" if belongs_to(person, SEES_STATEMENTS) else ""
    on_its_way = Money(out.aggregate(sum=Sum("committed_usd_minor"))["sum"] or 0, "USD")
    return [
        {"label": _("Free"), "money": total([s.free for s in streams], "USD"), "url": "#streams"},
        {"label": _("Committed, not sent"), "money": total([s.committed for s in streams], "USD"), "url": "#streams"},
        {"label": _("Spent"), "money": total([s.spent for s in streams], "USD"), "url": "#streams"},
        {"label": _("On its way"), "money": on_its_way, "url": disbursements and f"{disbursements}?state=on_its_way"},
        {"label": _("Refunds due"), "money": Money(refunds, "USD"), "url": "/fund/refunds/"},
        {
            "label": _("Bank lines not matched"),
            "count": lines.filter(state__in=OPEN).count(),
            "url": reconciliation,
        },
        {
            "label": _("Bank lines set aside"),
            "count": lines.filter(state=StatementLineState.SET_ASIDE).count(),
            "url": reconciliation,
        },
    ]


@audience(*SEES_FUND)
@require_safe
def stream(request: HttpRequest, code: str) -> HttpResponse:
    """One stream: the receipts it consists of, and the commitments that stand on it, request by request."""
    found = get_object_or_404(FundingStream.objects.prefetch_related("restrictions", "agreements"), code=code)
    row = _row(standings([found], clock.today())[0])
    seen = Commitment.objects.filter(open_to(cast(User, request.user)), stream=found)
    commitments = seen.order_by("-reference", "id")
    receipts = found.receipts.select_related("bank_account").order_by("-received_on", "key")
    received = Paginator(receipts, ROWS).get_page(request.GET.get("receipts"))
    context = {
        "row": row,
        "stream": found,
        "receipts": received,
        "receipt_rows": [(receipt, Money(receipt.usd_minor, "USD")) for receipt in received.object_list],
        "page": Paginator(commitments, ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "finance/stream.html", context)


LEDGERS = {"free": postings.AVAILABLE, "committed": postings.COMMITTED, "spent": postings.SPENT}
_WORDS = {posting.kind: posting.when for posting in postings.POSTINGS}


@audience(*SEES_FUND)
@require_safe
def stream_ledger(request: HttpRequest, code: str, figure: str) -> HttpResponse:
    """Every journal behind one number of a stream: free, committed or spent."""
    found = get_object_or_404(FundingStream, code=code)
    if figure not in LEDGERS:
        raise Http404
    lines = JournalLine.objects.filter(account__code=LEDGERS[figure], stream=found).select_related("journal")
    named = Case(When(open_to(cast(User, request.user), "journal__reference"), then=True), default=False)
    page = Paginator(lines.annotate(is_open=named).order_by("-journal__number", "id"), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "stream": found,
        "name": {"free": _("free"), "committed": _("committed"), "spent": _("spent")}[figure],
        "total": Money(-(lines.aggregate(sum=Sum("minor"))["sum"] or 0), "USD"),
        "page": page,
        "rows": [(line, _WORDS.get(line.journal.kind, line.journal.kind), -line.money) for line in page.object_list],
    }
    return render(request, "finance/stream_ledger.html", context)
