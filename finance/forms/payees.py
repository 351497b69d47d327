"""What a mission's finance officer records about a payee, and what whoever rings back writes down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.actions.payees import PayeeDetails
from finance.forms.disbursing import NewRecordForm
from finance.forms.fields import PlainForm, currency_choices, offer
from finance.gateways.bank_file.latin import in_latin
from finance.models import Payee
from finance.states import Rail
from gaf.accounts.models import Mission

ACCOUNT_IS = [("IBAN", _("an IBAN")), ("NUMBER", _("another account number"))]


def _in_bank_letters(text: str) -> str:
    """The text as typed, if a bank file can carry it."""
    try:
        in_latin(text)
    except ValueError as letter:
        raise ValidationError(
            _("Banks do not carry the character “%(letter)s”. Write it in Latin letters, as the payee's bank does.")
            % {"letter": letter}
        ) from None
    return text


class DetailsForm(NewRecordForm):
    """How a payee is paid. Another person rings the payee back before any of it counts."""

    rail = forms.ChoiceField(label=_("Paid by"), choices=Rail.choices, widget=forms.RadioSelect, initial=Rail.BANK_FILE)
    currency = forms.ChoiceField(label=_("Currency the payee is paid in"))
    holder = forms.CharField(
        label=_("Account holder"), max_length=70, help_text=_("As the bank writes it, in Latin letters.")
    )
    account_is = forms.ChoiceField(
        label=_("The account is told by"), choices=ACCOUNT_IS, widget=forms.RadioSelect, initial="IBAN"
    )
    account = forms.CharField(
        label=_("Account"),
        max_length=42,
        help_text=_("IBAN or account number; for Stripe the connected account, which begins with acct_."),
    )
    bic = forms.CharField(
        label=_("BIC of the payee's bank"),
        max_length=14,
        required=False,
        help_text=_("8 or 11 letters and digits. Not for Stripe."),
    )
    bank = forms.CharField(label=_("Name of the payee's bank"), max_length=70, required=False)
    town = forms.CharField(label=_("Town of the payee"), max_length=35, required=False)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Country of the payee"),
        help_text=_("Two letters, like NE or MX."),
        error_messages={"invalid": _("Write the country as two letters, like NE.")},
    )

    birth_year = forms.RegexField(
        r"^(19|20)[0-9]{2}$",
        label=_("Year of birth"),
        required=False,
        help_text=_("Where the holder is a person and the year is known. It helps to tell people of one name apart."),
        error_messages={"invalid": _("Write the year with four digits, like 1984.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "currency", currency_choices())

    def clean_holder(self) -> str:
        """The holder, in letters a bank carries."""
        return _in_bank_letters(self.cleaned_data["holder"])

    def clean_bank(self) -> str:
        """The bank, in letters a bank carries."""
        return _in_bank_letters(self.cleaned_data["bank"])

    def clean_town(self) -> str:
        """The town, in letters a bank carries."""
        return _in_bank_letters(self.cleaned_data["town"])

    def clean_account(self) -> str:
        """The account without the blanks people read it with."""
        account = "".join(self.cleaned_data["account"].split())
        if not account.isascii() or not account.replace("-", "").replace("_", "").isalnum():
            raise ValidationError(_("An account number has letters and digits only."))
        return account

    def details(self) -> PayeeDetails:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        by_bank = typed["rail"] == Rail.BANK_FILE
        is_iban = by_bank and typed["account_is"] != "NUMBER"
        return PayeeDetails(
            holder=typed["holder"],
            account=typed["account"].upper() if is_iban else typed["account"],
            currency=typed["currency"],
            country=typed["country"].upper(),
            rail=typed["rail"],
            is_iban=is_iban,
            bic="".join(typed["bic"].split()).upper() if by_bank else "",
            bank=typed["bank"],
            town=typed["town"],
            birth_year=typed["birth_year"],
        )


class NewPayeeForm(DetailsForm):
    """A payee that is not known yet, of one of the person's own missions."""

    mission = forms.ChoiceField(label=_("Mission"))
    kind = forms.ChoiceField(label=_("What the payee is"), choices=Payee.Kind.choices, widget=forms.RadioSelect)
    field_order = ("mission", "kind")

    def __init__(self, *args: Any, missions: list[Mission], **options: Any) -> None:
        super().__init__(*args, **options)
        self.missions = {mission.code: mission for mission in missions}
        offer(self, "mission", [(mission.code, mission.name) for mission in missions])
        if len(missions) == 1:
            self.fields["mission"].widget = forms.HiddenInput()
            self.fields["mission"].initial = missions[0].code


class CallBackForm(PlainForm):
    """What the second person heard on the telephone."""

    call_back_note = forms.CharField(
        label=_("The call-back"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Whom you rang, on which number known before, when, and what they read to you."),
    )


class RejectForm(PlainForm):
    """Why details are never to be paid."""

    reason = forms.CharField(
        label=_("Why they are rejected"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("What the payee said instead, or when you tried to reach them."),
    )
