"""Between the password and the site: the code of whoever has a second factor."""

from __future__ import annotations

from typing import cast

from allauth.account.stages import LoginStage
from allauth.core.internal.httpkit import headed_redirect_response
from django.http import HttpResponse

from gaf.accounts.models import User
from gaf.accounts.second_factor import has_second_factor


class CodeStage(LoginStage):
    """Nobody is signed in before the code was given, whichever way they came."""

    key = "second_factor"
    urlname = "second_factor_code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Lead to the page of the code; people without a second factor go on."""
        if not has_second_factor(cast(User, self.login.user)):
            return None, True
        return headed_redirect_response(self.urlname), True
