"""Fresh authentication: before money is let go, whoever is signed in proves again, within minutes, that it is they.

The record of it is allauth's own (`reauthenticated` in the session); it counts for ACCOUNT_REAUTHENTICATION_TIMEOUT.
Signing in is not enough: a session that somebody else took over was signed in too. Whoever has a second factor gives a
code as well, for a password may be stolen with the session.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, reauthenticate_by_password
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.second_factor import has_second_factor, takes_code

_ASKED = ("password", "code")
_CODE_GIVEN = "code_given_at"  # in the session, in seconds


def is_fresh(request: HttpRequest) -> bool:
    """Whether this person typed their password again within the last minutes, in this session, and a code as well if
    they have a second factor."""
    person = cast(User, request.user)
    if not (person.has_usable_password() and did_recently_reauthenticate(request)):
        return False
    return not has_second_factor(person) or _gave_code_lately(request)


def _gave_code_lately(request: HttpRequest) -> bool:
    given = request.session.get(_CODE_GIVEN, 0)
    return bool(0 <= clock.now().timestamp() - given < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


class CodeField(forms.CharField):
    """Six digits from the app, or a code on paper; spaces do not matter, pasting works."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Code from your app"),
            help_text=_("Six digits; or one of your recovery codes."),
            max_length=30,
            widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false"}),
            **kwargs,
        )


class FreshFields(forms.Form):
    """Asks for the password, and a code of whoever has a second factor, unless both were given within the last minutes;
    everything else typed stays as it was."""

    password = forms.CharField(
        label=_("Your password, once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=200,
        help_text=_("Money is let go only by the person who sits here now."),
    )
    code = CodeField()

    def ask_afresh(self, request: HttpRequest) -> None:
        """Take the fields away where they were filled in a short time ago, and the code from who has none."""
        self.request = request
        if is_fresh(request):
            del self.fields["password"], self.fields["code"]
        elif not has_second_factor(cast(User, request.user)):
            del self.fields["code"]

    @property
    def asked(self) -> list[forms.BoundField]:
        """What the page has to ask for now."""
        return [self[name] for name in _ASKED if name in self.fields and not is_fresh(self.request)]

    def clean(self) -> dict[str, Any]:
        """Password and code of the person who is signed in; tries are counted as at the sign-in.

        A code is looked at, and used up, only beside the right password.
        """
        said = super().clean() or self.cleaned_data
        if "password" not in self.fields or any(name in self.fields and not said.get(name) for name in _ASKED):
            return said
        person = cast(User, self.request.user)
        if not ratelimit.consume(self.request, action="reauthenticate", user=person):
            self.add_error("password", ValidationError(_("Too many tries. Wait a few minutes.")))
        elif not person.check_password(str(said["password"])):
            self.add_error("password", ValidationError(_("This is not your password.")))
        elif "code" in self.fields and not ratelimit.consume(self.request, action="second_factor", user=person):
            self.add_error("code", ValidationError(_("Too many tries. Wait a few minutes.")))
        elif "code" in self.fields and not takes_code(person, said["code"]):
            self.add_error("code", ValidationError(_("This is not the code of now, or it was used already.")))
        else:
            self._is_they()
        return said

    def _is_they(self) -> None:
        reauthenticate_by_password(self.request)
        if "code" in self.fields:
            self.request.session[_CODE_GIVEN] = clock.now().timestamp()
