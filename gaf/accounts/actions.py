"""Giving people roles and authority."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from gaf.accounts.models import Delegation, IncompatibleRoles, Mission, RoleAssignment, User
from gaf.accounts.queries import forget_roles
from gaf.money import Money
from gaf.refusals import Refusal


def assign_role(
    *, person: User, role: str, mission: Mission | None, starts_on: date, ends_on: date | None = None
) -> RoleAssignment:
    """Give a person a role from a day on. Raises Refusal ROLE-01 when it does not go with one the person holds."""
    with transaction.atomic():
        held = RoleAssignment.objects.filter(person=person).exclude(ends_on__lt=starts_on)
        if ends_on is not None:
            held = held.exclude(starts_on__gt=ends_on)
        for assignment in held:
            pairs = IncompatibleRoles.objects.filter(
                role__in=[role, assignment.role], other__in=[role, assignment.role]
            )
            if role != assignment.role and pairs.exists():
                raise Refusal(
                    "ROLE-01",
                    _("The role was not given."),
                    _("%(person)s holds the role “%(held)s”, which does not go together with it.")
                    % {"person": person, "held": assignment.get_role_display()},
                    _("End that role first, or choose another person."),
                )
        assignment = RoleAssignment.objects.create(
            person=person, role=role, mission=mission, starts_on=starts_on, ends_on=ends_on
        )
    forget_roles(person)
    return assignment


def delegate(
    *, person: User, role: str, ceiling: Money, starts_on: date, instrument: str, ends_on: date | None = None
) -> Delegation:
    """Give a person authority to approve up to an amount in US dollars, by a named instrument."""
    return Delegation.objects.create(
        person=person,
        role=role,
        ceiling_minor=ceiling.minor,
        starts_on=starts_on,
        ends_on=ends_on,
        instrument=instrument,
    )
