"""What a budget line costs beside what is usual there: how far above, and what that asks of the mission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from finance.queries import usd_rate
from gaf import clock
from gaf.money import Money
from gaf.templatetags.formats import number
from gaf.thresholds import threshold
from workflow.codelists import DocumentKind
from workflow.models import AssistanceRequest, BudgetLine, CostNorm
from workflow.states import CostNormState

_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Compared:
    """One line beside its norm: the usual cost in the line's currency, and how many per cent it is above that."""

    usual: Money
    per_cent: Decimal
    asks_reason: bool
    asks_quotes: bool

    @property
    def words(self) -> str:
        """“32.7% above the usual THB 26,000.00”."""
        return _("%(share)s%% above the usual %(usual)s") % {"share": number(self.per_cent), "usual": self.usual}


def compared(
    assistance: AssistanceRequest, lines: Sequence[BudgetLine], day: date | None = None
) -> dict[int, Compared]:
    """Each line that has a norm on a day (today when not said) beside it, by the line's own key.

    A norm for the way to a mission that takes part goes before the general one; of several the newest counts. Up to
    `price_norm_tolerance_pct` above it nothing is asked, from there a reason, and from `price_norm_quotes_pct` quotes.
    """
    today = day or clock.today()
    norms = _in_force(assistance, lines, today)
    if not norms:
        return {}
    tolerated, far = threshold("price_norm_tolerance_pct", today), threshold("price_norm_quotes_pct", today)
    found = {}
    for line in lines:
        norm = norms.get((line.mission_id, line.assistance_type, line.unit))
        usual = _in_currency_of(line, norm, today) if norm else None
        if usual:
            share = Decimal(100) * (line.unit_cost_minor - usual.minor) / usual.minor
            found[line.pk] = Compared(usual, share.quantize(_TENTH, ROUND_HALF_UP), share > tolerated, share > far)
    return found


def above_usual(assistance: AssistanceRequest, lines: Sequence[BudgetLine]) -> dict[int, Compared]:
    """Only the lines that cost so much more than usual that a reason is asked, by the line's own key."""
    return {key: one for key, one in compared(assistance, lines).items() if one.asks_reason}


def quotes_wanted() -> int:
    """How many quotes a line far above the usual cost needs."""
    return threshold("price_norm_quotes")


def quotes_on_file(assistance: AssistanceRequest, mission_id: int) -> int:
    """How many quotes of a mission are on file; one that was found to be infected is none."""
    documents = [one for one in assistance.documents.all() if one.verdict != "INFECTED"]
    return sum(one.kind == DocumentKind.QUOTE and one.mission_id == mission_id for one in documents)


def _in_force(
    assistance: AssistanceRequest, lines: Sequence[BudgetLine], day: date
) -> dict[tuple[int, str, str], CostNorm]:
    missions = assistance.mission_ids()
    norms = CostNorm.objects.filter(
        state=CostNormState.IN_FORCE,
        effective_from__lte=day,
        mission__in={line.mission_id for line in lines},
        assistance_type__in={line.assistance_type for line in lines},
    )
    found = {}
    general_first = sorted(norms, key=lambda norm: (norm.to_mission_id is not None, norm.effective_from, norm.pk))
    for norm in general_first:
        if norm.to_mission_id is None or norm.to_mission_id in missions:
            found[norm.mission_id, norm.assistance_type, norm.unit] = norm
    return found


def _in_currency_of(line: BudgetLine, norm: CostNorm, day: date) -> Money:
    """The usual cost in the line's currency, at the line's own rate, or the norm's of the day."""
    if norm.currency == line.currency:
        return norm.usual
    rate = usd_rate(norm.currency, day).units_per_usd
    return norm.usual.converted(line.currency, units_per_usd_from=rate, units_per_usd_to=line.units_per_usd)
