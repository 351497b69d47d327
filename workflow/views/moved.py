"""Where a request has been and where it was offered, told by its decisions alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from gaf.accounts.models import Mission
from gaf.decisions.models import Decision
from gaf.templatetags.formats import day


def transfer_rows(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """From which mission it was taken over and when, and to which one it is offered now."""
    told = sorted(decisions, key=lambda one: one.number)
    moves = [one for one in told if one.act == "move_to_mission"]
    newest = {one.subject: one for one in told if one.subject.startswith("MOVE-")}
    offers = [one for one in newest.values() if one.to_state == "PROPOSED"]
    if not moves and not offers:
        return []
    names = dict(Mission.objects.values_list("code", "name"))
    rows = [
        {
            "label": _("Taken over from"),
            "value": f"{names.get(one.facts['from'], one.facts['from'])}, {day(one.at.date())}",
        }
        for one in moves
    ]
    for one in offers:
        where = names.get(one.facts["to"], one.facts["to"])
        rows.append({"label": _("Offered to"), "value": f"{where} ({one.subject})"})
    return rows
