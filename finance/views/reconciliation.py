"""Reconciling: each account beside the bank's word, each line beside ours, and the acts that explain a line."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from finance import policy
from finance.forms.statements import REASONS
from finance.models import BankAccount, StatementLine
from finance.states import Rail, StatementLineState
from finance.views.accounts import EXACT, OPEN, accounts_today
from finance.views.acting import may
from finance.views.sides import Ours, ours_of
from finance.views.suggested import Suggested, suggested
from finance.visibility import SEES_STATEMENTS
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.sealing import unseal_all

ROWS = 25


@audience(*SEES_STATEMENTS)
@require_safe
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Each account of the fund: our balance, the bank's, whether they agree, and what is open."""
    person: User = request.user  # type: ignore[assignment]
    context = {"accounts": accounts_today(), "may_import": may(policy.MAY_IMPORT_STATEMENT, person)}
    return render(request, "finance/reconciliation.html", context)


@audience(*SEES_STATEMENTS)
@require_safe
def account(request: HttpRequest, code: str) -> HttpResponse:
    """The lines of one account, the bank's on one side and ours on the other."""
    person: User = request.user  # type: ignore[assignment]
    found = accounts_today(code)
    if not found:
        raise Http404
    show = "all" if request.GET.get("show") == "all" else "open"
    paginator = Paginator(shown_lines(code, show), ROWS)
    paginator.count = found[0].lines if show == "all" else found[0].open_lines
    page = paginator.get_page(request.GET.get("page"))
    person_may = may(policy.MAY_MATCH, person)
    last = last_act(person, found[0].account) if person_may else None
    context = {
        "today": found[0],
        "last": last,
        "last_identity": last.identity[:16] if last else "",
        "account": found[0].account,
        "show": show,
        "page": page,
        "rows": rows_of(list(page.object_list), found[0].account),
        "may_match": person_may,
        "may_import": may(policy.MAY_IMPORT_STATEMENT, person),
        "by_stripe": found[0].account.rail == Rail.STRIPE,
    }
    return render(request, "finance/account.html", context)


def shown_lines(code: str, show: str) -> QuerySet[StatementLine]:
    """The lines of an account in the bank's own order."""
    rows = StatementLine.objects.filter(statement__bank_account__code=code)
    if show == "open":
        rows = rows.filter(state__in=OPEN)
    else:
        rows = rows.prefetch_related("matches__disbursement", "matches__refund")
    return rows.select_related("statement__bank_account").order_by("statement__sequence", "number")


def rows_of(lines: list[StatementLine], bank_account: BankAccount) -> list[dict[str, Any]]:
    """Each line with what of ours stands beside it, in a fixed number of questions."""
    ours = ours_of(lines, bank_account)
    certain = {pk for pk, one in ours.items() if one.can_match}
    guesses = suggested([line for line in lines if line.state in OPEN], certain)
    names_of = matched_by([line for line in lines if line.state not in OPEN])
    texts = unseal_all([line.counterparty for line in lines] + [line.text for line in lines])
    names, words = texts[: len(lines)], texts[len(lines) :]
    return [
        {
            "line": line,
            "identity": line.identity[:16],
            "counterparty": name,
            "text": text,
            "ours": ours.get(line.pk),
            "suggested": guesses.get(line.pk),
            "by": names_of.get(line.decision_subject(), ""),
            "is_open": line.state in OPEN,
            "exact": _is_exact(ours.get(line.pk), guesses.get(line.pk)),
            "original": _original(line),
            "set_aside_because": REASONS.get(line.reason_code, ""),
        }
        for line, name, text in zip(lines, names, words, strict=True)
    ]


def _is_exact(ours: Ours | None, guess: Suggested | None) -> bool:
    """Whether one press may match the line by its reference: it can, and nothing else is as good."""
    return ours is not None and ours.can_match and not (guess is not None and guess.rivals)


def exact_lines(bank_account: BankAccount) -> QuerySet[StatementLine]:
    """The open lines whose exact reference and amount are ours, and nothing else is as good, in the bank's order."""
    return shown_lines(bank_account.code, "open").filter(EXACT)


def matched_by(lines: list[StatementLine]) -> dict[str, str]:
    """Who said so of each line that is matched or set aside, by its key."""
    acts = ("match_line", "match_by_itself", "set_aside_line")
    rows = Decision.objects.filter(subject__in=[line.decision_subject() for line in lines], act__in=acts)
    return {row.subject: str(row.actor) for row in rows.select_related("actor").order_by("number")}


def last_act(person: User, bank_account: BankAccount) -> StatementLine | None:
    """The line this person matched or set aside last on this account, while that still stands."""
    rows = Decision.objects.filter(actor=person, act__in=("match_line", "set_aside_line"), subject__startswith="LINE-")
    last = rows.order_by("-number").values_list("subject", flat=True).first()
    if last is None:
        return None
    lines = StatementLine.objects.filter(statement__bank_account=bank_account, identity__startswith=last[5:21])
    states = (StatementLineState.MATCHED, StatementLineState.SET_ASIDE)
    return lines.filter(state__in=states).first()


def _original(line: StatementLine) -> Money | None:
    """What was ordered, where the bank booked it in another currency."""
    if line.original_minor is None or line.original_currency == line.currency:
        return None
    return Money(line.original_minor, line.original_currency)
