"""The decisions about a record, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.sealing import unseal_all

_MOST = 60

# What the system does has no button, and so no word of its own elsewhere.
_SYSTEM_ACTS = {
    "begin_sending": _("Began to be sent"),
    "mark_sent": _("The bank or provider has it"),
    "mark_unknown": _("Asked, and no answer came"),
    "mark_failed": _("Refused; nothing left"),
    "mark_confirmed": _("Confirmed as paid"),
    "mark_returned": _("Came back"),
    "mark_file_sent": _("Put into the bank's folder"),
    "propose_match": _("Suggested by its exact reference"),
    "supersede_payee": _("Superseded by a newer version"),
    "import_line": _("Came with a statement"),
}


@dataclass(frozen=True)
class Told:
    """One decision as the timeline shows it."""

    at: datetime
    title: str
    who: str
    role: str
    text: str
    system: bool


def decisions_about(subjects: Iterable[str]) -> list[Decision]:
    """The newest decisions about these records."""
    rows = Decision.objects.filter(subject__in=list(subjects)).select_related("actor")
    return list(rows.order_by("-number")[:_MOST])


def told(decisions: list[Decision], *, with_text: bool, withheld: tuple[str, ...] = ()) -> list[Told]:
    """Decisions in words; the reasons people typed only for those who may read them, `withheld` acts for nobody."""
    texts = unseal_all(row.reason if with_text and row.act not in withheld else "" for row in decisions)
    return [_told(row, text) for row, text in zip(decisions, texts, strict=True)]


def _told(row: Decision, text: str) -> Told:
    title: Any = _SYSTEM_ACTS.get(row.act) or act_label(row.act)
    role = str(Role(row.role).label) if row.role in Role.values else ""
    system = row.actor.is_system
    return Told(row.at, capfirst(str(title)), str(row.actor), "" if system else role, text, system)
