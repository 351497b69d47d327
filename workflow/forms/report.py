"""A mission's report: what was done, when, and what was spent line by line with how many proofs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from gaf.money import Money
from workflow.actions.reporting import SpentLine
from workflow.forms.acts import ActForm
from workflow.forms.fields import AmountField, CaseTextField, CountField, DayField, characters, lazily, read_money
from workflow.models import BudgetLine

_LONGEST_NARRATIVE = 4000
_MOST_PROOFS = 999


class ReportForm(ActForm):
    """The narrative, the period, and two boxes for each approved line of the mission."""

    narrative = CaseTextField(
        label=_("What was done, and how are the persons now?"),
        help_text=lazily(_("No names. %(length)s"), length=characters(_LONGEST_NARRATIVE)),
        max_length=_LONGEST_NARRATIVE,
        rows=8,
    )
    period_from = DayField(label=_("Help began on"), not_later_than_today=True)
    period_to = DayField(label=_("Help ended on"), not_later_than_today=True)

    def __init__(self, own: list[BudgetLine], *args: Any, paid: dict[str, Money], **kwargs: Any) -> None:
        """`own`: approved lines of the mission; `paid`: what was disbursed, by the line's key."""
        super().__init__(*args, **kwargs)
        self.own, self.paid = own, paid
        for line in own:
            words = {"number": line.number, "currency": line.currency}
            self.fields[f"spent_{line.key}"] = AmountField(label=_("Line %(number)s: spent, in %(currency)s") % words)
            self.fields[f"proofs_{line.key}"] = CountField(
                label=_("Line %(number)s: proofs of spending") % words, least=0, most=_MOST_PROOFS
            )

    def lines(self) -> list[dict[str, Any]]:
        """Each line with what was granted and paid, and its two boxes."""
        return [
            {
                "line": line,
                "paid": self.paid.get(line.key, Money.zero(line.currency)),
                "spent": self[f"spent_{line.key}"],
                "proofs": self[f"proofs_{line.key}"],
            }
            for line in self.own
        ]

    def clean(self) -> dict[str, Any]:
        """Spending needs proof, and the period runs forward."""
        said = super().clean() or {}
        for line in self.own:
            money = read_money(self, f"spent_{line.key}", line.currency)
            said[f"money_{line.key}"] = money
            if money and said.get(f"proofs_{line.key}") == 0:
                self.add_error(f"proofs_{line.key}", _("Spending needs at least one proof."))
        began, ended = said.get("period_from"), said.get("period_to")
        if began and ended and ended < began:
            self.add_error("period_to", _("The period ends before it begins."))
        return said

    def said(self) -> dict[str, Any]:
        """What the action needs."""
        said = self.cleaned_data
        lines = [SpentLine(line.pk, said[f"money_{line.key}"], said[f"proofs_{line.key}"]) for line in self.own]
        kept = {name: said[name] for name in ("narrative", "period_from", "period_to", "seen_version")}
        return {**kept, "lines": lines}
