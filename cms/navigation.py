"""The words of the bar that lead to guidance: for everybody to read, for editors to write."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.navigation import Entry, register


@register
def guidance(person: User) -> list[Entry]:
    """Guidance comes last in everybody's bar, and editors land where they write it."""
    entries = [Entry(_("Guidance"), "/en/guidance/", 90)]
    if Role.EDITOR in roles_of(person):
        entries.append(Entry(_("Write guidance"), "/cms/", 20))
    return entries
