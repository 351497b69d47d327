"""What a device says of a file before it sends it in pieces."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from gaf.accounts.models import Mission
from workflow.forms.documents import DocumentForm


class UploadForm(DocumentForm):
    """The form of a document, with the length and the sum of its file in the file's place."""

    file = None  # type: ignore[assignment]
    filename = forms.CharField(max_length=200)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")

    def __init__(self, missions: list[Mission], *args: Any, **kwargs: Any) -> None:
        """As for a document."""
        super().__init__(missions, *args, **kwargs)

    def clean_filename(self) -> str:
        """Without the path a hostile name carries."""
        return PurePath(self.cleaned_data["filename"].replace("\\", "/")).name

    def first_error(self) -> str:
        """What is wrong, in one sentence for the line below the button."""
        if "kind" in self.errors:
            return _("Answer “%(label)s”.") % {"label": self.fields["kind"].label}
        return _("The file did not arrive. Choose it again.")
