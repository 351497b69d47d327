"""Taking somebody's second factor off when telephone and recovery codes are gone."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.accounts.second_factor import take_off
from gaf.notices import tell
from gaf.refusals import Refusal


def take_off_second_factor(*, person: User, by: User, why: str) -> None:
    """For somebody whose telephone and recovery codes are gone; they hear of it by mail, and history keeps who and why.

    Raises Refusal FACTOR-02 for one's own, FACTOR-03 for who is no system administrator, FACTOR-04 where there is none.
    """
    kept = _("The second factor stays as it is.")
    if by == person:
        next_step = _("Ask another system administrator.")
        raise Refusal("FACTOR-02", kept, _("Nobody takes their own off."), next_step)
    if Role.SYSTEM_ADMINISTRATOR not in roles_of(by):
        raise Refusal("FACTOR-03", kept, _("Only a system administrator takes it off."), _("Ask one."))
    with transaction.atomic():
        if not take_off(person, by, why):
            why_not = _("%(person)s has no second factor.") % {"person": person}
            raise Refusal("FACTOR-04", kept, why_not, _("There is nothing to do."))
        key = f"{person.pk}:{clock.now().isoformat()}"
        tell([person], "second_factor_taken_off", reference="", path="/second-factor/", key=key, to_all=True)
