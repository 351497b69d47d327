"""A translation begins as a draft in the tree of its language, with the English words to be written over."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.copy_for_translation import ParentNotTranslatedError
from wagtail.log_actions import LogContext
from wagtail.models import Locale, Page

from cms.editors import open_pages_to_editors
from cms.models.public import HOME_DEPTH
from cms.trees import SOURCE
from gaf.accounts.models import User
from gaf.accounts.queries import holds
from gaf.accounts.roles import Role
from gaf.refusals import NotPermitted, Refusal


def begin_translation(*, page_id: int, language: str, editor: User) -> Page:
    """Make the draft of a translation, or find the one there is.

    Raises NotPermitted ROLE-02 for anybody but an editor, and Refusal GUIDE-05 while the page above is not translated.
    """
    if not holds(editor, Role.EDITOR):
        raise NotPermitted([_refuse("ROLE-02", _("Guidance is translated by editors."), _("Ask an editor."))])
    english = Page.objects.get(pk=page_id, locale__language_code=SOURCE, content_type__app_label="cms")
    locale = Locale.objects.get(language_code=language)
    there = english.get_translation_or_none(locale)
    if there is not None:
        return there
    try:
        with transaction.atomic(), LogContext(user=editor):
            return _copied(english, locale, editor)
    except ParentNotTranslatedError:
        why = _("The page it stands below is not translated yet.")
        raise _refuse("GUIDE-05", why, _("Translate that page first.")) from None


def _copied(english: Page, locale: Locale, editor: User) -> Page:
    draft: Page = english.specific.copy_for_translation(locale)
    draft.save_revision(user=editor)  # so that whoever began it is not its second reader
    if draft.depth == HOME_DEPTH:
        open_pages_to_editors(draft)
    return draft


def _refuse(code: str, why: str, next_step: str) -> Refusal:
    return Refusal(code, _("The translation was not begun."), why, next_step)
