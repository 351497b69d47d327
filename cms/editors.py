"""Who works in Wagtail: people who hold the role of editor, through one group that may write and publish pages."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page

from gaf.accounts.models import User

GROUP = "Editors of guidance"
MAY = ("add_page", "change_page", "publish_page")


def editors_group() -> Group:
    """The group of editors, made when it is missing; it opens the editors' desk and nothing else of it."""
    group, _made = Group.objects.get_or_create(name=GROUP)
    group.permissions.set(Permission.objects.filter(codename="access_admin", content_type__app_label="wagtailadmin"))
    return group


def open_pages_to_editors(top: Page) -> None:
    """Let editors write and publish a page and everything below it."""
    group = editors_group()
    for permission in Permission.objects.filter(codename__in=MAY, content_type__app_label="wagtailcore"):
        GroupPagePermission.objects.get_or_create(group=group, page=top, permission=permission)


def let_people_edit(person: User) -> None:
    """Put a person in the group of editors. The door of the desk still asks for the role, each time."""
    editors_group().user_set.add(person)
