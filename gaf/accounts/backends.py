"""How a person is known at the door."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from gaf.accounts.models import User


class ActivePeople(AuthenticationBackend):
    """E-mail and password, for active people; the system actor never signs in."""

    def user_can_authenticate(self, user: User) -> bool:
        """Whether this account may sign in at all."""
        return bool(user.is_active and not user.is_system)
