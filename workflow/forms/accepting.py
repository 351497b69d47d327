"""What headquarters accepts of the spending that missions reported."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaf.amounts import read_amount
from gaf.money import Money
from gaf.refusals import Refusal
from gaf.templatetags.formats import plain_money
from workflow.actions.reporting import AcceptedLine
from workflow.forms.acts import ActForm, text_field
from workflow.models import ReportLine
from workflow.reasons import DisallowReason


class AcceptForm(ActForm):
    """What should be remembered about the whole."""

    reason = text_field(
        gettext_lazy("Reason in your own words"),
        gettext_lazy("The missions read it. No names of persons."),
        required=False,
    )


class AcceptedForm(forms.Form):
    """One line: the amount accepted, in its currency, and why it is less than was spent."""

    use_required_attribute = False
    accepted = forms.CharField(
        label=gettext_lazy("Accepted"), max_length=40, widget=forms.TextInput({"inputmode": "decimal"})
    )
    disallow_code = forms.ChoiceField(
        label=gettext_lazy("Why less"),
        required=False,
        choices=[("", gettext_lazy("Everything is accepted")), *DisallowReason.choices],
    )

    def __init__(self, *args: Any, row: ReportLine, paid: Money, most: Money, **kwargs: Any) -> None:
        """Prefilled with what can be accepted: spent, paid, and not without any proof."""
        super().__init__(*args, **kwargs)
        self.row, self.paid, self.most, self.spent = row, paid, most, min(row.spent, paid)
        self.fields["accepted"].initial = str(self.most.decimal)

    def clean_accepted(self) -> Money:
        """The amount, from nothing to what can be accepted."""
        try:
            money = read_amount(self.cleaned_data["accepted"], self.row.line.currency)
        except Refusal as refusal:
            raise forms.ValidationError(f"{refusal.why} {refusal.next_step}") from None
        if money > self.most:
            raise forms.ValidationError(_("Accept at most %(most)s.") % {"most": plain_money(self.most)})
        return money

    def clean(self) -> dict[str, Any]:
        """Less than was spent needs a reason."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        accepted = cleaned.get("accepted")
        if accepted is not None and accepted < self.spent and not cleaned.get("disallow_code"):
            self.add_error("disallow_code", _("Choose why less is accepted."))
        return cleaned

    def said(self) -> AcceptedLine:
        """What is accepted of this line."""
        return AcceptedLine(self.row.line_id, self.cleaned_data["accepted"], self.cleaned_data["disallow_code"])


class _AcceptedLines(BaseFormSet):
    """One row for each reported line."""

    def __init__(
        self, *args: Any, reported: list[ReportLine], paid: dict[str, Money], most: dict[int, Money], **kwargs: Any
    ) -> None:
        self.reported, self.paid, self.most = reported, paid, most
        super().__init__(*args, **kwargs)

    def total_form_count(self) -> int:
        """As many as were reported."""
        return len(self.reported)

    def initial_form_count(self) -> int:
        """Every row must be decided."""
        return len(self.reported)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """The reported line of this row."""
        row = self.reported[index or 0]
        paid = self.paid.get(row.line.key, Money.zero(row.line.currency))
        return {"row": row, "paid": paid, "most": self.most[row.line_id], "empty_permitted": False}

    def said(self) -> list[AcceptedLine]:
        """What is accepted, line by line."""
        return [form.said() for form in self.forms]


AcceptedLinesFormSet = cast(type[_AcceptedLines], formset_factory(AcceptedForm, formset=_AcceptedLines, extra=0))
