"""What allauth may do here: sign people in and out. Nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are opened by the system administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_login_stages(self) -> list[str]:
        """What comes between the right password and the site."""
        return [*super().get_login_stages(), "gaf.accounts.stages.CodeStage"]
