"""What allauth may do here: sign people in and out. Nobody signs up by themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from gaf.accounts import own_devices
from gaf.accounts.models import User


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are opened by the system administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_login_stages(self) -> list[str]:
        """What comes between the right password and the site."""
        return [*super().get_login_stages(), "gaf.accounts.stages.CodeStage"]

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """On to the site; what the device may keep is settled on the way."""
        answer: HttpResponse = super().post_login(request, user, **more)
        own_devices.after_sign_in(request, user, answer)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """Out; what was typed and kept on the device is dead from here on."""
        own_devices.before_sign_out(request)
        super().logout(request)
