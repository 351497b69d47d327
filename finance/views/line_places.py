"""One line of the bank at its own address, and the place in the list to which its acts lead back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from finance.actions.proposals import Candidate
from finance.forms.statements import PlaceForm
from finance.models import StatementLine
from finance.views.acting import ask_act, moved_on
from finance.views.line_order import Place, lines_at, next_after, page_of
from finance.views.reconciliation import matched_by, rows_of
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
    return {"seen_version": line.version, **dict(Place.of(request.GET).items)}


def _address(line: StatementLine, place: Place) -> str:
    return f"{reverse('reconcile_account', args=[line.statement.bank_account.code])}?{place.query}"


def back_of(request: HttpRequest, line: StatementLine) -> str:
    """The list where the person stood, at this line."""
    return f"{_address(line, Place.of(request.GET))}#line-{line.identity[:16]}"


def onward(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at the next line that waits."""
    place, coming = Place.of(form.cleaned_data), following(line, form)
    return _at(coming, place) if coming is not None else _address(line, place)


def following(line: StatementLine, form: PlaceForm) -> StatementLine | None:
    """The next line that waits where the person stood; after the last one, the first that is left."""
    place = Place.of(form.cleaned_data)
    waiting = place if place.show == "aside" else replace(place, show="open")
    return next_after(line, waiting) or lines_at(line.statement.bank_account, waiting).first()


def back_to(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at this line, which is open again."""
    return _at(line, Place.of(form.cleaned_data))


def _at(line: StatementLine, place: Place) -> str:
    """The page on which a line stands now, at this line."""
    return f"{_address(line, replace(place, page=page_of(line, place)))}#line-{line.identity[:16]}"
