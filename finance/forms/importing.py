"""What the reconciler brings: the bank's file, and how a bank writes its lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from finance.forms.fields import PlainForm
from finance.gateways.statements.csv_lists import COLUMNS
from finance.models import BankAccount, CsvMapping

MOST_BYTES = 5 * 1024 * 1024

_DELIMITERS = [(";", _("semicolon (;)")), (",", _("comma (,)")), ("\t", _("tab")), ("|", _("bar (|)"))]
_HEADINGS: dict[str, Any] = {
    "booked_on": _("Heading of the booking day"),
    "value_on": _("Heading of the value day"),
    "amount": _("Heading of the amount with its sign"),
    "credit": _("Heading of what came in"),
    "debit": _("Heading of what went out"),
    "balance": _("Heading of the balance after each line"),
    "text": _("Heading of the text"),
    "counterparty": _("Heading of the other side's name"),
    "counterparty_account": _("Heading of the other side's account"),
    "end_to_end": _("Heading of the payment reference"),
    "bank_reference": _("Heading of the bank's own reference"),
}


class ImportForm(PlainForm):
    """A file of the bank, as the bank gave it; for a list also how its bank writes it."""

    statement = forms.FileField(
        label=_("The bank's file"),
        max_length=200,
        allow_empty_file=True,
        help_text=_(
            "A statement (camt.052, .053, .054, MT940, MT942, OFX, BAI2), a list (CSV) or a status report (pain.002), "
            "at most 5 MB, as the bank gave it. What it is, is told by its content."
        ),
    )
    mapping = forms.ModelChoiceField(
        label=_("How its bank writes its lists"),
        queryset=CsvMapping.objects.select_related("bank_account"),
        required=False,
        empty_label=_("It is not a list"),
        help_text=_("Only for a list (CSV)."),
    )

    def clean_statement(self) -> bytes:
        """The bytes of the file; what is in them is read by the import, which refuses the whole file or nothing."""
        uploaded: UploadedFile = self.cleaned_data["statement"]
        size = uploaded.size or 0
        if size > MOST_BYTES:
            raise ValidationError(
                _("The file has %(size)s MB, and 5 MB is the most. Ask the bank for a file of fewer days.")
                % {"size": f"{size / 1024 / 1024:.1f}"}
            )
        return uploaded.read()


class MappingForm(PlainForm):
    """One bank's way of writing lists; every heading as it stands in the list."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("For example: Bank in Niamey, list of movements.")
    )
    bank_account = forms.ModelChoiceField(
        label=_("Account"), queryset=BankAccount.objects.order_by("code"), empty_label=_("Choose an account")
    )
    delimiter = forms.ChoiceField(label=_("Between the columns stands"), choices=_DELIMITERS)
    decimal_mark = forms.ChoiceField(
        label=_("Before the decimals stands"), choices=CsvMapping.DecimalMark.choices, widget=forms.RadioSelect
    )
    date_order = forms.ChoiceField(
        label=_("Days are written"), choices=CsvMapping.DateOrder.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in COLUMNS:
            self.fields[f"column_{name}"] = forms.CharField(
                label=_HEADINGS[name], max_length=80, required=name == "booked_on"
            )

    def facts(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        columns = {name: typed[f"column_{name}"].strip() for name in COLUMNS}
        kept = {name: typed[name] for name in ("name", "delimiter", "decimal_mark", "date_order")}
        return {**kept, "columns": columns}
