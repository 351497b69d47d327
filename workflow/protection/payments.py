"""The process's word before money leaves: a disbursement with a line behind a closed gate does not go (GATE-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _

from finance.models import Disbursement, DisbursementPart
from finance.objections import objects
from gaf.refusals import Refusal
from workflow.models import AssistanceRequest, BudgetLine
from workflow.protection.gates import HELD_TYPES
from workflow.protection.standing import closed_lines, read_together, why_closed


@objects
def gates_hold_back(disbursements: Sequence[Disbursement], at: datetime) -> dict[int, list[Refusal]]:
    """GATE-03 for each disbursement that pays a line whose gates do not stand open on that day."""
    paid = _lines_paid(disbursements)
    held = _held_lines({reference for pairs in paid.values() for reference, _key in pairs})
    requests = _requests_of(held)
    found: dict[int, list[Refusal]] = {}
    closed: dict[str, dict[str, str]] = {}
    for row in disbursements:
        for reference, key in paid[row.pk]:
            if key not in held.get(reference, {}):
                continue
            if reference not in closed:
                closed[reference] = _closed(requests[reference], held[reference], at)
            if key in closed[reference]:
                found.setdefault(row.pk, []).append(_refusal(row.number, key, closed[reference][key]))
    return found


def _lines_paid(disbursements: Sequence[Disbursement]) -> dict[int, list[tuple[str, str]]]:
    """Reference and line of every part of these disbursements."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = DisbursementPart.objects.filter(disbursement__in=[row.pk for row in disbursements])
    for pk, reference, key in rows.values_list("disbursement_id", "commitment__reference", "commitment__line_key"):
        found[pk].append((reference, key))
    return found


def _held_lines(references: set[str]) -> dict[str, dict[str, BudgetLine]]:
    """Lines of a type that any gate can hold back, by reference and key; all of them where consent is missing."""
    found: dict[str, dict[str, BudgetLine]] = {}
    may_be_held = Q(assistance_type__in=HELD_TYPES) | Q(assistance__consent__for_help=False)
    rows = BudgetLine.objects.filter(may_be_held, assistance__reference__in=references)
    for line in rows.select_related("assistance__consent"):
        found.setdefault(line.assistance.reference, {})[line.key] = line
    return found


def _requests_of(held: dict[str, dict[str, BudgetLine]]) -> dict[str, AssistanceRequest]:
    """The requests of these lines, each once, with what gates read.

    For whom the lines of one request are, the gates ask themselves, where one of them is about anybody.
    """
    requests = {reference: next(iter(lines.values())).assistance for reference, lines in held.items()}
    read_together(list(requests.values()))
    if len(requests) > 1:
        prefetch_related_objects([line for lines in held.values() for line in lines.values()], "persons")
    return requests


def _closed(assistance: AssistanceRequest, lines: dict[str, BudgetLine], at: datetime) -> dict[str, str]:
    """Which of the lines wait behind closed gates, and which ones."""
    stopped = closed_lines(assistance, "release", at.date(), lines.values())
    return {line.key: why_closed(stopped[line.pk]) for line in lines.values() if line.pk in stopped}


def _refusal(number: str, key: str, why: str) -> Refusal:
    return Refusal(
        "GATE-03",
        _("%(number)s was not released.") % {"number": number},
        _("Line %(line)s waits. %(why)s") % {"line": key, "why": why},
        _("The mission records what the gate asks for; other lines can be paid meanwhile."),
    )
