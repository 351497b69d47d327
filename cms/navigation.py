"""The words of the bar that lead to guidance: for everybody to read, for editors to write."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.languages import public_address
from gaf.navigation import Entry, register


@register
def guidance(person: User) -> list[Entry]:
    """Guidance comes last in everybody's bar, and editors land where they write it."""
    every_tree = tuple(public_address("guidance/", code) for code, _name in settings.LANGUAGES)
    entries = [Entry(_("Guidance"), public_address("guidance/"), 90, also=every_tree)]
    if Role.EDITOR in roles_of(person):
        entries.append(Entry(_("Write guidance"), "/cms/", 20))
    return entries
