"""How a person is known at the door."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from gaf.accounts.models import User
from gaf.accounts.queries import person_at_the_door


class ActivePeople(AuthenticationBackend):
    """E-mail and password, for active people; the system actor never signs in."""

    def user_can_authenticate(self, user: User) -> bool:
        """Whether this account may sign in at all."""
        return bool(user.is_active and not user.is_system)

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, who knows whom to ring when life is in danger."""
        person = person_at_the_door(int(user_id))
        return person if person is not None and self.user_can_authenticate(person) else None
