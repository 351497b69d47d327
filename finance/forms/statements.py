"""What the reconciler brings and types: the bank's file, a match, a reason to set a line aside."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from finance.actions.matching import SET_ASIDE_REASONS
from finance.forms.fields import PlainForm

MOST_BYTES = 5 * 1024 * 1024

REASONS = {
    "unknown_sender": _("Nobody here knows the sender"),
    "bank_asked": _("The bank was asked"),
    "not_ours": _("It is not ours"),
    "amount_differs": _("The amount differs from ours"),
    "other": _("Another reason"),
}


class ImportForm(PlainForm):
    """A camt.053 file of the bank, as the bank gave it."""

    statement = forms.FileField(
        label=_("The bank's file"),
        max_length=200,
        allow_empty_file=True,
        help_text=_("A camt.053 file (XML), at most 5 MB, as the bank gave it."),
        widget=forms.FileInput({"accept": ".xml,application/xml,text/xml"}),
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


class PlaceForm(PlainForm):
    """Where in the list a person stood, so that she stands there again; nothing of it is an address."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    show = forms.ChoiceField(choices=[("open", ""), ("all", "")], required=False, widget=forms.HiddenInput)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False, widget=forms.HiddenInput)


class MatchForm(PlaceForm):
    """A match needs nothing typed: the record is the one that the exact reference names."""


class SetAsideForm(PlaceForm):
    """Why a line is set aside, and whom somebody asked."""

    reason_code = forms.ChoiceField(
        label=_("Why"),
        choices=[(code, REASONS[code]) for code in SET_ASIDE_REASONS],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("What was asked of whom"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
    )
