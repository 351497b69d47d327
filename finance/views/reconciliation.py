"""Reconciling: each account beside the bank's word, each line beside ours, and the acts that explain a line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet, Subquery
from django.db.models.functions import Left, Substr
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from finance import policy
from finance.forms.statements import REASONS
from finance.models import BankAccount, StatementLine
from finance.states import Rail, StatementLineState
from finance.views.accounts import EXACT, OPEN, AccountToday, accounts_today
from finance.views.acting import may
from finance.views.inside_lines import details_of, inside_of, named_inside
from finance.views.line_order import ROWS, Place, lines_at, page_of
from finance.views.our_records import our_records
from finance.views.payout_lines import payouts_of
from finance.views.sides import Ours, ours_of
from finance.views.suggested import Suggested, proposals_of, suggested
from finance.visibility import SEES_STATEMENTS
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.money import Money
from gaf.sealing import unseal_all


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
    bank_account, place = found[0].account, Place.of(request.GET)
    paginator = Paginator(lines_at(bank_account, place), ROWS)
    if not place.age:
        paginator.count = {"all": found[0].lines, "aside": found[0].set_aside}.get(place.show, found[0].open_lines)
    page = paginator.get_page(_page_asked(request, bank_account, place))
    place = replace(place, page=page.number)
    rows = rows_of(list(page.object_list), bank_account)
    told = {"page": page, "rows": rows, "first": rows[0]["identity"] if rows else ""}
    return render(request, "finance/account.html", {**head_of(found[0], place, person), **told})


def head_of(today: AccountToday, place: Place, person: User) -> dict[str, Any]:
    """What the head of an account's page shows: its figures, the person's last act, and what the person may do."""
    person_may = may(policy.MAY_MATCH, person)
    last = last_act(person, today.account) if person_may else None
    return {
        "today": today,
        "last": last,
        "last_identity": last.identity[:16] if last else "",
        "account": today.account,
        "place": place,
        "ages": today.aged if today.set_aside else [],
        "may_match": person_may,
        "may_import": may(policy.MAY_IMPORT_STATEMENT, person),
        "by_stripe": today.account.rail == Rail.STRIPE,
    }


def _page_asked(request: HttpRequest, bank_account: BankAccount, place: Place) -> int:
    """The page on which a line stands that the address names with `at`, or the page it names."""
    at = request.GET.get("at", "")
    if len(at) != 16:
        return place.page
    line = StatementLine.objects.filter(statement__bank_account=bank_account, identity__startswith=at)
    found = line.select_related("statement__bank_account").first()
    return page_of(found, place) if found is not None else place.page


def rows_of(lines: list[StatementLine], bank_account: BankAccount) -> list[dict[str, Any]]:
    """Each line with what of ours stands beside it, in a fixed number of questions."""
    waiting = [line for line in lines if line.state in OPEN]
    details = details_of(lines)
    records = our_records(lines, bank_account, proposals_of(waiting), named_inside(details))
    ours = ours_of(lines, bank_account, records)
    certain = {pk for pk, one in ours.items() if one.can_match}
    guesses = suggested(waiting, records, certain)
    names_of = matched_by([line for line in lines if line.state not in OPEN])
    inside = inside_of(lines, details, records)
    payouts = payouts_of(lines) if bank_account.rail == Rail.STRIPE else {}
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
            "inside": inside.get(line.pk),
            "payout": payouts.get(line.pk),
            "set_aside_because": REASONS.get(line.reason_code, ""),
        }
        for line, name, text in zip(lines, names, words, strict=True)
    ]


def _is_exact(ours: Ours | None, guess: Suggested | None) -> bool:
    """Whether one press may match the line by its reference: it can, and nothing else is as good."""
    return ours is not None and ours.can_match and not (guess is not None and guess.rivals)


def exact_lines(bank_account: BankAccount) -> QuerySet[StatementLine]:
    """The open lines whose exact reference and amount are ours, and nothing else is as good, in the bank's order."""
    return lines_at(bank_account, Place()).filter(EXACT)


def matched_by(lines: list[StatementLine]) -> dict[str, str]:
    """Who said so of each line that is matched or set aside, by its key."""
    acts = ("match_line", "match_by_itself", "set_aside_line")
    rows = Decision.objects.filter(subject__in=[line.decision_subject() for line in lines], act__in=acts)
    return {row.subject: str(row.actor) for row in rows.select_related("actor").order_by("number")}


def last_act(person: User, bank_account: BankAccount) -> StatementLine | None:
    """The line this person matched or set aside last on this account, while that still stands."""
    rows = Decision.objects.filter(actor=person, act__in=("match_line", "set_aside_line"), subject__startswith="LINE-")
    newest = rows.order_by("-number").annotate(key=Substr("subject", len("LINE-") + 1)).values("key")
    lines = StatementLine.objects.filter(statement__bank_account=bank_account).annotate(key=Left("identity", 16))
    states = (StatementLineState.MATCHED, StatementLineState.SET_ASIDE)
    return lines.filter(state__in=states, key=Subquery(newest[:1])).first()


def _original(line: StatementLine) -> Money | None:
    """What was ordered, where the bank booked it in another currency."""
    if line.original_minor is None or line.original_currency == line.currency:
        return None
    return Money(line.original_minor, line.original_currency)
