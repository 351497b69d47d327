"""The acts that can be done on several requests at once. None of them decides anything about money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from workflow.actions.eligibility import take
from workflow.actions.following import follow
from workflow.forms.together import TakeTogetherForm, TogetherForm
from workflow.models import AssistanceRequest


@dataclass(frozen=True)
class Together:
    """One act that can be done on several requests: its words, its form, what it does, and whose it is."""

    label: str | Promise
    done: str | Promise
    form: type[TogetherForm]
    action: Callable[[AssistanceRequest, User], object]
    role: str = ""  # empty: everybody who reads requests


def _take(assistance: AssistanceRequest, person: User) -> object:
    return take(request_id=assistance.pk, actor=person, at=clock.now())


def _follow(assistance: AssistanceRequest, person: User) -> object:
    return follow(request_id=assistance.pk, follows=True, actor=person, at=clock.now())


def _leave(assistance: AssistanceRequest, person: User) -> object:
    return follow(request_id=assistance.pk, follows=False, actor=person, at=clock.now())


TOGETHER = {
    "take": Together(
        _("Take what is ticked"), _("you have it now."), TakeTogetherForm, _take, Role.ELIGIBILITY_REVIEWER
    ),
    "follow": Together(_("Follow what is ticked"), _("you follow it."), TogetherForm, _follow),
    "leave": Together(_("Stop following what is ticked"), _("you do not follow it any more."), TogetherForm, _leave),
}


def offered(person: User) -> list[tuple[str, str | Promise]]:
    """The acts this person can do on several requests, each with its button."""
    roles = roles_of(person)
    return [(code, act.label) for code, act in TOGETHER.items() if not act.role or act.role in roles]
