"""Tags of the first day: somebody's checklist (one query, none once it is put away), and examples in empty lists."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.first_day import open_checklist
from gaf.money import Money
from gaf.templatetags.formats import plain_money
from gaf.templatetags.state_words import PRIORITIES, words_for

register = template.Library()
# Numbers that no record can have: their year and their count are nought.
_REQUEST, _DISBURSEMENT, _PAYEE = "GAF-0000-00000", "P-0000-00000", "PAY-0000-00000"


@register.inclusion_tag("components/first_day.html", takes_context=True)
def first_day(context: template.Context, role: str = "") -> dict[str, Any]:
    """The reader's checklist; where a page is the first one of a single `role`, for whoever holds it."""
    person = context.get("user")
    if not isinstance(person, User) or (role and not holds(person, role)):
        return {}
    found = open_checklist(person)
    done = sum(one.is_done for one in found)
    return {"checklist": found, "done": done, "all": len(found), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/example.html", takes_context=True)
def example(context: template.Context, of: str) -> dict[str, Any]:
    """How a row of a list `of` something will look, until the reader puts the first day away."""
    person = context.get("user")
    return {"shown": isinstance(person, User) and person.shows_first_day, "cells": _EXAMPLES[of]()}


def _dollars() -> str:
    return str(plain_money(Money.of("1250.00", "USD")))


def _priority(code: str = "P2") -> str:
    return f"{code} {PRIORITIES.get(code, '')}".strip()


def _request(priority: str = "P2") -> list[tuple[str, str]]:
    state = words_for("SUBMITTED", "request", "hq").text("")
    return [
        (_("Reference"), _REQUEST),
        (_("State"), state),
        (_("Priority"), _priority(priority)),
        (_("Asked"), _dollars()),
    ]


def _urgent() -> list[tuple[str, str]]:
    return _request("P1")


def _work() -> list[tuple[str, str]]:
    return [
        (_("Reference"), _REQUEST),
        (_("What to do"), _("Answer the questions")),
        (_("Priority"), _priority()),
    ]


def _disbursement() -> list[tuple[str, str]]:
    state = words_for("PREPARED", "disbursement", "hq").text("")
    return [(_("Number"), _DISBURSEMENT), (_("State"), state), (_("Request"), _REQUEST), (_("Amount"), _dollars())]


def _payee() -> list[tuple[str, str]]:
    state = words_for("RECORDED", "payee", "hq").text("")
    return [(_("Payee"), _PAYEE), (_("Account"), "…0000"), (_("Newest details"), state)]


def _line() -> list[tuple[str, str]]:
    state = words_for("UNMATCHED", "line", "hq").text("")
    return [(_("The bank says"), _REQUEST), (_("Amount"), _dollars()), (_("State"), state)]


_EXAMPLES = {
    "request": _request,
    "urgent": _urgent,
    "work": _work,
    "disbursement": _disbursement,
    "payee": _payee,
    "line": _line,
}
