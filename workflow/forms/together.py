"""One act on several requests: a key that makes a second press find what the first one did."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_STALE = {"required": _("Open this page again."), "invalid": _("Open this page again.")}


class TogetherForm(forms.Form):
    """Nothing but the decision."""

    use_required_attribute = False
    idempotency_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput, error_messages=_STALE)


class TakeTogetherForm(TogetherForm):
    """Taking requests is declaring that there is no conflict of interest in any of them."""

    no_tie = forms.BooleanField(
        label=_("I have no tie to any of these cases or missions"),
        error_messages={"required": _("Say that you have no tie to any of them, or take them one by one.")},
    )
