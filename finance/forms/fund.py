"""What is recorded about the fund itself: rates of exchange and the cash of donors."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.forms.disbursing import NewRecordForm
from finance.forms.fields import AmountField, DayField, PlainForm, RateField, amount_in, currency_choices, offer
from finance.models import Agreement, BankAccount, FundingStream, Receipt
from gaf import clock


class RateForm(PlainForm):
    """A UN operational rate of exchange, to be approved by a second person."""

    currency = forms.ChoiceField(label=_("Currency"))
    effective_from = DayField(label=_("In force from"))
    units_per_usd = RateField(label=_("Units for one US dollar"), help_text=_("For example 572 or 24.75."))
    source = forms.CharField(label=_("Where it was published"), max_length=80, help_text=_("Circular and date."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "currency", [choice for choice in currency_choices() if choice[0] != "USD"])


class ReceiptForm(NewRecordForm):
    """Cash of a donor that reached one of the fund's accounts."""

    stream = forms.ChoiceField(label=_("Stream"))
    agreement = forms.ChoiceField(label=_("Agreement it comes under"), required=False)
    account = forms.ChoiceField(label=_("Account it reached"), help_text=_("The amount is in this account's currency."))
    amount = AmountField(label=_("Amount"), help_text=_("For example 60000.00."))
    received_on = DayField(label=_("Received on"))
    key = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9/._-]{2,39}$",
        label=_("Number of the receipt"),
        max_length=40,
        help_text=_("The number on the donor's agreement or on the receipt voucher. Each is recorded once."),
        error_messages={"invalid": _("Write 3 to 40 letters, digits, hyphens or slashes.")},
    )

    def __init__(
        self,
        *args: Any,
        streams: list[FundingStream],
        accounts: list[BankAccount],
        agreements: list[Agreement],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.agreements = {one.key: one for one in agreements}
        words = [(key, f"{key} · {one.stream.code} · {one.donor}") for key, one in self.agreements.items()]
        offer(self, "agreement", [("", _("None")), *words])
        self.streams = {stream.code: stream for stream in streams}
        self.accounts = {account.code: account for account in accounts}
        offer(self, "stream", [("", _("Choose one")), *((stream.code, str(stream)) for stream in streams)])
        offer(self, "account", [("", _("Choose one")), *_words(accounts)])

    def clean_received_on(self) -> date:
        """A day that has come."""
        day: date = self.cleaned_data["received_on"]
        if day > clock.today():
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean_key(self) -> str:
        """A number that no receipt has yet."""
        key: str = self.cleaned_data["key"]
        if Receipt.objects.filter(key=key).exists():
            raise ValidationError(_("A receipt with this number is recorded already."))
        return key

    def clean(self) -> dict[str, Any]:
        """Reads the amount in the currency of the account."""
        found = super().clean() or self.cleaned_data
        account = self.accounts.get(found.get("account", ""))
        if account is not None:
            found["money"] = amount_in(self, "amount", account.currency)
        return found


def _words(accounts: list[BankAccount]) -> list[tuple[str, str]]:
    return [(account.code, f"{account.code} · {account.name} · {account.currency}") for account in accounts]
