"""What is typed about months, lists of rates, agreements and the year's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from finance.actions.periods import REASONS
from finance.forms.fields import AmountField, DayField, PlainForm, amount_in, currency_choices, offer
from finance.models import CommitmentReview, FundingStream, Pledge, RateList
from finance.rate_lists import MOST_BYTES
from gaf.accounts.models import User

_REASONS = {
    "late_invoice": _("An invoice came late"),
    "correction": _("Something was booked wrongly"),
    "revaluation": _("The month has to be revalued"),
    "other": _("Another reason"),
}


def _reason(label: object) -> forms.CharField:
    return forms.CharField(label=label, max_length=2000, widget=forms.Textarea({"rows": 4}))  # type: ignore[arg-type]


class ExceptionForm(PlainForm):
    """Who may book into a closing month, until when, and why."""

    person = forms.ChoiceField(label=_("Who is to book"))
    until = DayField(label=_("Until the end of"))
    reason_code = forms.ChoiceField(
        label=_("Why"), choices=[(code, _REASONS[code]) for code in REASONS], widget=forms.RadioSelect
    )
    reason = _reason(_("What is to be booked"))

    def __init__(self, *args: Any, people: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(person.pk): person for person in people}
        offer(self, "person", [("", _("Choose one")), *((key, str(one)) for key, one in self.people.items())])

    def said(self) -> dict[str, Any]:
        """The exception as the action takes it; a day ends at midnight, UTC."""
        typed = self.cleaned_data
        return {
            "person": self.people[typed["person"]],
            "until": datetime.combine(typed["until"], time(23, 59, 59), UTC),
            "reason_code": typed["reason_code"],
            "reason": typed["reason"],
        }


class RateListForm(PlainForm):
    """The published list as a file, or copied as text."""

    kind = forms.ChoiceField(label=_("Which list"), choices=RateList.Kind.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("The list as a file"),
        required=False,
        max_length=80,
        allow_empty_file=True,
        help_text=_("CSV or text in UTF-8, at most 256 KB, with columns for code, effective date and rate."),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or the list as text"),
        required=False,
        max_length=MOST_BYTES,
        strip=False,
        widget=forms.Textarea({"rows": 8}),
    )
    source = forms.CharField(label=_("Where it was published"), max_length=80, help_text=_("Circular and date."))
    counts_from = DayField(
        label=_("If its day has passed: it counts from"),
        required=False,
        help_text=_("Leave it empty when the list came in time."),
    )

    def clean(self) -> dict[str, Any]:
        """The bytes of the list, from the file or from the text."""
        found = super().clean() or self.cleaned_data
        uploaded: UploadedFile | None = found.get("file")
        text: str = found.get("text") or ""
        if uploaded is not None and text.strip():
            raise ValidationError(_("Choose a file or copy the text, not both."))
        if uploaded is None and not text.strip():
            if "file" not in self.errors and "text" not in self.errors:
                self.add_error("file", _("Choose the list, or copy it as text."))
            return found
        if uploaded is not None and (uploaded.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 256 KB. Choose the list itself."))
        found["content"] = uploaded.read() if uploaded is not None else text.encode()
        found["file_name"] = str(uploaded.name) if uploaded is not None else ""
        return found

    def said(self) -> dict[str, Any]:
        """The list as the action takes it."""
        names = ("kind", "source", "counts_from", "content", "file_name")
        return {name: self.cleaned_data[name] for name in names}


def _key_field(label: object) -> forms.RegexField:
    return forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_-]{2,39}$",
        label=label,  # type: ignore[arg-type]
        max_length=40,
        error_messages={"invalid": _("Write 3 to 40 letters, digits, hyphens or low lines.")},
    )


class _PromiseForm(PlainForm):
    """What pledges and agreements have in common: who, how much, for which stream."""

    donor = forms.CharField(label=_("Donor"), max_length=80)
    stream = forms.ChoiceField(label=_("Stream"))
    currency = forms.ChoiceField(label=_("Currency"))
    amount = AmountField(label=_("Amount"), help_text=_("For example 60000.00."))

    def __init__(self, *args: Any, streams: Iterable[FundingStream], **options: Any) -> None:
        super().__init__(*args, **options)
        self.streams = {stream.code: stream for stream in streams}
        offer(self, "stream", [("", _("Choose one")), *((code, str(one)) for code, one in self.streams.items())])
        offer(self, "currency", currency_choices())

    def clean(self) -> dict[str, Any]:
        """Reads the amount in its currency."""
        found = super().clean() or self.cleaned_data
        if found.get("currency"):
            found["money"] = amount_in(self, "amount", found["currency"])
        return found


class PledgeForm(_PromiseForm):
    """A promise of a donor that binds nobody."""

    key = _key_field(_("Number of the pledge"))
    pledged_on = DayField(label=_("Promised on"))
    field_order = ("key", "donor", "stream", "currency", "amount", "pledged_on")

    def clean_key(self) -> str:
        """A number that no pledge has yet."""
        key: str = self.cleaned_data["key"]
        if Pledge.objects.filter(key=key).exists():
            raise ValidationError(_("A pledge with this number is recorded already."))
        return key

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["stream"].required = False

    def said(self) -> dict[str, Any]:
        """The pledge as the action takes it."""
        typed = self.cleaned_data
        names = ("key", "donor", "money", "pledged_on")
        return {**{name: typed[name] for name in names}, "stream": self.streams.get(typed["stream"])}


class AgreementForm(_PromiseForm):
    """A signed contribution, as the paper says."""

    key = _key_field(_("Number of the agreement"))
    pledge = forms.ChoiceField(label=_("The pledge it keeps"), required=False)
    signed_on = DayField(label=_("Signed on"))
    starts_on = DayField(label=_("In force from"))
    ends_on = DayField(label=_("New commitments until"), required=False)
    final_payment_on = DayField(label=_("Final payment on"), required=False)
    spend_before_receipt = forms.BooleanField(
        label=_("The agreement allows spending before its cash has come"), required=False
    )
    field_order = ("key", "donor", "stream", "pledge", "currency", "amount", "signed_on", "starts_on", "ends_on")

    def __init__(self, *args: Any, pledges: Iterable[Pledge], **options: Any) -> None:
        super().__init__(*args, **options)
        self.pledges = {pledge.key: pledge for pledge in pledges}
        offer(self, "pledge", [("", _("None")), *((key, f"{key} · {one.donor}") for key, one in self.pledges.items())])

    def said(self) -> dict[str, Any]:
        """The terms as the action takes them."""
        typed = self.cleaned_data
        names = ("key", "donor", "money", "signed_on", "starts_on", "ends_on", "final_payment_on")
        return {
            **{name: typed[name] for name in names},
            "spend_before_receipt": typed["spend_before_receipt"],
            "stream": self.streams[typed["stream"]],
            "pledge": self.pledges.get(typed["pledge"]),
        }


class ReviewForm(PlainForm):
    """What becomes of a commitment, and why."""

    outcome = forms.ChoiceField(
        label=_("What becomes of it"), choices=CommitmentReview.Outcome.choices, widget=forms.RadioSelect
    )
    reason_code = forms.ChoiceField(label=_("Why"), choices=CommitmentReview.Reason.choices, widget=forms.RadioSelect)
    reason = _reason(_("In your own words"))
