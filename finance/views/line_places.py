"""One line of the bank at its own address, and the place in the list to which its acts lead back."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any, NoReturn

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from finance.actions.matching import lines_under_lock
from finance.actions.proposals import Candidate
from finance.forms.statements import PlaceForm
from finance.models import StatementLine
from finance.views.acting import ask_act, moved_on
from finance.views.line_order import Following, Place, next_that_waits, page_of
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


def lock_line(code: str, identity: str) -> StatementLine:
    """The same line, locked for an act."""
    return lock_lines(code, [identity])[0]


def lock_lines(code: str, identities: list[str]) -> list[StatementLine]:
    """The lines of an address and of a form, the first one first, locked together; an unknown one leads nowhere."""
    if any(len(identity) != 16 for identity in identities):
        raise Http404
    wanted = list(dict.fromkeys(identities))
    named = reduce(or_, [Q(identity__startswith=identity) for identity in wanted])
    rows = StatementLine.objects.filter(named, statement__bank_account__code=code)
    found = {line.identity[:16]: line for line in lines_under_lock(rows)}
    if any(identity not in found for identity in wanted):
        raise Http404
    return [found[identity] for identity in wanted]


def ask_line(line: StatementLine, act: str, person: User, related: str = "") -> None:
    """As `ask_act`; when somebody was quicker, it says who."""
    if edge_of(line, act) is not None:
        ask_act(line, act, person, related=related)
        return
    say_who_was_quicker(line, act)


def require_open(line: StatementLine, act: str) -> None:
    """Raises MovedOn when the act is not open from where the line is now; the gate asks the permit."""
    if edge_of(line, act) is None:
        say_who_was_quicker(line, act)


def say_who_was_quicker(line: StatementLine, act: str) -> NoReturn:
    """Raises MovedOn with the name of whoever moved the line on."""
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
    return towards(line, form, following(line, form))


def towards(line: StatementLine, form: PlaceForm, coming: Following | None) -> str:
    """The list where the person stood, at a line that follows; on its first page where none is left."""
    place = Place.of(form.cleaned_data)
    if coming is None:
        return _address(line, place)
    return f"{_address(line, replace(place, page=coming.page))}#line-{coming.identity}"


def following(line: StatementLine, form: PlaceForm) -> Following | None:
    """The next line that waits where the person stood; after the last one, the first that is left."""
    return next_that_waits(line, Place.of(form.cleaned_data))


def back_to(line: StatementLine, form: PlaceForm) -> str:
    """The list where the person stood, at this line, which is open again."""
    place = Place.of(form.cleaned_data)
    return f"{_address(line, replace(place, page=page_of(line, place)))}#line-{line.identity[:16]}"
