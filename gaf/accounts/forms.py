"""The sign-in form."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gaf.accounts.own_devices import device_of, wish_at_sign_in

_WHOSE = (("shared", _("Other people use it")), ("own", _("This is my own device")))


class _WhoseField(forms.ChoiceField):
    def clean(self, value: Any) -> Any:
        """Where nothing was said, others use the device too."""
        return super().clean(value or "shared")


class SignInForm(LoginForm):
    """E-mail and password; password managers and paste work. Whose the device is is asked until somebody says hers."""

    device = _WhoseField(label=_("Who uses this device?"), choices=_WHOSE, initial="shared", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        if settings.TRAINING or (self.request is not None and device_of(self.request)):
            del self.fields["device"]
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.pop("required", None)
        self.fields["password"].help_text = ""  # the page leads to a forgotten password once, beside its button
        self.use_required_attribute = False

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """On to the code, or to the site."""
        wish_at_sign_in(request, own=self.cleaned_data.get("device") == "own")
        answer: HttpResponse = super().login(request, redirect_url)
        return answer
