"""Records beside a request as a page shows them: amendments and statements in place of receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from gaf.money import Money
from workflow.models import Amendment, AmendmentLine, AssistanceRequest, LostReceipt
from workflow.views.record_parts import sealed


@dataclass(frozen=True)
class OwnAct:
    """A button: one act and its page."""

    label: str
    url: str
    primary: bool = False


@dataclass(frozen=True)
class ChangeShown:
    """One change of an amendment in words and amounts."""

    number: int
    what: str
    kind: str
    description: str
    mission: str
    quantity: Decimal
    unit: str
    line: AmendmentLine
    share: str
    became: str

    @property
    def usd(self) -> Money:
        """What it adds, in US dollars; negative for what is given up."""
        return self.line.usd if self.line.adds else -self.line.usd


@dataclass(frozen=True)
class AmendmentShown:
    """One amendment."""

    amendment: Amendment
    url: str
    why: str
    delta: Money
    changes: list[ChangeShown] = field(default_factory=list)


def _kind(line: AmendmentLine) -> str:
    number = line.line.number if line.line else 0
    return {
        "NEW": _("New line"),
        "MORE": _("More of line %(number)s") % {"number": number},
        "LESS": _("Less of line %(number)s") % {"number": number},
    }[str(line.kind)]


def _change(line: AmendmentLine, reads: bool) -> ChangeShown:
    share = line.share_of_line
    return ChangeShown(
        number=line.number,
        what=line.get_assistance_type_display(),
        kind=_kind(line),
        description=line.description_text if reads else sealed(),
        mission=line.mission.name,
        quantity=line.quantity,
        unit=line.get_unit_display(),
        line=line,
        share="" if share is None else f"{share:.1f} %",
        became=line.became.key if line.became else "",
    )


def amendment_shown(amendment: Amendment, reads: bool) -> AmendmentShown:
    """An amendment with its changes."""
    return AmendmentShown(
        amendment=amendment,
        url=f"/amendments/{amendment.decision_reference()}/{amendment.number}/",
        why=amendment.why_text if reads else sealed(),
        delta=amendment.delta,
        changes=[_change(line, reads) for line in amendment.lines.all()],
    )


def amendments_of(assistance: AssistanceRequest) -> list[dict[str, Any]]:
    """Every amendment of a request, for a list."""
    rows = assistance.amendments.prefetch_related("lines")
    return [
        {"row": row, "url": f"/amendments/{assistance.reference}/{row.number}/", "delta": row.delta} for row in rows
    ]


def lost_receipts_of(assistance: AssistanceRequest) -> list[dict[str, Any]]:
    """Every statement in place of a receipt, for a list."""
    rows: list[LostReceipt] = list(assistance.lost_receipts.select_related("line"))
    return [{"row": row, "url": f"/lost-receipts/{assistance.reference}/{row.number}/"} for row in rows]
