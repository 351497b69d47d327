"""What the certifying officer and the payer type: which lines, to whom, from which account; and what a file is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.actions.disbursements import Part
from finance.forms.fields import AmountField, PlainForm, amount_in, offer
from finance.models import BankAccount, Commitment, Disbursement, PayeeVersion
from gaf import ids


class NewRecordForm(PlainForm):
    """A form that makes a record; its key lets a second press of the button find what the first one made."""

    idempotency_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=ids.random_key)


class PrepareForm(NewRecordForm):
    """Amounts line by line, one confirmed payee, one of the fund's accounts."""

    payee = forms.ChoiceField(label=_("Payee"), help_text=_("Only details confirmed by call-back can be chosen."))
    account = forms.ChoiceField(
        label=_("From the fund's account"),
        help_text=_("It must pay the way the payee is paid: by bank file or by Stripe."),
    )
    duplicate_reason = forms.CharField(
        label=_("Why it is not the same payment"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The payer reads it, and says so too before it is released."),
    )

    def __init__(
        self,
        *args: Any,
        lines: list[Commitment],
        payees: list[tuple[PayeeVersion, str]],
        accounts: Iterable[BankAccount],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.lines, self.versions = lines, {version.decision_subject(): version for version, _name in payees}
        self.accounts = {account.code: account for account in accounts}
        for line in lines:
            self.fields[_name_of(line)] = AmountField(
                required=False, label=_("Amount of line %(line)s") % {"line": line.line_key}
            )
        self.order_fields([*(_name_of(line) for line in lines), "payee", "account", "duplicate_reason"])
        offer(self, "payee", [("", _("Choose one")), *_payee_choices(payees)])
        words = [(code, _account_words(account)) for code, account in self.accounts.items()]
        offer(self, "account", [("", _("Choose one")), *words])

    @property
    def looks_alike(self) -> bool:
        """Whether the box for a payment that looks like another one has to be shown."""
        return bool(self["duplicate_reason"].errors or self["duplicate_reason"].value())

    def rows(self) -> list[tuple[Commitment, forms.BoundField]]:
        """Each line with its box."""
        return [(line, self[_name_of(line)]) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        """Reads each amount in the currency of its line; one disbursement has one currency."""
        found = super().clean() or self.cleaned_data
        parts = []
        for line in self.lines:
            local = amount_in(self, _name_of(line), line.currency)
            if local is not None:
                parts.append(Part(line.line_key, local))
        if not parts and not any(_name_of(line) in self.errors for line in self.lines):
            self.add_error(_name_of(self.lines[0]) if self.lines else None, _("Write an amount for one line or more."))
        if len({part.local.currency for part in parts}) > 1:
            self.add_error(None, _("The amounts are in two currencies. Prepare one disbursement for each currency."))
        found["parts"] = parts
        return found

    @property
    def version(self) -> PayeeVersion:
        """The payee's details that were chosen."""
        return self.versions[self.cleaned_data["payee"]]

    @property
    def bank_account(self) -> BankAccount:
        """The fund's account that was chosen."""
        return self.accounts[self.cleaned_data["account"]]


def _name_of(line: Commitment) -> str:
    return f"amount_{line.line_key}"


def initial_of(replaced: Disbursement) -> dict[str, Any]:
    """What a re-payment begins with: the same amounts for the same lines, from the same account."""
    initial: dict[str, Any] = {"account": replaced.bank_account.code}
    for part in replaced.parts.select_related("commitment"):
        commitment = part.commitment
        money = type(replaced.money)(part.local_minor, commitment.currency)
        initial[f"amount_{commitment.line_key}"] = f"{money.decimal:f}"
    return initial


def _payee_choices(payees: list[tuple[PayeeVersion, str]]) -> list[Any]:
    """Payees under the name of their mission."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for version, name in payees:
        words = " · ".join(
            part
            for part in (
                name,
                version.payee.key,
                f"…{version.account_hint}",
                _("%(currency)s by %(rail)s") % {"currency": version.currency, "rail": version.get_rail_display()},
            )
            if part
        )
        groups.setdefault(version.payee.mission.name, []).append((version.decision_subject(), words))
    return sorted(groups.items())


def _account_words(account: BankAccount) -> str:
    return f"{account.code} · {account.name} · {account.get_rail_display()}"


class FileForm(PlainForm):
    """Which of the fund's accounts a file is prepared for."""

    account = forms.SlugField(max_length=12, widget=forms.HiddenInput)
