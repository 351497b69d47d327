"""One line of the bank at its own address, and the place in the list to which its acts lead back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from finance.actions.proposals import Candidate
from finance.forms.statements import PlaceForm
from finance.models import StatementLine
from finance.views.acting import ask_act, moved_on
from finance.views.reconciliation import matched_by, rows_of, shown_lines
from gaf.accounts.models import User
from gaf.gate import edge_of
from gaf.refusals import MovedOn
from gaf.templatetags.formats import plain_money, short_day


def line_at(code: str, identity: str) -> StatementLine:
    """The line of an address; whatever else is typed leads nowhere."""
    if len(identity) != 16:
        raise Http404
    rows = StatementLine.objects.select_related("statement__bank_account")
    return get_object_or_404(rows, statement__bank_account__code=code, identity__startswith=identity)


def ask_line(line: StatementLine, act: str, person: User, related: str = "") -> None:
    """As `ask_act`; when somebody was quicker, it says who."""
    if edge_of(line, act) is not None:
        ask_act(line, act, person, related=related)
        return
    refusal = moved_on(line, act)
    who = matched_by([line]).get(line.decision_subject())
    if who:
        told = _("%(who)s was quicker.") % {"who": who}
        raise MovedOn(line, refusal.code, refusal.what, f"{refusal.why} {told}", refusal.next_step)
    raise refusal


def request_of(found: Candidate | None) -> str:
    """The request a line belongs to, as the action asks the permit about it."""
    record = (found.disbursement or found.refund) if found is not None else None
    return record.reference if record is not None else ""


def line_in_words(line: StatementLine) -> str:
    """“19 November, USD −588.00”."""
    return f"{short_day(line.booked_on)}, {plain_money(line.money)}"


def about_line(line: StatementLine) -> dict[str, Any]:
    """What a page about one line shows."""
    account = line.statement.bank_account
    return {"row": rows_of([line], account)[0], "line": line, "account": account}


def place_of(request: HttpRequest, line: StatementLine) -> dict[str, Any]:
    """The version the person sees, and where in the list she stood."""
    show, page = request.GET.get("show", ""), request.GET.get("page", "")
    return {
        "seen_version": line.version,
        "show": show if show in ("open", "all") else "open",
        "page": int(page) if page.isascii() and page.isdigit() and len(page) <= 5 else 1,
    }


def _address(line: StatementLine, show: str, page: int) -> str:
    where = reverse("reconcile_account", args=[line.statement.bank_account.code])
    return f"{where}?{urlencode({'show': show or 'open', 'page': page or 1})}"


def back_of(request: HttpRequest, line: StatementLine) -> str:
    """The list where the person stood, at this line."""
    place = place_of(request, line)
    return f"{_address(line, place['show'], place['page'])}#line-{line.identity[:16]}"


def onward(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at the next line that is still open; its button has the focus."""
    place = form.cleaned_data
    after = Q(statement__sequence__gt=line.statement.sequence) | Q(
        statement__sequence=line.statement.sequence, number__gt=line.number
    )
    following = shown_lines(line.statement.bank_account.code, "open").filter(after).first()
    anchor = f"#line-{following.identity[:16]}" if following else ""
    return _address(line, place.get("show") or "open", place.get("page") or 1) + anchor


def back_to(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at this line, which is open again."""
    place = form.cleaned_data
    return f"{_address(line, place.get('show') or 'open', place.get('page') or 1)}#line-{line.identity[:16]}"
