"""Who must have a second factor, and what they may open before they have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.second_factor import has_second_factor
from gaf.refusals import Refusal

# One turns it on here, leaves, or reads another language; nothing else of the site opens.
_OPEN = ("/second-factor/", "/sign-out/", "/language/")


def is_required_of(person: User) -> bool:
    """Where the installation asks for it, of everybody who holds a role: any role reads cases, moves money, or
    changes what others read."""
    return bool(settings.GAF_SECOND_FACTOR_REQUIRED and roles_of(person))


class SecondFactorFirst:
    """Leads whoever must have a second factor, and has none, to the page where it is turned on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _words: Any) -> HttpResponse | None:
        """Nothing for who has one; pages are led there, and what is sent is refused."""
        is_public = not getattr(view, "login_required", True)
        if is_public or not settings.GAF_SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        person = request.user
        if request.path.startswith(_OPEN) or not is_required_of(person) or has_second_factor(person):
            return None
        if request.method in ("GET", "HEAD"):
            return redirect("second_factor")
        refusal = Refusal(
            "FACTOR-01",
            _("Nothing was done."),
            _("You have no second factor yet, and everybody here needs one."),
            _("Turn it on; then do it again."),
        )
        context = {"refusals": [refusal], "back_url": "/second-factor/"}
        return render(request, "errors/not_permitted.html", context, status=403)
