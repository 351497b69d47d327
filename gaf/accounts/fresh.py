"""Fresh authentication: before money is let go, whoever is signed in proves again, within minutes, that it is they.

The record of it is allauth's own (`reauthenticated` in the session); it counts for ACCOUNT_REAUTHENTICATION_TIMEOUT.
Signing in is not enough: a session that somebody else took over was signed in too.
"""

from __future__ import annotations

from typing import cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, reauthenticate_by_password
from allauth.core import ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaf.accounts.models import User


def is_fresh(request: HttpRequest) -> bool:
    """Whether this person typed their password again within the last minutes, in this session."""
    person = cast(User, request.user)
    return bool(person.has_usable_password() and did_recently_reauthenticate(request))


class FreshFields(forms.Form):
    """Asks for the password unless it was asked within the last minutes; everything else typed stays as it was."""

    password = forms.CharField(
        label=_("Your password, once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=200,
        help_text=_("Money is let go only by the person who sits here now."),
    )

    def ask_afresh(self, request: HttpRequest) -> None:
        """Take the field away where the password was typed a short time ago."""
        self.request = request
        if is_fresh(request):
            del self.fields["password"]

    @property
    def asks_password(self) -> bool:
        """Whether the page has to ask for it now."""
        return "password" in self.fields and not is_fresh(self.request)

    def clean_password(self) -> str:
        """The password of the person who is signed in; tries are counted as at the sign-in."""
        password = str(self.cleaned_data["password"])
        person = cast(User, self.request.user)
        if not ratelimit.consume(self.request, action="reauthenticate", user=person):
            raise ValidationError(_("Too many tries. Wait a few minutes."))
        if not person.check_password(password):
            raise ValidationError(_("This is not your password."))
        reauthenticate_by_password(self.request)
        return ""
