"""The sign-in form."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """E-mail and password; password managers and paste work, nothing is remembered on the device."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.pop("required", None)
        self.fields["password"].help_text = ""  # the page leads to a forgotten password once, beside its button
        self.use_required_attribute = False
