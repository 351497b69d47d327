"""Keeping the list of requests one looks at under a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gaf.refusals import Refusal
from workflow.actions.saved_views import Kept
from workflow.request_words import LONGEST_LINE, Reader, read_words


class KeepForm(forms.Form):
    """A name, the words and the order; whether the others of one's side see it, and whether it opens first."""

    use_required_attribute = False
    name = forms.CharField(
        label=_("Name of the list"),
        max_length=60,
        help_text=_("No names of persons who ask for help."),
        error_messages={"required": _("Give the list a name.")},
    )
    q = forms.CharField(
        label=_("Its words"), max_length=LONGEST_LINE, required=False, help_text=_("Empty: every request you may see.")
    )
    sort = forms.CharField(label=_("Sort by"), required=False, widget=forms.Select)
    shared = forms.BooleanField(label=_("Others of my mission, or of headquarters, see it too"), required=False)
    opens_first = forms.BooleanField(label=_("It opens first when I go to Requests"), required=False)

    def __init__(self, *args: Any, reader: Reader, orders: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer these orders, and understand words as this reader does."""
        super().__init__(*args, **kwargs)
        self._reader = reader
        self._orders = [code for code, _label in orders]
        self.fields["sort"].widget.choices = orders

    def clean_q(self) -> str:
        """Say of each word that is not understood what is wrong with it."""
        line = " ".join(self.cleaned_data["q"].split())
        problems = read_words(line, self._reader)[1]
        if problems:
            raise ValidationError(problems)
        return line

    def clean_sort(self) -> str:
        """An order that exists; otherwise the usual one."""
        sort: str = self.cleaned_data["sort"]
        return sort if sort in self._orders[1:] else ""

    def kept(self) -> Kept:
        """What is to be kept."""
        said = self.cleaned_data
        return Kept(said["name"], said["q"], said["sort"], said["shared"], said["opens_first"])

    def refuse(self, refusal: Refusal) -> None:
        """Say on the form what a rule said no to."""
        self.add_error("name", f"{refusal.why} {refusal.next_step} ({refusal.code})")
