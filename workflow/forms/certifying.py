"""Codes of committed lines: why a cost was incurred (WBS element) and what it is (general ledger account)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from finance.actions.certification import Codes
from finance.models import Commitment

# Accounts of cash-based help; everything else stands on the account of direct assistance.
LEDGER_ACCOUNTS = {"CASH": "307410", "POCK": "307410", "VOUCH": "307420", "XFEE": "307430"}
DIRECT_ASSISTANCE = "307400"

_WBS = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9./-]*$", _("Write letters, digits, points, hyphens and slashes only."))
_GL = RegexValidator(r"^[0-9]+$", _("Write digits only."))


class CodesForm(forms.Form):
    """The two codes of one commitment, prefilled from its stream and its type of help."""

    use_required_attribute = False
    wbs = forms.CharField(label=_("WBS element"), max_length=24, validators=[_WBS])
    gl = forms.CharField(
        label=_("Ledger account"), max_length=12, validators=[_GL], widget=forms.TextInput({"inputmode": "numeric"})
    )

    def __init__(self, *args: Any, commitment: Commitment, assistance_type: str, **kwargs: Any) -> None:
        """Prefilled: codes it has already, else the stream's element and the type's account."""
        super().__init__(*args, **kwargs)
        self.commitment = commitment
        self.fields["wbs"].initial = commitment.wbs or commitment.stream.wbs
        self.fields["gl"].initial = commitment.gl or LEDGER_ACCOUNTS.get(assistance_type, DIRECT_ASSISTANCE)


class _AllCodes(BaseFormSet):
    """One row for each open commitment."""

    def __init__(self, *args: Any, commitments: list[Commitment], types: dict[str, str], **kwargs: Any) -> None:
        self.commitments, self.types = commitments, types
        super().__init__(*args, **kwargs)

    def total_form_count(self) -> int:
        """As many as there are open commitments."""
        return len(self.commitments)

    def initial_form_count(self) -> int:
        """Every row must be filled in."""
        return len(self.commitments)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """The commitment of this row."""
        commitment = self.commitments[index or 0]
        return {
            "commitment": commitment,
            "assistance_type": self.types.get(commitment.line_key, ""),
            "empty_permitted": False,
        }

    def codes(self) -> dict[str, Codes]:
        """Both codes by line key."""
        return {
            form.commitment.line_key: Codes(form.cleaned_data["wbs"], form.cleaned_data["gl"]) for form in self.forms
        }


CodesFormSet = cast(type[_AllCodes], formset_factory(CodesForm, formset=_AllCodes, extra=0))
