"""After a match: what it changed on the page, for a script that keeps the page; the rest of the page stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from finance.forms.statements import PlaceForm
from finance.models import Match, StatementLine
from finance.views.accounts import OPEN, accounts_today
from finance.views.line_order import Place, lines_at
from finance.views.line_places import following, onward, towards
from finance.views.our_records import compact
from finance.views.reconciliation import head_of, rows_of
from gaf.accounts.models import User

PART, LINES = "X-Part", "X-Lines"
MOST_LINES = 60
_KEY = re.compile(r"[0-9a-f]{16}")


def after(request: HttpRequest, line: StatementLine, acted: Sequence[StatementLine], form: PlaceForm) -> HttpResponse:
    """Back to the list at the next line; or, where a script asks for it, only what the act changed there."""
    if request.headers.get(PART) != "lines":
        return redirect(onward(line, form))
    person: User = request.user  # type: ignore[assignment]
    account, place = line.statement.bank_account, Place.of(form.cleaned_data)
    moved = [one.identity[:16] for one in acted]
    coming = following(line, form)
    rows = rows_of(_changed(request, account.code, acted), account)
    stays = {row["identity"] for row in rows if place.show == "all" or row["is_open"]}
    context = {
        **head_of(accounts_today(account.code)[0], place, person),
        "rows": [row for row in rows if row["identity"] in stays],
        "gone": " ".join(key for key in moved if key not in stays),
        "next": coming.identity if coming is not None else "",
        "onward": towards(line, form, coming),
    }
    return render(request, "finance/lines_part.html", context)


def _changed(request: HttpRequest, code: str, acted: Sequence[StatementLine]) -> list[StatementLine]:
    """Of the lines the page shows: those that were acted on, and the open ones that meant the same record of ours."""
    told = [key for key in request.headers.get(LINES, "").split(",")[:MOST_LINES] if _KEY.fullmatch(key)]
    if not told:
        return []
    shown = Q()
    for key in told:
        shown |= Q(identity__startswith=key)
    lines = list(lines_at(code, Place(show="all")).filter(shown))
    pks, keys, names = {one.pk for one in acted}, _keys_of(acted), _names_of(acted)
    return [line for line in lines if line.pk in pks or (line.state in OPEN and _means(line, keys, names))]


def _means(line: StatementLine, keys: set[str], names: set[str]) -> bool:
    """Whether an open line names or may be one of these records."""
    proposal = getattr(line, "proposal", None)
    told = {one["key"] for one in (*proposal.items, *proposal.rivals)} | set(proposal.lines) if proposal else set()
    return bool(told & keys or {compact(line.end_to_end or ""), line.bank_reference} & names)


def _keys_of(acted: Iterable[StatementLine]) -> set[str]:
    """The lines that were acted on, and the records of ours that they are now, by their keys."""
    rows = Match.objects.filter(line__in=[line.pk for line in acted])
    found = rows.values_list("disbursement__number", "refund__key", "receipt__key")
    return {line.identity[:16] for line in acted} | {key for row in found for key in row if key}


def _names_of(acted: Iterable[StatementLine]) -> set[str]:
    """The references under which lines may name those records."""
    rows = Match.objects.filter(line__in=[line.pk for line in acted])
    ends = rows.values_list("disbursement__end_to_end", "refund__end_to_end")
    own = {name for line in acted for name in (compact(line.end_to_end or ""), line.bank_reference)}
    return (own | {end for row in ends for end in row if end}) - {""}
